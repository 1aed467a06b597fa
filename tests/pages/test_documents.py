"""The two pages of invoices, run as Streamlit runs them, on a real database."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from core import clock
from core.auth.sessions import open_session
from core.config import ROOT
from core.db import transaction
from core.principal import SYSTEM, Principal
from core.receivables.payments import record_payment
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders.steps import scalar
from tests.factories import make_buyer, make_staff
from tests.pages.conftest import shown_error

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
    page = AppTest.from_file(ROOT / "pages" / path, default_timeout=20)
    page.session_state["language"] = "en"
    page.run()
    assert not page.exception
    return page


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value.replace("\N{NO-BREAK SPACE}", " ") for metric in page.metric}


def received(page: AppTest) -> TextInput:
    return next(field for field in page.text_input if field.label == "Amount received, lei")


def test_a_partner_reads_its_totals_and_only_its_own_invoices(cookies: dict[str, str]) -> None:
    buyer = make_buyer(payment_days=10)
    late = issue(claimed_order(buyer), long_ago())
    issue(claimed_order(buyer), clock.now())
    issue(claimed_order(make_buyer(name="Altul SRL")), clock.now())
    page = open_page("partner/documents.py", buyer, cookies)
    assert metrics(page)["Unpaid total"] == "242.00 RON"
    assert metrics(page)["Overdue total"] == "121.00 RON"
    table = page.dataframe[0].value
    assert list(table["number"]) == ["FCT 00002", "FCT 00001"]
    assert list(table["late"].fillna(0)) == [0, 30]
    assert "partner" not in table

    page.segmented_control[0].set_value("overdue").run()
    assert list(page.dataframe[0].value["number"]) == ["FCT 00001"]
    assert page.dataframe[0].value["pdf"][0] == f"/documents/{late.id}.pdf"
    page.text_input[0].set_value("77777").run()
    assert "No invoice matches" in page.info[0].value


def test_a_partner_without_invoices_is_told_what_will_be_here(cookies: dict[str, str]) -> None:
    page = open_page("partner/documents.py", make_buyer(), cookies)
    assert "There are no invoices yet" in page.info[0].value


def test_more_than_fifty_invoices_come_in_pages_and_a_list_that_shrank_starts_over(cookies: dict[str, str]) -> None:
    buyer = make_buyer()
    documents = [issue(claimed_order(buyer), clock.now()) for _ in range(51)]
    page = open_page("partner/documents.py", buyer, cookies)
    page.segmented_control[0].set_value("unpaid").run()
    pagination = page.get("pagination")[0]
    pagination.set_value(2).run()
    assert list(page.dataframe[0].value["number"]) == ["FCT 00001"]
    with transaction(SYSTEM) as session:
        pays = {documents[5].id: Decimal(121)}
        record_payment(session, documents[5].partner_id, Decimal(121), documents[5].issued_on, clock.now(), pays=pays)
    page.run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 50


def test_staff_record_a_payment_from_the_prefilled_form(cookies: dict[str, str]) -> None:
    document = issue(claimed_order(make_buyer(name="Electro SRL")), clock.now())
    page = open_page("staff/invoices.py", make_staff(), cookies)
    assert list(page.dataframe[0].value["partner"]) == ["Electro SRL"]
    page.selectbox[0].set_value(document.id).run()
    assert received(page).value == "121.00"
    received(page).set_value("100")
    page.button[0].click().run()
    assert not page.exception
    assert "100.00\N{NO-BREAK SPACE}RON recorded on invoice FCT 00001" in page.success[0].value
    assert scalar("select amount from payment") == 100
    assert metrics(page)["Unpaid total"] == "21.00 RON"
    assert received(page).value == "21.00"


def test_staff_are_told_what_is_open_when_they_type_too_much(cookies: dict[str, str]) -> None:
    document = issue(claimed_order(), clock.now())
    page = open_page("staff/invoices.py", make_staff(), cookies)
    page.selectbox[0].set_value(document.id).run()
    received(page).set_value("500")
    page.button[0].click().run()
    assert "Only 121.00\N{NO-BREAK SPACE}RON is still open" in shown_error(page)
    assert scalar("select count(*) from payment") == 0


def test_a_partner_cannot_open_the_page_of_the_staff(cookies: dict[str, str]) -> None:
    issue(claimed_order(), clock.now())
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, make_buyer().user_id or 0, clock.now())
    page = AppTest.from_file(ROOT / "pages" / "staff" / "invoices.py", default_timeout=20).run()
    assert not page.dataframe
    assert not page.metric
