"""What has changed since a user took out a list last."""

import io
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.db import transaction
from core.exports import taken
from core.exports.price_list import changes_since, lay_out, lines
from core.exports.price_list_book import PriceListBook
from core.exports.taken import Change, Keeper, Taken, keep, last_taken, when_taken
from core.orders.search_conditions import Filters
from core.pricing.quoting import PricesHidden
from core.principal import SYSTEM, Principal
from tests.core.exports.workbooks import read_book
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_user, principal_of

NOON = steps.NOON
LATER = NOON + timedelta(days=3)


def take(who: Principal, at: datetime = NOON, **filters: object) -> None:
    """As a route does it: the whole list, then it is remembered."""
    kept = Keeper()
    with transaction(who) as session:
        listing = lay_out(session, Filters(**filters), at)
        for batch in listing.batches():
            for row in lines(session, listing, batch):
                kept.add(row.product_id, row.sku, row.name, row.unit_price)
        keep(session, listing.query, kept.packed(), at)


def changes(who: Principal, **filters: object) -> list[Change] | None:
    with transaction(who) as session:
        found = changes_since(session, Filters(**filters), LATER)
    return None if found is None else found[1]


def run(statement: str, **params: object) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), params)


@pytest.fixture
def buyer(database: str) -> Principal:
    for sku, price in (("A", 10), ("B", 20), ("C", 30), ("D", 40)):
        make_product(sku=sku, name=f"Product {sku}", list_price=Decimal(price))
    return make_buyer()


def change_all() -> None:
    make_product(sku="E", name="Product E", list_price=Decimal(5))
    run("update product set list_price = 12.5 where sku = 'A'")
    run("update product set list_price = 15 where sku = 'B'")
    run("update product set active = false where sku = 'C'")


EXPECTED = [
    Change("dearer", "A", "Product A", Decimal(10), Decimal("12.5")),
    Change("cheaper", "B", "Product B", Decimal(20), Decimal(15)),
    Change("new", "E", "Product E", None, Decimal(5)),
    Change("gone", "C", "Product C", Decimal(30), None),
]


def test_it_tells_what_is_new_gone_dearer_and_cheaper(buyer: Principal) -> None:
    take(buyer)
    change_all()
    found = changes(buyer)
    assert found == EXPECTED
    assert [change.percent for change in found] == [25, -25, None, None]


def test_nothing_has_changed_right_after_it_was_taken(buyer: Principal) -> None:
    take(buyer)
    assert changes(buyer) == []


def test_looking_takes_no_list_out(buyer: Principal) -> None:
    take(buyer)
    change_all()
    assert changes(buyer) == changes(buyer) == EXPECTED


def test_the_next_list_is_compared_with_the_last_one_only(buyer: Principal) -> None:
    take(buyer)
    change_all()
    take(buyer, NOON + timedelta(days=1))
    run("update product set list_price = 13 where sku = 'A'")
    assert changes(buyer) == [Change("dearer", "A", "Product A", Decimal("12.5"), Decimal(13))]


def test_a_list_is_compared_with_one_that_had_the_same_filters(buyer: Principal) -> None:
    take(buyer, search="product")
    change_all()
    assert changes(buyer) is None
    assert changes(buyer, search="product") == EXPECTED
    with transaction(buyer) as session:
        assert when_taken(session, "search=product", LATER) == NOON
        assert when_taken(session, "", LATER) is None


def test_a_list_with_other_filters_is_no_end_of_the_one_before(buyer: Principal) -> None:
    take(buyer)
    take(buyer, search="product")
    change_all()
    assert changes(buyer) == changes(buyer, search="product") == EXPECTED


def test_the_same_list_as_another_file_is_compared_as_the_first_one_was(buyer: Principal) -> None:
    take(buyer)
    change_all()
    for minutes in (0, 5):
        take(buyer, LATER - timedelta(minutes=10 - minutes))
        assert changes(buyer) == EXPECTED
    with transaction(buyer) as session:
        assert session.scalar(text("select count(*) from taken_price_list")) == 2


def test_of_many_lists_only_the_last_ones_are_remembered(buyer: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taken, "MOST_KEPT", 2)
    for day in range(4):
        take(buyer, NOON + timedelta(days=day - 4), search="product")
    take(buyer)
    with transaction(buyer) as session:
        found = session.execute(text("select taken_at, query from taken_price_list order by taken_at")).all()
    assert [tuple(row) for row in found] == [(NOON - timedelta(days=1), "search=product"), (NOON, "")]


def test_a_product_that_became_hidden_is_gone_under_the_name_it_had(buyer: Principal) -> None:
    take(buyer)
    run("update product set restricted = true, name = 'A new secret', list_price = 99 where sku = 'C'")
    assert changes(buyer) == [Change("gone", "C", "Product C", Decimal(30), None)]


def test_the_first_time_there_is_nothing_to_compare_with(buyer: Principal) -> None:
    assert changes(buyer) is None


def test_a_colleague_and_another_partner_have_lists_of_their_own(buyer: Principal) -> None:
    take(buyer)
    colleague = make_user(role="buyer", kind="partner", partner_id=buyer.partner_id)
    assert changes(principal_of(colleague)) is None
    assert changes(make_buyer()) is None
    with transaction(make_buyer()) as session:
        assert session.scalar(text("select count(*) from taken_price_list")) == 0


def test_who_sees_no_prices_any_more_is_told_no_changes(buyer: Principal) -> None:
    take(buyer)
    run("update partner set prices_hidden = true")
    with transaction(buyer) as session, pytest.raises(PricesHidden):
        changes_since(session, Filters(), LATER)


def test_the_sheet_of_changes_stands_in_the_workbook(buyer: Principal) -> None:
    take(buyer)
    change_all()
    file = io.BytesIO()
    with transaction(buyer) as session:
        listing = lay_out(session, Filters(), LATER)
        book = PriceListBook(file, listing, "en", last_taken(session, "", LATER))
        for batch in listing.batches():
            book.add(lines(session, listing, batch))
        book.close()
    assert read_book(file)["Changes"] == [
        ["What", "SKU", "Name", "Price before, net lei", "Price now, net lei", "Change, %"],
        ["dearer", "A", "Product A", 10.0, 12.5, 25.0],
        ["cheaper", "B", "Product B", 20.0, 15.0, -25.0],
        ["new", "E", "Product E", None, 5.0, None],
        ["gone", "C", "Product C", 30.0, None, None],
    ]


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
PRICES = st.decimals("0", "9999999999", places=4)


@given(st.dictionaries(st.integers(1, 2**31 - 1), st.tuples(TEXTS, TEXTS, PRICES), max_size=20))
def test_whatever_products_are_called_they_are_remembered(products: dict[int, tuple[str, str, Decimal]]) -> None:
    kept = Keeper()
    for product, (sku, name, price) in products.items():
        kept.add(product, sku, name, price)
    packed = kept.packed()
    same = Taken(NOON, "", packed)
    assert [same.compare(product, *facts) for product, facts in products.items()] == [None] * len(products)
    assert list(same.gone()) == []
    assert [change.old for change in Taken(NOON, "", packed).gone()] == [price for _, _, price in products.values()]


def test_a_partners_users_list_is_closed_to_another_partner(buyer: Principal) -> None:
    take(buyer)
    other = principal_of(make_user(make_partner()))
    with transaction(other) as session:
        changed = session.execute(text("delete from taken_price_list returning 1")).all()
    assert changed == []
