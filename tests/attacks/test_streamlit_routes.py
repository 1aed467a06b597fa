"""What Streamlit serves by itself, beside our pages: nothing of it is of use to who is not signed in."""

from contextlib import suppress

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit import config

from tests.attacks.conftest import Say

AGENT = ("/_stcore/agent/interact", "/_stcore/agent/openapi.json", "/_stcore/agent/mcp")
KNOWN = {
    "/_stcore/health", "/_stcore/metrics", "/_stcore/host-config", "/_stcore/stream", "/media/{file_id:path}",
    "/_stcore/upload_file/{session_id}/{file_id}", "/component/{path:path}", "/_stcore/bidi-components/{path:path}",
    "/auth/login", "/auth/logout", "/oauth2callback", *AGENT, "",
}  # fmt: skip
"""All of Streamlit's routes that were looked at; the empty one is the folder of its own scripts."""


def test_streamlit_has_no_route_that_nobody_looked_at(client: TestClient) -> None:
    from api.app import app

    ours = {route.path for route in app._user_routes}
    assert {getattr(route, "path", "") for route in app._starlette_app.routes} - ours == KNOWN


@pytest.mark.parametrize("path", [*AGENT, "/auth/login", "/auth/logout", "/oauth2callback", "/_stcore/metrics"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_what_the_portal_has_no_use_for_is_closed(client: TestClient, path: str, method: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code in (404, 405)
    assert "streamlit" not in answer.text.lower()
    assert "set-cookie" not in answer.headers


def test_nobody_may_switch_on_what_the_browser_should_not_do(client: TestClient) -> None:
    """The frames that Streamlit's own hosting would take orders from are shut out by the policy of every page."""
    said = client.get("/_stcore/host-config")
    assert said.json()["useExternalAuthToken"] is False
    assert said.json()["enableCustomParentMessages"] is False
    page = client.get("/").headers
    assert "frame-ancestors 'none'" in page["content-security-policy"]
    assert config.get_option("server.enableXsrfProtection")
    assert config.get_option("server.enableCORS")
    assert not config.get_option("server.enableAgentApi")
    assert not config.get_option("server.enableStaticServing")
    assert not config.get_option("global.developmentMode")


@pytest.mark.parametrize("path", [
    "/media/../../etc/passwd", "/media/%2e%2e/%2e%2e/etc/passwd", "/media/..%2f..%2fetc%2fpasswd",
    "/component/a/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/_stcore/bidi-components/%2e%2e/%2e%2e/etc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/static/..%5c..%5cetc%5cpasswd", "/%5c%5cserver%5cshare",
    "/guide-pictures/ro/..%2f..%2f..%2frampa.webp", "/guide-pictures/..%2fro/first-order-cart.webp",
    "/exports/price-list.%2e%2e%2fpasswd", "/documents/..%2f1.pdf", "/static/%00", "/media/%00",
])  # fmt: skip
def test_no_address_leads_to_a_file_of_the_machine(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert "root:" not in answer.text
    assert answer.status_code in (400, 401, 404) or "<noscript>" in answer.text


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/auth/session", "/documents/1.pdf", "/cart/keep", "/unsubscribe", "/healthz"])
def test_odd_methods_are_refused_and_echo_nothing(client: TestClient, method: str, path: str) -> None:
    client.cookies.set("sid", "secret")
    answer = client.request(method, path, headers={"x-mine": "echo me"})
    assert answer.status_code == 405
    assert "echo me" not in answer.text
    assert "secret" not in answer.text


def test_a_page_takes_no_more_over_its_socket_than_a_page_sends(page_says: Say, client: TestClient) -> None:
    limit = config.get_option("server.maxWidgetStateSize") * 1024 * 1024
    where = {"host": "portal.example"}
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"], headers=where) as socket:
        socket.send_bytes(b"\0" * (limit + 1))
        with pytest.raises(WebSocketDisconnect) as refused:
            socket.receive_bytes()
    assert refused.value.code == 1009


@pytest.mark.parametrize("nonsense", [b"", b"\xff\xff\xff", b"\0" * 1000, b"{}"])
def test_nonsense_over_a_socket_tells_nothing_of_the_machine(client: TestClient, nonsense: bytes) -> None:
    where = {"host": "portal.example"}
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"], headers=where) as socket:
        socket.send_bytes(nonsense)
        socket.send_bytes(b"\xff")  # closes it, whatever became of the first
        with suppress(WebSocketDisconnect):
            while True:
                assert b"site-packages" not in socket.receive_bytes()
