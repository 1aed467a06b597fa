"""A count is worth what the counting person saw: goods that moved since are not undone by it."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from core import clock
from core.db import transaction
from core.principal import SYSTEM
from core.stock.receiving import StockMoved, count
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
