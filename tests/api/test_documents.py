from collections.abc import Callable
from decimal import Decimal

import pytest
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.auth.sessions import end_sessions
from core.db import transaction
from core.documents.efactura.keeping import xml_of
from core.documents.freehand import FreeLine, issue_freehand
from core.documents.models import Document
from core.documents.rendering import pdf_of
from core.partners.models import Partner
from core.principal import SYSTEM
from tests.core.documents.steps import invoice as issued_invoice
from tests.core.documents.steps import set_up_company
from tests.core.receivables.openings import opening
from tests.factories import make_partner, make_user, principal_of

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def partner(database: str) -> Partner:
    return make_partner()


@pytest.fixture
def invoice(partner: Partner) -> Document:
    """An issued invoice."""
    set_up_company()
    return issued_invoice(principal_of(make_user(partner)))


@pytest.fixture
def address(invoice: Document) -> str:
    return f"/documents/{invoice.id}.pdf"


def test_a_partner_reads_its_own_document(
    client: TestClient, partner: Partner, invoice: Document, address: str, sign_in: Callable[[User], None]
) -> None:
    sign_in(make_user(partner))
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="FCT-00001.pdf"'
    assert answer.headers["cache-control"] == "private, no-store"
    with transaction(SYSTEM) as session:
        assert answer.content == pdf_of(session, invoice.id)


def test_staff_read_every_document(client: TestClient, address: str, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user())
    assert client.get(address).content.startswith(b"%PDF-")


def test_what_is_from_the_previous_program_has_no_pdf_alone_or_with_others(
    client: TestClient, partner: Partner, invoice: Document, sign_in: Callable[[User], None]
) -> None:
    one = opening(principal_of(make_user(partner)))
    for user in (make_user(partner), make_user()):
        sign_in(user)
        assert client.get(f"/documents/{one.id}.pdf").status_code == 404
        assert client.get(f"/documents.zip?ids={one.id},{invoice.id}").status_code == 404


def test_another_partners_document_and_an_absent_one_are_the_same_to_a_partner(
    client: TestClient, address: str, sign_in: Callable[[User], None]
) -> None:
    sign_in(make_user(make_partner()))
    others, absent = client.get(address), client.get("/documents/999999999999999999999.pdf")
    assert others.status_code == absent.status_code == 404
    assert others.content == absent.content
    assert others.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 11, "x", "-1", "1.0", "\u0661"])
def test_what_is_no_number_of_a_document_is_not_found_by_anybody(client: TestClient, number: str) -> None:
    assert client.get(f"/documents/{number}.pdf").status_code == 404


def test_a_program_that_is_not_signed_in_is_refused(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 401


def test_a_person_who_is_not_signed_in_is_led_to_the_login_and_back(client: TestClient, address: str) -> None:
    answer = client.get(address, headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?next=" + address.replace("/", "%2F")


def test_a_copied_cookie_is_worthless_after_the_logout(
    client: TestClient, partner: Partner, address: str, sign_in: Callable[[User], None]
) -> None:
    user = make_user(partner)
    sign_in(user)
    with transaction(SYSTEM) as session:
        end_sessions(session, user.id, clock.now())
    assert client.get(address).status_code == 401


@pytest.fixture
def xml_address(invoice: Document) -> str:
    return f"/documents/{invoice.id}.xml"


def test_the_xml_is_a_download_for_the_partner_and_for_staff(
    client: TestClient, partner: Partner, invoice: Document, xml_address: str, sign_in: Callable[[User], None]
) -> None:
    for user in (make_user(partner), make_user()):
        sign_in(user)
        answer = client.get(xml_address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/xml"
        assert answer.headers["content-disposition"] == 'attachment; filename="FCT-00001.xml"'
        assert answer.headers["cache-control"] == "private, no-store"
        with transaction(SYSTEM) as session:
            assert answer.content == xml_of(session, invoice.id)


def test_the_xml_of_another_partner_is_not_found_and_strangers_log_in_first(
    client: TestClient, xml_address: str, sign_in: Callable[[User], None]
) -> None:
    assert client.get(xml_address, headers={"accept": "*/*"}).status_code == 401
    led = client.get(xml_address, headers=BROWSER | {"sec-fetch-mode": "navigate"}, follow_redirects=False)
    assert led.status_code == 303
    sign_in(make_user(make_partner()))
    others, absent = client.get(xml_address), client.get("/documents/999999999.xml")
    assert others.status_code == absent.status_code == 404
    assert others.content == absent.content


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 11, "x", "-1", "1.0", "\u0661"])
def test_what_is_no_number_of_a_document_has_no_xml(client: TestClient, number: str) -> None:
    assert client.get(f"/documents/{number}.xml").status_code == 404


def test_of_an_invoice_that_lacks_something_the_route_says_what(
    client: TestClient, partner: Partner, sign_in: Callable[[User], None]
) -> None:
    set_up_company(efactura=False, county="")
    document = issued_invoice(principal_of(make_user(partner)))
    sign_in(make_user(language="en"))
    assert client.get(f"/documents/{document.id}.xml").status_code == 404
    set_up_company(efactura=True)
    answer = client.get(f"/documents/{document.id}.xml")
    assert answer.status_code == 409
    assert answer.text.startswith("No e-Factura can be made of this document: Distribuție Carpați SRL: the county")


def test_a_proforma_and_what_is_from_the_previous_program_have_no_xml(
    client: TestClient, partner: Partner, invoice: Document, sign_in: Callable[[User], None]
) -> None:
    one = opening(principal_of(make_user(partner)))
    with transaction(SYSTEM) as session:
        lines = [FreeLine("Marfă", "buc", Decimal(1), Decimal(9))]
        proforma = issue_freehand(session, "proforma", partner.id, lines, clock.now())
    sign_in(make_user())
    for document in (one, proforma):
        assert client.get(f"/documents/{document.id}.xml").status_code == 404
