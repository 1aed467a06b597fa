"""The average stock of a year, by hand: what was there when each month began, and what is there today."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.db import transaction
from core.principal import SYSTEM
from core.reports import stock
from core.reports.movements import movements
from core.reports.refreshing import refresh
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 23)


def at(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 10, tzinfo=UTC)


def ask(function: Any, *args: Any) -> Any:
    with transaction(SYSTEM) as session:
        return function(session, *args)


def counted(*counts: tuple[int, datetime], category: str = "Unelte", name: str = "Cablu") -> int:
    """A product at 10 lei, counted so often; its id."""
    goods = make_product(category=category, name=name)
    for on_hand, when in counts:
        steps.count(goods.id, on_hand, as_of=when)
    return goods.id


def test_the_average_is_that_of_the_beginnings_of_twelve_months_and_of_today() -> None:
    counted((100, at(6, 1, 2025)), (40, at(4, 10)), (70, at(9, 1)), (60, at(11, 2)))
    found = ask(stock.turnover, TODAY)
    # December to April began with 100, May to September with 40, October and November with 70; today there are 60.
    # (On 1 September it was counted at noon: the month began before.)
    assert found.average == round(Decimal(10) * (5 * 100 + 5 * 40 + 2 * 70 + 60) / 13, 2)
    assert found.stock == 600


def test_months_before_the_first_movement_say_nothing() -> None:
    counted((30, at(8, 20)), (90, at(10, 5)))
    found = ask(stock.turnover, TODAY)
    assert found.average == round(Decimal(10) * (30 + 30 + 90 + 90) / 4, 2)


def test_what_came_later_than_other_goods_was_not_there_before() -> None:
    counted((10, at(1, 1, 2025)), category="Electrice")
    counted((26, at(11, 1)))
    found = ask(stock.turnover_by_category, TODAY).set_index("name")["average"]
    assert dict(found) == {"Electrice": 100, "Unelte": 20}


def test_goods_turn_as_often_as_their_average_is_sold() -> None:
    product = counted((100, at(6, 1, 2025)))
    order = steps.order(make_buyer(), {product: 60}, at(5, 5))
    steps.claim(make_staff(), order, at(5, 5))
    steps.ship(make_staff(), order, at(5, 6))
    ask(refresh, at(11, 23))
    found = ask(stock.turnover, TODAY)
    average = round(Decimal(10) * (6 * 100 + 6 * 40 + 40) / 13, 2)
    assert (found.average, found.sold, found.stock) == (average, 600, 400)
    assert (found.turns, found.days) == (600 / average, round(average * 365 / 600))
    (row,) = ask(stock.turnover_of_products, TODAY, "Unelte")
    assert (row.average, row.turns, row.days) == (average, round(600 / average, 2), found.days)


def test_without_stock_and_sales_nothing_turns() -> None:
    found = ask(stock.turnover, TODAY)
    assert (found.turns, found.days) == (None, None)


def test_the_movements_of_a_product_say_what_was_there_after_each_and_whose_order_it_was() -> None:
    product = counted((100, at(6, 1)))
    counted((7, at(6, 2)))
    order = steps.order(make_buyer(name="Instal SRL"), {product: 60}, at(7, 5))
    steps.claim(make_staff(), order, at(7, 5))
    steps.ship(make_staff(), order, at(7, 6))
    found = ask(movements, product)
    assert [(row.day, row.kind, row.quantity, row.balance, row.order_id, row.partner) for row in found] == [
        (date(2026, 7, 6), "shipment", -60, 40, order, "Instal SRL"), (date(2026, 6, 1), "count", 100, 100, None, ""),
    ]  # fmt: skip
    assert ask(movements, product, 1, 1) == found[1:]
