"""The partner gives an order as much time again: once, in time, and while nobody waits for its goods."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders import awaiting, extending
from core.orders.cancelling import cancel_part
from core.orders.lifecycle import OrderHasEnded
from core.orders.warning import warn_due
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def after(hours: float) -> datetime:
    return steps.NOON + timedelta(hours=hours)


def extend(who: Principal, order_id: int, as_of: datetime = steps.NOON) -> datetime:
    with transaction(who) as session:
        return extending.extend(session, order_id, as_of)


def column(name: str, order_id: int):
    return steps.scalar(f"select {name} from orders where id = :id", id=order_id)


def change(statement: str, **params) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), params)


@pytest.fixture
def product():
    return make_product(stock=10)


@pytest.fixture
def placed(product):
    buyer = make_buyer()
    return buyer, steps.order(buyer, {product.id: 4})


def test_an_order_waits_as_long_again_counted_from_its_old_deadline(placed):
    buyer, order_id = placed
    assert extend(buyer, order_id, after(20)) == after(48)
    assert column("claim_deadline", order_id) == after(48)
    assert column("extended_at", order_id) == after(20)
    assert steps.lapse(after(47)) == 0
    steps.claim(make_staff(), order_id, after(47))
    steps.assert_invariants()


def test_history_says_who_extended_it_until_when(placed):
    buyer, order_id = placed
    extend(buyer, order_id, after(20))
    with transaction(SYSTEM) as session:
        event = session.execute(text("select * from event where kind = 'order_extended'")).one()
    assert (event.order_id, event.partner_id, event.user_id) == (order_id, buyer.partner_id, buyer.user_id)
    assert datetime.fromisoformat(event.data["until"]) == after(48)


def test_the_warnings_come_anew_at_half_and_four_fifths_of_what_is_left(placed):
    buyer, order_id = placed
    with transaction(SYSTEM) as session:
        assert warn_due(session, after(20)) == 1
    extend(buyer, order_id, after(20))
    assert column("claim_warnings", order_id) == [after(34), after(42.4)]


def test_an_extended_order_lapses_at_its_new_deadline(placed, product):
    extend(placed[0], placed[1])
    assert steps.lapse(after(48)) == 1
    assert steps.available(product.id) == 10


def test_it_can_be_done_once(placed):
    buyer, order_id = placed
    extend(buyer, order_id)
    with pytest.raises(extending.AlreadyExtended):
        extend(buyer, order_id, after(1))
    assert column("claim_deadline", order_id) == after(48)


@pytest.mark.parametrize("hours", [24, 25])
def test_after_the_deadline_it_is_too_late_even_if_the_sweep_has_not_run(placed, hours):
    with pytest.raises(extending.TimeIsOver):
        extend(*placed, after(hours))
    assert steps.lapse(after(hours)) == 1
    with pytest.raises(OrderHasEnded, match="lapsed"):
        extend(*placed, after(hours))


def test_a_claimed_order_on_account_has_no_time_that_runs_out(placed):
    steps.claim(make_staff(), placed[1])
    with pytest.raises(extending.NothingToExtend):
        extend(*placed)


def test_an_order_that_never_lapses_needs_no_more_time(product):
    buyer = make_buyer(claim_hours=0)
    with pytest.raises(extending.NothingToExtend):
        extend(buyer, steps.order(buyer, {product.id: 1}))


def test_where_the_hours_mean_never_by_now_the_order_keeps_the_deadline_it_has(placed):
    change("update company set claim_hours = 0")
    with pytest.raises(extending.NothingToExtend):
        extend(*placed)
    assert column("claim_deadline", placed[1]) == after(24)


def test_the_partners_own_hours_count(product):
    buyer = make_buyer(claim_hours=Decimal("1.5"))
    assert extend(buyer, steps.order(buyer, {product.id: 1})) == after(3)


def test_both_clocks_of_a_waiting_order_that_is_paid_first_move_and_the_nearer_is_told(product):
    buyer = make_buyer(prepay=True, unpaid_hours=30)
    order_id = steps.order(buyer, {product.id: 1})
    assert extend(buyer, order_id) == after(48)
    assert (column("claim_deadline", order_id), column("pay_deadline", order_id)) == (after(48), after(60))
    assert column("pay_warnings", order_id) == [after(30), after(48)]


def test_of_a_claimed_order_only_the_time_to_pay_moves(product):
    buyer = make_buyer(prepay=True)
    order_id = steps.order(buyer, {product.id: 1})
    steps.claim(make_staff(), order_id, after(1))
    assert extend(buyer, order_id, after(30)) == after(96)
    assert column("claim_deadline", order_id) == after(24)
    assert steps.lapse(after(95)) == 0
    assert steps.lapse(after(96)) == 1


def test_a_paid_order_keeps_only_the_time_to_be_claimed(product):
    buyer = make_buyer(prepay=True)
    order_id = steps.order(buyer, {product.id: 1})
    change("update orders set paid_at = placed_at")
    assert extend(buyer, order_id) == after(48)
    assert column("pay_deadline", order_id) == after(48)
    steps.claim(make_staff(), order_id)


@pytest.mark.parametrize("came", [
    "insert into delivery (order_id, partner_id, number, at) select id, partner_id, 1, placed_at from orders",
    "update orders set invoiced_at = placed_at",
    "update orders set paid_at = placed_at",
])  # fmt: skip
def test_when_payment_is_no_longer_awaited_there_is_nothing_to_extend(product, came):
    buyer = make_buyer(prepay=True)
    order_id = steps.order(buyer, {product.id: 1})
    steps.claim(make_staff(), order_id)
    change(came)
    with pytest.raises(extending.NothingToExtend):
        extend(buyer, order_id)


def test_working_hours_are_counted_from_the_old_deadline(product):
    change("update company set working_clock = true")
    zone = ZoneInfo("Europe/Bucharest")
    buyer = make_buyer(claim_hours=2)
    friday = datetime(2026, 11, 27, 16, tzinfo=zone).astimezone(UTC)
    order_id = steps.order(buyer, {product.id: 1}, friday)
    # Friday one hour, the 30th of November and the 1st of December are holidays, Wednesday one hour; then two more.
    assert extend(buyer, order_id, friday) == datetime(2026, 12, 2, 12, tzinfo=zone)
    assert column("claim_warnings", order_id)[0] == datetime(2026, 12, 2, 10, tzinfo=zone)


def test_while_another_partner_waits_for_the_goods_there_is_no_more_time(placed, product):
    buyer, order_id = placed
    other = make_buyer()
    with transaction(other) as session:
        awaiting.wait_for(session, product.id, Decimal(8), steps.NOON)
    with pytest.raises(extending.OthersWait):
        extend(buyer, order_id)
    assert column("extended_at", order_id) is None
    with transaction(other) as session:
        awaiting.forget(session, product.id)
    assert extend(buyer, order_id) == after(48)


def test_while_another_partners_order_waits_for_the_goods_there_is_no_more_time():
    product = make_product(stock=10, backorder=True)
    buyer = make_buyer()
    order_id = steps.order(buyer, {product.id: 8})
    own = steps.order(buyer, {product.id: 5})
    assert extend(buyer, own) == after(48)
    steps.order(make_buyer(), {product.id: 1})
    with pytest.raises(extending.OthersWait):
        extend(buyer, order_id)


def test_of_goods_that_were_cancelled_nobody_waits_for_the_order(product):
    buyer, wanted = make_buyer(), make_product(stock=10)
    order_id = steps.order(buyer, {product.id: 4, wanted.id: 1})
    line = steps.scalar("select id from order_line where product_id = :id", id=wanted.id)
    with transaction(buyer) as session:
        cancel_part(session, order_id, {line: Decimal(1)}, "", steps.NOON)
    with transaction(make_buyer()) as session:
        awaiting.wait_for(session, wanted.id, Decimal(20), steps.NOON)
    assert extend(buyer, order_id) == after(48)


def test_another_partners_order_is_as_one_that_does_not_exist(placed):
    stranger = make_buyer()
    for order_id in (placed[1], 999_999):
        with pytest.raises(NotFound):
            extend(stranger, order_id)
    assert column("extended_at", placed[1]) is None


@pytest.mark.parametrize("role", ["admin", "sales", "warehouse"])
def test_staff_do_not_extend_for_the_partner(placed, role):
    with pytest.raises(NotAllowed):
        extend(make_staff(role=role), placed[1])


def test_the_accountant_and_a_viewer_do_not_extend(product):
    partner = make_partner()
    order_id = steps.order(principal_of(make_user(partner)), {product.id: 1})
    viewer = Principal("partner", make_staff().user_id, partner.id, role="viewer")
    for who in (principal_of(make_user(partner, role="accountant")), viewer):
        with pytest.raises(NotAllowed):
            extend(who, order_id)


def test_after_extending_the_transaction_is_behind_the_wall_again(placed):
    make_buyer()
    with transaction(placed[0]) as session:
        extending.extend(session, placed[1], steps.NOON)
        assert session.execute(text("select current_user")).scalar_one() == "rampa_partner"
        assert session.execute(text("select count(*) from partner")).scalar_one() == 1


def test_two_colleagues_who_extend_at_once_extend_once(product):
    partner = make_partner()
    people = [principal_of(make_user(partner)) for _ in range(5)]
    order_id = steps.order(people[0], {product.id: 1})
    results = at_once([lambda who=who: extend(who, order_id, after(1)) for who in people])
    assert results.count(after(48)) == 1
    assert sum(isinstance(r, extending.AlreadyExtended) for r in results) == 4
    assert column("claim_deadline", order_id) == after(48)
    assert steps.scalar("select count(*) from event where kind = 'order_extended'") == 1


def test_an_extension_in_the_last_minute_and_the_sweep_end_each_order_one_way(product):
    buyers = [make_buyer() for _ in range(6)]
    orders = [(buyer, steps.order(buyer, {product.id: 1})) for buyer in buyers]
    extensions = [lambda b=b, o=o: extend(b, o, after(23.99)) for b, o in orders]
    results = at_once([*extensions, lambda: steps.lapse(after(24)), lambda: steps.lapse(after(24))])
    extended = results[:6].count(after(48))
    assert extended + sum(results[6:]) == 6
    assert all(isinstance(r, OrderHasEnded) for r in results[:6] if r != after(48))
    assert steps.scalar("select count(*) from orders where (extended_at is null) = (status = 'placed')") == 0
    assert steps.available(product.id) == 10 - extended
    steps.assert_invariants()
