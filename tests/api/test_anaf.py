"""What ANAF signed, for those who may see the invoice; and the way back from ANAF's log-in."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from core import clock, config
from core.anaf import connecting
from core.anaf.models import AnafConnection
from core.auth.models import User
from core.auth.sessions import principal_of_cookie
from core.db import transaction
from core.documents.models import Document, DocumentFile
from core.principal import SYSTEM
from tests.anaf_fake import Anaf, serving
from tests.core.documents.steps import invoice, set_up_company
from tests.core.orders.steps import NOON
from tests.factories import add, make_partner, make_user, principal_of

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SIGNED = b"PK what ANAF signed"


@pytest.fixture
def signed(database: str) -> Document:
    set_up_company()
    document = invoice(principal_of(make_user(make_partner())))
    add(DocumentFile(document_id=document.id, format="zip", partner_id=document.partner_id, content=SIGNED,
                     sha256=sha256(SIGNED).hexdigest(), made_at=NOON))  # fmt: skip
    return document


@pytest.fixture
def anaf(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anaf]:
    with serving() as running:
        monkeypatch.setenv("ANAF_API_URL", running.url)
        monkeypatch.setenv("ANAF_LOGIN_URL", running.login_url)
        config.settings.cache_clear()
        yield running
    config.settings.cache_clear()


def partner_of(document: Document) -> User:
    return make_user(type("Its", (), {"id": document.partner_id})())


def test_the_partner_and_staff_get_what_anaf_signed(
    client: TestClient, signed: Document, sign_in: Callable[[User], None]
) -> None:
    for user in (partner_of(signed), make_user(role="accounting")):
        sign_in(user)
        answer = client.get(f"/documents/{signed.id}/anaf.zip")
        assert (answer.status_code, answer.content) == (200, SIGNED)
        assert answer.headers["content-disposition"] == 'attachment; filename="FCT-00001-anaf.zip"'
        assert answer.headers["cache-control"] == "private, no-store"


def test_nobody_else_does(client: TestClient, signed: Document, sign_in: Callable[[User], None]) -> None:
    address = f"/documents/{signed.id}/anaf.zip"
    assert client.get(address).status_code == 401
    assert client.get(address, headers=BROWSER).status_code == 303
    sign_in(make_user(make_partner()))
    others, absent = client.get(address), client.get("/documents/999999/anaf.zip")
    assert (others.status_code, others.content) == (404, absent.content)
    sign_in(make_user(role="warehouse"))
    assert client.get(address).status_code == 403
    buyer = partner_of(signed)
    with transaction(SYSTEM) as session:
        session.get_one(User, buyer.id).role = "buyer"
    sign_in(buyer)
    assert client.get(address).status_code == 403
    assert client.get("/documents/x/anaf.zip").status_code == 404


def test_an_invoice_that_anaf_has_not_signed_has_no_archive(
    client: TestClient, database: str, sign_in: Callable[[User], None]
) -> None:
    set_up_company()
    document = invoice()
    sign_in(make_user())
    assert client.get(f"/documents/{document.id}/anaf.zip").status_code == 404


def begun(client: TestClient) -> dict[str, str]:
    """What ANAF's page sends the signed-in administrator's browser back with."""
    with transaction(SYSTEM) as session:
        admin = principal_of_cookie(session, client.cookies["sid"], clock.real_now(), "192.0.2.7")
        connecting.set_connection(session, "prod", "client-1", "secret-1", NOON)
    assert admin is not None
    with transaction(admin) as session:
        there = connecting.start_url(session)
    back = urlsplit(httpx2.get(there, follow_redirects=False).headers["location"])
    assert back.path == "/anaf/callback"
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def is_connected() -> bool:
    with transaction(SYSTEM) as session:
        return session.get_one(AnafConnection, 1).connected_at is not None


def test_an_administrator_comes_back_connected(client: TestClient, anaf: Anaf, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user())
    answer = client.get("/anaf/callback", params=begun(client), headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff-settings")
    assert is_connected()


def test_a_link_that_somebody_else_made_connects_nothing(
    client: TestClient, anaf: Anaf, sign_in: Callable[[User], None]
) -> None:
    sign_in(make_user())
    found = begun(client)
    sign_in(make_user())
    for params in (found, {"code": found["code"]}, {}, {"code": found["code"], "state": "x"}, {"error": "denied"}):
        assert client.get("/anaf/callback", params=params, headers=BROWSER).status_code == 400
    sign_in(make_user(role="accounting"))
    assert client.get("/anaf/callback", params=found, headers=BROWSER).status_code == 403
    client.cookies.clear()
    away = client.get("/anaf/callback", params=found, headers=BROWSER)
    assert (away.status_code, found["code"] in away.headers["location"]) == (303, False)
    assert not is_connected()


def test_a_session_of_the_same_person_that_did_not_begin_it_connects_nothing(
    client: TestClient, anaf: Anaf, sign_in: Callable[[User], None]
) -> None:
    admin = make_user()
    sign_in(admin)
    found = begun(client)
    sign_in(admin)
    assert client.get("/anaf/callback", params=found, headers=BROWSER).status_code == 400
    assert not is_connected()
