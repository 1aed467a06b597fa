"""The staff's list of products: found, narrowed down, sorted, and turned page by page."""

from datetime import date
from decimal import Decimal

import pytest

from core.catalog import queries
from core.catalog.queries import ONLY, SORTS, Wanted, all_brands, product, product_page
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.principal import Principal
from tests.core.catalog.test_pictures import put
from tests.factories import make_buyer, make_product, make_staff

TODAY = date(2026, 11, 23)


@pytest.fixture
def sales(database: str) -> Principal:
    """Three products: A of nothing special, B dear and out of stock, C hidden in every way."""
    make_product(sku="A", name="Bormașină", brand="Zeta", stock=5, ean="96385074", category="Scule > Electrice")
    make_product(sku="B", name="Aragaz", list_price=Decimal(99), category="Scule")
    make_product(sku="C", name="Ciocan", brand="Alfa", stock=9, list_price=Decimal(1), active=False, restricted=True)
    return make_staff(role="sales")


def found(who: Principal, **wanted: object) -> str:
    with transaction(who) as session:
        rows, total = product_page(session, TODAY, Wanted(**wanted))  # type: ignore[arg-type]
    assert total == len(rows)
    return "".join(row.sku for row in rows)


@pytest.mark.parametrize(("wanted", "skus"), [
    ({}, "BAC"), ({"search": "masina bor"}, ""), ({"search": "borma"}, "A"), ({"search": "9638"}, "A"),
    ({"category": "Scule"}, "BA"), ({"category": "Scule > Electrice"}, "A"), ({"brand": "Alfa"}, "C"),
    ({"only": ("active",)}, "BA"), ({"only": ("inactive",)}, "C"), ({"only": ("out_of_stock",)}, "B"),
    ({"only": ("without_ean",)}, "BC"), ({"only": ("restricted",)}, "C"), ({"only": ("active", "without_ean")}, "B"),
    ({"search": "%"}, "BAC"), ({"brand": "'"}, ""),
])  # fmt: skip
def test_products_are_found_by_what_they_are_like(sales: Principal, wanted: dict[str, object], skus: str) -> None:
    assert found(sales, **wanted) == skus


@pytest.mark.parametrize(("sort", "skus"), [
    ("name", "BAC"), ("sku", "ABC"), ("newest", "CBA"), ("cheapest", "CAB"), ("dearest", "BAC"), ("least", "BAC"),
    ("most", "CAB"),
])  # fmt: skip
def test_products_are_sorted(sales: Principal, sort: str, skus: str) -> None:
    assert found(sales, sort=sort) == skus


def test_every_filter_and_sort_works_with_every_other(sales: Principal) -> None:
    for only in ONLY:
        for sort in SORTS:
            found(sales, search="a", category="Scule", brand="Zeta", only=(only,), sort=sort)


def test_a_product_without_picture_is_told_apart_and_the_first_picture_is_named(sales: Principal) -> None:
    chosen = make_product(sku="D", name="Dorn")
    first, _second = put(sales, chosen, 1, 2)
    assert found(sales, only=("without_picture",)) == "BAC"
    with transaction(sales) as session:
        assert product(session, chosen.id, TODAY).picture == first


def test_one_product_is_shown_with_what_it_replaces_and_is_replaced_by(sales: Principal) -> None:
    new = make_product(sku="NEW")
    old = [make_product(sku=sku, replaced_by=new.id) for sku in ("OLD2", "OLD1")]
    with transaction(sales) as session:
        assert product(session, new.id, TODAY).replaces == ["OLD1", "OLD2"]
        assert product(session, old[0].id, TODAY).replaced_by == "NEW"
        with pytest.raises(NotFound):
            product(session, 999_999, TODAY)


def test_pages_go_on_where_the_last_one_ended_and_end_where_nobody_turns_them(
    sales: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    with transaction(sales) as session:
        pages = [product_page(session, TODAY, page=number) for number in (1, 2, 3)]
        assert [[row.sku for row in rows] for rows, _total in pages] == [["B", "A"], ["C"], []]
        monkeypatch.setattr(queries, "MOST_FOUND", 2)
        assert product_page(session, TODAY)[1] == 3
        assert product_page(session, TODAY, page=10**9)[0] == product_page(session, TODAY, page=2)[0]


def test_brands_are_listed_once_and_in_order(sales: Principal) -> None:
    make_product(brand="Alfa")
    with transaction(sales) as session:
        assert all_brands(session) == ["Alfa", "Zeta"]


def test_partners_see_no_staff_list(database: str) -> None:
    with pytest.raises(NotAllowed), transaction(make_buyer()) as session:
        product_page(session, TODAY)
