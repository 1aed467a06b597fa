"""Half, then four fifths, of an order's time are over: said once, to whoever sweeps."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.db import transaction
from core.orders.warning import warn_due
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def after(hours: float) -> datetime:
    return steps.NOON + timedelta(hours=hours)


def warn(hours: float, limit: int = 100) -> int:
    with transaction(SYSTEM) as session:
        return warn_due(session, after(hours), limit)


def said() -> list[tuple[str, int]]:
    """The clocks and percents of the warnings so far."""
    with transaction(SYSTEM) as session:
        rows = session.execute(text("select data from event where kind = 'order_waiting_long' order by id")).scalars()
        return [(row["clock"], row["percent"]) for row in rows]


def last(name: str) -> Any:
    return steps.scalar(
        f"select {name} from event left join outbox on event_id = event.id"
        " where kind = 'order_waiting_long' order by id desc limit 1"
    )


@pytest.fixture
def product():
    return make_product(stock=100)


def test_a_waiting_order_is_told_of_at_half_and_at_four_fifths_of_its_time(product):
    order_id = steps.order(make_buyer(), {product.id: 1})
    assert [warn(hours) for hours in (11.9, 12, 13, 19.1)] == [0, 1, 0, 0]
    assert said() == [("claim", 50)]
    assert last("order_id") == order_id
    assert datetime.fromisoformat(last("data ->> 'until'")) == after(24)
    assert last("event_id") is not None
    assert [warn(hours) for hours in (19.2, 20, 23.9)] == [1, 0, 0]
    assert said() == [("claim", 50), ("claim", 80)]


def test_when_both_instants_are_over_it_is_said_once(product):
    steps.order(make_buyer(), {product.id: 1})
    assert [warn(22), warn(22)] == [1, 0]
    assert said() == [("claim", 80)]


def test_nobody_is_warned_of_what_is_over_already(product):
    steps.order(make_buyer(), {product.id: 1})
    assert warn(24) == 0
    steps.lapse(after(24))
    assert warn(25) == 0


def test_a_claimed_order_on_account_is_no_longer_told_of(product):
    order_id = steps.order(make_buyer(), {product.id: 1})
    steps.claim(make_staff(), order_id)
    assert warn(23) == 0


def test_who_pays_first_is_warned_of_the_time_to_pay_claimed_or_not(product):
    buyer = make_buyer(prepay=True)
    claimed, _ = steps.order(buyer, {product.id: 1}), steps.order(buyer, {product.id: 1})
    steps.claim(make_staff(), claimed)
    assert warn(12) == 1
    assert warn(23.99) == 1
    assert steps.lapse(after(24)) == 1
    assert warn(24) == 1
    assert warn(38.4) == 1
    assert said() == [("claim", 50), ("claim", 80), ("pay", 50), ("pay", 80)]
    assert last("order_id") == claimed


def test_who_has_paid_is_not_warned(product):
    order_id = steps.order(make_buyer(prepay=True, claim_hours=0), {product.id: 1})
    with transaction(SYSTEM) as session:
        session.execute(text("update orders set paid_at = placed_at where id = :id"), {"id": order_id})
    assert warn(40) == 0


def test_never_means_no_warning_either(product):
    steps.order(make_buyer(claim_hours=0, unpaid_hours=0, prepay=True), {product.id: 1})
    assert warn(24 * 400) == 0


def test_more_orders_than_a_batch_takes_are_told_of_one_batch_after_the_other(product):
    for _ in range(5):
        steps.order(make_buyer(), {product.id: 1})
    assert [warn(13, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_five_sweepers_warn_of_each_order_once(product):
    buyers = [make_buyer(), make_buyer(prepay=True, unpaid_hours=24)]
    orders = [steps.order(buyers[n % 2], {product.id: 1}) for n in range(20)]

    def sweep() -> int:
        return sum(warn(13, limit=3) for _ in range(8))

    assert sum(at_once([sweep] * 5)) == 30
    counts = "select count(distinct (order_id, data ->> 'clock')) from event where kind = 'order_waiting_long'"
    assert steps.scalar(counts) == len(said()) == len(orders) + 10
    steps.assert_invariants()
