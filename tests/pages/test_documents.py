"""The pages of documents of both sides, run as Streamlit runs them, on a real database."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from core import clock
from core.auth.models import User
from core.auth.sessions import open_session
from core.auth.viewing import start_viewing
from core.config import ROOT
from core.db import transaction
from core.documents.annulling import annul
from core.documents.storno import storno
from core.errors import NotFound
from core.principal import SYSTEM, Principal
from core.receivables.payments import record_payment
from core.receivables.undoing import undo_payment
from pages.ui.my_statement import period_of
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders.steps import scalar
from tests.factories import make_buyer, make_staff, make_user
from tests.pages.conftest import open_tab, shown_error, who_is_there

BUCHAREST = ZoneInfo("Europe/Bucharest")


def long_ago() -> datetime:
    """Noon in Bucharest, forty calendar days ago: clock changes between then and now do not matter."""
    today = clock.local_date(clock.now(), BUCHAREST.key)
    return datetime.combine(today - timedelta(days=40), time(12), BUCHAREST)


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def open_page(path: str, who: Principal, cookies: dict[str, str]) -> AppTest:
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, who.user_id or 0, clock.now())
        session.get_one(User, who.user_id).language = "en"
    page = AppTest.from_file(ROOT / "Home.py", default_timeout=20).run().switch_page(f"pages/{path}")
    page.run()
    assert not page.exception
    return page


def open_document(document_id: int, who: Principal, cookies: dict[str, str]) -> AppTest:
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, who.user_id or 0, clock.now())
    page = AppTest.from_file(ROOT / "pages" / "partner" / "documents.py", default_timeout=20)
    page.session_state["language"] = "en"
    page.query_params["document"] = str(document_id)
    page.run()
    assert not page.exception
    return page


def shown(page: AppTest) -> pd.DataFrame:
    """The partner's table of documents."""
    return page.dataframe[0].value


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value.replace("\N{NO-BREAK SPACE}", " ") for metric in page.metric}


def received(page: AppTest) -> TextInput:
    return next(field for field in page.text_input if field.label == "Amount received, lei")


def test_a_partner_reads_what_it_owes_and_only_its_own_documents(cookies: dict[str, str]) -> None:
    buyer = make_buyer(payment_days=10)
    late = issue(claimed_order(buyer), long_ago())
    issue(claimed_order(buyer), clock.now())
    issue(claimed_order(make_buyer(name="Altul SRL")), clock.now())
    page = open_page("partner/documents.py", buyer, cookies)
    assert (
        "You owe **242.00\N{NO-BREAK SPACE}RON**. Of it **121.00\N{NO-BREAK SPACE}RON** is past" in page.error[0].value
    )
    assert (metrics(page)["To pay"], metrics(page)["Of it overdue"]) == ("242.00 RON", "121.00 RON")
    assert list(shown(page)["number"]) == ["FCT 00002", "FCT 00001"]
    assert list(shown(page)["late"].fillna(0)) == [0, 30]

    page.segmented_control(key="my_state").set_value("overdue").run()
    assert list(shown(page)["number"]) == ["FCT 00001"]
    assert shown(page)["pdf"][0] == f"/documents/{late.id}.pdf"
    page.text_input(key="my_search").set_value("77777").run()
    assert "No document matches" in page.info[0].value


def test_kinds_and_days_narrow_the_list(cookies: dict[str, str]) -> None:
    buyer = make_buyer(payment_days=10)
    document = issue(claimed_order(buyer), long_ago())
    with transaction(SYSTEM) as session:
        back = storno(session, document.id, "returned", clock.now())
    page = open_page("partner/documents.py", buyer, cookies)
    assert len(shown(page)) == 2
    page.pills(key="my_kinds").set_value(["storno"]).run()
    assert list(shown(page)["number"]) == [back.full_number]
    page.pills(key="my_kinds").set_value([]).run()
    page.date_input(key="my_until").set_value(document.issued_on).run()
    assert list(shown(page)["number"]) == [document.full_number]
    page.segmented_control(key="my_state").set_value("unpaid").run()
    page.pills(key="my_kinds").set_value(["receipt"]).run()
    assert "Only invoices are paid or unpaid" in page.info[0].value


def test_a_partner_without_documents_is_told_what_will_be_here(cookies: dict[str, str]) -> None:
    page = open_page("partner/documents.py", make_buyer(), cookies)
    assert "There are no documents yet" in page.info[0].value
    open_tab(page, "my_documents_tab", "Statement of account")
    assert "Nothing was invoiced or paid in this period" in page.info[0].value
    open_tab(page, "my_documents_tab", "How to pay")
    assert [box.value for box in page.success] == ["Nothing is to be paid now."]


def test_more_than_fifty_documents_come_in_pages_and_a_list_that_shrank_starts_over(cookies: dict[str, str]) -> None:
    buyer = make_buyer()
    documents = [issue(claimed_order(buyer), clock.now()) for _ in range(51)]
    page = open_page("partner/documents.py", buyer, cookies)
    page.segmented_control(key="my_state").set_value("unpaid").run()
    pagination = page.get("pagination")[0]
    pagination.set_value(2).run()
    assert list(shown(page)["number"]) == ["FCT 00001"]
    with transaction(SYSTEM) as session:
        pays = {documents[5].id: Decimal(121)}
        record_payment(session, documents[5].partner_id, Decimal(121), documents[5].issued_on, clock.now(), pays=pays)
    page.run()
    assert not page.exception
    assert len(shown(page)) == 50


def test_a_document_says_why_it_is_open_and_what_paid_it(cookies: dict[str, str]) -> None:
    buyer = make_buyer(payment_days=10)
    document = issue(claimed_order(buyer), long_ago())
    with transaction(SYSTEM) as session:
        half = {document.id: Decimal(50)}
        mistake = record_payment(session, document.partner_id, Decimal(50), document.due_on, clock.now(), pays=half)
        undo_payment(session, mistake.id, "another firm's", clock.now())
        record_payment(
            session, document.partner_id, Decimal(50), document.due_on, clock.now(), pays=half, reference="OP 12"
        )
    page = open_document(document.id, buyer, cookies)
    assert page.title[0].value == "Invoice FCT 00001"
    said = shown_error(page).replace("\N{NO-BREAK SPACE}", " ")
    day = f"{document.due_on:%d.%m.%Y}"
    assert said == (
        f"Of 121.00 RON, this was paid: 50.00 RON on {day} by bank transfer (OP 12)."
        f" **71.00 RON** is open. It was due on {day}; days late: 30."
    )
    assert list(page.dataframe[0].value["what"]) == ["Payment", "Payment", "Payment taken back"]
    assert metrics(page) == {"Total": "121.00 RON", "Paid so far": "50.00 RON", "Still open": "71.00 RON"}
    assert page.code[0].value == "RO49 AAAA 1B31 0075 9384 0000"
    assert page.code[1].value == "FCT 00001"


def test_an_annulled_document_says_why_and_asks_for_no_money(cookies: dict[str, str]) -> None:
    buyer = make_buyer()
    document = issue(claimed_order(buyer), clock.now())
    with transaction(SYSTEM) as session:
        annul(session, document.id, "wrong firm", clock.now())
    page = open_document(document.id, buyer, cookies)
    assert "wrong firm" in page.warning[0].value
    assert list(metrics(page)) == ["Total"]
    assert not page.code


def test_another_partners_document_is_as_absent_as_one_that_never_was(cookies: dict[str, str]) -> None:
    document = issue(claimed_order(make_buyer(name="Altul SRL")), clock.now())
    stranger = make_buyer()
    for guessed in (document.id, 999_999, 9_999_999_999, 0):
        page = open_document(guessed, stranger, cookies)
        assert len(page.error) == 1
        assert page.error[0].value == NotFound().text("en").replace(".", "\\.")
        assert not page.dataframe
        assert not page.title
        assert not page.metric


@pytest.mark.parametrize("role", ["accountant", "viewer"])
def test_accountants_and_staff_who_look_as_the_partner_see_it_too(role: str, cookies: dict[str, str]) -> None:
    buyer = make_buyer()
    document = issue(claimed_order(buyer), clock.now())
    if role == "viewer":
        user = make_user(language="en")
        with transaction(SYSTEM) as session:
            cookies["sid"] = open_session(session, user.id, clock.now())
        with transaction(who_is_there()) as session:
            start_viewing(session, document.partner_id, "to see what they see", clock.now())
    else:
        user = make_user(None, kind="partner", partner_id=buyer.partner_id, role=role, language="en")
        with transaction(SYSTEM) as session:
            cookies["sid"] = open_session(session, user.id, clock.now())
    page = AppTest.from_file(ROOT / "Home.py", default_timeout=20).run().switch_page("pages/partner/documents.py")
    page.run()
    assert not page.exception
    assert list(shown(page)["number"]) == [document.full_number]
    page.query_params["document"] = str(document.id)
    page.run()
    assert page.title[0].value == "Invoice FCT 00001"


def test_the_statement_of_a_period_and_its_files(cookies: dict[str, str]) -> None:
    buyer = make_buyer(payment_days=10)
    issue(claimed_order(buyer), clock.now())
    page = open_page("partner/documents.py", buyer, cookies)
    open_tab(page, "my_documents_tab", "Statement of account")
    page.segmented_control(key="my_period").set_value("this_month").run()
    now = clock.local_date(clock.now(), BUCHAREST.key)
    entries = page.dataframe[0].value
    assert list(entries["number"]) == ["FCT 00001"]
    assert metrics(page)["Closing balance"] == "121.00 RON"
    links = [link.proto.url for link in page.get("link_button")]
    days = f"from={now.replace(day=1)}&to={now}"
    assert {f"/statement.pdf?{days}", f"/statement.xlsx?{days}"} <= set(links)
    page.segmented_control(key="my_period").set_value("own").run()
    page.date_input(key="my_first").set_value(now).run()
    page.date_input(key="my_last").set_value(now - timedelta(days=1)).run()
    assert "The period ends before it begins" in page.error[0].value


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("this_month", date(2028, 3, 1), date(2028, 3, 31)),
        ("last_month", date(2028, 2, 1), date(2028, 2, 29)),
        ("this_year", date(2028, 1, 1), date(2028, 3, 31)),
        ("last_year", date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_periods_begin_and_end_where_people_expect(name: str, first: date, last: date) -> None:
    assert period_of(name, date(2028, 3, 31)) == (first, last)


def open_payment_form(document_id: int, who: Principal, cookies: dict[str, str]) -> AppTest:
    """The staff's page of a document with its drawer open: AppTest cannot click a popover."""
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, who.user_id or 0, clock.now())
    page = AppTest.from_file(ROOT / "pages" / "staff" / "invoices.py", default_timeout=20)
    page.session_state["language"] = "en"
    page.session_state[f"pay-{document_id}-en-0"] = True
    page.query_params["document"] = str(document_id)
    page.run()
    assert not page.exception
    return page


def record(page: AppTest, amount: str) -> None:
    received(page).set_value(amount)
    next(button for button in page.button if button.label == "Record payment").click().run()
    assert not page.exception


def test_staff_record_a_payment_from_the_prefilled_form(cookies: dict[str, str]) -> None:
    document = issue(claimed_order(make_buyer(name="Electro SRL")), clock.now())
    page = open_payment_form(document.id, make_staff(), cookies)
    assert received(page).value == "121.00"
    record(page, "100")
    assert not page.warning
    assert scalar("select amount from payment") == 100
    assert scalar("select open from receivable") == 21


def test_what_is_no_amount_is_refused_and_nothing_is_recorded(cookies: dict[str, str]) -> None:
    document = issue(claimed_order(), clock.now())
    page = open_payment_form(document.id, make_staff(), cookies)
    record(page, "0")
    assert len(page.warning) == 1
    assert scalar("select count(*) from payment") == 0


def test_a_partner_cannot_open_the_page_of_the_staff(cookies: dict[str, str]) -> None:
    issue(claimed_order(), clock.now())
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, make_buyer().user_id or 0, clock.now())
    page = AppTest.from_file(ROOT / "pages" / "staff" / "invoices.py", default_timeout=20).run()
    assert not page.dataframe
    assert not page.metric


def test_an_invoice_has_its_xml_beside_the_pdf(cookies: dict[str, str]) -> None:
    buyer = make_buyer()
    document = issue(claimed_order(buyer), clock.now())
    page = open_document(document.id, buyer, cookies)
    found = {link.proto.label: link.proto.url for link in page.main.get("link_button")}
    assert found["XML (e-Factura)"] == f"/documents/{document.id}.xml"
