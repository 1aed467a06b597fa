"""Staff who order for a partner: at its prices, within its limits, in their own name, and nothing beyond that."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from core.auth import account, users, viewing
from core.auth.models import User
from core.auth.viewing import start_ordering, start_viewing, stop_viewing
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders import approving, cancelling, cart, lifecycle
from core.orders.limits import OverLimits
from core.orders.placing import PartnerMayNotOrder
from core.orders.queries import order_detail, orders_page
from core.orders.searching import Filters, search_page
from core.permissions import AGENT, PERMISSIONS, STAFF_ROLES
from core.principal import SYSTEM, Principal
from tests.core.auth.conftest import NOW, events
from tests.core.auth.test_sessions import enter, who
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_user, set_own_price

SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def cookie(staff: User) -> str:
    return enter(staff)


@pytest.fixture
def owner(database: str) -> Principal:
    """The owner of a partner with 10 % off."""
    return make_buyer(name="Electro SRL", discount=Decimal(10))


@pytest.fixture
def agent(cookie: str, owner: Principal) -> Principal:
    return order_for(cookie, owner)


def order_for(cookie: str, owner: Principal, reason: str = "by telephone") -> Principal:
    """Step in for the owner's partner; who is there at the next click."""
    with transaction(there(cookie, NOW)) as session:
        start_ordering(session, owner.partner_id or 0, reason, NOW)
    return there(cookie, SOON)


def step_out(agent: Principal) -> None:
    with transaction(SYSTEM) as session:
        stop_viewing(session, agent, SOON)


def there(cookie: str, as_of: Any = SOON) -> Principal:
    found = who(cookie, as_of)
    assert found is not None
    return found


def test_the_session_becomes_an_agents_at_the_partner(staff: User, cookie: str, agent: Principal) -> None:
    assert (agent.kind, agent.role, agent.viewing, agent.in_place) == ("partner", "agent", False, True)
    assert (agent.user_id, agent.name, agent.email) == (staff.id, staff.name, staff.email)
    assert (agent.session_id, agent.viewing_until) == (there(cookie).session_id, NOW + timedelta(minutes=30))


def test_an_order_is_placed_at_the_partners_prices_in_the_name_of_the_member_of_staff(
    staff: User, agent: Principal, owner: Principal
) -> None:
    own, other = make_product(stock=10), make_product(stock=10, list_price=Decimal(100))
    set_own_price(owner.partner_id or 0, own.id, "5")
    order_id = steps.order(agent, {own.id: 2, other.id: 1})
    with transaction(SYSTEM) as session:
        found = order_detail(session, order_id)
    assert (found.order.partner_id, found.order.ordered_by) == (owner.partner_id, staff.name)
    assert [line.unit_price for line in found.lines] == [5, 90]
    assert found.order.gross == Decimal("121.00")
    (event,) = events("order_placed")
    assert (event.user_id, event.partner_id, event.order_id) == (staff.id, owner.partner_id, order_id)
    assert steps.available(own.id) == 8
    steps.assert_invariants()


def test_the_partners_people_find_the_order_among_theirs_and_may_cancel_it(agent: Principal, owner: Principal) -> None:
    product = make_product(stock=10)
    order_id = steps.order(agent, {product.id: 2})
    with transaction(owner) as session:
        rows, total = orders_page(session)
        found = order_detail(session, order_id)
    assert ([row.id for row in rows], total) == ([order_id], 1)
    assert (found.order.placed_by_staff, found.order.ordered_by) == (True, agent.name)
    assert len(found.lines) == 1
    steps.cancel(owner, order_id)
    assert steps.available(product.id) == 10
    steps.assert_invariants()


def test_two_members_of_staff_see_each_others_orders_for_the_partner(agent: Principal, owner: Principal) -> None:
    first = steps.order(agent, {make_product(stock=1).id: 1})
    colleague = order_for(enter(make_user(role="sales")), owner)
    with transaction(colleague) as session:
        rows, _ = orders_page(session)
        assert order_detail(session, first).order.ordered_by == agent.name
    assert [row.id for row in rows] == [first]


def test_the_partners_limits_hold_for_who_orders_for_it(agent: Principal, owner: Principal) -> None:
    product = make_product(stock=10, list_price=Decimal(100))
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set max_order = 100"))
    with pytest.raises(OverLimits) as refusal:
        steps.order(agent, {product.id: 1})
    assert [limit.kind for limit in refusal.value.limits] == ["max_order"]
    assert steps.available(product.id) == 10


def test_for_a_partner_on_hold_nothing_can_be_ordered(agent: Principal) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set status = 'on_hold'"))
    with pytest.raises(PartnerMayNotOrder):
        steps.order(agent, {make_product(stock=1).id: 1})


def test_the_limit_of_a_buyer_does_not_hold_for_staff(agent: Principal, owner: Principal) -> None:
    make_user(make_partner(), role="buyer", spending_limit=Decimal(1))
    assert steps.order(agent, {make_product(stock=10, list_price=Decimal(100)).id: 10})


def test_two_partners_one_after_the_other_have_a_cart_each(cookie: str, agent: Principal, owner: Principal) -> None:
    product, second_partner = make_product(stock=10), make_buyer()
    steps.fill(agent, {product.id: 3})
    step_out(agent)
    second = order_for(cookie, second_partner)
    assert in_cart(second) == []
    steps.fill(second, {product.id: 7})
    step_out(second)
    first = order_for(cookie, owner)
    assert in_cart(first) == [3]
    assert in_cart(owner) == []
    step_out(first)
    order_id = steps.order(order_for(cookie, second_partner), {})
    assert steps.scalar("select partner_id from orders where id = :id", id=order_id) == second_partner.partner_id


def in_cart(whose: Principal) -> list[Decimal]:
    with transaction(whose) as session:
        return [item.quantity for item in cart.view_cart(session, NOW).items]


def test_a_cart_of_one_partner_cannot_be_placed_for_another(cookie: str, agent: Principal) -> None:
    token = steps.fill(agent, {make_product(stock=10).id: 3})
    step_out(agent)
    other = order_for(cookie, make_buyer())
    with pytest.raises(steps.placing.CartChanged):
        steps.place(other, token)


def test_an_agent_sees_nothing_of_other_partners(agent: Principal, owner: Principal) -> None:
    stranger = make_buyer()
    theirs = steps.order(stranger, {make_product(stock=1).id: 1})
    with transaction(agent) as session:
        assert orders_page(session) == ([], 0)
        with pytest.raises(NotFound):
            order_detail(session, theirs)
        assert session.execute(text("select id from partner")).scalars().all() == [agent.partner_id]
        people = session.execute(text("select id from app_user")).scalars().all()
        assert sorted(people) == sorted([agent.user_id, owner.user_id])
        for table in ("orders", "order_line", "stock_hold", "event", "cart"):
            foreign = text(f"select count(*) from {table} where partner_id <> :own")
            assert session.execute(foreign, {"own": agent.partner_id}).scalar_one() == 0, table
        assert search_page(session, Filters(), SOON).total == 1


FORBIDDEN: dict[str, Callable[[Any, int], object]] = {
    "cancel": lambda session, order: cancelling.cancel(session, order, "why", NOW),
    "claim": lambda session, order: lifecycle.claim(session, order, NOW),
    "look": lambda session, order: start_viewing(session, 1, "why", NOW),
    "order for another": lambda session, order: start_ordering(session, 1, "", NOW),
    "approve": lambda session, order: approving.waiting_carts(session, NOW),
    "language": lambda session, order: account.set_language(session, "ro"),
    "colleagues": lambda session, order: users.create_user(session, "x@y.example", "X", "buyer", NOW, partner_id=1),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_an_agent_may_not_do_more_than_order(agent: Principal, name: str) -> None:
    order_id = steps.order(agent, {make_product(stock=1).id: 1})
    with transaction(agent) as session, pytest.raises(NotAllowed):
        FORBIDDEN[name](session, order_id)


def test_the_table_gives_an_agent_the_catalogue_the_orders_and_placing_them() -> None:
    assert {action for action, roles in PERMISSIONS.items() if AGENT in roles} == {
        "catalog.see", "orders.see", "orders.place",
    }  # fmt: skip


WRITES = {
    "an order in the owner's name": """
        insert into orders (partner_id, user_id, cart_token, placed_at, net, vat, gross)
        values (:partner, :owner, gen_random_uuid(), now(), 1, 0, 1)""",
    "an order that is claimed": """
        insert into orders (partner_id, user_id, cart_token, placed_at, net, vat, gross, status)
        values (:partner, :me, gen_random_uuid(), now(), 1, 0, 1, 'claimed')""",
    "the owner's cart": "insert into cart (user_id, partner_id) values (:owner, :partner)",
    "a cart at another partner": "insert into cart (user_id, partner_id) values (:me, :other)",
    "the own role": "update app_user set role = 'admin' where id = :me",
    "the own session": "update login_session set viewing_partner_id = :other",
}


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES.keys())
def test_postgresql_keeps_an_agent_to_its_partner_and_its_name(
    agent: Principal, owner: Principal, statement: str
) -> None:
    params = {"partner": agent.partner_id, "owner": owner.user_id, "me": agent.user_id, "other": make_partner().id}
    with pytest.raises((ProgrammingError, IntegrityError)), transaction(agent) as session:
        session.execute(text(statement), params)


def test_the_way_back_ends_it_at_once_and_both_are_recorded(staff: User, cookie: str, agent: Principal) -> None:
    step_out(agent)
    step_out(agent)
    assert (there(cookie).kind, there(cookie).role) == ("staff", "admin")
    found = events("ordering_for_started", "ordering_for_ended", "partner_viewed", "partner_view_ended")
    assert [(event.kind, event.user_id, event.partner_id) for event in found] == [
        ("ordering_for_started", staff.id, agent.partner_id),
        ("ordering_for_ended", staff.id, agent.partner_id),
    ]
    assert found[0].data == {"reason": "by telephone"}


def test_a_reason_need_not_be_given(cookie: str, owner: Principal) -> None:
    assert order_for(cookie, owner, " \x00").role == "agent"
    assert events("ordering_for_started")[0].data == {"reason": ""}


def test_it_ends_by_itself_after_half_an_hour(cookie: str, agent: Principal) -> None:
    assert there(cookie, NOW + timedelta(minutes=30, seconds=-1)).role == "agent"
    assert there(cookie, NOW + timedelta(minutes=30)).role == "admin"


def test_looking_after_ordering_is_only_looking(cookie: str, agent: Principal, owner: Principal) -> None:
    step_out(agent)
    with transaction(there(cookie)) as session:
        start_viewing(session, owner.partner_id or 0, "why", NOW)
    assert there(cookie).viewing
    with transaction(there(cookie)) as session, pytest.raises(NotAllowed):
        cart.view_cart(session, NOW)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_admin_and_sales_order_for_partners(owner: Principal, role: str) -> None:
    cookie = enter(make_user(role=role))
    if role in ("admin", "sales"):
        assert order_for(cookie, owner).role == "agent"
    else:
        with pytest.raises(NotAllowed):
            order_for(cookie, owner)


def test_who_may_not_any_more_stops_at_the_next_click(staff: User, cookie: str, agent: Principal) -> None:
    with transaction(SYSTEM) as session:
        users.set_role(session, staff.id, "warehouse", NOW)
    assert (there(cookie).kind, there(cookie).role) == ("staff", "warehouse")


def test_who_is_blocked_is_out_at_the_next_click(staff: User, cookie: str, agent: Principal) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text("update app_user set active = false where id = :id"), {"id": staff.id})
    assert who(cookie, SOON) is None


@pytest.mark.parametrize("status", ["proposed", "closed"])
def test_nobody_orders_for_a_partner_that_cannot_log_in_itself(cookie: str, agent: Principal, status: str) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set status = :status"), {"status": status})
    assert there(cookie).kind == "staff"
    with transaction(there(cookie)) as session, pytest.raises(NotFound):
        viewing.start_ordering(session, agent.partner_id or 0, "", NOW)


def test_an_absent_partner_and_a_partners_own_people_are_refused(cookie: str, owner: Principal) -> None:
    with transaction(there(cookie)) as session, pytest.raises(NotFound):
        start_ordering(session, 999_999, "", NOW)
    with transaction(owner) as session, pytest.raises(NotAllowed):
        start_ordering(session, owner.partner_id or 0, "", NOW)
