"""The months of the stock: whatever moves, at whatever hour, they are the sums of the movements."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import text

from core.check import violations
from core.company import change_company
from core.db import transaction
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")
CHECK = "the months of the stock are the sums of its movements"
# Still October in Lisbon, November in Bucharest.
MIDNIGHT = datetime(2026, 10, 31, 22, 30, tzinfo=UTC)


def months(product_id: int) -> dict[str, Decimal]:
    with transaction(SYSTEM) as session:
        assert violations(session, CHECK) == []
        found = session.execute(
            text("select to_char(month, 'YYYY-MM') as name, quantity from stock_month where product_id = :product"),
            {"product": product_id},
        )
        return {row.name: row.quantity for row in found}


def test_what_is_shipped_and_counted_is_in_the_month_of_the_distributors_day() -> None:
    goods = make_product()
    steps.count(goods.id, 20, as_of=NOON - timedelta(days=60))
    order = steps.order(make_buyer(), {goods.id: 3}, MIDNIGHT - timedelta(hours=1))
    steps.claim(make_staff(), order, MIDNIGHT)
    steps.ship(make_staff(), order, MIDNIGHT)
    assert months(goods.id) == {"2026-09": 20, "2026-11": -3}
    steps.count(goods.id, 12, as_of=NOON)
    assert months(goods.id) == {"2026-09": 20, "2026-11": -8}


def test_in_another_time_zone_the_months_begin_elsewhere() -> None:
    goods = make_product()
    steps.count(goods.id, 5, as_of=MIDNIGHT)
    assert months(goods.id) == {"2026-11": 5}
    with transaction(SYSTEM) as session:
        change_company(session, time_zone="Europe/Lisbon")
    assert months(goods.id) == {"2026-10": 5}


def test_what_many_ship_at_once_is_counted_once_each() -> None:
    goods = [make_product(stock=40) for _ in range(3)]
    orders = [steps.order(make_buyer(), {each.id: 2 for each in goods}) for _ in range(8)]
    staff = make_staff()
    for order in orders:
        steps.claim(staff, order)

    at_once([partial(steps.ship, staff, order) for order in orders])
    assert [sum(months(each.id).values()) for each in goods] == [24, 24, 24]
