"""What of an order is neither delivered nor invoiced can be cancelled after an invoice of a part of it."""

from decimal import Decimal
from functools import partial

import pytest

from core.db import transaction
from core.documents import order_lines, storno
from core.documents.issuing import StillAwaited, issue_invoice
from core.documents.models import Document
from core.errors import Refusal
from core.orders.cancelling import NotLeftToCancel
from core.orders.lifecycle import InvoicedOrder
from core.orders.shipping import ship_part as send
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import set_up_company
from tests.core.orders.steps import (
    NOON,
    assert_invariants,
    available,
    by_line,
    cancel,
    cancel_part,
    claim,
    events,
    line_state,
    order,
    scalar,
    ship,
    ship_part,
    status,
)
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


@pytest.fixture
def staff() -> Principal:
    return make_staff()


def claimed(staff: Principal, *wanted: int, backorder: bool = False) -> int:
    """An order of so much of new products at 10 lei, of which there are ten."""
    products = [make_product(stock=10, list_price=Decimal(10), backorder=backorder) for _ in wanted]
    order_id = order(make_buyer(), {product.id: quantity for product, quantity in zip(products, wanted, strict=True)})
    claim(staff, order_id)
    return order_id


def invoice(order_id: int, shipped_only: bool = True) -> Document:
    with transaction(SYSTEM) as session:
        return issue_invoice(session, order_id, NOON, shipped_only)


def take_back(document: Document, quantities: dict[int, Decimal] | None = None) -> None:
    with transaction(SYSTEM) as session:
        storno.storno(session, document.id, "wrong", NOON, quantities)


def test_staff_cancel_the_rest_of_an_order_that_was_invoiced_as_it_left(staff: Principal) -> None:
    order_id = claimed(staff, 8, 2)
    ship_part(staff, order_id, {1: 3})
    document = invoice(order_id)
    cancel(staff, order_id)
    assert (status(order_id), line_state(order_id)) == ("shipped", [(0, 3, 0, 5), (0, 0, 0, 2)])
    gross = scalar("select gross from orders where id = :id", id=order_id)
    assert gross == document.gross == scalar("select invoiced from orders where id = :id", id=order_id)
    assert len(events(order_id, "order_part_cancelled")) == 1
    with pytest.raises(order_lines.AlreadyInvoiced):
        invoice(order_id, shipped_only=False)
    assert_invariants()


def test_what_waits_on_backorder_after_an_invoice_of_what_was_there_is_cancelled(staff: Principal) -> None:
    order_id = claimed(staff, 14, backorder=True)
    ship(staff, order_id)
    invoice(order_id)
    with pytest.raises(StillAwaited):
        invoice(order_id, shipped_only=False)
    cancel_part(staff, order_id, {1: 3})
    assert (status(order_id), line_state(order_id)) == ("claimed", [(0, 10, 1, 3)])
    cancel_part(staff, order_id, {1: 1})
    assert (status(order_id), line_state(order_id)) == ("shipped", [(0, 10, 0, 4)])
    assert_invariants()


def test_of_an_order_invoiced_whole_nothing_is_cancelled_until_a_storno_takes_it_back(staff: Principal) -> None:
    order_id = claimed(staff, 8)
    ship_part(staff, order_id, {1: 3})
    document = invoice(order_id, shipped_only=False)
    for act in (partial(cancel, staff, order_id), partial(cancel_part, staff, order_id, {1: 1})):
        with pytest.raises(InvoicedOrder):
            act()
    take_back(document, {1: Decimal(4)})  # 4 of 8 stay invoiced, of which 3 have left
    with pytest.raises(InvoicedOrder):
        cancel(staff, order_id)
    with pytest.raises(NotLeftToCancel) as refused:
        cancel_part(staff, order_id, {1: 5})
    assert refused.value.params["most"] == 4
    cancel_part(staff, order_id, {1: 4})
    assert (status(order_id), line_state(order_id)) == ("claimed", [(1, 3, 0, 4)])
    take_back(document)
    cancel(staff, order_id)
    assert (status(order_id), line_state(order_id)) == ("shipped", [(0, 3, 0, 5)])
    assert_invariants()


def test_what_does_not_leave_with_a_later_delivery_is_given_up_as_far_as_it_is_not_invoiced(staff: Principal) -> None:
    order_id = claimed(staff, 8)
    product = scalar("select product_id from order_line where order_id = :id", id=order_id)
    ship_part(staff, order_id, {1: 3})
    invoice(order_id)
    ship_part(staff, order_id, {1: 2}, "cancel")
    assert (status(order_id), line_state(order_id), available(product)) == ("shipped", [(0, 5, 0, 3)], 5)
    whole = claimed(staff, 8)
    invoice(whole, shipped_only=False)
    with pytest.raises(InvoicedOrder), transaction(staff) as session:
        send(session, whole, by_line(whole, {1: 2}), "cancel", NOON)
    assert_invariants()


def test_cancelling_the_rest_and_invoicing_it_at_once_never_invoices_what_is_cancelled(staff: Principal) -> None:
    won = []
    for _ in range(6):
        order_id = claimed(staff, 8)
        ship_part(staff, order_id, {1: 3})
        invoice(order_id)
        outcome = at_once([partial(invoice, order_id, False), partial(cancel, staff, order_id)])
        assert sum(isinstance(result, Refusal) for result in outcome) == 1
        won.append(isinstance(outcome[1], Refusal))
        held, cancelled = (5, 0) if won[-1] else (0, 5)
        assert line_state(order_id) == [(held, 3, 0, cancelled)]
        assert scalar(_INVOICED, id=order_id) == (8 if won[-1] else 3)
    assert_invariants()


_INVOICED = """
    select sum(done.quantity) from document_line done join order_line on order_line.id = order_line_id
    where order_id = :id
"""
