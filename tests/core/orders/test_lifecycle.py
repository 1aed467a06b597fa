from datetime import timedelta

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders import lifecycle, queries
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def placed():
    buyer, product = make_buyer(), make_product(stock=10)
    return buyer, product, steps.order(buyer, {product.id: 4})


@pytest.mark.parametrize(("hours", "lapses"), [(23, False), (25, True), (49, True)])
def test_an_unclaimed_order_lapses_after_its_hours_and_its_stock_is_back(placed, hours, lapses):
    _, product, order_id = placed
    steps.lapse(steps.NOON + timedelta(hours=hours))
    assert steps.status(order_id) == ("lapsed" if lapses else "placed")
    assert steps.available(product.id) == (10 if lapses else 6)
    steps.assert_invariants()


def test_a_late_claim_is_refused_even_if_the_sweep_has_not_run(placed):
    _, _, order_id = placed
    with pytest.raises(lifecycle.DeadlinePassed):
        steps.claim(make_staff(), order_id, steps.NOON + timedelta(hours=24))
    assert steps.status(order_id) == "placed"


def test_a_claim_in_the_last_second_counts_and_the_order_no_longer_lapses(placed):
    _, _, order_id = placed
    steps.claim(make_staff(), order_id, steps.NOON + timedelta(hours=24, seconds=-1))
    assert steps.lapse(steps.NOON + timedelta(hours=49)) == 0
    assert steps.status(order_id) == "claimed"


def test_with_claim_hours_zero_nothing_ever_lapses():
    with transaction(SYSTEM) as session:
        session.execute(text("update company set claim_hours = 0"))
    buyer, product = make_buyer(), make_product(stock=10)
    steps.order(buyer, {product.id: 4})
    assert steps.lapse(steps.NOON + timedelta(days=400)) == 0


def test_bad_orders_do_not_stop_the_sweep_however_many_there_are():
    buyer, good, bad = make_buyer(), make_product(stock=10), make_product(stock=10)
    broken = [steps.order(buyer, {bad.id: 1}) for _ in range(5)]
    sound = steps.order(buyer, {good.id: 4})
    with transaction(SYSTEM) as session:
        session.execute(text("update stock set held = 0 where product_id = :id"), {"id": bad.id})
    assert steps.lapse(steps.NOON + timedelta(hours=25), limit=2) == 1
    assert [steps.status(order_id) for order_id in [*broken, sound]] == ["placed"] * 5 + ["lapsed"]


def test_shipped_goods_leave_the_stock(placed):
    _, product, order_id = placed
    staff = make_staff()
    steps.claim(staff, order_id)
    steps.ship(staff, order_id)
    assert steps.status(order_id) == "shipped"
    assert steps.scalar("select on_hand from stock where product_id = :id", id=product.id) == 6
    assert steps.available(product.id) == 6
    steps.assert_invariants()


def test_an_unclaimed_order_cannot_be_shipped(placed):
    with pytest.raises(lifecycle.NotClaimedYet):
        steps.ship(make_staff(), placed[2])


def test_staff_must_say_why_they_cancel_and_the_goods_go_back(placed):
    _, product, order_id = placed
    staff = make_staff()
    with pytest.raises(lifecycle.ReasonMissing):
        steps.cancel(staff, order_id, "  ")
    steps.cancel(staff, order_id, "the pallet was damaged")
    assert steps.available(product.id) == 10
    with transaction(placed[0]) as session:
        assert queries.order_detail(session, order_id).order.end_reason == "the pallet was damaged"


def test_a_partner_cancels_only_what_nobody_has_claimed(placed):
    buyer, product, order_id = placed
    steps.claim(make_staff(), order_id)
    with pytest.raises(lifecycle.CannotBeCancelled):
        steps.cancel(buyer, order_id)
    second = steps.order(buyer, {product.id: 1})
    steps.cancel(buyer, second, "")
    assert (steps.status(order_id), steps.status(second)) == ("claimed", "cancelled")


@pytest.mark.parametrize("verb", [steps.claim, steps.ship, steps.cancel])
def test_an_ended_order_stays_ended_and_the_refusal_says_how_it_ended(placed, verb):
    _, product, order_id = placed
    steps.lapse(steps.NOON + timedelta(hours=25))
    with pytest.raises(lifecycle.OrderHasEnded, match="lapsed"):
        verb(make_staff(), order_id)
    assert steps.available(product.id) == 10


@pytest.mark.parametrize("verb", [steps.claim, steps.ship])
def test_a_partner_can_neither_claim_nor_ship(placed, verb):
    with pytest.raises(NotAllowed):
        verb(placed[0], placed[2])


def test_another_partner_neither_sees_nor_cancels_the_order(placed):
    stranger = make_buyer()
    with pytest.raises(NotFound):
        steps.cancel(stranger, placed[2])
    with pytest.raises(NotFound), transaction(stranger) as session:
        queries.order_detail(session, placed[2])
    with transaction(stranger) as session:
        assert queries.orders_page(session) == ([], 0)


def test_the_timeline_tells_who_did_what(placed):
    _, _, order_id = placed
    staff = make_staff(name="Ana Pop")
    steps.claim(staff, order_id)
    steps.cancel(staff, order_id, "no transport")
    with transaction(staff) as session:
        entries = queries.order_detail(session, order_id).timeline
    assert [entry.kind for entry in entries] == ["order_placed", "order_claimed", "order_cancelled"]
    assert entries[2].by == "Ana Pop"
    assert entries[2].data == {"reason": "no transport"}
