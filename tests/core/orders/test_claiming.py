"""Giving back, handing on, claiming many: who may, what becomes of the time, and one way only under real threads."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.orders import claiming
from core.orders.lifecycle import AlreadyClaimed, DeadlinePassed, NotClaimedYet, OrderHasEnded
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import issue, set_up_company
from tests.core.orders import steps
from tests.factories import make_buyer, make_company, make_product, make_staff, make_user, principal_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

LATER = steps.NOON + timedelta(hours=5)


def give_back(staff: Principal, order_id: int, as_of: datetime = LATER, reason: str = "") -> None:
    with transaction(staff) as session:
        claiming.give_back(session, order_id, as_of, reason)


def assign(staff: Principal, order_id: int, colleague: Principal, as_of: datetime = LATER) -> None:
    with transaction(staff) as session:
        claiming.assign(session, order_id, colleague.user_id or 0, as_of)


def claim_many(staff: Principal, *order_ids: int, as_of: datetime = LATER) -> list[tuple[int, Refusal | None]]:
    with transaction(staff) as session:
        return claiming.claim_many(session, order_ids, as_of)


def order_row(order_id: int) -> Any:
    with transaction(SYSTEM) as session:
        return session.execute(text("select * from orders where id = :id"), {"id": order_id}).one()


def change(statement: str, **params: object) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), params)


def events(kind: str) -> list[dict[str, Any]]:
    with transaction(SYSTEM) as session:
        return list(session.execute(text("select data from event where kind = :k order by id"), {"k": kind}).scalars())


def of(results: list[Any], kind: type) -> list[Any]:
    return [result for result in results if isinstance(result, kind)]


@pytest.fixture
def ana() -> Principal:
    return make_staff(name="Ana Pop", role="sales")


@pytest.fixture
def dan() -> Principal:
    return make_staff(name="Dan Ion", role="warehouse")


@pytest.fixture
def placed() -> int:
    return steps.order(make_buyer(), {make_product(stock=10).id: 4})


@pytest.fixture
def claimed(ana: Principal, placed: int) -> int:
    """By Ana, three hours after it was placed: 21 of 24 are left."""
    steps.claim(ana, placed, steps.NOON + timedelta(hours=3))
    return placed


def test_an_order_that_is_given_back_waits_again_with_the_time_that_was_left(ana: Principal, claimed: int) -> None:
    give_back(ana, claimed, steps.NOON + timedelta(hours=50), " wrong\x00 shelf ")
    row = order_row(claimed)
    assert (row.status, row.claimed_at, row.claimed_by) == ("placed", None, None)
    assert row.claim_deadline == steps.NOON + timedelta(hours=71)
    assert row.claim_warnings == [steps.NOON + timedelta(hours=59), steps.NOON + timedelta(hours=66.2)]
    assert events("order_given_back") == [{"reason": "wrong shelf"}]
    steps.assert_invariants()


def test_the_clock_that_stood_still_counts_working_hours_where_the_others_do(ana: Principal) -> None:
    make_company(working_clock=True, work_from=time(9), work_to=time(17), claim_hours=Decimal(8))
    order_id = steps.order(make_buyer(), {make_product(stock=1).id: 1})
    steps.claim(ana, order_id, steps.NOON + timedelta(hours=2))
    friday_late = steps.NOON + timedelta(days=4, hours=4)
    give_back(ana, order_id, friday_late)
    row = order_row(order_id)
    # Six of the eight hours were left on Friday at 16:00. Then comes a weekend, and Monday 30 and Tuesday are holidays.
    assert row.claim_deadline == steps.NOON + timedelta(days=9, hours=2)
    assert row.claim_warnings[0] == steps.NOON + timedelta(days=9, hours=-2)


def test_a_warning_that_was_sent_is_not_sent_again_and_one_that_is_due_is_due_at_once(ana: Principal) -> None:
    order_id = steps.order(make_buyer(), {make_product(stock=1).id: 1})
    steps.claim(ana, order_id, steps.NOON + timedelta(hours=13))
    give_back(ana, order_id, steps.NOON + timedelta(hours=20))
    due_at_once, coming = order_row(order_id).claim_warnings
    assert due_at_once == steps.NOON + timedelta(hours=20)
    assert coming == steps.NOON + timedelta(hours=26.2)
    change("update orders set claim_warnings = claim_warnings[2:]")
    steps.claim(ana, order_id, steps.NOON + timedelta(hours=21))
    give_back(ana, order_id, steps.NOON + timedelta(hours=22))
    assert order_row(order_id).claim_warnings == [steps.NOON + timedelta(hours=27.2)]


def test_an_order_without_a_deadline_has_none_afterwards(ana: Principal) -> None:
    order_id = steps.order(make_buyer(claim_hours=Decimal(0)), {make_product(stock=1).id: 1})
    steps.claim(ana, order_id)
    give_back(ana, order_id)
    assert (order_row(order_id).claim_deadline, order_row(order_id).claim_warnings) == (None, [])


def test_what_was_given_back_lapses_like_any_other(ana: Principal, claimed: int) -> None:
    give_back(ana, claimed, steps.NOON + timedelta(hours=50))
    assert steps.lapse(steps.NOON + timedelta(hours=70)) == 0
    assert steps.lapse(steps.NOON + timedelta(hours=71)) == 1
    steps.assert_invariants()


def test_giving_back_needs_no_room_in_the_partners_limits_since_the_order_was_open_all_the_time(ana: Principal) -> None:
    buyer = make_buyer()
    order_id = steps.order(buyer, {make_product(stock=10).id: 4})
    steps.claim(ana, order_id)
    change("update partner set max_open_orders = 1, max_open_value = 1, credit_limit = 1 where id = :id",
           id=buyer.partner_id)  # fmt: skip
    give_back(ana, order_id)
    assert steps.status(order_id) == "placed"


def test_only_who_claimed_it_or_an_administrator_gives_it_back(ana: Principal, dan: Principal, claimed: int) -> None:
    with pytest.raises(claiming.ClaimedByAnother) as refused:
        give_back(dan, claimed)
    assert refused.value.text("en").startswith(f"Ana Pop has claimed order {claimed}:")
    give_back(make_staff(role="admin"), claimed)
    assert steps.status(claimed) == "placed"


def test_what_nobody_claimed_cannot_be_given_back_and_what_is_over_neither(ana: Principal, placed: int) -> None:
    with pytest.raises(NotClaimedYet):
        give_back(ana, placed)
    steps.cancel(ana, placed)
    with pytest.raises(OrderHasEnded):
        give_back(ana, placed)
    with pytest.raises(NotFound):
        give_back(ana, 999_999)


def test_an_invoiced_order_is_not_given_back(ana: Principal, claimed: int) -> None:
    set_up_company()
    issue(claimed, LATER)
    with pytest.raises(claiming.GivenBackTooLate):
        give_back(ana, claimed)


def test_an_order_of_which_a_part_has_left_is_not_given_back(ana: Principal, claimed: int) -> None:
    change("insert into delivery (order_id, partner_id, number, at) select id, partner_id, 1, placed_at from orders")
    with pytest.raises(claiming.GivenBackTooLate):
        give_back(ana, claimed)


def test_a_proposal_that_waits_for_an_answer_is_withdrawn(ana: Principal, claimed: int) -> None:
    change("""
        insert into proposal (order_id, partner_id, order_line_id, keep, proposed_at)
        select order_id, partner_id, id, 1, now() from order_line
    """)
    give_back(ana, claimed)
    with transaction(SYSTEM) as session:
        proposal = session.execute(text("select answer, answered_at, answered_by from proposal")).one()
    assert tuple(proposal) == ("withdrawn", LATER, ana.user_id)
    assert len(events("change_withdrawn")) == 1


def test_a_waiting_order_is_held_for_a_colleague_and_others_may_still_claim_it(
    ana: Principal, dan: Principal, placed: int
) -> None:
    assign(ana, placed, dan)
    assign(ana, placed, dan)
    assert order_row(placed).assigned_to == dan.user_id
    assert events("order_assigned") == [{"user": dan.user_id, "person": "Dan Ion"}]
    steps.claim(ana, placed)
    assert (order_row(placed).claimed_by, order_row(placed).assigned_to) == (ana.user_id, dan.user_id)
    give_back(ana, placed)
    assert order_row(placed).assigned_to == dan.user_id
    steps.claim(dan, placed)
    give_back(dan, placed)
    assert order_row(placed).assigned_to is None


def test_a_claimed_order_is_handed_on_with_all_its_time(ana: Principal, dan: Principal, claimed: int) -> None:
    before = order_row(claimed)
    assign(ana, claimed, dan)
    after = order_row(claimed)
    assert (after.claimed_by, after.assigned_to) == (dan.user_id, None)
    assert (after.claimed_at, after.claim_deadline) == (before.claimed_at, before.claim_deadline)
    assert events("order_assigned") == [{"user": dan.user_id, "person": "Dan Ion"}]
    give_back(dan, claimed)
    assert steps.status(claimed) == "placed"


def test_nobody_takes_a_claimed_order_from_a_colleague_but_an_administrator(
    ana: Principal, dan: Principal, claimed: int
) -> None:
    with pytest.raises(claiming.ClaimedByAnother):
        assign(dan, claimed, dan)
    assign(make_staff(role="admin"), claimed, dan)
    assert order_row(claimed).claimed_by == dan.user_id


def test_orders_go_only_to_active_colleagues_who_claim_orders(ana: Principal, dan: Principal, placed: int) -> None:
    partner_user = make_buyer()
    blocked = principal_of(make_user(role="sales", active=False))
    for nobody in (blocked, make_staff(role="analyst"), make_staff(role="accounting"), partner_user):
        with pytest.raises(claiming.NoColleague):
            assign(ana, placed, nobody)
    with transaction(ana) as session:
        assert claiming.colleagues(session) == [(ana.user_id, "Ana Pop"), (dan.user_id, "Dan Ion")]


def test_what_was_not_paid_in_time_is_neither_claimed_nor_given_back_nor_handed_on(
    ana: Principal, dan: Principal
) -> None:
    buyer, product = make_buyer(prepay=True, unpaid_hours=Decimal(6)), make_product(stock=10)
    waiting, mine, paid = (steps.order(buyer, {product.id: 1}) for _ in range(3))
    change("update orders set paid_at = :at where id = :id", at=steps.NOON, id=paid)
    for order_id in (mine, paid):
        steps.claim(ana, order_id, LATER)
    late = steps.NOON + timedelta(hours=6)
    for verb in (
        lambda: steps.claim(dan, waiting, late),
        lambda: assign(ana, waiting, dan, late),
        lambda: assign(ana, mine, dan, late),
        lambda: give_back(ana, mine, late),
    ):
        with pytest.raises(DeadlinePassed):
            verb()
    give_back(ana, paid, late)
    assert steps.lapse(late) == 2
    steps.assert_invariants()


def test_what_is_over_is_not_handed_on(ana: Principal, dan: Principal, placed: int) -> None:
    with pytest.raises(DeadlinePassed):
        assign(ana, placed, dan, steps.NOON + timedelta(hours=24))
    steps.lapse(steps.NOON + timedelta(hours=24))
    with pytest.raises(OrderHasEnded):
        assign(ana, placed, dan)
    with pytest.raises(NotFound):
        assign(ana, 999_999, dan)


def test_of_many_orders_each_is_claimed_or_says_why_not(ana: Principal, dan: Principal) -> None:
    product = make_product(stock=100)
    one, two, three = (steps.order(make_buyer(), {product.id: 1}) for _ in range(3))
    steps.claim(ana, two)
    results = claim_many(dan, three, two, one, one, 999_999)
    assert [order_id for order_id, _ in results] == [one, two, three, 999_999]
    assert [type(why) for _, why in results] == [type(None), AlreadyClaimed, type(None), NotFound]
    assert results[1][1].text("en") == f"Ana Pop has already claimed order {two}."  # type: ignore[union-attr]
    assert [order_row(order_id).claimed_by for order_id in (one, two, three)] == [
        dan.user_id, ana.user_id, dan.user_id,
    ]  # fmt: skip
    assert len(events("order_claimed")) == 3


def test_an_order_that_somebody_keeps_locked_is_refused_and_the_others_are_claimed(dan: Principal) -> None:
    product = make_product(stock=100)
    one, two, three = (steps.order(make_buyer(), {product.id: 1}) for _ in range(3))
    with transaction(SYSTEM) as holder:
        holder.execute(text("select from orders where id = :id for update"), {"id": two})
        with transaction(dan) as session:
            session.execute(text("set local lock_timeout = '100ms'"))
            results = claiming.claim_many(session, [one, two, three], LATER)
    assert [type(why) for _, why in results] == [type(None), claiming.OrderInUse, type(None)]
    assert str(results[1][1]) == f"Somebody is working on order {two} just now. Try again."
    assert [order_row(order_id).status for order_id in (one, two, three)] == ["claimed", "placed", "claimed"]


@pytest.mark.parametrize("role", ["accounting", "analyst", "owner"])
def test_who_does_not_claim_neither_gives_back_nor_hands_on(ana: Principal, placed: int, role: str) -> None:
    other = make_buyer() if role == "owner" else make_staff(role=role)
    for verb in (
        lambda: give_back(other, placed),
        lambda: assign(other, placed, ana),
        lambda: claim_many(other, placed),
    ):
        with pytest.raises(NotAllowed):
            verb()


# Races: each order goes one way only, and says so once.


def orders_claimed_by(staff: Principal, count: int, **partner: Any) -> list[int]:
    product = make_product(stock=100)
    orders = [steps.order(make_buyer(**partner), {product.id: 1}) for _ in range(count)]
    for order_id in orders:
        steps.claim(staff, order_id)
    return orders


def test_given_back_twice_at_once_it_is_given_back_once(ana: Principal, claimed: int) -> None:
    results = at_once([lambda: give_back(ana, claimed)] * 5)
    assert results.count(None) == 1
    assert len(of(results, NotClaimedYet)) == 4
    assert len(events("order_given_back")) == 1
    assert order_row(claimed).claim_deadline == steps.NOON + timedelta(hours=26)


def test_given_back_and_shipped_at_once_an_order_goes_one_way(ana: Principal) -> None:
    orders, porter = orders_claimed_by(ana, 8), make_staff()
    results = at_once(
        [lambda id=id: give_back(ana, id) for id in orders]
        + [lambda id=id: steps.ship(porter, id, LATER) for id in orders]
    )
    for order_id, back, shipped in zip(orders, results[:8], results[8:], strict=True):
        assert (back is None) != (shipped is None)
        assert steps.status(order_id) == ("placed" if back is None else "shipped")
        assert isinstance(shipped or back, NotClaimedYet if back is None else OrderHasEnded)
    steps.assert_invariants()


def test_given_back_and_invoiced_at_once_an_order_goes_one_way(ana: Principal) -> None:
    set_up_company()
    orders = orders_claimed_by(ana, 6)
    results = at_once(
        [verb for id in orders for verb in (lambda id=id: give_back(ana, id), lambda id=id: issue(id, LATER))]
    )
    for order_id, back, invoiced in zip(orders, results[::2], results[1::2], strict=True):
        assert (back is None) == isinstance(invoiced, Refusal)
        assert (order_row(order_id).invoiced_at is None) == (back is None)


def test_given_back_and_claimed_at_once_the_second_claim_wins_after_it_or_reads_who_has_it(
    ana: Principal, dan: Principal
) -> None:
    orders = orders_claimed_by(ana, 8)
    results = at_once(
        [lambda id=id: give_back(ana, id) for id in orders]
        + [lambda id=id: steps.claim(dan, id, LATER) for id in orders]
    )
    assert results[:8] == [None] * 8
    for order_id, claim in zip(orders, results[8:], strict=True):
        assert steps.status(order_id) == ("claimed" if claim is None else "placed")
        assert claim is None or claim.text("en").startswith("Ana Pop has already claimed")


def test_given_back_at_the_moment_of_the_old_deadline_an_order_does_not_lapse(ana: Principal) -> None:
    orders = orders_claimed_by(ana, 8)
    late = steps.NOON + timedelta(hours=24)
    results = at_once([*(lambda id=id: give_back(ana, id, late) for id in orders), *[lambda: steps.lapse(late)] * 2])
    assert results == [None] * 8 + [0, 0]
    assert {steps.status(order_id) for order_id in orders} == {"placed"}
    steps.assert_invariants()


def test_two_who_hand_an_order_on_at_once_leave_it_with_one_of_them(
    ana: Principal, dan: Principal, claimed: int
) -> None:
    third = make_staff(name="Eva", role="sales")
    results = at_once([lambda: assign(ana, claimed, dan), lambda: assign(ana, claimed, third)])
    assert results.count(None) == 1
    assert len(of(results, claiming.ClaimedByAnother)) == 1
    assert len(events("order_assigned")) == 1


def test_two_who_tick_the_same_orders_share_them(ana: Principal, dan: Principal) -> None:
    product = make_product(stock=100)
    orders = [steps.order(make_buyer(), {product.id: 1}) for _ in range(10)]
    mine, theirs = at_once([lambda: claim_many(ana, *orders), lambda: claim_many(dan, *reversed(orders))])
    for (order_id, mine_not), (_, theirs_not) in zip(mine, theirs, strict=True):
        assert (mine_not is None) != (theirs_not is None)
        assert order_row(order_id).claimed_by == (ana if mine_not is None else dan).user_id
    assert len(events("order_claimed")) == 10


def test_colleagues_of_one_name_are_told_apart_by_their_addresses():
    me = make_staff(name="Ana Pop", email="ana@rampa.example")
    make_staff(name="Ana Pop", email="ana.pop@rampa.example")
    make_staff(name="Ion Luca")
    with transaction(me) as session:
        names = {name for _, name in claiming.colleagues(session)}
    assert names == {"Ana Pop (ana@rampa.example)", "Ana Pop (ana.pop@rampa.example)", "Ion Luca"}
