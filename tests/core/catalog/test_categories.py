"""The tree of categories: counted, renamed with all that is below, and rid of empty ones."""

import pytest
from sqlalchemy import text

from core import clock
from core.catalog.categories import (
    BadCategoryName,
    CategoryExists,
    CategoryInUse,
    category_tree,
    delete_categories,
    ensure,
    rename_category,
)
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.principal import SYSTEM, Principal
from tests.factories import make_product, make_staff

PATHS = ("Scule > Manuale > Chei", "Scule > Electrice", "Sculele vecinului")


@pytest.fixture
def sales(database: str) -> Principal:
    with transaction(SYSTEM) as session:
        for path in PATHS:
            ensure(session, path)
    return make_staff(role="sales")


def tree() -> dict[str, tuple[int, int, int]]:
    with transaction(SYSTEM) as session:
        return {row.path: (row.depth, row.products, row.below) for row in category_tree(session)}


def id_of(path: str) -> int:
    with transaction(SYSTEM) as session:
        return int(session.execute(text("select id from category where path = :path"), {"path": path}).scalar_one())


def rename(who: Principal, path: str, name: str) -> None:
    with transaction(who) as session:
        rename_category(session, id_of(path), name, clock.now())


def delete(who: Principal, *paths: str) -> None:
    with transaction(who) as session:
        delete_categories(session, [id_of(path) for path in paths], clock.now())


def test_the_tree_counts_what_is_in_each_category_and_below(sales: Principal) -> None:
    for path in ("Scule", "Scule > Manuale > Chei", "Scule > Manuale > Chei"):
        make_product(category=path)
    assert tree() == {
        "Scule": (1, 1, 3), "Scule > Electrice": (2, 0, 0), "Scule > Manuale": (2, 0, 2),
        "Scule > Manuale > Chei": (3, 2, 2), "Sculele vecinului": (1, 0, 0),
    }  # fmt: skip


def test_the_paths_below_a_renamed_category_follow_and_no_others(sales: Principal) -> None:
    rename(sales, "Scule", "Unelte")
    assert list(tree()) == [
        "Sculele vecinului", "Unelte", "Unelte > Electrice", "Unelte > Manuale", "Unelte > Manuale > Chei",
    ]  # fmt: skip
    rename(sales, "Unelte > Manuale", "De mână")
    assert "Unelte > De mână > Chei" in tree()
    with transaction(SYSTEM) as session:
        changes = session.scalars(text("select data -> 'changes' -> 'category' from event order by id"))
        assert list(changes) == [["Scule", "Unelte"], ["Unelte > Manuale", "Unelte > De mână"]]


def test_a_new_category_goes_below_the_renamed_one(sales: Principal) -> None:
    rename(sales, "Scule", "Unelte")
    make_product(category="Unelte > Noi")
    assert tree()["Unelte"] == (1, 0, 1)


@pytest.mark.parametrize(("path", "name", "refusal"), [
    ("Scule", "Sculele vecinului", CategoryExists), ("Scule > Manuale", "Electrice", CategoryExists),
    ("Scule", "", BadCategoryName), ("Scule", "A > B", BadCategoryName), ("Scule", "x" * 190, BadCategoryName),
])  # fmt: skip
def test_a_name_that_cannot_be_is_refused(sales: Principal, path: str, name: str, refusal: type[Exception]) -> None:
    before = tree()
    with pytest.raises(refusal):
        rename(sales, path, name)
    assert tree() == before


def test_empty_categories_are_deleted_from_the_deepest_up(sales: Principal) -> None:
    delete(sales, "Scule > Manuale", "Scule > Manuale > Chei")
    assert list(tree()) == ["Scule", "Scule > Electrice", "Sculele vecinului"]


def test_a_category_with_something_in_it_or_below_or_aimed_at_it_stays(sales: Principal) -> None:
    make_product(category="Scule > Electrice", active=False)
    with transaction(SYSTEM) as session:
        insert = text("insert into discount (category_id, percent) select id, 5 from category where path = :path")
        session.execute(insert, {"path": "Sculele vecinului"})
    before = tree()
    for path in ("Scule > Electrice", "Scule", "Sculele vecinului"):
        with pytest.raises(CategoryInUse):
            delete(sales, "Scule > Manuale > Chei", path)
    assert tree() == before


def test_a_category_that_is_gone_or_not_theirs_to_change(sales: Principal) -> None:
    with pytest.raises(NotFound), transaction(sales) as session:
        rename_category(session, 999_999, "x", clock.now())
    for call in (
        lambda: rename(make_staff(role="warehouse"), "Scule", "x"),
        lambda: delete(make_staff(role="analyst")),
    ):
        with pytest.raises(NotAllowed):
            call()
