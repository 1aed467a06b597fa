from collections.abc import Callable, Iterator

import httpx2
import pytest
import uvicorn
from sqlalchemy import select
from starlette.testclient import TestClient

from api.serve import serve
from core import clock
from core.auth.models import LoginSession, User
from core.auth.sessions import issue_ticket, open_session, principal_of_cookie
from core.config import settings
from core.db import transaction
from core.events import Event
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.factories import make_partner, make_user

BROWSER = {"accept": "text/html,*/*", "user-agent": "Firefox 140"}


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
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=7776000"} <= set(cookie.split("; "))


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


def test_a_session_knows_where_it_was_opened_and_by_what(client: TestClient, user: User) -> None:
    client.get("/auth/session", params={"t": ticket_for(user, client)}, headers=BROWSER)
    with transaction(SYSTEM) as session:
        row = session.scalars(select(LoginSession)).one()
        event = session.scalars(select(Event).where(Event.kind == "user_signed_in")).one()
    assert (row.address, row.browser) == ("192.0.2.7", "Firefox 140")
    assert (event.user_id, event.address) == (user.id, "192.0.2.7")


def test_a_ticket_that_still_needs_a_code_signs_nobody_in(client: TestClient, user: User) -> None:
    user.totp_secret = "in force"
    answer = client.get("/auth/session", params={"t": ticket_for(user, client)})
    assert answer.headers["location"] == "/?login=again"
    assert "sid" not in client.cookies


def test_the_first_login_of_an_approved_partner_makes_it_active(client: TestClient, database: str) -> None:
    user = make_user(make_partner(status="approved"))
    client.get("/auth/session", params={"t": ticket_for(user, client)})
    with transaction(SYSTEM) as session:
        assert session.get_one(Partner, user.partner_id).status == "active"


# Behind TLS.


@pytest.fixture
def tls(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The portal of an installation whose public address is https, reached through a proxy that speaks plain HTTP."""
    monkeypatch.setenv("PUBLIC_URL", "https://portal.example")
    settings.cache_clear()
    yield client
    settings.cache_clear()


def set_cookies(answer: httpx2.Response) -> dict[str, set[str]]:
    """Name → what the browser is told about the cookie, its value left out."""
    found = (line.split("; ") for line in answer.headers.get_list("set-cookie"))
    return {name_and_value.split("=")[0]: {part.lower() for part in rest} for name_and_value, *rest in found}


def test_behind_tls_all_cookies_are_held_to_this_host(tls: TestClient, user: User) -> None:
    page = tls.get("/", headers=BROWSER)
    assert set_cookies(page) == {"__Host-pre": {"path=/", "httponly", "samesite=lax", "secure"}}
    mark = page.headers["set-cookie"].split("; ")[0].split("=", 1)[1]
    with transaction(SYSTEM) as session:
        ticket = issue_ticket(session, user, mark, "/orders", clock.now())
    answer = tls.get("/auth/session", params={"t": ticket}, headers={"cookie": f"__Host-pre={mark}"})
    assert answer.headers["location"] == "/orders"
    given = set_cookies(answer)
    assert given["__Host-sid"] == {"path=/", "httponly", "samesite=lax", "secure", "max-age=7776000"}
    assert {"path=/", "secure", "max-age=0"} <= given["__Host-pre"]
    assert given["__Host-known"] == {"path=/", "httponly", "samesite=lax", "secure", "max-age=34560000"}
    assert set(given) == {"__Host-sid", "__Host-pre", "__Host-known"}


def test_behind_tls_the_log_out_takes_the_cookie(tls: TestClient) -> None:
    given = set_cookies(tls.get("/auth/signed-out"))
    assert {"path=/", "secure", "httponly", "max-age=0"} <= given["__Host-sid"]
    assert set(given) == {"__Host-sid"}


def test_behind_tls_a_cookie_that_another_host_could_have_set_counts_for_nothing(
    tls: TestClient, user: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(user)
    plain = tls.cookies["sid"]
    assert tls.get("/documents/1.pdf", headers=BROWSER).headers["location"].startswith("/?")
    tls.cookies.clear()
    answer = tls.get("/documents/1.pdf", headers=BROWSER | {"cookie": f"__Host-sid={plain}"})
    assert answer.status_code == 404


def test_without_tls_the_cookies_have_plain_names(client: TestClient, user: User) -> None:
    page = client.get("/", headers=BROWSER)
    assert set_cookies(page) == {"pre": {"path=/", "httponly", "samesite=lax"}}


# Who sent it, behind a proxy.


@pytest.fixture
def served(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], TestClient]:
    """The application as the web process serves it, for a request that comes straight from `peer`."""
    configurations: list[uvicorn.Config] = []

    def keep(server: uvicorn.Server, **_options: object) -> None:
        configurations.append(server.config)

    def _served(peer: str, trusted: str) -> TestClient:
        monkeypatch.setenv("TRUSTED_PROXIES", trusted)
        settings.cache_clear()
        monkeypatch.setattr(uvicorn.Server, "run", keep)
        serve("127.0.0.1", 0)
        configurations[-1].load()
        return TestClient(
            configurations[-1].loaded_app, "http://portal.example", client=(peer, 40_000), follow_redirects=False
        )

    return _served


@pytest.mark.parametrize(
    ("peer", "trusted", "forwarded", "seen"),
    [
        ("127.0.0.1", "127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "127.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.5", "127.0.0.1,10.0.0.0/24", "1.2.3.4, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
        ("203.0.113.9", "127.0.0.1", "198.51.100.7", "203.0.113.9"),
        ("203.0.113.9", "10.0.0.5", "127.0.0.1", "203.0.113.9"),
    ],
)
def test_what_a_proxy_says_counts_only_if_it_is_trusted(
    served: Callable[[str, str], TestClient], user: User, peer: str, trusted: str, forwarded: str, seen: str
) -> None:
    browser = served(peer, trusted)
    answer = browser.get(
        "/auth/session", params={"t": ticket_for(user, browser)}, headers={"x-forwarded-for": forwarded}
    )
    assert answer.headers["location"] == "/orders"
    with transaction(SYSTEM) as session:
        assert session.scalars(select(LoginSession.address)).one() == seen


def test_the_way_out_ends_the_session_of_the_cookie_it_forgets(client: TestClient) -> None:
    with transaction(SYSTEM) as session:
        client.cookies.set("sid", open_session(session, make_user(make_partner()).id, clock.now()))
    client.get("/auth/signed-out")
    with transaction(SYSTEM) as session:
        assert session.scalars(select(LoginSession)).all() == []
