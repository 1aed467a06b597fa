import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from core.auth import sessions
from core.auth.models import LoginSession, LoginTicket, User
from core.auth.users import change_password, set_active
from core.db import transaction
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.auth.conftest import NOW, somebody_waits
from tests.factories import make_user

BROWSER = "the pre cookie"


def ticket_for(user: User, next_path: str = "/orders", as_of: datetime = NOW) -> str:
    with transaction(SYSTEM) as session:
        return sessions.issue_ticket(session, user.id, BROWSER, next_path, as_of)


def redeem(ticket: str, browser: str = BROWSER, as_of: datetime = NOW) -> sessions.Redeemed | None:
    with transaction(SYSTEM) as session:
        return sessions.redeem_ticket(session, ticket, browser, as_of)


def enter(user: User, as_of: datetime = NOW) -> str:
    with transaction(SYSTEM) as session:
        return sessions.open_session(session, user.id, as_of)


def who(cookie: str, as_of: datetime = NOW) -> Principal | None:
    with transaction(SYSTEM) as session:
        return sessions.principal_of_cookie(session, cookie, as_of)


def test_a_ticket_leads_its_user_to_the_page_they_asked_for(buyer: User) -> None:
    assert redeem(ticket_for(buyer, "/orders?page=2")) == (buyer.id, "/orders?page=2")


def test_a_ticket_is_redeemed_once_by_eight_threads(buyer: User) -> None:
    ticket = ticket_for(buyer)
    barrier = threading.Barrier(8)

    def redeem_at_once(_number: int) -> sessions.Redeemed | None:
        barrier.wait()
        return redeem(ticket)

    with ThreadPoolExecutor(8) as threads:
        redeemed = [result for result in threads.map(redeem_at_once, range(8)) if result]
    assert redeemed == [(buyer.id, "/orders")]


@pytest.mark.parametrize("browser", ["another browser", ""])
def test_a_ticket_of_another_browser_is_refused_and_still_good_in_its_own(buyer: User, browser: str) -> None:
    ticket = ticket_for(buyer)
    assert redeem(ticket, browser) is None
    assert redeem(ticket) is not None


def test_a_ticket_lives_thirty_seconds(buyer: User) -> None:
    assert redeem(ticket_for(buyer), as_of=NOW + timedelta(seconds=29)) is not None
    assert redeem(ticket_for(buyer), as_of=NOW + timedelta(seconds=30)) is None


def test_a_browser_without_cookies_gets_no_ticket(buyer: User) -> None:
    with transaction(SYSTEM) as session, pytest.raises(sessions.NoCookies):
        sessions.issue_ticket(session, buyer.id, "", "/", NOW)


def test_old_tickets_are_swept_when_a_new_one_is_issued(buyer: User) -> None:
    ticket_for(buyer)
    ticket_for(buyer, as_of=NOW + timedelta(minutes=1))
    with transaction(SYSTEM) as session:
        assert len(session.scalars(select(LoginTicket)).all()) == 1


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "/\t/evil.example", "evil", ""]
)
def test_a_ticket_never_leads_to_another_site(buyer: User, path: str) -> None:
    assert redeem(ticket_for(buyer, path)) == (buyer.id, "/")


@pytest.mark.parametrize(
    "path",
    [
        "/auth/signed-out",
        "/auth/session?t=x",
        "/auth",
        "/%61uth/signed-out",
        "/./auth/signed-out",
        "/orders/%2E%2e/auth/x",
        "/auth/signed-out#x",
    ],
)
def test_a_ticket_never_leads_to_the_routes_of_the_login(buyer: User, path: str) -> None:
    assert redeem(ticket_for(buyer, path)) == (buyer.id, "/")


@pytest.mark.parametrize("path", ["/authors", "/orders/auth/x", "/catalog?q=/auth/signed-out", "/documents/1.pdf"])
def test_a_ticket_leads_to_any_page(buyer: User, path: str) -> None:
    assert redeem(ticket_for(buyer, path)) == (buyer.id, path)


def test_a_new_password_at_the_moment_of_entering_ends_the_ticket(buyer: User) -> None:
    ticket = ticket_for(buyer)

    def enter_with_ticket() -> bool:
        with transaction(SYSTEM) as session:
            redeemed = sessions.redeem_ticket(session, ticket, BROWSER, NOW)
            return redeemed is not None and bool(sessions.open_session(session, redeemed.user_id, NOW))

    with ThreadPoolExecutor(1) as threads:
        with transaction(SYSTEM) as session:
            session.get_one(User, buyer.id, with_for_update=True)
            entered = threads.submit(enter_with_ticket)
            assert somebody_waits()
            change_password(session, buyer.id)
        assert not entered.result()


def test_the_cookie_stands_for_its_user(buyer: User) -> None:
    principal = who(enter(buyer))
    assert principal == Principal("partner", buyer.id, buyer.partner_id, buyer.name, buyer.email, "ro")


def test_neither_tickets_nor_cookies_lie_in_the_database(buyer: User) -> None:
    secrets = [ticket_for(buyer), enter(buyer)]
    with transaction(SYSTEM) as session:
        rows = session.execute(text("select row_to_json(t)::text from login_ticket t")).scalars().all()
        rows += session.execute(text("select row_to_json(t)::text from login_session t")).scalars().all()
        rows += session.execute(text("select row_to_json(t)::text from event t")).scalars().all()
    assert len(rows) == 3
    assert not any(secret in row for secret in secrets for row in rows)


@pytest.mark.parametrize("cookie", ["", "guessed", "\x00"])
def test_a_guessed_cookie_stands_for_nobody(buyer: User, cookie: str) -> None:
    enter(buyer)
    assert who(cookie) is None


def test_a_session_ends_after_thirty_days_however_busy(buyer: User) -> None:
    cookie = enter(buyer)
    assert who(cookie, NOW + timedelta(days=29, hours=23)) is not None
    assert who(cookie, NOW + timedelta(days=30)) is None


def test_sessions_that_ended_by_themselves_go_with_the_next_login(buyer: User) -> None:
    enter(buyer)
    enter(buyer, NOW + timedelta(days=31))
    with transaction(SYSTEM) as session:
        assert len(session.scalars(select(LoginSession)).all()) == 1


def test_logging_out_ends_all_sessions_of_the_user_and_nobody_elses(buyer: User) -> None:
    cookies = [enter(buyer), enter(buyer)]
    other = enter(make_user())
    ticket = ticket_for(buyer)
    with transaction(SYSTEM) as session:
        assert sessions.end_sessions(session, buyer.id, NOW) == 2
    assert [who(cookie) for cookie in cookies] == [None, None]
    assert redeem(ticket) is None
    assert who(other) is not None


def test_a_blocked_user_has_no_session_and_none_when_let_in_again(buyer: User) -> None:
    cookie = enter(buyer)
    with transaction(SYSTEM) as session:
        set_active(session, buyer.id, False)
    assert who(cookie) is None
    with transaction(SYSTEM) as session:
        set_active(session, buyer.id, True)
    assert who(cookie) is None


def test_a_new_password_ends_all_sessions(buyer: User) -> None:
    cookie = enter(buyer)
    with transaction(SYSTEM) as session:
        change_password(session, buyer.id)
    assert who(cookie) is None


def test_closing_a_partner_ends_the_sessions_of_its_users_at_once(buyer: User) -> None:
    cookie = enter(buyer)
    with transaction(SYSTEM) as session:
        session.get_one(Partner, buyer.partner_id).status = "closed"
    assert who(cookie) is None
