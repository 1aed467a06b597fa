"""From the right password to the cookie: tickets."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from core.auth import sessions, users
from core.auth.models import LoginTicket, User
from core.auth.paths import local_path
from core.db import transaction
from core.principal import SYSTEM
from tests.core.auth.conftest import NOW, everything_kept, somebody_waits
from tests.threads import at_once

BROWSER = "the pre cookie"


def ticket_for(user: User, next_path: str = "/orders", as_of: datetime = NOW, code_shown: bool = False) -> str:
    with transaction(SYSTEM) as session:
        return sessions.issue_ticket(session, user, BROWSER, next_path, as_of, code_shown=code_shown)


def redeem(ticket: str, browser: str = BROWSER, as_of: datetime = NOW) -> sessions.Redeemed | None:
    with transaction(SYSTEM) as session:
        return sessions.redeem_ticket(session, ticket, browser, as_of)


@pytest.fixture
def with_second_factor(buyer: User) -> User:
    with transaction(SYSTEM) as session:
        session.get_one(User, buyer.id).totp_secret = "some secret"
    buyer.totp_secret = "some secret"
    return buyer


def test_a_ticket_leads_its_user_to_the_page_they_asked_for(buyer: User) -> None:
    assert redeem(ticket_for(buyer, "/orders?page=2")) == (buyer.id, "/orders?page=2")


def test_a_ticket_is_redeemed_once_by_eight_threads(buyer: User) -> None:
    redeemed = [result for result in at_once([partial(redeem, ticket_for(buyer))] * 8) if result]
    assert redeemed == [(buyer.id, "/orders")]


@pytest.mark.parametrize("browser", ["another browser", ""])
def test_a_ticket_of_another_browser_is_refused_and_still_good_in_its_own(buyer: User, browser: str) -> None:
    ticket = ticket_for(buyer)
    assert redeem(ticket, browser) is None
    assert redeem(ticket) is not None


def test_a_ticket_lives_thirty_seconds(buyer: User) -> None:
    assert redeem(ticket_for(buyer), as_of=NOW + timedelta(seconds=29)) is not None
    assert redeem(ticket_for(buyer), as_of=NOW + timedelta(seconds=30)) is None


def test_a_ticket_that_needs_a_code_opens_nothing_however_long_one_tries(with_second_factor: User) -> None:
    ticket = ticket_for(with_second_factor)
    assert redeem(ticket) is None
    assert redeem(ticket, as_of=NOW + timedelta(minutes=4)) is None


def test_who_is_signed_in_already_needs_no_second_code(with_second_factor: User) -> None:
    assert redeem(ticket_for(with_second_factor, code_shown=True)) is not None


def test_a_browser_without_cookies_gets_no_ticket(buyer: User) -> None:
    with transaction(SYSTEM) as session, pytest.raises(sessions.NoCookies):
        sessions.issue_ticket(session, buyer, "", "/", NOW)


def test_old_tickets_are_swept_when_a_new_one_is_issued(buyer: User) -> None:
    ticket_for(buyer)
    ticket_for(buyer, as_of=NOW + timedelta(minutes=1))
    with transaction(SYSTEM) as session:
        assert len(session.scalars(select(LoginTicket)).all()) == 1


def test_a_ticket_never_leads_to_another_site(buyer: User) -> None:
    assert redeem(ticket_for(buyer, "https://evil.example")) == (buyer.id, "/")


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "/\t/evil.example", "evil", ""]
)
def test_another_site_becomes_the_start_page(path: str) -> None:
    assert local_path(path) == "/"


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
def test_the_routes_of_the_login_become_the_start_page(path: str) -> None:
    assert local_path(path) == "/"


@pytest.mark.parametrize("path", ["/authors", "/orders/auth/x", "/catalog?q=/auth/signed-out", "/documents/1.pdf"])
def test_any_page_of_this_site_stays_what_it_is(path: str) -> None:
    assert local_path(path) == path


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
            users.set_password(session, buyer.id, "another password", NOW)
        assert not entered.result()


def test_neither_tickets_nor_cookies_lie_in_the_database(buyer: User) -> None:
    ticket = ticket_for(buyer, "/a-path-that-is-kept")
    with transaction(SYSTEM) as session:
        cookie = sessions.open_session(session, buyer.id, NOW)
    kept = everything_kept()
    assert "/a-path-that-is-kept" in kept
    assert not any(secret in kept for secret in (ticket, cookie, BROWSER))
