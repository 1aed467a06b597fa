"""An order's page once something of it is invoiced: what may still be cancelled, and advances of what has ended."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import text

from core import clock
from core.db import transaction
from core.documents import advances, issuing
from core.principal import SYSTEM
from core.receivables.prepaying import record_order_payment
from pages.ui.invoices import today
from tests.core.documents.steps import set_up_company
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff
from tests.pages.orders.steps import OrderPage
from workers import jobs

Open = Callable[..., OrderPage]


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def placed() -> int:
    """8 pieces at 10 lei, 96.80 with VAT."""
    product = make_product(stock=10, list_price=Decimal(10), name="Cablu")
    return steps.order(make_buyer(), {product.id: 8}, clock.now())


def invoiced(shipped_only: bool) -> int:
    """Of which 3 have left."""
    order_id, staff = placed(), make_staff()
    steps.claim(staff, order_id, clock.now())
    steps.ship_part(staff, order_id, {1: 3}, as_of=clock.now())
    with transaction(SYSTEM) as session:
        issuing.issue_invoice(session, order_id, clock.now(), shipped_only)
    return order_id


def test_what_is_neither_delivered_nor_invoiced_is_cancelled_on_the_page(as_staff: Open) -> None:
    order_id = invoiced(shipped_only=True)
    page = as_staff(order_id).open("cancel").fill("cancel-reason", "None left").click("Yes, cancel it")
    assert "The order is cancelled." in page.said
    assert steps.line_state(order_id) == [(0, 3, 0, 5)]


def test_an_order_invoiced_whole_offers_no_way_to_cancel_it_or_to_give_up_what_is_held(as_staff: Open) -> None:
    page = as_staff(invoiced(shipped_only=False))
    assert "Cancel the order" not in page.drawers
    assert page.open("ship").field("ship-rest").options == ["stays held for the order"]


def test_staff_read_why_the_advance_of_an_ended_order_still_stands(as_staff: Open) -> None:
    order_id = placed()
    with transaction(SYSTEM) as session:
        record_order_payment(session, order_id, Decimal(40), today(), "OP 1", clock.now())
        number = advances.issue_advance(session, order_id, clock.now()).full_number
    steps.cancel(make_staff(), order_id, as_of=clock.now())
    assert f"its advance invoice [{number}]" in as_staff(order_id).text
    with transaction(SYSTEM) as session:
        session.execute(text("update document_series set closed = true"))
    jobs.take_back_advances()
    page = as_staff(order_id)
    assert "could not be taken back by itself: There is no open series" in page.text
    assert f"Advance invoice {number} could not be taken back by itself" in page.text  # in the history, too
    with transaction(SYSTEM) as session:
        session.execute(text("update document_series set closed = false"))
    jobs.take_back_advances()
    assert "its advance invoice" not in as_staff(order_id).text
