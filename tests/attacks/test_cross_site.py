"""What the page of another site can have a visitor's browser do here."""

from collections.abc import Callable
from unittest.mock import patch

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit import net_util

from core import clock
from core.auth.account import ask_reset
from core.auth.models import LoginSession, User
from core.db import transaction
from core.events import Event
from core.principal import SYSTEM
from tests.attacks.conftest import Say
from tests.factories import make_partner, make_user

NAME = "Zmeurache"
FOREIGN = [
    "http://elsewhere.example", "https://portal.example.elsewhere.example", "http://shop.portal.example",
    "http://localhost:3000", "http://127.0.0.1", "http://0.0.0.0", "null", "http://portal.example:1", "",
    "http://[", "//portal.example", "portal.example",
]  # fmt: skip


@pytest.fixture
def staff(database: str, sign_in: Callable[[User], None]) -> User:
    """Signed in in the browser, with something to see."""
    make_partner(name=NAME)
    user = make_user(language="en")
    sign_in(user)
    return user


def test_our_own_page_opens_its_socket(staff: User, page_says: Say) -> None:
    assert NAME in page_says("staff-partners", origin="http://portal.example")


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_site_opens_no_socket(staff: User, page_says: Say, origin: str) -> None:
    """Also one on the visitor's own machine, which Streamlit by itself lets in."""
    with pytest.raises(WebSocketDisconnect) as refused:
        page_says("staff-partners", origin=origin)
    assert refused.value.code == 1008


def test_refusing_a_socket_asks_nobody_on_the_internet(staff: User, page_says: Say) -> None:
    """Streamlit would look its own address up elsewhere, for seconds, and serve nobody meanwhile."""
    with patch.object(net_util, "_make_blocking_http_get", return_value=None) as asked:
        with pytest.raises(WebSocketDisconnect):
            page_says("staff-partners", origin="http://elsewhere.example")
        asked.assert_not_called()


@pytest.mark.parametrize("path", ["/", "/healthz", "/_stcore/health", "/_stcore/host-config", "/documents/1.pdf"])
def test_scripts_of_another_site_are_told_nothing(client: TestClient, database: str, path: str) -> None:
    for origin in FOREIGN:
        answer = client.get(path, headers={"origin": origin})
        assert answer.status_code == 403, origin
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_no_file_is_uploaded_or_deleted_without_the_token_of_the_page(
    client: TestClient, staff: User, method: str
) -> None:
    client.get("/_stcore/health")
    answer = client.request(method, "/_stcore/upload_file/page/file", files={"file": b"sku"})
    assert answer.status_code == 403


def test_nobody_is_logged_out_by_a_picture_on_another_site(client: TestClient, staff: User) -> None:
    """The cookie does not come along there (SameSite=Lax), and without it no session ends."""
    client.cookies.clear()
    client.get("/auth/signed-out")
    with transaction(SYSTEM) as session:
        assert len(session.scalars(select(LoginSession)).all()) == 1


@pytest.mark.parametrize("path", [
    "/documents/1.pdf", "/orders/1/confirmation.pdf", "/statement.pdf", "/auth/session?t=x", "/auth/signed-out",
    "/files/1", "/people/1/data.json", "//elsewhere.example/%2e%2e", "/documents/1.pdf?next=//elsewhere.example",
])  # fmt: skip
def test_nothing_ever_leads_to_another_site(client: TestClient, path: str) -> None:
    made_up = {"host": "elsewhere.example", "x-forwarded-host": "elsewhere.example", "accept": "text/html"}
    answer = client.get(path, headers=made_up)
    location = answer.headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith("//")
    assert "elsewhere" not in location


def test_a_mailed_link_leads_to_the_portal_whatever_host_was_asked(client: TestClient, database: str) -> None:
    """The link is made of PUBLIC_URL where the mail leaves; no request is told of in what is kept of it."""
    user = make_user(make_partner())
    with transaction(SYSTEM) as session:
        ask_reset(session, user.email, clock.now())
        told = session.scalars(select(Event.data).where(Event.kind == "password_reset_asked")).one()
    assert told.keys() == {"user", "link"}
