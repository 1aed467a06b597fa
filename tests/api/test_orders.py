"""The papers of an order over HTTP: who gets them, and what the others are answered."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.auth.sessions import open_session
from core.auth.viewing import start_viewing
from core.db import transaction
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.api.test_documents import BROWSER
from tests.core.documents.steps import text_of
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_user, principal_of

SignIn = Callable[[User], None]
PAPERS = ["confirmation.pdf", "picking-list.pdf"]


@pytest.fixture
def partner(database: str) -> Partner:
    return make_partner(name="Instal SRL")


@pytest.fixture
def order_id(partner: Partner) -> int:
    """A placed order of three pieces."""
    return steps.order(principal_of(make_user(partner)), {make_product(stock=5, name="Cablu").id: 3}, clock.now())


@pytest.mark.parametrize("role", ["owner", "buyer", "accountant"])
def test_the_people_of_the_partner_get_the_confirmation_in_their_language(
    client: TestClient, partner: Partner, order_id: int, role: str, sign_in: SignIn
) -> None:
    sign_in(make_user(partner, role=role, language="en"))
    answer = client.get(f"/orders/{order_id}/confirmation.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="confirmation-{order_id}.pdf"'
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert "ORDER CONFIRMATION" in text_of(answer.content)


@pytest.mark.parametrize("role", ["owner", "buyer", "accountant"])
def test_no_partner_gets_a_picking_list(
    client: TestClient, partner: Partner, order_id: int, role: str, sign_in: SignIn
) -> None:
    sign_in(make_user(partner, role=role))
    assert client.get(f"/orders/{order_id}/picking-list.pdf").status_code == 403


def test_another_partners_order_and_an_absent_one_are_the_same_to_a_partner(
    client: TestClient, order_id: int, sign_in: SignIn
) -> None:
    sign_in(make_user(make_partner()))
    others, absent = (client.get(f"/orders/{number}/confirmation.pdf") for number in (order_id, 999_999))
    assert others.status_code == absent.status_code == 404
    assert others.content == absent.content
    assert others.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(("role", "status"), [
    ("admin", 200), ("sales", 200), ("warehouse", 200), ("accounting", 403), ("analyst", 403),
])  # fmt: skip
def test_staff_who_claim_or_ship_get_the_picking_list_and_all_staff_the_confirmation(
    client: TestClient, order_id: int, role: str, status: int, sign_in: SignIn
) -> None:
    sign_in(make_user(role=role))
    answer = client.get(f"/orders/{order_id}/picking-list.pdf")
    assert answer.status_code == status
    shown = answer.headers.get("content-disposition") == f'inline; filename="picking-list-{order_id}.pdf"'
    assert shown == (status == 200)
    assert client.get(f"/orders/{order_id}/confirmation.pdf").status_code == 200


def test_who_looks_as_the_partner_gets_its_papers_and_no_others(
    client: TestClient, partner: Partner, order_id: int
) -> None:
    staff = make_user(role="sales")
    with transaction(SYSTEM) as session:
        client.cookies.set("sid", open_session(session, staff.id, clock.now()))
        found = session.execute(steps.text("select id from login_session where user_id = :u"), {"u": staff.id})
        session_id = found.scalar_one()
    me = Principal("staff", staff.id, role="sales", session_id=session_id)
    with transaction(me) as session:
        start_viewing(session, partner.id, "to see what they see", clock.now())
    other = steps.order(principal_of(make_user(make_partner())), {make_product(stock=5).id: 1}, clock.now())
    assert client.get(f"/orders/{order_id}/confirmation.pdf").status_code == 200
    assert client.get(f"/orders/{other}/confirmation.pdf").status_code == 404
    assert client.get(f"/orders/{order_id}/picking-list.pdf").status_code == 403


def test_an_order_that_holds_nothing_has_no_picking_list_but_a_confirmation(
    client: TestClient, partner: Partner, order_id: int, sign_in: SignIn
) -> None:
    staff = make_user(language="en")
    steps.cancel(principal_of(staff), order_id, as_of=clock.now())
    sign_in(staff)
    answer = client.get(f"/orders/{order_id}/picking-list.pdf")
    assert (answer.status_code, answer.text) == (
        409,
        f"Nothing is held for order {order_id}, so there is nothing to pick.",
    )
    assert client.get(f"/orders/{order_id}/confirmation.pdf").status_code == 200


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("number", ["9" * 5000, "9" * 10, "0", "x", "-1", "1.0", "\u0661"])
def test_what_is_no_number_of_an_order_is_not_found(client: TestClient, number: str, paper: str) -> None:
    assert client.get(f"/orders/{number}/{paper}").status_code == 404


@pytest.mark.parametrize("paper", PAPERS)
def test_who_is_not_signed_in_is_led_to_the_login_and_back_or_refused(
    client: TestClient, order_id: int, paper: str
) -> None:
    address = f"/orders/{order_id}/{paper}"
    assert client.get(address).status_code == 401
    answer = client.get(address, headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?next=" + address.replace("/", "%2F")
