"""Ways around a limit, none of which leads anywhere."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.catalog.models import Product
from core.db import transaction
from core.orders import cart, limits, placing
from core.orders.limits import OverLimits
from core.orders.placing import CartChanged, Placed
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.core.orders.limits.steps import (
    cancel_pieces,
    goods,
    passed,
    rule,
    second_while_the_first_is_not_committed,
    two_of_one_partner,
    words,
)
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("kind", ["max_open_orders", "max_open_value", "credit_limit", "max_per_period"])
def test_of_six_orders_at_once_by_two_users_in_three_tabs_each_only_the_limit_gets_through(kind: str) -> None:
    one, two = two_of_one_partner()
    product = goods()
    rule(**{kind: {"max_open_orders": 1, "max_per_period": 7}.get(kind, 700)})
    tokens = [(who, steps.fill(who, {product: 5})) for who in (one, two)] * 3
    results = at_once([lambda who=who, token=token: steps.place(who, token) for who, token in tokens])
    placed = {result.order_id for result in results if isinstance(result, Placed)}
    assert len(placed) == 1
    assert all(isinstance(result, (Placed, OverLimits)) for result in results)
    assert steps.scalar("select count(*) from orders") == 1
    steps.assert_invariants()


def test_the_second_of_two_users_waits_for_the_first_and_is_refused() -> None:
    waited, outcome = second_while_the_first_is_not_committed()
    assert waited
    assert isinstance(outcome, OverLimits)
    assert steps.scalar("select sum(gross) from orders") == 500


def test_without_the_partners_lock_both_get_through() -> None:
    """The negative control of the one above: the same two orders, and nothing that keeps them apart."""
    with transaction(SYSTEM) as session:
        source = session.execute(text("select pg_get_functiondef('lock_cart_partner'::regproc)")).scalar_one()
        lock = "perform from partner where id = (select partner_id from cart where id = cart_of) for no key update;"
        assert lock in source
        session.execute(text(source.replace(lock, "").replace(":", "\\:")))
    waited, outcome = second_while_the_first_is_not_committed()
    assert not waited
    assert isinstance(outcome, Placed)
    assert steps.scalar("select sum(gross) from orders") == 1_000


def test_a_lapsed_or_cancelled_order_frees_its_share_and_placing_again_is_measured_anew() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_open_value=500, max_per_period=5, max_open_orders=1, credit_limit=500)
    first = steps.order(buyer, {product: 5})
    assert len(passed(buyer, {product: 1})) == 4
    steps.cancel(buyer, first)
    second = steps.order(buyer, {product: 5})
    later = NOON + timedelta(days=2)
    assert steps.lapse(later) == 1
    third = steps.order(buyer, {product: 5}, later)
    assert len(passed(buyer, {product: 1}, later)) == 4
    assert len({first, second, third}) == 3


def test_an_order_that_comes_back_is_measured_without_what_it_was_itself() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_open_value=500, max_per_period=5, max_open_orders=1, credit_limit=500)
    order_id = steps.order(buyer, {product: 5})

    def require(gross: int, pieces: int, of: int) -> None:
        with transaction(SYSTEM) as session:
            limits.lock_partner(session, buyer.partner_id)
            given = Decimal(gross), {product: Decimal(pieces)}
            limits.require_within(session, buyer.partner_id, *given, NOON, order_id=of)

    require(500, 5, order_id)
    with pytest.raises(OverLimits) as refusal:
        require(600, 6, order_id)
    assert {limit.kind for limit in refusal.value.limits} == {"max_open_value", "max_per_period", "credit_limit"}
    with pytest.raises(OverLimits) as refusal:
        require(100, 1, 0)
    assert len(refusal.value.limits) == 4


def test_cancelling_a_part_frees_its_share_and_no_more() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_open_value=500, max_per_period=5, credit_limit=500)
    cancel_pieces(buyer, steps.order(buyer, {product: 5}), 2)
    assert passed(buyer, {product: 3})["max_per_period"].used == 3
    steps.order(buyer, {product: 2})


def test_a_partner_cannot_order_much_and_cancel_down_below_the_least_value() -> None:
    buyer, product = make_buyer(), goods()
    rule(min_order=300)
    order_id = steps.order(buyer, {product: 5})
    with pytest.raises(OverLimits, match="outside the limits") as refusal:
        cancel_pieces(buyer, order_id, 3)
    assert words(refusal.value.limits[0]).endswith("is 300.00 RON.")
    assert steps.scalar("select gross from orders") == 500
    cancel_pieces(buyer, order_id, 2)
    assert steps.scalar("select gross from orders") == 300
    steps.assert_invariants()


def test_staff_who_order_for_a_partner_have_a_cart_of_their_own_and_the_partners_limits() -> None:
    buyer, product = make_buyer(discount=Decimal(10)), goods()
    seller = make_staff(role="sales", name="Vlad Pârvu")
    agent = Principal("partner", seller.user_id, buyer.partner_id, seller.name, role="agent")
    rule(buyer, max_open_value=1_000, min_order=200)
    steps.fill(buyer, {product: 7})
    assert set(passed(agent, {product: 2})) == {"min_order"}
    order_id = steps.order(agent, {product: 5})
    assert steps.scalar("select gross from orders") == 450
    assert steps.scalar("select user_id from orders") == seller.user_id
    assert steps.scalar("select user_id from event where order_id = :id", id=order_id) == seller.user_id
    with transaction(buyer) as session:
        assert [item.quantity for item in cart.view_cart(session, NOON).items] == [7]
    assert passed(buyer, {product: 7})["max_open_value"].over == Decimal(80)
    assert passed(agent, {product: 7})["max_open_value"].used == 450
    steps.assert_invariants()


def test_an_agent_of_two_partners_has_a_cart_for_each() -> None:
    one, two, product = make_buyer(), make_buyer(), goods()
    seller = make_staff(role="sales")
    agents = [Principal("partner", seller.user_id, who.partner_id, role="agent") for who in (one, two)]
    tokens = [steps.fill(agent, {product: pieces}) for agent, pieces in zip(agents, (3, 4), strict=True)]
    with pytest.raises(CartChanged):
        steps.place(agents[0], tokens[1])
    for agent, token in zip(agents, tokens, strict=True):
        steps.place(agent, token)
    assert steps.scalar("select string_agg(gross::text, ' ' order by gross) from orders") == "300.00 400.00"


def test_a_price_that_rose_between_cart_and_placing_is_measured_as_it_is_now() -> None:
    buyer, product = make_buyer(), goods(100)
    rule(max_order=500)
    token = steps.fill(buyer, {product: 5})
    with transaction(buyer) as session:
        shown = cart.view_cart(session, NOON)
    assert shown.exceeded == []
    with transaction(SYSTEM) as session:
        session.get_one(Product, product).list_price = Decimal(101)
    with pytest.raises(CartChanged), transaction(buyer) as session:
        placing.place(session, token, NOON, shown_total=shown.totals.gross)
    with transaction(buyer) as session:
        assert [limit.over for limit in cart.view_cart(session, NOON).exceeded] == [Decimal(5)]
    with pytest.raises(OverLimits), transaction(buyer) as session:
        placing.place(session, token, NOON, shown_total=Decimal(505))


def test_an_owners_approval_lets_a_buyer_pass_the_spending_limit_and_no_limit_of_the_partner() -> None:
    owner, buyer = two_of_one_partner(spending_limit=Decimal(100))
    token = steps.fill(buyer, {goods(): 5})
    steps.ask(buyer, token)
    rule(max_order=400)
    with pytest.raises(OverLimits):
        steps.approve(owner, steps.waiting(owner)[0])
    rule(max_order=500)
    steps.approve(owner, steps.waiting(owner)[0])


def test_how_far_the_limits_are_used_is_told_without_an_order() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_open_orders=3, max_open_value=900, credit_limit=1_000, overdue_block=5, max_order=7, min_order=6)
    with transaction(SYSTEM) as session:
        session.execute(text("update company set max_order = 0, min_order = 0"))
    steps.order(buyer, {product: 4})
    with transaction(make_staff()) as session:
        found = limits.standing(session, buyer.partner_id, NOON)
    assert {limit.kind: (limit.used, limit.most) for limit in found} == {
        "max_open_orders": (1, 3), "max_open_value": (400, 900), "credit_limit": (400, 1_000), "overdue_block": (0, 5),
    }  # fmt: skip
