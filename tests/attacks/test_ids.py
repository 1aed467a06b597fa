"""Somebody else's ids: of every kind, in every address that has one, asked by everybody whom they are not for.

What is not theirs is answered as what is not there, to the letter: nobody learns even how many there are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text, update
from starlette.routing import Route
from starlette.testclient import TestClient

from core import clock
from core.auth.models import LoginSession, User
from core.catalog.models import ProductFile, ProductImage
from core.db import transaction
from core.exports.asking import Asked
from core.exports.running import make_next, start
from core.messages.files import NewFile
from core.messages.threads import About
from core.orders.lists import create_list
from core.partners.models import Partner
from core.principal import SYSTEM
from tests.attacks.conftest import Say
from tests.core.documents.steps import invoice, set_up_company
from tests.core.messages import steps as messages
from tests.core.orders import steps
from tests.factories import add, make_partner, make_product, make_staff, make_user, principal_of

NAME = "Zmeurache"
NOBODYS = 987_654
NO_ID = {"/auth/session", "/auth/signed-out", "/anaf/callback", "/cart/keep", "/documents.zip", "/statement.pdf",
         "/statement.xlsx", "/exports/report.csv", "/exports/pivot.xlsx", "/exports/price-list.{form}", "/unsubscribe",
         "/healthz", "/guide-pictures/{language}/{name}.webp"}  # fmt: skip
"""Addresses without an id in the path; that of a partner in the statement's, and those in the ZIP's, are below."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """One of everything that a partner and its people have."""

    partner: Partner
    user: User
    ids: dict[str, int]


ADDRESSES = {
    "/documents/{id}.pdf": "document", "/documents/{id}.xml": "document", "/documents/{id}/anaf.zip": "document",
    "/orders/{id}/confirmation.pdf": "order",
    "/orders/{id}/picking-list.pdf": "order", "/exports/files/{id}": "export", "/images/{id}/{size}": "image",
    "/files/{id}": "file", "/messages/{id}/picture": "message", "/conversations/files/{id}": "thread_file",
    "/people/{id}/data.json": "user",
}  # fmt: skip
QUERIES = {
    "/documents.zip?ids={id}": "document", "/statement.pdf?from=2026-01-01&to=2026-12-31&partner={id}": "partner",
    "/statement.xlsx?from=2026-01-01&to=2026-12-31&partner={id}": "partner",
}  # fmt: skip
PAGES = [
    ("orders", "order", "order"), ("orders", "again", "order"), ("documents", "document", "document"),
    ("product", "product", "product"), ("messages", "message", "message"), ("messages", "order", "order"),
    ("lists", "list", "list"), ("exports", "export", "export"),
    ("staff-orders", "order", "order"), ("staff-invoices", "document", "document"),
    ("staff-partners", "partner", "partner"), ("staff-products", "product", "product"),
    ("staff-messages", "message", "message"), ("staff-receivables", "partner", "partner"),
    ("staff-imports", "run", "order"), ("staff-mails", "mail", "mail"), ("staff-audit", "order", "order"),
]  # fmt: skip


@pytest.fixture
def theirs(database: str) -> Theirs:
    set_up_company()
    partner = make_partner(name=f"{NAME} SRL", code="ZMEU")
    user = make_user(partner, name=f"{NAME} Ana", email="zmeurache@firma.example")
    product = make_product(stock=50, name=f"{NAME} pneumatic", restricted=True)
    with transaction(SYSTEM) as session:
        session.execute(text("insert into product_audience (product_id, partner_id) values (:product, :partner)"),
                        {"product": product.id, "partner": partner.id})  # fmt: skip
    me = principal_of(user)
    order = steps.order(me, {product.id: 2}, clock.now())
    with transaction(me) as session:
        kept = create_list(session, NAME, {product.id: Decimal(1)})
        export = start(session, Asked("orders", ("order",)), "csv", clock.now())
    make_next(clock.now())
    message = messages.post(make_staff(), clock.now(), title=NAME, audience="partners", chosen=frozenset({partner.id}))
    messages.write(me, About(partner.id), NAME, NewFile(f"{NAME}.txt", b"secret"))
    ids = {
        "partner": partner.id, "user": user.id, "product": product.id, "order": order, "list": kept, "export": export,
        "message": message, "document": invoice(me).id, "mail": 1,
        "thread_file": steps.scalar("select max(id) from thread_file"),
        "image": add(ProductImage(product_id=product.id, position=1, sha256=b"1", content=b"l", small=b"s")).id,
        "file": add(ProductFile(product_id=product.id, name="z.pdf", media_type="application/pdf", size=1,
                                content=b"z")).id,
    }  # fmt: skip
    return Theirs(partner, user, ids)


def test_every_address_with_an_id_is_looked_at_here(client: TestClient) -> None:
    from api.app import app

    paths = {route.path for route in app._user_routes if isinstance(route, Route)}
    assert paths == ADDRESSES.keys() | NO_ID


def strangers(sign_in: Callable[[User], None]) -> list[Callable[[], None]]:
    """Ways to become somebody whom nothing of the partner is for."""
    other = make_partner()

    def viewer() -> None:
        staff = make_user()
        sign_in(staff)
        with transaction(SYSTEM) as session:
            place = {"viewing_partner_id": other.id, "viewing_until": clock.now() + timedelta(minutes=5)}
            session.execute(update(LoginSession).where(LoginSession.user_id == staff.id).values(place))

    people = [make_user(other, role=role) for role in ("owner", "buyer", "accountant")]
    return [*(lambda user=user: sign_in(user) for user in people), viewer]


@pytest.mark.parametrize("address", ADDRESSES | QUERIES)
def test_what_is_anothers_is_as_absent_as_what_is_not_there(
    client: TestClient, sign_in: Callable[[User], None], theirs: Theirs, address: str
) -> None:
    kind = (ADDRESSES | QUERIES)[address]
    for become in strangers(sign_in):
        become()
        asked, absent = (
            client.get(address.replace("{id}", str(number)).replace("{size}", "large"))
            for number in (theirs.ids[kind], NOBODYS)
        )
        assert asked.status_code in (403, 404)
        assert (asked.status_code, asked.content) == (absent.status_code, absent.content)
        assert NAME.encode() not in asked.content


@pytest.mark.parametrize(
    "address",
    [
        address
        for address, kind in (ADDRESSES | QUERIES).items()
        if not ("picking" in address or "anaf" in address) and kind != "message"
    ],
)
def test_whose_it_is_gets_it(client: TestClient, sign_in: Callable[[User], None], theirs: Theirs, address: str) -> None:
    """The control: what strangers are refused is there. Pictures of messages: tests/api/test_messages.py."""
    sign_in(theirs.user)
    kind = (ADDRESSES | QUERIES)[address]
    answer = client.get(address.replace("{id}", str(theirs.ids[kind])).replace("{size}", "large"))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("address", ADDRESSES | QUERIES)
def test_without_a_session_every_id_is_answered_the_same(client: TestClient, theirs: Theirs, address: str) -> None:
    kind = (ADDRESSES | QUERIES)[address]
    asked, absent = (
        client.get(address.replace("{id}", str(number)).replace("{size}", "large"))
        for number in (theirs.ids[kind], NOBODYS)
    )
    assert asked.status_code == 401
    assert (asked.status_code, asked.content) == (absent.status_code, absent.content)


@pytest.mark.parametrize("role", ["owner", "buyer", "accountant"])
def test_no_id_in_a_pages_address_shows_what_is_anothers(
    client: TestClient, sign_in: Callable[[User], None], page_says: Say, theirs: Theirs, role: str
) -> None:
    sign_in(make_user(make_partner(), role=role, language="en"))
    for page, name, kind in PAGES:
        assert NAME not in page_says(page, f"{name}={theirs.ids[kind]}"), (page, name)


def test_in_the_address_of_ones_own_page_it_does(
    client: TestClient, sign_in: Callable[[User], None], page_says: Say, theirs: Theirs
) -> None:
    """The control: these are the names by which pages are told what to show."""
    sign_in(theirs.user)
    for page, name, kind in [("orders", "order", "order"), ("product", "product", "product"),
                             ("messages", "message", "message"), ("lists", "list", "list")]:  # fmt: skip
        assert NAME in page_says(page, f"{name}={theirs.ids[kind]}"), page
