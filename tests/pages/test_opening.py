"""Opening documents on the pages of both sides, run as Streamlit runs them, on a real database."""

from decimal import Decimal

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.auth.sessions import open_session
from core.config import ROOT
from core.db import transaction
from core.documents.models import Document
from core.principal import SYSTEM, Principal
from core.receivables.payments import record_payment
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders.steps import assert_invariants, scalar
from tests.core.receivables.openings import HEAD, code, document, load
from tests.factories import make_buyer, make_staff
from tests.pages.conftest import open_tab, shown_error


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


@pytest.fixture
def electro() -> Principal:
    """A partner with a debt of the program before that is late, and a credit."""
    buyer = make_buyer(name="Electro SRL", code="C-7")
    load("C-7;ABC 7;01.09.2026;01.10.2026;500,00;telefonic\nC-7;AV 1;02.09.2026;;-60;\n", as_of=clock.now())
    return buyer


def open_page(path: str, who: Principal, cookies: dict[str, str], **query: str) -> AppTest:
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, who.user_id or 0, clock.now())
        session.get_one(User, who.user_id).language = "en"
    page = AppTest.from_file(ROOT / "Home.py", default_timeout=20).run().switch_page(f"pages/{path}")
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def open_own(one: Document, who: Principal, cookies: dict[str, str]) -> AppTest:
    """The partner's page of one document."""
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, who.user_id or 0, clock.now())
    page = AppTest.from_file(ROOT / "pages" / "partner" / "documents.py", default_timeout=20)
    page.session_state["language"] = "en"
    page.query_params["document"] = str(one.id)
    page.run()
    assert not page.exception
    return page


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value.replace("\N{NO-BREAK SPACE}", " ") for metric in page.metric}


def links(page: AppTest) -> list[str]:
    return [found.proto.url for found in page.main.get("link_button")]


def drawers(page: AppTest) -> set[str]:
    return {block.proto.popover.label for block in page.main.get("popover")}


def said(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.info, *page.error, *page.success, *page.markdown, *page.caption))


def button(page: AppTest, label: str):
    return next(one for one in page.button if one.label == label)


def drawer(page: AppTest, name: str, of: int) -> AppTest:
    """AppTest cannot click a popover: its state is set as the click would."""
    page.session_state[f"{name}-{of}-en-0"] = True
    page.run()
    assert not page.exception
    return page


def test_a_partner_finds_what_was_brought_over_and_no_pdf_of_it(electro: Principal, cookies: dict[str, str]) -> None:
    issue(claimed_order(electro), clock.now())
    page = open_page("partner/documents.py", electro, cookies)
    assert {"To pay": "621.00 RON", "Of it overdue": "500.00 RON", "Your credit": "60.00 RON"}.items() <= metrics(
        page
    ).items()
    rows = {row["number"]: row for row in page.dataframe[0].value.to_dict("records")}
    assert rows["ABC 7"]["kind"] == "Document from the previous program"
    assert list(rows["ABC 7"]["state"]) == ["Overdue"]
    assert pd.isna(rows["ABC 7"]["pdf"])
    assert rows["FCT 00001"]["pdf"].endswith(".pdf")
    assert (list(rows["AV 1"]["state"]), rows["AV 1"]["open"]) == ([], "")
    open_tab(page, "my_documents_tab", "Statement of account")
    assert metrics(page)["From the previous program"] == "440.00 RON"
    entries = next(frame.value for frame in page.dataframe if "what" in frame.value)
    assert list(entries["what"])[:2] == ["Document from the previous program"] * 2
    open_tab(page, "my_documents_tab", "How to pay")
    assert "ABC 7: " in said(page)


def test_a_partner_reads_of_one_what_is_open_why_and_how_to_pay(electro: Principal, cookies: dict[str, str]) -> None:
    one = document(electro, "ABC 7")
    page = open_own(one, electro, cookies)
    assert metrics(page)["Still open"] == "500.00 RON"
    assert [code_block.value for code_block in page.code][-1] == "ABC 7"
    with transaction(SYSTEM) as session:
        record_payment(session, one.partner_id, Decimal(120), one.due_on, clock.now(), pays={one.id: Decimal(120)})
    page = open_own(one, electro, cookies)
    assert page.title[0].value == "Document from the previous program ABC 7"
    assert metrics(page)["Still open"] == "380.00 RON"
    assert links(page) == []
    assert "the distributor's previous program" in said(page)
    assert "telefonic" in said(page)
    assert [code_block.value for code_block in page.code][-1] == "ABC 7"
    page = open_own(document(electro, "AV 1"), electro, cookies)
    assert metrics(page) == {"Your credit when it was brought over": "60.00 RON", "Credit that is left": "60.00 RON"}


def test_another_partners_is_as_absent_as_one_that_never_was(electro: Principal, cookies: dict[str, str]) -> None:
    page = open_own(document(electro, "ABC 7"), make_buyer(), cookies)
    assert "does not exist" in shown_error(page)


def test_staff_record_a_payment_on_it_and_are_offered_no_pdf_no_storno_and_no_correction(
    electro: Principal, cookies: dict[str, str]
) -> None:
    one = document(electro, "ABC 7")
    page = open_page("staff/invoices.py", make_staff(role="accounting"), cookies, document=str(one.id))
    assert page.title[0].value == "Document from the previous program ABC 7"
    assert "its lines and its PDF are there" in said(page)
    assert metrics(page) == {
        "Open when it was loaded": "500.00 RON", "Still open": "500.00 RON", "Due on": metrics(page)["Due on"],
    }  # fmt: skip
    assert drawers(page) == {"Record a payment", "Annul"}
    assert links(page) == []
    drawer(page, "pay", one.id)
    button(page, "Record payment").click().run()
    assert not page.exception
    assert metrics(page)["Still open"] == "0.00 RON"
    assert_invariants()


def test_staff_annul_one_that_was_loaded_by_mistake(electro: Principal, cookies: dict[str, str]) -> None:
    one = document(electro, "ABC 7")
    page = open_page("staff/invoices.py", make_staff(role="accounting"), cookies, document=str(one.id))
    drawer(page, "annul", one.id)
    assert "the same number can be loaded again" in said(page)
    next(field for field in page.text_input if field.label.startswith("Reason")).set_value("another's")
    button(page, "Annul it").click().run()
    assert not page.exception
    assert "Annulled: another's" in said(page)
    page = open_page("staff/invoices.py", make_staff(), cookies, document=str(document(electro, "AV 1").id))
    assert metrics(page) == {"Credit when it was loaded": "60.00 RON", "Credit that is left": "60.00 RON"}
    assert_invariants()


def test_it_stands_in_the_lists_of_staff_without_a_pdf(electro: Principal, cookies: dict[str, str]) -> None:
    page = open_page("staff/invoices.py", make_staff(), cookies)
    rows = {row["number"]: row for row in page.dataframe[0].value.to_dict("records")}
    assert (rows["ABC 7"]["open"].replace("\N{NO-BREAK SPACE}", " "), rows["ABC 7"]["pdf"]) == ("500.00 RON", None)
    page = open_page("staff/receivables.py", make_staff(), cookies, partner=str(electro.partner_id))
    found = next(frame.value for frame in page.dataframe if "pdf" in frame.value)
    assert list(found["number"]) == ["ABC 7"]
    assert list(found["pdf"]) == [None]


def test_accounting_loads_opening_balances_on_the_import_page_and_nothing_else(cookies: dict[str, str]) -> None:
    buyer = make_buyer()
    page = open_page("staff/imports.py", make_staff(role="accounting"), cookies)
    assert page.segmented_control(key="kind").options == ["Opening balances"]
    rows = f"{code(buyer)};A 1;01.09.2026;;120,50;\n"
    page.file_uploader[0].set_value(("solduri.csv", (HEAD + rows).encode(), "text/csv")).run()
    assert metrics(page) == {"New": "1", "Changed": "0", "Unchanged": "0"}
    button(page, "Load the file").click().run()
    assert not page.exception
    assert "loaded as a whole" in page.success[0].value
    assert scalar("select open from receivable") == Decimal("120.50")


def test_no_series_can_be_made_for_it(cookies: dict[str, str]) -> None:
    page = open_page("staff/settings.py", make_staff(), cookies)
    kinds = next(box for box in page.selectbox if box.key and box.key.endswith("-kind"))
    assert "Document from the previous program" not in kinds.options
