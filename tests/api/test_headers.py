import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from core import clock
from core.auth.models import LoginSession, User
from core.company import change_company
from core.db import transaction
from core.principal import SYSTEM
from tests.factories import make_partner, make_user

BROWSER = {"accept": "text/html,*/*"}


@pytest.mark.parametrize("path", ["/", "/orders", "/auth/signed-out", "/documents/1.pdf", "/_stcore/health"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


def test_over_tls_the_browser_is_told_to_stay_with_it(client: TestClient) -> None:
    headers = client.get("https://portal.example/orders").headers
    assert headers["strict-transport-security"] == "max-age=31536000"


def test_a_page_talks_to_no_other_host(client: TestClient) -> None:
    policy = client.get("/", headers={"host": "portal.example:8501"}).headers["content-security-policy"]
    assert "connect-src 'self' ws://portal.example:8501 wss://portal.example:8501;" in policy
    made_up = client.get("/", headers={"host": "a; script-src *"}).headers["content-security-policy"]
    assert "connect-src 'self';" in made_up


def test_pages_run_no_script_but_our_own(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    scripts = re.search(r"script-src ([^;]+)", policy)
    assert scripts is not None
    assert "'unsafe-inline'" not in scripts[1]
    assert "'unsafe-eval'" not in scripts[1]
    assert "'sha256-" in scripts[1]


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/"])
def test_the_metrics_are_not_for_the_public(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def upload(client: TestClient, method: str = "PUT", content: bytes = b"sku") -> int:
    """The status for a file sent with all that Streamlit itself asks for, but to a page that is open nowhere."""
    client.get("/_stcore/health")
    token = {"x-xsrftoken": client.cookies["_streamlit_xsrf"]}
    address = "/_stcore/upload_file/page/file"
    return client.request(method, address, headers=token, files={"file": content}).status_code


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_who_is_not_signed_in_uploads_nothing(client: TestClient, method: str) -> None:
    assert upload(client, method) == 403


@pytest.mark.parametrize(("role", "status"), [("owner", 400), ("buyer", 400), ("accountant", 400)])
def test_of_a_partner_everybody_uploads_who_writes_in_conversations(
    client: TestClient, sign_in: Callable[[User], None], role: str, status: int
) -> None:
    sign_in(make_user(make_partner(), role=role))
    assert upload(client) == status


def test_nobody_uploads_more_than_a_page_takes(client: TestClient, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user(make_partner()))
    assert upload(client, content=b"a" * 12_000_000) == 413
    sign_in(make_user(role="warehouse"))
    assert upload(client, content=b"a" * 12_000_000) == 400
    assert upload(client, content=b"a" * 24_000_000) == 413


def test_who_does_not_say_how_much_comes_uploads_nothing(client: TestClient, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user(make_partner()))
    address = "/_stcore/upload_file/page/file"
    assert client.put(address, content=iter([b"a", b"b"])).status_code == 411
    assert client.put(address, content=b"", headers={"content-length": "-1"}).status_code == 411


@pytest.mark.parametrize("role", ["admin", "sales", "warehouse", "accounting"])
def test_who_imports_or_writes_in_conversations_uploads_to_a_page_of_theirs_only(
    client: TestClient, sign_in: Callable[[User], None], role: str
) -> None:
    sign_in(make_user(role=role))
    assert upload(client) == 400


def test_staff_who_only_look_upload_nothing(client: TestClient, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user(role="analyst"))
    assert upload(client) == 403


def test_staff_who_look_as_a_partner_upload_nothing(client: TestClient, sign_in: Callable[[User], None]) -> None:
    staff, partner = make_user(), make_partner()
    sign_in(staff)
    with transaction(SYSTEM) as session:
        values = {"viewing_partner_id": partner.id, "viewing_until": clock.now() + timedelta(minutes=30)}
        session.execute(update(LoginSession).values(values))
    assert upload(client) == 403


def test_who_has_to_set_up_a_second_factor_uploads_nothing(client: TestClient, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user())
    with transaction(SYSTEM) as session:
        change_company(session, two_factor_roles=["admin"])
    assert upload(client) == 403


def test_browsers_may_ask_whether_they_may_upload(client: TestClient) -> None:
    assert client.options("/_stcore/upload_file/page/file").status_code == 204


def test_a_browser_is_marked_once(client: TestClient) -> None:
    first = client.get("/", headers=BROWSER).headers["set-cookie"]
    assert re.match(r"pre=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax$", first)
    assert "set-cookie" not in client.get("/orders", headers=BROWSER).headers


def test_the_mark_also_comes_with_a_page_that_the_browser_has_already(client: TestClient) -> None:
    page = client.get("/", headers=BROWSER)
    client.cookies.clear()
    again = client.get("/", headers=BROWSER | {"if-none-match": page.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["set-cookie"].startswith("pre=")


def test_what_no_person_looks_at_gets_no_cookie(client: TestClient) -> None:
    client.get("/_stcore/health")
    assert "pre" not in client.cookies


def test_cookies_are_secure_under_https(client: TestClient) -> None:
    assert "; Secure" in client.get("https://portal.example/", headers=BROWSER).headers["set-cookie"]
