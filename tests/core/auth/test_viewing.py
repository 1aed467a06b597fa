"""Staff who look at the portal as a partner: they see what it sees, and PostgreSQL lets them change nothing."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import text
from sqlalchemy.exc import InternalError, ProgrammingError

from core.auth import users, viewing
from core.auth.models import User
from core.auth.viewing import ReasonMissing, start_viewing, stop_viewing
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders import cart, filling
from core.orders.queries import orders_page
from core.orders.searching import Filters, search_page
from core.permissions import PERMISSIONS, STAFF_ROLES
from core.principal import SYSTEM, Principal
from tests.core.auth.conftest import NOW, events
from tests.core.auth.test_sessions import enter, who
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_user, set_own_price

SOON = NOW + timedelta(minutes=1)


def look(cookie: str, partner_id: int, reason: str = "They called: prices look wrong") -> None:
    me = who(cookie)
    assert me is not None
    with transaction(me) as session:
        start_viewing(session, partner_id, reason, NOW)


@pytest.fixture
def cookie(staff: User) -> str:
    return enter(staff)


@pytest.fixture
def partner(database: str) -> Principal:
    """The owner of a partner with an own price and an order."""
    buyer, product = make_buyer(), make_product(stock=10)
    set_own_price(buyer.partner_id or 0, product.id, "5")
    steps.order(buyer, {product.id: 1})
    return buyer


@pytest.fixture
def viewer(cookie: str, partner: Principal) -> Principal:
    look(cookie, partner.partner_id or 0)
    found = who(cookie, SOON)
    assert found is not None
    return found


def test_the_session_becomes_a_viewers_at_the_partner(staff: User, cookie: str, partner: Principal) -> None:
    before = who(cookie)
    look(cookie, partner.partner_id or 0)
    viewer = who(cookie, SOON)
    assert before is not None
    assert viewer is not None
    assert (viewer.kind, viewer.role, viewer.viewing) == ("partner", "viewer", True)
    assert (viewer.user_id, viewer.partner_id) == (staff.id, partner.partner_id)
    assert (viewer.session_id, viewer.viewing_until) == (before.session_id, NOW + timedelta(minutes=30))


def test_a_viewer_sees_the_partners_prices_and_orders_and_nobody_elses(viewer: Principal) -> None:
    stranger = make_buyer()
    steps.order(stranger, {make_product(stock=1).id: 1})
    with transaction(viewer) as session:
        page = search_page(session, Filters(), SOON)
        orders, _ = orders_page(session)
        assert session.execute(text("select distinct partner_id from orders")).scalars().all() == [viewer.partner_id]
    assert page.total == 2
    assert Decimal(5) in [row.unit_price for row in page.rows]
    assert [order.partner_id for order in orders] == [viewer.partner_id]


def test_the_view_ends_by_itself_after_half_an_hour(cookie: str, viewer: Principal) -> None:
    last = who(cookie, NOW + timedelta(minutes=30, seconds=-1))
    after = who(cookie, NOW + timedelta(minutes=30))
    assert last is not None
    assert after is not None
    assert (last.role, after.role) == ("viewer", "admin")
    assert (after.kind, after.partner_id, after.viewing_until) == ("staff", None, None)


def test_the_view_ends_when_the_member_of_staff_may_not_look_any_more(
    staff: User, cookie: str, viewer: Principal
) -> None:
    with transaction(SYSTEM) as session:
        users.set_role(session, staff.id, "warehouse", NOW)
    after = who(cookie, SOON)
    assert after is not None
    assert (after.kind, after.role) == ("staff", "warehouse")


def test_the_view_ends_when_the_partner_may_not_log_in_any_more(cookie: str, viewer: Principal) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set status = 'closed'"))
    found = who(cookie)
    assert found is not None
    assert found.kind == "staff"


def test_the_way_back_ends_it_at_once_and_both_are_recorded(staff: User, cookie: str, viewer: Principal) -> None:
    for _ in range(2):
        with transaction(SYSTEM) as session:
            stop_viewing(session, viewer, SOON)
    after = who(cookie, SOON)
    assert after is not None
    assert after.role == "admin"
    found = [(event.kind, event.user_id, event.partner_id) for event in events("partner_viewed", "partner_view_ended")]
    assert found == [
        ("partner_viewed", staff.id, viewer.partner_id),
        ("partner_view_ended", staff.id, viewer.partner_id),
    ]
    assert events("partner_viewed")[0].data == {"reason": "They called: prices look wrong"}


def test_another_session_of_the_same_person_goes_on_as_before(staff: User, cookie: str, partner: Principal) -> None:
    other = enter(staff)
    look(cookie, partner.partner_id or 0)
    found = who(other, SOON)
    assert found is not None
    assert found.role == "admin"


@pytest.mark.parametrize("reason", ["", "  ", "\x00"])
def test_one_has_to_say_why(cookie: str, partner: Principal, reason: str) -> None:
    with pytest.raises(ReasonMissing):
        look(cookie, partner.partner_id or 0, reason)
    assert events("partner_viewed") == []


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_admin_and_sales_may_look(partner: Principal, role: str) -> None:
    cookie = enter(make_user(role=role))
    if role in ("admin", "sales"):
        look(cookie, partner.partner_id or 0)
    else:
        with pytest.raises(NotAllowed):
            look(cookie, partner.partner_id or 0)
    assert len(events("partner_viewed")) == (role in ("admin", "sales"))


def test_a_viewer_cannot_go_on_to_another_partner(viewer: Principal) -> None:
    with transaction(viewer) as session, pytest.raises(NotAllowed):
        start_viewing(session, viewer.partner_id or 0, "further", SOON)


def test_partners_look_at_nobody(partner: Principal) -> None:
    with transaction(partner) as session, pytest.raises(NotAllowed):
        start_viewing(session, partner.partner_id or 0, "curious", NOW)


@pytest.mark.parametrize("status", ["proposed", "closed"])
def test_a_partner_that_cannot_log_in_itself_cannot_be_looked_at(cookie: str, status: str) -> None:
    with pytest.raises(NotFound):
        look(cookie, make_partner(status=status).id)


def test_an_absent_partner_cannot_be_looked_at(cookie: str) -> None:
    with pytest.raises(NotFound):
        look(cookie, 999)


# The wall behind the functions: what the code forgets to refuse, PostgreSQL refuses.

WRITES = {
    "update": "update orders set status = 'cancelled'",
    "insert": "insert into cart (user_id, partner_id) values (:me, :partner)",
    "delete": "delete from cart_line",
    "lock": "select from orders for update",
    "people": "update app_user set name = 'x'",
    "sessions": "update login_session set expires_at = now()",
    "table": "create table mine (id int)",
}


@pytest.mark.parametrize("wall", [True, False], ids=["as the partner's role", "outside the wall"])
@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES.keys())
def test_postgresql_refuses_whatever_a_viewer_writes(viewer: Principal, statement: str, wall: bool) -> None:
    params = {"me": viewer.user_id, "partner": viewer.partner_id}
    with pytest.raises((InternalError, ProgrammingError)) as refused, transaction(viewer, wall=wall) as session:
        session.execute(text(statement), params)
    if not wall:
        assert isinstance(refused.value.orig, ReadOnlySqlTransaction)


@pytest.mark.parametrize("way_out", ["set transaction read write", "set transaction_read_only = off"])
def test_a_viewers_transaction_cannot_be_made_writable(viewer: Principal, way_out: str) -> None:
    with pytest.raises(InternalError), transaction(viewer, wall=False) as session:
        session.execute(text(way_out))


def test_a_function_that_forgets_to_ask_changes_nothing(
    viewer: Principal, partner: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if somebody had given viewers the right to order by mistake."""
    monkeypatch.setitem(PERMISSIONS, "orders.place", PERMISSIONS["orders.place"] | {"viewer"})
    with pytest.raises(InternalError) as refused, transaction(viewer) as session:
        filling.set_quantities(session, {1: Decimal(1)})
    assert isinstance(refused.value.orig, ReadOnlySqlTransaction)


def test_the_next_transaction_of_the_connection_can_write_again(viewer: Principal) -> None:
    with transaction(viewer) as session:
        session.execute(text("select 1"))
    with transaction(SYSTEM) as session:
        session.execute(text("update company set name = 'Depozitul'"))


CHANGES: dict[str, Callable[[Any], object]] = {
    "set_quantities": lambda session: filling.set_quantities(session, {1: Decimal(1)}),
    "view_cart": lambda session: cart.view_cart(session, NOW),
    "start_viewing": lambda session: viewing.start_viewing(session, 1, "why", NOW),
    "invite": lambda session: users.invite(session, 999_999, NOW),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_functions_themselves_refuse_a_viewer_in_words(viewer: Principal, change: str) -> None:
    with transaction(viewer, wall=change != "invite") as session, pytest.raises((NotAllowed, NotFound)):
        CHANGES[change](session)
