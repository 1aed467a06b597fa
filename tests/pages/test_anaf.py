"""How invoices stand with ANAF, on the pages of staff, and the connection in the settings."""

from hashlib import sha256

from streamlit.testing.v1 import AppTest

from core import clock
from core.anaf.connecting import connection
from core.anaf.models import AnafConnection, AnafSubmission
from core.auth.sessions import open_session
from core.config import ROOT
from core.db import transaction
from core.documents.efactura.keeping import xml_of
from core.documents.models import Document, DocumentFile
from core.principal import SYSTEM, Principal
from pages.ui.frame import plain
from tests.core.anaf.steps import run
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.factories import add, make_buyer, make_staff
from tests.pages.test_staff_documents import button, open_page

REASON = "[BR-RO-110]-Subdiviziunea tarii Cumparatorului (BT-54) trebuie sa fie codificata"


def waiting() -> Document:
    set_up_company()
    return issue(claimed_order(make_buyer()), clock.now())


def refused() -> Document:
    document = waiting()
    run("update anaf_submission set state = 'sending', environment = 'prod', tried_at = now(), taken_until = now()")
    run("update anaf_submission set state = 'refused', taken_until = null, message = :reason", reason=REASON)
    return document


def said(page: AppTest) -> str:
    boxes = (*page.info, *page.error, *page.warning, *page.success, *page.caption, *page.markdown)
    return " ".join(box.value for box in boxes)


def state() -> str:
    with transaction(SYSTEM) as session:
        return session.query(AnafSubmission).one().state


def test_an_invoice_that_waits_says_until_when_it_must_be_at_anaf(database: str, cookies: dict[str, str]) -> None:
    page = open_page("invoices.py", make_staff(), cookies, document=str(waiting().id))
    assert "Not sent yet" in said(page)
    assert "5 working days left" in said(page)
    assert "Send to ANAF again" not in [each.label for each in page.button]


def test_a_refused_one_says_why_in_plain_words_and_is_sent_again(database: str, cookies: dict[str, str]) -> None:
    page = open_page("invoices.py", make_staff(role="accounting"), cookies, document=str(refused().id))
    assert "The county is missing" in said(page)
    assert "The partner's page" in said(page)
    assert plain(REASON) in said(page)
    button(page, "Send to ANAF again").click().run()
    assert not page.exception
    assert state() == "queued"


def test_who_may_not_send_sees_why_and_has_no_button(database: str, cookies: dict[str, str]) -> None:
    page = open_page("invoices.py", make_staff(role="sales"), cookies, document=str(refused().id))
    assert "The county is missing" in said(page)
    assert "Send to ANAF again" not in [each.label for each in page.button]


def test_one_that_was_issued_without_e_factura_is_held_until_a_person_sends_it(
    database: str, cookies: dict[str, str]
) -> None:
    set_up_company(efactura=False)
    document = issue(claimed_order(make_buyer()), clock.now())
    set_up_company(efactura=True)
    with transaction(SYSTEM) as session:
        xml_of(session, document.id)
    assert state() == "held"
    page = open_page("invoices.py", make_staff(), cookies, document=str(document.id))
    assert "issued without e-Factura" in said(page)
    button(page, "Send to ANAF").click().run()
    assert not page.exception
    assert state() == "queued"


def test_the_list_shows_how_each_stands_and_can_be_narrowed(database: str, cookies: dict[str, str]) -> None:
    document = refused()
    set_up_company(efactura=False)
    issue(claimed_order(make_buyer()), clock.now())
    page = open_page("invoices.py", make_staff(), cookies)
    assert sorted(page.dataframe[0].value["anaf"]) == ["", "Refused by ANAF"]
    assert set(page.dataframe[0].value["anaf_left"].dropna()) == {5}
    (choice,) = [each for each in page.selectbox if each.label == "e-Factura"]
    choice.select("refused").run()
    assert list(page.dataframe[0].value["number"]) == [document.full_number]
    choice = next(each for each in page.selectbox if each.label == "e-Factura")
    choice.select("accepted").run()
    assert not page.exception
    assert not page.dataframe


def test_where_nothing_goes_to_anaf_the_list_says_nothing_of_it(database: str, cookies: dict[str, str]) -> None:
    set_up_company(efactura=False)
    issue(claimed_order(make_buyer()), clock.now())
    page = open_page("invoices.py", make_staff(), cookies)
    assert "anaf" not in page.dataframe[0].value
    assert "e-Factura" not in [each.label for each in page.selectbox]


def test_the_connection_is_set_up_and_left_in_the_settings(database: str, cookies: dict[str, str]) -> None:
    page = open_page("settings.py", make_staff(), cookies)
    assert "/anaf/callback" in said(page)
    next(each for each in page.text_input if each.label == "Client id").input("client-1")
    next(each for each in page.text_input if each.label == "Client secret").input("secret-1")
    next(each for each in page.button if each.key == "settings-anaf-save").click().run()
    assert not page.exception
    with transaction(SYSTEM) as session:
        found = connection(session)
        assert found is not None
        assert (found.client_id, found.environment) == ("client-1", "test")
        row = session.get_one(AnafConnection, 1)
        row.connected_at = row.access_until = row.error_at = clock.now()
        row.error = "invalid_grant <b>"
    page.run()
    assert "must be made again" in said(page)
    assert "secret-1" not in str(page.main)
    button(page, "Disconnect").click().run()
    assert not page.exception
    with transaction(SYSTEM) as session:
        found = connection(session)
        assert found is not None
        assert found.connected_at is None


def test_the_partner_is_offered_what_anaf_signed_once_it_is_there(database: str, cookies: dict[str, str]) -> None:
    set_up_company()
    buyer = make_buyer()
    document = issue(claimed_order(buyer), clock.now())
    assert links(buyer, document, cookies) == {f"/documents/{document.id}.{form}" for form in ("pdf", "xml")}
    add(DocumentFile(document_id=document.id, format="zip", partner_id=document.partner_id, content=b"PK",
                     sha256=sha256(b"PK").hexdigest(), made_at=clock.now()))  # fmt: skip
    assert f"/documents/{document.id}/anaf.zip" in links(buyer, document, cookies)


def links(buyer: Principal, document: Document, cookies: dict[str, str]) -> set[str]:
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, buyer.user_id or 0, clock.now())
    page = AppTest.from_file(ROOT / "Home.py", default_timeout=20).run().switch_page("pages/partner/documents.py")
    page.query_params["document"] = str(document.id)
    page.run()
    assert not page.exception
    found = {block.proto.url for block in page.main.get("link_button")}
    return {url for url in found if url.startswith("/documents/")}
