from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.auth.sessions import issue_ticket, principal_of_cookie
from core.db import transaction
from core.principal import SYSTEM, Principal
from tests.factories import make_partner, make_user

BROWSER = {"accept": "text/html,*/*"}


@pytest.fixture
def user(database: str) -> User:
    return make_user(make_partner())


def ticket_for(user: User, client: TestClient, next_path: str = "/orders") -> str:
    client.get("/", headers=BROWSER)
    with transaction(SYSTEM) as session:
        return issue_ticket(session, user, client.cookies["pre"], next_path, clock.now())


def who(cookie: str) -> Principal | None:
    with transaction(SYSTEM) as session:
        return principal_of_cookie(session, cookie, clock.now())


def test_a_ticket_becomes_a_session_and_leads_on(client: TestClient, user: User) -> None:
    answer = client.get("/auth/session", params={"t": ticket_for(user, client, "/orders?page=2")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders?page=2")
    principal = who(client.cookies["sid"])
    assert principal is not None
    assert principal.user_id == user.id


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient, user: User) -> None:
    answer = client.get("/auth/session", params={"t": ticket_for(user, client)})
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("sid="))
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=2592000"} <= set(cookie.split("; "))


def test_the_mark_of_the_browser_is_changed_by_a_login(client: TestClient, user: User) -> None:
    ticket = ticket_for(user, client)
    before = client.cookies["pre"]
    client.get("/auth/session", params={"t": ticket})
    client.get("/orders", headers=BROWSER)
    assert client.cookies["pre"] != before


def test_a_ticket_works_once(client: TestClient, user: User) -> None:
    ticket = ticket_for(user, client)
    client.get("/auth/session", params={"t": ticket})
    cookie = client.cookies["sid"]
    again = client.get("/auth/session", params={"t": ticket})
    assert again.headers["location"] == "/?login=again"
    assert "set-cookie" not in again.headers
    assert who(cookie) is not None


def test_a_ticket_in_another_browser_signs_nobody_in(client: TestClient, user: User) -> None:
    ticket = ticket_for(user, client)
    client.cookies.clear()
    client.get("/", headers=BROWSER)
    answer = client.get("/auth/session", params={"t": ticket})
    assert answer.headers["location"] == "/?login=again"
    assert "sid" not in client.cookies


def test_the_session_before_ends_with_a_new_login(
    client: TestClient, user: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(user)
    before = client.cookies["sid"]
    client.get("/auth/session", params={"t": ticket_for(user, client)})
    assert who(before) is None


def test_logging_out_takes_the_cookie_and_leads_to_the_start(
    client: TestClient, user: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(user)
    answer = client.get("/auth/signed-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["set-cookie"].startswith('sid=""; ')
    assert "Max-Age=0" in answer.headers["set-cookie"]
