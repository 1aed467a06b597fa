"""The reports' own tables: whatever happens to orders, they come to what the order lines say."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.check import CHECKS, violations
from core.db import transaction
from core.orders import purging
from core.principal import SYSTEM
from core.reports.refreshing import refresh, refreshed_at
from tests.core.orders import steps
from tests.core.orders.steps import NOON, scalar
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

REPORT_CHECKS = [name for name in CHECKS if "reports" in name]


def bring_up_to_date(limit: int = 500) -> int:
    """Refresh until nothing is left, as the job does; how many changes there were."""
    total = 0
    while True:
        with transaction(SYSTEM) as session:
            done = refresh(session, NOON, limit)
        total += done
        if done < limit:
            return total


def wrong() -> list[str]:
    with transaction(SYSTEM) as session:
        return [found for name in REPORT_CHECKS for found in violations(session, name)]


def sold() -> Decimal:
    return Decimal(scalar("select coalesce(sum(net), 0) from sales_sum where what = 'all' and span = 'day'"))


def test_there_are_checks_of_the_reports() -> None:
    assert len(REPORT_CHECKS) == 3


def test_what_is_placed_counts_as_soon_as_the_refresh_has_run() -> None:
    steps.order(make_buyer(), {make_product(stock=5).id: 2})
    assert sold() == 0
    assert bring_up_to_date() > 0
    assert sold() == 20
    assert wrong() == []


def test_what_is_cancelled_in_part_or_lapses_counts_no_more() -> None:
    buyer, staff, product = make_buyer(), make_staff(), make_product(stock=9)
    kept, lapsing = steps.order(buyer, {product.id: 3}), steps.order(buyer, {product.id: 2})
    steps.claim(staff, kept)
    bring_up_to_date()
    steps.cancel_part(staff, kept, {1: 1})
    steps.lapse(NOON + timedelta(days=3))
    bring_up_to_date()
    assert sold() == 20
    assert scalar("select array_agg(id) from sold_line where order_id = :id", id=lapsing) is None
    assert wrong() == []


def test_a_change_that_makes_no_difference_writes_no_sold_line() -> None:
    buyer, staff, product = make_buyer(), make_staff(), make_product(stock=5)
    order_id = steps.order(buyer, {product.id: 2})
    bring_up_to_date()
    before = scalar("select xmin::text from sold_line where order_id = :id", id=order_id)
    steps.claim(staff, order_id)
    assert bring_up_to_date() > 0
    assert scalar("select xmin::text from sold_line where order_id = :id", id=order_id) == before
    assert scalar("select claim_seconds from order_fate where order_id = :id", id=order_id) == 0


def test_a_purged_order_still_counts_as_lapsed_also_when_nobody_had_looked_before() -> None:
    buyer, product = make_buyer(), make_product(stock=9)
    seen = steps.order(buyer, {product.id: 1})
    bring_up_to_date()
    unseen = steps.order(buyer, {product.id: 1})
    steps.lapse(NOON + timedelta(days=3))
    with transaction(SYSTEM) as session:
        session.execute(text("update outbox set dispatched_at = now(), handled_at = now()"))
    with transaction(SYSTEM) as session:
        assert purging.purge_due(session, NOON + timedelta(days=90)) == 2
    bring_up_to_date()
    fates = scalar("select json_object_agg(order_id, status) from order_fate")
    assert fates == {str(seen): "lapsed", str(unseen): "lapsed"}
    assert wrong() == []


def test_a_change_that_commits_after_later_ones_were_summarised_is_not_missed() -> None:
    """The slow one takes its ids first, and is committed when the reports already know of the quick one."""
    slow, quick, product = make_buyer(), make_buyer(), make_product(stock=9)
    other = make_product(stock=9)
    token = steps.fill(slow, {product.id: 2})
    written, go_on = threading.Event(), threading.Event()

    def place_slowly() -> None:
        with transaction(slow) as session:
            steps.placing.place(session, token, NOON)
            written.set()
            assert go_on.wait(timeout=30)

    thread = threading.Thread(target=place_slowly)
    thread.start()
    assert written.wait(timeout=30)
    steps.order(quick, {other.id: 3})
    bring_up_to_date()
    assert sold() == 30
    go_on.set()
    thread.join(timeout=30)
    bring_up_to_date()
    assert sold() == 50
    assert wrong() == []


def test_workers_at_once_and_changes_meanwhile_count_everything_once() -> None:
    staff, product = make_staff(), make_product(stock=500)
    buyers = [make_buyer() for _ in range(4)]
    orders = [[steps.order(buyer, {product.id: n + 2}) for n in range(5)] for buyer in buyers]

    def trade(of: list[int]) -> None:
        for order_id in of:
            steps.claim(staff, order_id)
            steps.cancel_part(staff, order_id, {1: 1})

    def work() -> None:
        for _ in range(8):
            bring_up_to_date(limit=3)

    found = at_once([*(lambda of=of: trade(of) for of in orders), work, work])
    assert [one for one in found if isinstance(one, Exception)] == []
    bring_up_to_date()
    assert sold() == 4 * (1 + 2 + 3 + 4 + 5) * 10
    assert scalar("select count(*) from stale_order") == 0
    assert wrong() == []


def test_while_one_worker_is_at_it_another_takes_nothing_and_does_not_wait() -> None:
    steps.order(make_buyer(), {make_product(stock=5).id: 2})
    with transaction(SYSTEM) as first:
        assert refresh(first, NOON) > 0
        steps.order(make_buyer(), {make_product(stock=5).id: 3})
        with transaction(SYSTEM) as second:
            assert refresh(second, NOON) == 0
            assert refreshed_at(second) is None
    assert sold() == 20
    assert bring_up_to_date() > 0
    assert sold() == 50


def test_the_reports_say_up_to_when_they_know_everything() -> None:
    with transaction(SYSTEM) as session:
        assert refreshed_at(session) is None
    for _ in range(2):
        steps.order(make_buyer(), {make_product(stock=5).id: 2})
    with transaction(SYSTEM) as session:
        assert refresh(session, NOON, limit=1) == 1
    with transaction(SYSTEM) as session:
        assert refreshed_at(session) is None
    bring_up_to_date()
    with transaction(SYSTEM) as session:
        assert refreshed_at(session) == NOON


def test_the_days_follow_the_distributor_to_another_time_zone() -> None:
    late = NOON.replace(hour=22, minute=30)  # 00:30 of the next day in Bucharest
    steps.order(make_buyer(), {make_product(stock=5).id: 2}, late)
    bring_up_to_date()
    assert str(scalar("select day from sold_line")) == "2026-11-24"
    with transaction(SYSTEM) as session:
        session.execute(text("update company set time_zone = 'UTC'"))
    bring_up_to_date()
    assert str(scalar("select day from sold_line")) == "2026-11-23"
    assert wrong() == []
