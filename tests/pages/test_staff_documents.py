"""The distributor's page of documents, the drawer on an order, and the series under Settings, run as Streamlit does."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.auth.sessions import open_session
from core.config import ROOT
from core.db import transaction
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from core.receivables.prepaying import record_order_payment
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders.steps import assert_invariants, claim, order, scalar, ship_part
from tests.factories import make_buyer, make_product, make_staff


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def open_page(path: str, who: Principal, cookies: dict[str, str], **query: str) -> AppTest:
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, who.user_id or 0, clock.now())
        session.get_one(User, who.user_id).language = "en"
    page = AppTest.from_file(ROOT / "Home.py", default_timeout=20).run().switch_page(f"pages/staff/{path}")
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def button(page: AppTest, label: str):
    return next(one for one in page.button if one.label == label)


def field(page: AppTest, label: str):
    return next(one for one in (*page.text_input, *page.selectbox) if one.label == label)


def drawer(page: AppTest, name: str, of: int) -> AppTest:
    """AppTest cannot click a popover: its state is set as the click would."""
    page.session_state[f"{name}-{of}-en-0"] = True
    page.run()
    assert not page.exception
    return page


def links(page: AppTest) -> dict[str, str]:
    return {link.proto.label: link.proto.url for link in page.main.get("link_button")}


def drawers(page: AppTest) -> set[str]:
    return {block.proto.popover.label for block in page.main.get("popover")}


def test_staff_find_documents_by_kind_and_open_one(cookies: dict[str, str]) -> None:
    document = issue(claimed_order(make_buyer(name="Electro SRL")), clock.now())
    page = open_page("invoices.py", make_staff(), cookies)
    assert list(page.dataframe[0].value["number"]) == ["FCT 00001"]
    page.button_group[1].set_value(["receipt"]).run()
    assert "No document matches" in page.info[0].value
    page = open_page("invoices.py", make_staff(), cookies, document=str(document.id))
    assert page.title[0].value == "Invoice FCT 00001"
    assert {metric.label: metric.value.replace("\N{NO-BREAK SPACE}", " ") for metric in page.metric}["Still open"] == (
        "121.00 RON"
    )


def test_a_document_that_is_not_there_is_a_sentence(cookies: dict[str, str]) -> None:
    page = open_page("invoices.py", make_staff(), cookies, document="999")
    assert "does not exist" in page.error[0].value


def test_an_invoice_without_an_order_is_typed_and_issued(cookies: dict[str, str]) -> None:
    buyer = make_buyer(name="Electro SRL")
    page = open_page("invoices.py", make_staff(), cookies, document="new")
    field(page, "Partner").set_value(buyer.partner_id)
    field(page, "Goods or service").set_value("Transport")
    field(page, "Net unit price").set_value("80.50")
    button(page, "Issue it").click().run()
    assert not page.exception
    assert not page.error
    assert scalar("select gross from document where kind = 'invoice'") == Decimal("97.41")
    assert page.title[0].value == "Invoice FCT 00001"
    assert_invariants()


def test_an_invoice_that_e_factura_would_refuse_is_a_sentence_and_nothing_is_lost(cookies: dict[str, str]) -> None:
    buyer = make_buyer(name="Electro SRL", county="")
    page = open_page("invoices.py", make_staff(), cookies, document="new")
    field(page, "Partner").set_value(buyer.partner_id)
    field(page, "Goods or service").set_value("Transport")
    field(page, "Net unit price").set_value("80.50")
    button(page, "Issue it").click().run()
    told = page.error[0].value.replace("\\", "")
    assert "Electro SRL: the county is missing. Write its name or its two letters (the partner's page)." in told
    assert scalar("select count(*) from document") == 0
    with transaction(SYSTEM) as session:
        session.get_one(Partner, buyer.partner_id).county = "Cluj"
    button(page, "Issue it").click().run()
    assert not page.error
    assert page.title[0].value == "Invoice FCT 00001"


def test_beside_the_pdf_there_is_the_xml_unless_the_company_does_without(cookies: dict[str, str]) -> None:
    document = issue(claimed_order(), clock.now())
    page = open_page("invoices.py", make_staff(), cookies, document=str(document.id))
    assert links(page)["XML (e-Factura)"] == f"/documents/{document.id}.xml"
    set_up_company(efactura=False)
    document = issue(claimed_order(), clock.now())
    page = open_page("invoices.py", make_staff(), cookies, document=str(document.id))
    assert "PDF" in links(page)
    assert "XML (e-Factura)" not in links(page)


def test_an_invoice_without_a_partner_or_with_a_word_for_a_price_is_a_sentence_and_nothing_is_lost(
    cookies: dict[str, str],
) -> None:
    page = open_page("invoices.py", make_staff(), cookies, document="new")
    field(page, "Goods or service").set_value("Transport")
    field(page, "Net unit price").set_value("cheap")
    button(page, "Issue it").click().run()
    assert "Net unit price" in page.error[0].value
    field(page, "Net unit price").set_value("5")
    button(page, "Issue it").click().run()
    assert page.error
    assert field(page, "Goods or service").value == "Transport"
    assert scalar("select count(*) from document") == 0


def test_an_invoice_is_taken_back_in_part_with_a_reason(cookies: dict[str, str]) -> None:
    document = issue(claimed_order(), clock.now())
    page = open_page("invoices.py", make_staff(), cookies, document=str(document.id))
    drawer(page, "storno", document.id)
    next(one for one in page.text_input if one.label.startswith("Țeavă")).set_value("0.5")
    button(page, "Issue the storno").click().run()
    assert "Say why" in page.warning[0].value
    next(one for one in page.text_input if one.label.startswith("Reason")).set_value("half came back")
    button(page, "Issue the storno").click().run()
    assert not page.exception
    assert scalar("select gross from document where kind = 'storno'") == Decimal("-60.50")
    assert page.title[0].value == "Storno FCT 00002"
    assert_invariants()


def test_who_may_not_correct_documents_is_offered_nothing_of_it(cookies: dict[str, str]) -> None:
    document = issue(claimed_order(), clock.now())
    page = open_page("invoices.py", make_staff(role="sales"), cookies, document=str(document.id))
    assert drawers(page) == set()
    page = open_page("invoices.py", make_staff(role="accounting"), cookies, document=str(document.id))
    assert drawers(page) == {"Record a payment", "Take back (storno)", "Correct", "Annul"}


def test_an_order_can_be_invoiced_as_far_as_it_was_shipped(cookies: dict[str, str]) -> None:
    product = make_product(stock=10, list_price=Decimal(10))
    order_id = order(make_buyer(), {product.id: 5}, clock.now())
    claim(make_staff(), order_id, clock.now())
    ship_part(make_staff(), order_id, {1: 2}, as_of=clock.now())
    page = open_page("orders.py", make_staff(), cookies, order=str(order_id))
    drawer(page, "documents", order_id)
    assert page.radio[0].options == [
        "Invoice of all that is not invoiced yet", "Invoice of what was shipped", "Proforma"
    ]  # fmt: skip
    page.radio[0].set_value("shipped").run()
    button(page, "Issue it").click().run()
    assert not page.exception
    assert scalar("select gross from document") == Decimal("24.20")
    assert_invariants()


def test_money_received_ahead_is_invoiced_from_the_order(cookies: dict[str, str]) -> None:
    order_id = order(make_buyer(), {make_product(stock=5, list_price=Decimal(100)).id: 1}, clock.now())
    with transaction(SYSTEM) as session:
        record_order_payment(
            session, order_id, Decimal("60.50"), datetime(2026, 1, 1, tzinfo=UTC).date(), "", clock.now()
        )
    page = open_page("orders.py", make_staff(), cookies, order=str(order_id))
    drawer(page, "documents", order_id)
    page.radio[0].set_value("advance").run()
    button(page, "Issue it").click().run()
    assert not page.exception
    assert scalar("select gross from document where advance") == Decimal("60.50")
    assert_invariants()


def test_a_series_is_added_under_settings(cookies: dict[str, str]) -> None:
    page = open_page("settings.py", make_staff(), cookies)
    next(one for one in page.text_input if one.key and one.key.endswith("-prefix")).set_value("fct-cj")
    button(page, "Add it").click().run()
    assert not page.exception
    assert scalar("select prefix from document_series where prefix like 'FCT-%'") == "FCT-CJ"
