"""A bank statement, from the file that is dropped to the payment that books itself and is taken back."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from core import clock
from core.banking.models import BankEntry
from tests.core.banking.steps import Money, entry, kept, mt940
from tests.core.documents.steps import issue, set_up_company
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_staff
from tests.journeys.conftest import Portal, ro
from tests.journeys.test_documents import said, settled_without_complaint
from tests.journeys.test_order_life import button, person

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]


def test_a_statement_is_dropped_twice_booked_once_and_a_payment_taken_back(portal: Portal, enter: Enter) -> None:
    set_up_company()
    buyer = person(portal.add_user(make_partner(name="Exemplu Instal SRL"))[0])
    wanted = steps.order(buyer, {make_product(stock=20, list_price=Decimal(10)).id: 20}, clock.now())
    steps.claim(make_staff(), wanted, clock.now())
    staff_login = portal.add_user(role="accounting")
    document = issue(wanted, clock.now())
    day = (clock.now() - timedelta(hours=3)).date()
    statement = mt940(
        Money("242.00", f"Plata {document.full_number}", name="EXEMPLU INSTAL", day=day, reference="BT1"),
        Money("10.00", "fara numar", name="NIMENI", day=day, reference="BT2"),
    )

    office = enter(staff_login, "/staff-receivables")
    office.get_by_role("tab", name=ro("Bank statements")).click()
    portal.settle(office)
    for new in ("2", "0"):
        drop(portal, office, statement)
        shown = office.locator(".st-key-bank-loaded")
        expect(shown).to_contain_text("2 poziții, din care 2 noi" if new == "2" else "2 poziții, toate deja cunoscute")
    office.get_by_role("button", name=re.compile("Înregistrează 1 plată sigură")).dblclick()
    expect(office.get_by_text(re.compile("1 plată înregistrată, în total 242,00")).first).to_be_visible()
    settled_without_complaint(portal, office)
    assert steps.scalar("select array_agg(amount) from payment") == [242]
    assert steps.scalar(f"select open from receivable where document_id = {document.id}") == 0

    office.get_by_text(re.compile(rf"^{ro('Booked')} \(1\)")).click()
    portal.settle(office)
    [booked] = kept(state="booked")
    box = row_of(office, booked)
    expect(box).to_contain_text(document.full_number)
    button(box, "Take back").click()
    popover = office.get_by_test_id("stPopoverBody")
    popover.get_by_label(ro("Reason")).fill("Banca a greșit")
    button(popover, "Take the payment back").dblclick()
    expect(office.get_by_text(said("The payment is taken back; the entry waits again.")).first).to_be_visible()
    settled_without_complaint(portal, office)
    assert (entry(booked.id).state, len(kept())) == ("open", 2)
    steps.assert_invariants()


def drop(portal: Portal, page: Page, data: bytes) -> None:
    file = {"name": "extras.sta", "mimeType": "text/plain", "buffer": data}
    expect(page.locator("input[type=file]")).to_have_count(1)  # the one before goes when it has its file
    page.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
    portal.settle(page)


def row_of(page: Page, one: BankEntry) -> Locator:
    return page.locator(f".st-key-bank-entry-{one.id}")
