"""Counting stock: only differences are written, and never below what is held."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from core import clock
from core.db import transaction
from core.errors import NotAllowed
from core.imports.files import apply, preview
from core.imports.problems import ImportRefused
from core.principal import SYSTEM
from core.stock.receiving import BadCount, CountBelowHeld, count
from tests.factories import make_buyer, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")


def stock_of(product_id: int) -> tuple[Decimal, Decimal]:
    """On hand, and the sum of the movements it must be."""
    with transaction(SYSTEM) as session:
        query = """select on_hand, (select sum(quantity) from stock_movement where product_id = :p)
                   from stock where product_id = :p"""
        on_hand, moved = session.execute(text(query), {"p": product_id}).one()
        return on_hand, moved


def hold(product_id: int, quantity: int) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text("update stock set held = :q where product_id = :p"), {"p": product_id, "q": quantity})


def test_only_what_differs_is_written() -> None:
    same, more = make_product(stock=5), make_product(stock=5)
    with transaction(SYSTEM) as session:
        assert count(session, {same.id: Decimal(5), more.id: Decimal("7.5")}, clock.now()) == 1
    assert stock_of(same.id) == (5, 5)
    assert stock_of(more.id) == (Decimal("7.5"), Decimal("7.5"))


def test_a_count_below_the_holds_is_refused_with_every_product_concerned() -> None:
    low, fine, lower = (make_product(stock=10) for _ in range(3))
    hold(low.id, 4)
    hold(lower.id, 9)
    with pytest.raises(CountBelowHeld) as refused, transaction(SYSTEM) as session:
        count(session, {low.id: Decimal(3), fine.id: Decimal(1), lower.id: Decimal(8)}, clock.now())
    assert sorted(refused.value.short) == sorted([(low.sku, 3, 4), (lower.sku, 8, 9)])
    assert stock_of(fine.id) == (10, 10)


def test_the_held_quantity_itself_is_the_least_that_can_be_counted() -> None:
    product = make_product(stock=10)
    hold(product.id, 4)
    with transaction(SYSTEM) as session:
        assert count(session, {product.id: Decimal(4)}, clock.now()) == 1


def test_a_negative_count_and_a_partner_are_refused() -> None:
    product = make_product(stock=1)
    with pytest.raises(BadCount), transaction(SYSTEM) as session:
        count(session, {product.id: Decimal(-1)}, clock.now())
    with pytest.raises(NotAllowed), transaction(make_buyer()) as session:
        count(session, {product.id: Decimal(3)}, clock.now())


def test_what_was_held_after_the_preview_is_seen_when_the_file_is_applied() -> None:
    product = make_product(stock=10)
    data = f"sku,stock\n{product.sku},3\n".encode()
    with transaction(SYSTEM) as session:
        assert preview(session, "stock", data).problems == []
    hold(product.id, 4)
    with pytest.raises(ImportRefused), transaction(SYSTEM) as session:
        apply(session, "stock", data)
    assert stock_of(product.id) == (10, 10)


def test_who_may_not_count_stock_loads_products_without_a_stock_column_only() -> None:
    sales = make_staff(role="sales")
    with transaction(sales) as session:
        assert apply(session, "products", b"sku,name,list_price\nA1,Nail,2\n").created == 1
    with pytest.raises(NotAllowed), transaction(sales) as session:
        apply(session, "products", b"sku,name,list_price,stock\nA1,Nail,2,5\n")
