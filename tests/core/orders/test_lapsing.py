"""When orders end by themselves, and what becomes of their goods, their proposals and who waits."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from core.db import transaction
from core.documents.issuing import issue_invoice
from core.orders import lifecycle, proposing
from core.partners.models import Partner
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_buyer, make_company, make_partner, make_product, make_staff, make_user, principal_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

NOON = steps.NOON


def after(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def local(instant: str) -> datetime:
    return datetime.fromisoformat(instant).replace(tzinfo=ZoneInfo("Europe/Bucharest")).astimezone(UTC)


def change(statement: str, **params) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), params)


def why(order_id: int) -> str:
    return steps.scalar("select data ->> 'why' from event where kind = 'order_lapsed' and order_id = :id", id=order_id)


@pytest.fixture
def product():
    return make_product(stock=10)


@pytest.fixture
def payer():
    """A buyer of a partner that pays before the goods leave, within 48 hours."""
    return make_buyer(prepay=True)


@pytest.mark.parametrize(("hours", "ends"), [(23, "placed"), (24, "lapsed"), (25, "lapsed"), (49, "lapsed")])
def test_an_order_that_nobody_claims_lapses_at_its_deadline(product, hours, ends):
    order_id = steps.order(make_buyer(), {product.id: 4})
    steps.lapse(after(hours))
    assert steps.status(order_id) == ends
    assert steps.available(product.id) == (6 if ends == "placed" else 10)
    steps.assert_invariants()


@pytest.mark.parametrize(("hours", "ends"), [(25, "claimed"), (47, "claimed"), (48, "lapsed"), (49, "lapsed")])
def test_a_claimed_order_that_is_not_paid_lapses_and_stays_the_claimers(product, payer, hours, ends):
    order_id, staff = steps.order(payer, {product.id: 4}), make_staff()
    steps.claim(staff, order_id, after(1))
    steps.lapse(after(hours))
    assert steps.status(order_id) == ends
    assert steps.available(product.id) == (6 if ends == "claimed" else 10)
    assert steps.scalar("select claimed_by from orders where id = :id", id=order_id) == staff.user_id
    steps.assert_invariants()


def test_history_says_what_was_missing(product, payer):
    unclaimed = steps.order(payer, {product.id: 1})
    unpaid = steps.order(payer, {product.id: 1})
    steps.claim(make_staff(), unpaid)
    assert steps.lapse(after(49)) == 2
    assert (why(unclaimed), why(unpaid)) == ("unclaimed", "unpaid")
    told = "select count(*) from event join outbox on event_id = event.id where kind = 'order_lapsed'"
    assert steps.scalar(told) == 2


def test_an_unclaimed_order_lapses_unpaid_when_there_is_less_time_to_pay(product):
    order_id = steps.order(make_buyer(prepay=True, unpaid_hours=2), {product.id: 1})
    assert steps.lapse(after(3)) == 1
    assert why(order_id) == "unpaid"


def test_what_was_not_paid_in_time_is_claimed_no_more_even_if_the_sweep_has_not_run(product):
    order_id = steps.order(make_buyer(prepay=True, unpaid_hours=2), {product.id: 1})
    with pytest.raises(lifecycle.DeadlinePassed):
        steps.claim(make_staff(), order_id, after(2))
    assert steps.lapse(after(2)) == 1


@pytest.mark.parametrize("came", ["payment", "delivery", "invoice"])
def test_an_order_that_was_paid_or_invoiced_or_begun_no_longer_lapses(product, payer, came):
    order_id, staff = steps.order(payer, {product.id: 4}), make_staff()
    steps.claim(staff, order_id)
    if came == "payment":
        change("update orders set paid_at = :at where id = :id", id=order_id, at=NOON)
    elif came == "delivery":
        change(
            "insert into delivery (order_id, partner_id, number, at) select id, partner_id, 1, :at from orders", at=NOON
        )
    else:
        make_company()
        with transaction(staff) as session:
            issue_invoice(session, order_id, NOON)
    assert steps.lapse(after(24 * 400)) == 0
    assert steps.status(order_id) == "claimed"


def test_a_partner_on_account_is_not_asked_to_pay_in_time(product):
    order_id = steps.order(make_buyer(), {product.id: 4})
    steps.claim(make_staff(), order_id)
    assert steps.lapse(after(24 * 400)) == 0


def test_the_partners_own_hours_come_before_the_general_ones(product):
    quick = steps.order(make_buyer(claim_hours=2), {product.id: 1})
    slow = steps.order(make_buyer(claim_hours=Decimal("30.5")), {product.id: 1})
    usual = steps.order(make_buyer(), {product.id: 1})
    steps.lapse(after(25))
    assert [steps.status(id) for id in (quick, slow, usual)] == ["lapsed", "placed", "lapsed"]


def test_zero_hours_of_the_partner_or_in_general_mean_never(product):
    never = steps.order(make_buyer(claim_hours=0, prepay=True, unpaid_hours=0), {product.id: 1})
    change("update company set claim_hours = 0, unpaid_hours = 0")
    in_general = steps.order(make_buyer(prepay=True), {product.id: 1})
    own = steps.order(make_buyer(claim_hours=1), {product.id: 1})
    steps.lapse(after(24 * 400))
    assert [steps.status(id) for id in (never, in_general, own)] == ["placed", "placed", "lapsed"]


@pytest.mark.parametrize("hours", [0, 1, 400])
def test_a_change_of_the_setting_does_not_move_orders_that_wait(product, payer, hours):
    order_id = steps.order(payer, {product.id: 1})
    change("update company set claim_hours = :hours, unpaid_hours = :hours, working_clock = true", hours=hours)
    change("update partner set claim_hours = :hours, prepay = false", hours=hours)
    steps.lapse(after(23))
    assert steps.status(order_id) == "placed"
    steps.lapse(after(24))
    assert steps.status(order_id) == "lapsed"


@pytest.mark.parametrize(
    ("placed", "last", "over"),
    [
        ("2026-03-28 12:00", "2026-03-29 12:59", "2026-03-29 13:00"),
        ("2026-10-24 12:00", "2026-10-25 10:59", "2026-10-25 11:00"),
        ("2026-11-23 00:00", "2026-11-23 23:59", "2026-11-24 00:00"),
    ],
    ids=["23-hour day", "25-hour day", "midnight"],
)
def test_twenty_four_hours_are_hours_that_pass(product, placed, last, over):
    order_id = steps.order(make_buyer(), {product.id: 1}, local(placed))
    assert steps.lapse(local(last)) == 0
    with pytest.raises(lifecycle.DeadlinePassed):
        steps.claim(make_staff(), order_id, local(over))
    assert steps.lapse(local(over)) == 1


@pytest.mark.parametrize(
    ("placed", "last", "over"),
    [
        ("2026-11-20 17:00", "2026-11-23 10:59", "2026-11-23 11:00"),
        ("2026-11-27 17:00", "2026-12-02 10:59", "2026-12-02 11:00"),
        ("2026-04-09 17:00", "2026-04-14 10:59", "2026-04-14 11:00"),
        ("2026-03-27 17:00", "2026-03-30 10:59", "2026-03-30 11:00"),
    ],
    ids=["a weekend", "Saint Andrew and the national day", "Easter", "the clocks change"],
)
def test_where_working_hours_count_friday_at_five_lasts_until_the_next_working_day(product, placed, last, over):
    change("update company set working_clock = true, work_from = :start, work_to = :end", start=time(9), end=time(17))
    steps.order(make_buyer(claim_hours=2), {product.id: 1}, local(placed))
    assert steps.lapse(local(last)) == 0
    assert steps.lapse(local(over)) == 1


def test_what_a_lapsed_order_held_goes_to_the_order_that_waits_for_it():
    product = make_product(stock=10, backorder=True)
    steps.order(make_buyer(), {product.id: 8})
    waits = steps.order(make_buyer(), {product.id: 5}, after(2))
    assert steps.lapse(after(25)) == 1
    line = "select held = 5 and waiting = 0 from line_state where order_id = :id"
    assert steps.scalar(line, id=waits)
    assert steps.scalar("select count(*) from event where kind = 'backorder_filled' and order_id = :id", id=waits) == 1
    assert steps.available(product.id) == 5
    steps.assert_invariants()


def test_a_lapsed_order_waits_for_nothing_any_more():
    product = make_product(stock=10, backorder=True)
    lapses = steps.order(make_buyer(), {product.id: 12})
    assert steps.lapse(after(25)) == 1
    assert steps.scalar("select bool_and(held = 0 and waiting = 0) from line_state where order_id = :id", id=lapses)
    assert steps.available(product.id) == 10
    steps.assert_invariants()


def test_proposals_that_wait_are_withdrawn_when_the_order_lapses(product, payer):
    order_id, staff = steps.order(payer, {product.id: 4}), make_staff()
    steps.claim(staff, order_id)
    line = steps.scalar("select id from order_line where order_id = :id", id=order_id)
    with transaction(staff) as session:
        proposing.propose(session, order_id, line, Decimal(2), NOON)
    steps.lapse(after(49))
    assert steps.scalar("select answer from proposal") == "withdrawn"
    assert steps.scalar("select answered_at from proposal") == after(49)


def test_unpaid_orders_that_are_broken_do_not_stop_the_others(payer):
    good, bad, staff = make_product(stock=10), make_product(stock=10), make_staff()
    orders = [steps.order(payer, {p.id: 1}) for p in (bad, good, bad, bad, good)]
    for order_id in orders:
        steps.claim(staff, order_id)
    change("update stock set held = 0 where product_id = :id", id=bad.id)
    assert steps.lapse(after(49), limit=2) == 2
    assert [steps.status(id) for id in orders] == ["claimed", "lapsed", "claimed", "claimed", "lapsed"]
    assert steps.available(good.id) == 10


def test_a_backorder_that_cannot_be_filled_does_not_stop_the_lapse():
    product = make_product(stock=10, backorder=True)
    lapses = steps.order(make_buyer(), {product.id: 8})
    waits = steps.order(make_buyer(), {product.id: 5}, after(2))
    change("alter table stock add constraint ck_stock_broken check (held <> 5)")
    assert steps.lapse(after(25)) == 1
    assert (steps.status(lapses), steps.status(waits)) == ("lapsed", "placed")


def test_payments_and_sweeps_at_the_deadline_end_each_order_one_way(product):
    partner: Partner = make_partner(prepay=True)
    orders = [steps.order(principal_of(make_user(partner)), {product.id: 1}) for _ in range(6)]
    paid = "update orders set paid_at = :at where id = :id and status = 'placed'"
    pays = [lambda id=id: change(paid, id=id, at=NOON) for id in orders]
    change("update orders set claim_deadline = null")
    assert all(not isinstance(r, Exception) for r in at_once([*pays, *[lambda: steps.lapse(after(49))] * 2]))
    both = "select count(*) from orders where (status = 'lapsed') = (paid_at is not null)"
    assert steps.scalar(both) == 0
    steps.assert_invariants()
