"""Lapsed orders are removed after a while; what they were stays in the history."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.db import transaction
from core.orders import proposing
from core.orders.models import LimitPass
from core.orders.purging import purge_due
from core.principal import SYSTEM
from core.receivables.prepaying import record_order_payment
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

LAPSED = steps.NOON + timedelta(hours=24)
OVER = LAPSED + timedelta(days=30)


def hear() -> None:
    """Whoever must hear of something has."""
    run("update outbox set handled_at = now()")


def purge(as_of: datetime = OVER, limit: int = 100) -> int:
    with transaction(SYSTEM) as session:
        return purge_due(session, as_of, limit)


def rows(*tables: str) -> list[int]:
    return [steps.scalar(f"select count(*) from {table}") for table in tables]


def run(statement: str, **params) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), params)


@pytest.fixture
def lapsed():
    """A lapsed order of goods in stock and on backorder, with a proposal and a limit pass; and one that waits on."""
    buyer, staff = make_buyer(prepay=True, unpaid_hours=24, name="Electro Târg SRL"), make_staff()
    here, short = make_product(stock=10, sku="A", unit="m"), make_product(stock=1, sku="B", backorder=True)
    order_id = steps.order(buyer, {here.id: 4, short.id: 3})
    with transaction(SYSTEM) as session:
        session.add(
            LimitPass(partner_id=buyer.partner_id, up_to=9, reason="x", granted_at=LAPSED, expires_at=LAPSED,
                      order_id=order_id)
        )  # fmt: skip
    steps.claim(staff, order_id)
    line = steps.scalar("select id from order_line where position = 1")
    with transaction(staff) as session:
        proposing.propose(session, order_id, line, Decimal(2), steps.NOON)
    steps.order(make_buyer(claim_hours=0), {here.id: 1})
    assert steps.lapse(LAPSED) == 1
    hear()
    return order_id


def test_thirty_days_after_it_lapsed_an_order_is_gone_and_a_tombstone_says_what_it_was(lapsed):
    assert purge(OVER - timedelta(seconds=1)) == 0
    assert purge() == 1
    assert rows("orders", "order_line", "stock_hold", "backorder", "proposal", "limit_pass") == [1, 1, 1, 0, 0, 0]
    with transaction(SYSTEM) as session:
        found = session.execute(text("select * from event where kind = 'order_purged'")).one()
    assert (found.order_id, found.user_id) == (lapsed, None)
    at = {name: datetime.fromisoformat(found.data.pop(name)) for name in ("placed", "lapsed")}
    assert at == {"placed": steps.NOON, "lapsed": LAPSED}
    assert found.data == {
        "number": lapsed,
        "partner": "Electro Târg SRL",
        "gross": "84.70",
        "lines": [
            {"sku": "A", "name": found.data["lines"][0]["name"], "unit": "m", "quantity": "4.000"},
            {"sku": "B", "name": found.data["lines"][1]["name"], "unit": "buc", "quantity": "3.000"},
        ],
    }
    assert purge() == 0
    steps.assert_invariants()


def test_what_happened_to_the_order_before_stays_in_the_history(lapsed):
    before = steps.scalar("select array_agg(kind order by id) from event where order_id = :id", id=lapsed)
    purge()
    after = steps.scalar("select array_agg(kind order by id) from event where order_id = :id", id=lapsed)
    assert after == [*before, "order_purged"]


def test_with_zero_days_nothing_is_ever_removed(lapsed):
    run("update company set purge_days = 0")
    assert purge(OVER + timedelta(days=4000)) == 0
    run("update company set purge_days = 1")
    assert purge(LAPSED + timedelta(days=1)) == 1


def test_days_are_of_24_hours_also_when_the_clocks_change():
    """The 30 days end at 11 o'clock, not at 12, in November, however the database shows the time."""
    zone = ZoneInfo("Europe/Bucharest")
    steps.order(make_buyer(), {make_product(stock=1).id: 1}, datetime(2026, 10, 1, 12, tzinfo=zone).astimezone(UTC))
    steps.lapse(datetime(2026, 10, 2, 12, tzinfo=zone).astimezone(UTC))
    hear()
    with transaction(SYSTEM) as session:
        session.execute(text("set local time zone 'Europe/Bucharest'"))
        assert purge_due(session, datetime(2026, 11, 1, 10, 59, tzinfo=zone)) == 0
        assert purge_due(session, datetime(2026, 11, 1, 11, 0, tzinfo=zone)) == 1


def test_an_order_of_which_somebody_still_has_to_hear_stays_until_then(lapsed):
    run("update outbox set handled_at = null")
    assert purge() == 0
    hear()
    assert purge() == 1


@pytest.mark.parametrize("status", ["placed", "claimed", "cancelled"])
def test_only_lapsed_orders_are_removed(status):
    buyer, product = make_buyer(claim_hours=0), make_product(stock=5)
    order_id = steps.order(buyer, {product.id: 1})
    if status == "claimed":
        steps.claim(make_staff(), order_id)
    elif status == "cancelled":
        steps.cancel(buyer, order_id)
    assert purge(OVER + timedelta(days=4000)) == 0
    assert steps.status(order_id) == status


def test_an_order_for_which_money_came_stays(lapsed):
    with transaction(SYSTEM) as session:
        record_order_payment(session, lapsed, Decimal("0.01"), date(2026, 11, 25), "", OVER)
    assert purge() == 0
    assert steps.status(lapsed) == "lapsed"


def test_an_order_of_which_goods_left_stays(lapsed):
    run("insert into delivery (order_id, partner_id, number, at) select id, partner_id, 1, now() from orders"
        " where status = 'lapsed'")  # fmt: skip
    assert purge() == 0


@pytest.mark.parametrize("lock", ["key share", "no key update"], ids=["money", "a second life"])
def test_an_order_to_which_something_is_just_happening_is_left(lapsed, lock):
    with ThreadPoolExecutor(1) as pool, transaction(SYSTEM) as session:
        session.execute(text(f"select from orders where id = :id for {lock}"), {"id": lapsed})
        assert pool.submit(purge).result() == 0
    assert purge() == 1


def test_the_database_removes_nothing_of_orders_that_did_not_lapse(lapsed):
    for table in ("stock_hold", "order_line"):
        with pytest.raises(IntegrityError, match="append-only"):
            run(f"delete from {table}")


def test_several_workers_remove_each_order_once():
    product, buyers = make_product(stock=100), [make_buyer() for _ in range(3)]
    for n in range(30):
        steps.order(buyers[n % 3], {product.id: 2})
    kept = steps.order(buyers[0], {product.id: 1}, LAPSED)
    steps.lapse(LAPSED)
    hear()

    def work() -> int:
        return sum(purge(limit=4) for _ in range(12))

    assert sum(at_once([work] * 4)) == 30
    assert steps.scalar("select count(distinct order_id) from event where kind = 'order_purged'") == 30
    assert rows("orders", "order_line", "stock_hold") == [1, 1, 1]
    assert steps.status(kept) == "placed"
    steps.assert_invariants()
