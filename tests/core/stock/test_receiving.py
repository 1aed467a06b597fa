"""A count is worth what the counting person saw: goods that moved since are not undone by it."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from core import clock
from core.db import transaction
from core.principal import SYSTEM
from core.stock.receiving import BadCount, StockMoved, count
from tests.factories import make_product

pytestmark = pytest.mark.usefixtures("database")


def on_hand(product_id: int) -> Decimal:
    with transaction(SYSTEM) as session:
        return session.execute(text("select on_hand from stock where product_id = :p"), {"p": product_id}).scalar_one()


def recount(product_id: int, counted: str, seen: str) -> int:
    with transaction(SYSTEM) as session:
        return count(session, {product_id: Decimal(counted)}, clock.now(), seen={product_id: Decimal(seen)})


def test_a_count_of_stock_that_moved_since_it_was_seen_is_refused_with_what_it_is_now() -> None:
    product = make_product(stock=58)
    with pytest.raises(StockMoved) as refused:
        recount(product.id, "57", seen="60")
    assert refused.value.text("ro").startswith("Stocul a devenit 58 ")
    assert on_hand(product.id) == 58


def test_a_count_of_stock_as_it_was_seen_is_recorded() -> None:
    product = make_product(stock=58)
    assert recount(product.id, "57", seen="58.000") == 1
    assert on_hand(product.id) == 57


def test_a_product_never_counted_was_seen_with_none() -> None:
    product = make_product()
    with transaction(SYSTEM) as session:
        session.execute(text("delete from stock"))
    assert recount(product.id, "3", seen="0") == 1
    assert on_hand(product.id) == 3


@pytest.mark.parametrize("counted", ["NaN", "Infinity", "-0.001", "1e20", "1e9", "1.0001"])
def test_a_count_that_the_books_cannot_hold_is_refused_with_what_they_can(counted: str) -> None:
    product = make_product(stock=5)
    with pytest.raises(BadCount) as refused:
        recount(product.id, counted, seen="5")
    assert refused.value.text("en").startswith("A counted quantity is a number from 0 to 999999999.999,")
    assert on_hand(product.id) == 5


@pytest.mark.parametrize("counted", ["0", "1.00100", "999999999.999"])
def test_on_hand_is_the_sum_of_the_movements_for_every_count_that_is_taken(counted: str) -> None:
    product = make_product(stock=5)
    assert recount(product.id, counted, seen="5") == 1
    with transaction(SYSTEM) as session:
        moved = session.execute(text("select sum(quantity) from stock_movement")).scalar_one()
    assert moved == on_hand(product.id) == Decimal(counted)
