"""An invoice from its issue to its storno, as a member of staff and the partner see it in their browsers."""

import io
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from core import clock
from tests.core.documents.steps import set_up_company, text_of
from tests.core.exports.workbooks import read_book
from tests.core.orders import steps
from tests.factories import make_partner, make_product
from tests.journeys.conftest import Portal, ro
from tests.journeys.test_order_life import button, person, press

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]


def test_an_invoice_is_issued_paid_in_part_read_downloaded_and_taken_back_each_once(
    portal: Portal, enter: Enter
) -> None:
    set_up_company()
    buyer_login, staff_login = portal.add_user(make_partner()), portal.add_user()
    buyer, staff = person(buyer_login[0]), person(staff_login[0])
    wanted = steps.order(
        buyer, {make_product(stock=20, name="Cablu CYY-F", list_price=Decimal(10)).id: 20}, clock.now()
    )
    steps.claim(staff, wanted, clock.now())
    steps.ship(staff, wanted, clock.now())

    office = enter(staff_login, f"/staff-orders?order={wanted}")
    button(office, "Issue the invoice").dblclick()
    expect(office.get_by_text(said("Invoice {number} is issued.")).first).to_be_visible()
    settled_without_complaint(portal, office)
    invoice = steps.scalar("select id from document")

    portal.open(office, f"/staff-invoices?document={invoice}")
    press(portal, office, "Record a payment")
    office.get_by_test_id("stPopoverBody").get_by_label(ro("Amount received, lei")).fill("42")
    button(office, "Record payment").dblclick()
    expect(office.get_by_text(ro("The payment is recorded.")).first).to_be_visible()
    settled_without_complaint(portal, office)
    assert steps.scalar("select array_agg(amount) from payment") == [42]

    shop = enter(buyer_login, "/documents")
    expect(shop.get_by_text(said("You owe {unpaid}; nothing of it is late.")).first).to_contain_text("200,00")
    reads_account(portal, shop, Decimal(200))
    portal.open(shop, f"/documents?document={invoice}")
    expect(shop.get_by_text("200,00").first).to_be_visible()
    expect(shop.get_by_text(re.compile(r"42,00.*200,00")).first).to_be_visible()  # why it is open
    printed = text_of(download(portal, shop, f"/documents/{invoice}.pdf"))
    assert "Cablu CYY-F" in printed
    assert "242,00" in printed

    press(portal, office, "Take back (storno)")
    office.get_by_label(ro("Reason, as it stands on the storno")).fill("Marfă returnată")
    button(office, "Issue the storno").dblclick()
    expect(office.get_by_text(said("{number} is issued.")).first).to_be_visible()
    settled_without_complaint(portal, office)
    assert steps.scalar("select array_agg(kind || ' ' || lei_gross order by id) from document") == [
        "invoice 242.00", "storno -242.00",
    ]  # fmt: skip
    portal.open(shop, "/documents")
    expect(shop.get_by_text(said("You have {credit} in credit for what comes.")).first).to_contain_text("42,00")
    reads_account(portal, shop, Decimal(-42))
    steps.assert_invariants()


def said(message: str) -> re.Pattern[str]:
    """What the Romanian page makes of an English source text."""
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\{\w+\}", ro(message))))


def settled_without_complaint(portal: Portal, page: Page) -> None:
    portal.settle(page)
    expect(page.get_by_test_id("stAlertContentWarning")).to_have_count(0)


def reads_account(portal: Portal, page: Page, owed: Decimal) -> None:
    """The statement of account comes to this, on the page, on paper and in the workbook."""
    page.get_by_role("tab", name=ro("Statement of account")).click()
    closing = page.get_by_test_id("stMetric").filter(has_text=ro("Closing balance"))
    expect(closing).to_contain_text(f"{owed:.2f}".replace(".", ","))
    form = {name: page.get_by_role("link", name=name.upper()).get_attribute("href") or "" for name in ("pdf", "xlsx")}
    assert f"{owed:.2f}".replace(".", ",") in text_of(download(portal, page, form["pdf"]))
    entries = next(iter(read_book(io.BytesIO(download(portal, page, form["xlsx"]))).values()))
    assert entries[-1][-1] == owed


def download(portal: Portal, page: Page, address: str) -> bytes:
    answer = page.request.get(portal.url + address.removeprefix(portal.url))
    assert answer.status == 200
    body = answer.body()
    assert body.startswith(b"%PDF" if ".pdf" in address else b"PK")
    return body
