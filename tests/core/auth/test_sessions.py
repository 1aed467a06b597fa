"""Signed-in browsers: who a cookie stands for, and until when."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.auth import sessions, users
from core.auth.models import LoginSession, User
from core.auth.second_factor import new_setup
from core.company import change_company
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.partners.models import Partner
from core.permissions import may
from core.principal import SYSTEM, Principal, visitor
from tests.core.auth.conftest import NOW, events
from tests.core.auth.test_tickets import redeem, ticket_for
from tests.factories import make_partner, make_user, principal_of
from tests.threads import at_once

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def enter(user: User, as_of: datetime = NOW, address: str = "192.0.2.7", browser: str = "Firefox") -> str:
    with transaction(visitor(address)) as session:
        return sessions.open_session(session, user.id, as_of, browser)


def who(cookie: str, as_of: datetime = NOW, address: str = "") -> Principal | None:
    with transaction(SYSTEM) as session:
        return sessions.principal_of_cookie(session, cookie, as_of, address)


def last_seen() -> datetime:
    with transaction(SYSTEM) as session:
        return session.scalars(select(LoginSession.last_seen_at)).one()


def status_of(partner_id: int | None) -> str:
    with transaction(SYSTEM) as session:
        return session.get_one(Partner, partner_id).status


def set_status(user: User, status: str) -> None:
    with transaction(SYSTEM) as session:
        session.get_one(Partner, user.partner_id).status = status


def test_the_cookie_stands_for_its_user(buyer: User) -> None:
    principal = who(enter(buyer), address="192.0.2.9")
    assert principal is not None
    session_id = principal.session_id
    assert session_id
    assert principal == Principal(
        "partner", buyer.id, buyer.partner_id, buyer.name, buyer.email, "ro", "owner", session_id, "192.0.2.9"
    )


@pytest.mark.parametrize("cookie", ["", "guessed", "\x00", "ș" * 5000])
def test_a_guessed_cookie_stands_for_nobody(buyer: User, cookie: str) -> None:
    enter(buyer)
    assert who(cookie) is None


def test_every_login_has_an_id_of_its_own(buyer: User) -> None:
    one, other = enter(buyer), enter(buyer)
    assert one != other
    principals = [who(one), who(other)]
    assert len({principal.session_id for principal in principals if principal}) == 2


def test_a_session_ends_after_thirty_days_however_busy(buyer: User) -> None:
    cookie = enter(buyer)
    for day in range(1, 30):
        assert who(cookie, NOW + day * DAY) is not None
    assert who(cookie, NOW + 30 * DAY - MINUTE) is not None
    assert who(cookie, NOW + 30 * DAY) is None


def test_a_session_ends_after_three_days_without_use(buyer: User) -> None:
    cookie = enter(buyer)
    assert who(cookie, NOW + 2 * DAY) is not None
    assert who(cookie, NOW + 5 * DAY - MINUTE) is not None
    assert who(cookie, NOW + 8 * DAY - MINUTE) is None


def test_a_session_that_ended_does_not_come_back_to_life(buyer: User) -> None:
    cookie = enter(buyer)
    assert who(cookie, NOW + 3 * DAY) is None
    assert last_seen() == NOW


def test_when_it_was_last_used_is_written_at_most_once_a_minute(buyer: User) -> None:
    cookie = enter(buyer)
    seen = []
    for seconds in (1, 30, 59, 60, 61, 119, 120):
        who(cookie, NOW + timedelta(seconds=seconds))
        seen.append((last_seen() - NOW).total_seconds())
    assert seen == [0, 0, 0, 60, 60, 60, 120]


def test_ten_page_views_at_once_write_once(buyer: User) -> None:
    cookie = enter(buyer)
    with transaction(SYSTEM) as session:
        session.execute(text("create sequence written"))
        session.execute(text("""
            create function count_writes() returns trigger language plpgsql as
            $$ begin perform nextval('written'); return null; end $$"""))  # fmt: skip
        session.execute(
            text("""
            create trigger count_writes after update on login_session for each row execute function count_writes()""")
        )
    at_once([lambda: who(cookie, NOW + MINUTE)] * 10)
    with transaction(SYSTEM) as session:
        assert session.scalar(text("select nextval('written')")) == 2


def test_sessions_that_ended_by_themselves_go_with_the_next_login(buyer: User) -> None:
    other = make_user()
    enter(other)
    enter(buyer)
    enter(buyer, NOW + 4 * DAY)
    with transaction(SYSTEM) as session:
        assert len(session.scalars(select(LoginSession).where(LoginSession.user_id == buyer.id)).all()) == 1
        sessions.forget_expired(session, NOW + 4 * DAY)
        assert session.scalars(select(LoginSession.user_id)).all() == [buyer.id]


def test_logging_out_ends_all_sessions_of_the_user_and_nobody_elses(buyer: User) -> None:
    cookies = [enter(buyer), enter(buyer)]
    other = enter(make_user())
    ticket = ticket_for(buyer)
    with transaction(SYSTEM) as session:
        assert sessions.end_sessions(session, buyer.id, NOW) == 2
    assert [who(cookie) for cookie in cookies] == [None, None]
    assert redeem(ticket) is None
    assert who(other) is not None
    (event,) = events("user_signed_out")
    assert (event.user_id, event.data) == (buyer.id, {"user": buyer.id, "sessions": 2})


@pytest.mark.parametrize(
    "shut_out",
    [
        lambda session, user: users.set_password(session, user.id, "another password", NOW),
        lambda session, user: users.set_active(session, user.id, False, NOW),
    ],
    ids=["new password", "blocked"],
)
def test_a_new_password_or_a_block_ends_sessions_for_good(
    buyer: User, shut_out: Callable[[Session, User], None]
) -> None:
    cookie, ticket = enter(buyer), ticket_for(buyer)
    with transaction(SYSTEM) as session:
        shut_out(session, buyer)
    assert who(cookie) is None
    assert redeem(ticket) is None
    with transaction(SYSTEM) as session:
        users.set_active(session, buyer.id, True, NOW)
    assert who(cookie) is None


@pytest.mark.parametrize("status", ["closed", "proposed"])
def test_nobody_of_a_partner_that_may_not_enter_is_signed_in(buyer: User, status: str) -> None:
    cookie = enter(buyer)
    set_status(buyer, status)
    assert who(cookie) is None


@pytest.mark.parametrize("status", ["approved", "active", "on_hold"])
def test_people_of_a_partner_that_may_enter_are(database: str, status: str) -> None:
    assert who(enter(make_user(make_partner(status=status)))) is not None


def test_the_first_login_of_an_approved_partner_makes_it_active_once(database: str) -> None:
    partner = make_partner(status="approved")
    one, other = make_user(partner), make_user(partner)
    enter(one)
    enter(other)
    assert status_of(partner.id) == "active"
    (event,) = events("partner_status_changed")
    assert (event.user_id, event.partner_id) == (one.id, partner.id)
    assert event.data == {"old": "approved", "new": "active", "reason": ""}


@pytest.mark.parametrize("status", ["active", "on_hold"])
def test_a_login_changes_no_other_status(database: str, status: str) -> None:
    user = make_user(make_partner(status=status))
    enter(user)
    assert status_of(user.partner_id) == status
    assert events("partner_status_changed") == []


def test_a_role_counts_from_the_next_click(buyer: User) -> None:
    cookie = enter(buyer)
    with transaction(SYSTEM) as session:
        users.set_role(session, buyer.id, "accountant", NOW)
    principal = who(cookie)
    assert principal is not None
    assert principal.role == "accountant"


def test_who_needs_a_second_factor_and_has_none_may_only_set_it_up(staff: User) -> None:
    cookie = enter(staff)
    with transaction(SYSTEM) as session:
        change_company(session, two_factor_roles=["admin"])
    principal = who(cookie)
    assert principal is not None
    assert principal.enrolling
    assert may(principal, "account.own")
    assert not may(principal, "orders.see", "settings.edit")
    with transaction(principal, wall=False) as session:
        assert new_setup(session, "").secret
        with pytest.raises(NotAllowed):
            change_company(session, name="Somebody else's")
    with transaction(SYSTEM) as session:
        session.get_one(User, staff.id).totp_secret = "some secret"
    principal = who(cookie)
    assert principal is not None
    assert not principal.enrolling


def own_sessions(principal: Principal, as_of: datetime = NOW) -> list[sessions.OwnSession]:
    with transaction(principal, wall=False) as session:
        return sessions.own_sessions(session, as_of)


def test_people_see_their_own_sessions_the_last_used_first(buyer: User) -> None:
    old = enter(buyer, NOW - DAY, "192.0.2.1", "x" * 1000)
    enter(buyer, NOW - 4 * DAY, "192.0.2.2")
    enter(make_user())
    enter(buyer, NOW, "192.0.2.3", "Safari")
    who(old, NOW + MINUTE)
    seen = own_sessions(principal_of(buyer), NOW + MINUTE)
    assert [(row.address, row.browser) for row in seen] == [("192.0.2.1", "x" * 300), ("192.0.2.3", "Safari")]
    assert (seen[0].created_at, seen[0].last_seen_at) == (NOW - DAY, NOW + MINUTE)


def test_people_end_one_of_their_sessions_and_keep_the_others(buyer: User) -> None:
    one, other = enter(buyer), enter(buyer)
    ended = who(one)
    assert ended is not None
    with transaction(principal_of(buyer), wall=False) as session:
        sessions.end_own_session(session, ended.session_id or 0, NOW)
    assert who(one) is None
    assert who(other) is not None
    assert [event.data["sessions"] for event in events("user_signed_out")] == [1]


def test_nobody_ends_somebody_elses_session(buyer: User) -> None:
    cookie = enter(buyer)
    owner = who(cookie)
    assert owner is not None
    colleague = make_user(make_partner())
    for stranger in (principal_of(colleague), principal_of(make_user())):
        with transaction(stranger, wall=False) as session, pytest.raises(NotFound):
            sessions.end_own_session(session, owner.session_id or 0, NOW)
    assert who(cookie) is not None
