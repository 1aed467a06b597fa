"""A lapsed order comes back: what it had is held again if it is still there, and never anything twice."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text

from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.events import Event, Outbox
from core.orders import reviving
from core.orders.limits import OverLimits
from core.orders.models import Order
from core.orders.placing import Short, Shortage
from core.orders.placing import place as place_in
from core.orders.purging import purge_due
from core.principal import SYSTEM, Principal
from tests.core.orders.steps import (
    NOON,
    assert_invariants,
    available,
    cancel,
    cancel_part,
    claim,
    fill,
    lapse,
    line_state,
    order,
    place,
    scalar,
    somebody_waits_for,
    status,
)
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once
from workers.locks import wait_until

TOO_LATE = NOON + timedelta(hours=24)
LATER = NOON + timedelta(hours=30)


@pytest.fixture
def staff(database: str) -> Principal:
    return make_staff(role="sales")


@pytest.fixture
def buyer(database: str) -> Principal:
    return make_buyer()


def revive(who: Principal, order_id: int, as_of: datetime = LATER, partly: bool = False) -> list[Short]:
    with transaction(who) as session:
        return reviving.revive(session, order_id, as_of, partly)


def lapsed(buyer: Principal, quantities: dict[int, Any]) -> int:
    """An order that nobody claimed."""
    order_id = order(buyer, quantities)
    lapse(TOO_LATE)
    assert status(order_id) == "lapsed"
    return order_id


def read(order_id: int) -> Order:
    with transaction(SYSTEM) as session:
        return session.get_one(Order, order_id)


def revivals(order_id: int) -> list[Event]:
    wanted = select(Event).join(Outbox).where(Event.kind == "order_revived", Event.order_id == order_id)
    with transaction(SYSTEM) as session:
        return list(session.scalars(wanted.order_by(Event.id)))


def rule(table: str, **values: Any) -> None:
    with transaction(SYSTEM) as session:
        for name, value in values.items():
            session.execute(text(f"update {table} set {name} = :value"), {"value": value})


def test_a_lapsed_order_waits_again_with_its_goods_and_a_new_deadline(buyer: Principal, staff: Principal) -> None:
    product = make_product(stock=10)
    order_id = lapsed(buyer, {product.id: 4})
    assert available(product.id) == 10
    assert revive(staff, order_id) == []
    found = read(order_id)
    assert (found.status, found.ended_at, found.end_reason) == ("placed", None, "")
    assert found.claim_deadline == LATER + timedelta(hours=24)
    assert found.claim_warnings == [LATER + timedelta(hours=12), LATER + timedelta(hours=19, minutes=12)]
    assert (found.pay_deadline, found.paid_at) == (None, None)
    assert available(product.id) == 6
    assert line_state(order_id) == [(4, 0, 0, 0)]
    (event,) = revivals(order_id)
    assert (event.user_id, event.partner_id, event.data) == (staff.user_id, buyer.partner_id, {"short": []})
    claim(staff, order_id, LATER)
    assert_invariants()


def test_what_was_claimed_is_claimed_again_and_a_payment_is_awaited_anew(staff: Principal) -> None:
    buyer = make_buyer(prepay=True)
    order_id = order(buyer, {make_product(stock=5).id: 5})
    claim(staff, order_id)
    lapse(NOON + timedelta(hours=48))
    as_of = NOON + timedelta(hours=60)
    revive(staff, order_id, as_of)
    found = read(order_id)
    assert (found.status, found.claimed_by) == ("claimed", staff.user_id)
    assert found.pay_deadline == as_of + timedelta(hours=48)
    assert found.pay_warnings == [as_of + timedelta(hours=24), as_of + timedelta(hours=38, minutes=24)]
    assert_invariants()


def test_an_order_past_its_deadline_is_as_lapsed_before_the_sweep_as_after_it(
    buyer: Principal, staff: Principal
) -> None:
    product = make_product(stock=5)
    order_id = order(buyer, {product.id: 5})
    assert revive(staff, order_id, TOO_LATE) == []
    assert (status(order_id), available(product.id)) == ("placed", 0)
    kinds = "select array_agg(kind order by id) from event where order_id = :id"
    assert scalar(kinds, id=order_id) == ["order_placed", "order_lapsed", "order_revived"]
    assert_invariants()


def test_the_sweep_does_not_take_another_order_along(buyer: Principal, staff: Principal) -> None:
    """Only the one that is looked at lapses by being looked at."""
    product = make_product(stock=5)
    open_one, late = order(buyer, {product.id: 1}, NOON + timedelta(hours=5)), order(buyer, {product.id: 1})
    with pytest.raises(reviving.NotLapsed):
        revive(staff, open_one, TOO_LATE)
    assert (status(open_one), status(late)) == ("placed", "placed")


def test_what_was_cancelled_before_it_lapsed_does_not_come_back(buyer: Principal, staff: Principal) -> None:
    first, second = make_product(stock=10), make_product(stock=10)
    order_id = order(buyer, {first.id: 6, second.id: 3})
    claim(staff, order_id)
    cancel_part(staff, order_id, {1: 2})
    rule("orders", prepay=True, pay_deadline=TOO_LATE)
    lapse(TOO_LATE)
    assert revive(staff, order_id) == []
    assert line_state(order_id) == [(4, 0, 0, 2), (3, 0, 0, 0)]
    assert_invariants()


def test_an_order_lapses_and_comes_back_more_than_once(buyer: Principal, staff: Principal) -> None:
    product = make_product(stock=5)
    order_id = lapsed(buyer, {product.id: 5})
    revive(staff, order_id)
    lapse(LATER + timedelta(hours=24))
    assert revive(staff, order_id, LATER + timedelta(hours=25)) == []
    assert line_state(order_id) == [(5, 0, 0, 0)]
    assert len(revivals(order_id)) == 2
    assert_invariants()


def test_when_something_is_gone_nothing_changes_and_it_is_said(buyer: Principal, staff: Principal) -> None:
    gone, there = make_product(stock=5, name="Țeavă", sku="T-1"), make_product(stock=5)
    order_id = lapsed(buyer, {gone.id: 5, there.id: 5})
    order(make_buyer(), {gone.id: 3}, LATER)
    assert revive(staff, order_id) == [Short("T-1", "Țeavă", "buc", Decimal(5), Decimal(2))]
    assert (status(order_id), available(gone.id), available(there.id)) == ("lapsed", 2, 5)
    assert revivals(order_id) == []
    assert_invariants()


def test_partly_what_is_there_is_held_and_the_rest_counts_as_cancelled(buyer: Principal, staff: Principal) -> None:
    gone = make_product(stock=5, list_price=Decimal(10))
    there = make_product(stock=5, list_price=Decimal(100))
    order_id = lapsed(buyer, {gone.id: 5, there.id: 1})
    order(make_buyer(), {gone.id: 3}, LATER)
    (short,) = revive(staff, order_id, partly=True)
    assert (short.wanted, short.available) == (5, 2)
    assert line_state(order_id) == [(2, 0, 0, 3), (1, 0, 0, 0)]
    assert read(order_id).gross == Decimal("145.20")
    (event,) = revivals(order_id)
    assert event.data["short"] == [
        {"sku": gone.sku, "name": gone.name, "unit": "buc", "wanted": "5.000", "available": "2.000"}
    ]
    assert_invariants()


@pytest.mark.parametrize("partly", [True, False])
def test_where_nothing_at_all_is_left_it_stays_lapsed(buyer: Principal, staff: Principal, partly: bool) -> None:
    product = make_product(stock=5)
    order_id = lapsed(buyer, {product.id: 5})
    order(make_buyer(), {product.id: 5}, LATER)
    if partly:
        with pytest.raises(reviving.NothingLeft):
            revive(staff, order_id, partly=True)
    else:
        assert [short.available for short in revive(staff, order_id)] == [0]
    assert status(order_id) == "lapsed"
    assert_invariants()


def test_what_may_wait_for_goods_waits_again(buyer: Principal, staff: Principal) -> None:
    product = make_product(stock=5, backorder=True)
    order_id = lapsed(buyer, {product.id: 8})
    order(make_buyer(), {product.id: 3}, LATER)
    assert revive(staff, order_id) == []
    assert line_state(order_id) == [(2, 0, 6, 0)]
    assert_invariants()


def test_the_limits_of_today_hold(buyer: Principal, staff: Principal) -> None:
    order_id = lapsed(buyer, {make_product(stock=5, list_price=Decimal(100)).id: 5})
    rule("company", max_order=Decimal("604.99"))
    with pytest.raises(OverLimits) as refusal:
        revive(staff, order_id)
    assert [(limit.kind, limit.over) for limit in refusal.value.limits] == [("max_order", Decimal("0.01"))]
    assert status(order_id) == "lapsed"
    rule("company", max_order=605)
    assert revive(staff, order_id) == []
    assert_invariants()


def test_an_order_below_the_least_one_comes_back_all_the_same(buyer: Principal, staff: Principal) -> None:
    order_id = lapsed(buyer, {make_product(stock=5).id: 1})
    rule("company", min_order=1000)
    assert revive(staff, order_id) == []


def test_what_else_the_partner_has_open_counts_and_the_order_itself_only_once(
    buyer: Principal, staff: Principal
) -> None:
    product = make_product(stock=20, list_price=Decimal(100))
    order_id = lapsed(buyer, {product.id: 5})
    order(buyer, {product.id: 1}, LATER)
    rule("company", credit_limit=Decimal("725.99"))
    with pytest.raises(OverLimits):
        revive(staff, order_id)
    rule("company", credit_limit=726)
    assert revive(staff, order_id) == []


def test_the_order_of_a_partner_that_cannot_order_stays_lapsed(buyer: Principal, staff: Principal) -> None:
    order_id = lapsed(buyer, {make_product(stock=5).id: 5})
    rule("partner", status="on_hold")
    with pytest.raises(reviving.PartnerCannotOrder):
        revive(staff, order_id)
    assert status(order_id) == "lapsed"


@pytest.mark.parametrize("state", ["placed", "claimed", "cancelled"])
def test_only_what_lapsed_comes_back(buyer: Principal, staff: Principal, state: str) -> None:
    order_id = order(buyer, {make_product(stock=5).id: 5})
    if state == "claimed":
        claim(staff, order_id)
    if state == "cancelled":
        cancel(buyer, order_id)
    with pytest.raises(reviving.NotLapsed) as refusal:
        revive(staff, order_id, NOON)
    assert str(order_id) in refusal.value.text("ro")
    assert status(order_id) == state


def test_partners_revive_nothing_and_what_is_absent_is_not_found(buyer: Principal, staff: Principal) -> None:
    order_id = lapsed(buyer, {make_product(stock=5).id: 5})
    with pytest.raises(NotAllowed):
        revive(buyer, order_id)
    with pytest.raises(NotFound):
        revive(staff, order_id + 1)


# At the same moment.


def attempt(act: Any) -> Any:
    try:
        return act()
    except Refusal as refusal:
        return type(refusal)


def test_two_at_once_revive_once(buyer: Principal, staff: Principal) -> None:
    product = make_product(stock=5)
    order_id = lapsed(buyer, {product.id: 5})
    outcomes = at_once([partial(attempt, partial(revive, staff, order_id))] * 4)
    assert sorted(outcomes, key=str) == sorted([[], *[reviving.NotLapsed] * 3], key=str)
    assert line_state(order_id) == [(5, 0, 0, 0)]
    assert len(revivals(order_id)) == 1
    assert_invariants()


def test_the_last_pieces_go_to_one_only_the_order_that_comes_back_or_a_new_one(
    buyer: Principal, staff: Principal
) -> None:
    product = make_product(stock=5)
    order_id = lapsed(buyer, {product.id: 5})
    others = [make_buyer() for _ in range(3)]
    carts = [(who, fill(who, {product.id: 5})) for who in others]
    orders = [partial(attempt, partial(place, who, token, LATER)) for who, token in carts]
    came_back, *placed = at_once([partial(attempt, partial(revive, staff, order_id)), *orders])
    got = [outcome for outcome in placed if outcome is not Shortage]
    assert len(got) == (0 if came_back == [] else 1)
    assert (status(order_id) == "placed") == (came_back == [])
    assert available(product.id) == 0
    assert_invariants()


def test_who_revives_waits_for_who_has_the_goods_in_hand(buyer: Principal, staff: Principal) -> None:
    """Read before the lock, the goods would still seem to be there."""
    product, other = make_product(stock=5), make_buyer()
    order_id, token = lapsed(buyer, {product.id: 5}), fill(other, {product.id: 5})

    def order_slowly() -> bool:
        with transaction(other) as session:
            place_in(session, token, LATER)
            return somebody_waits_for(session)

    def come_later() -> list[Short]:
        assert wait_for_hold(product.id)
        return revive(staff, order_id)

    blocked, short = at_once([order_slowly, come_later])
    assert blocked is True
    assert [line.available for line in short] == [0]
    assert_invariants()


def wait_for_hold(product_id: int) -> bool:
    """True as soon as another transaction has locked the stock row."""

    def taken() -> bool:
        row = "select count(*) from (select from stock where product_id = :id for update skip locked) free"
        return scalar(row, id=product_id) == 0

    return wait_until(taken, seconds=10)


def test_an_order_that_was_removed_meanwhile_is_not_found(buyer: Principal, staff: Principal) -> None:
    order_id = lapsed(buyer, {make_product(stock=5).id: 5})
    rule("company", purge_days=1)
    rule("outbox", handled_at=LATER)
    with transaction(SYSTEM) as session:
        assert purge_due(session, LATER + timedelta(days=2)) == 1
    with pytest.raises(NotFound):
        revive(staff, order_id)
