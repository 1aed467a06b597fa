"""Issuing the fiscal invoice of an order: whole, or of what was shipped; in the caller's transaction."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import actor
from core.documents.advances import deductions
from core.documents.models import Document
from core.documents.order_lines import (
    USUAL,
    NothingShipped,
    OrderEnded,
    Terms,
    draft_of,
    invoiced_already,
    locked_order,
    open_lines,
    parties_of,
)
from core.documents.writing import LEI, Line, line_of, write
from core.errors import Refusal
from core.i18n import N_
from core.orders.lapsing import UNPAID, is_overdue
from core.orders.models import Order
from core.orders.shipping import NotPaidYet
from core.permissions import authorize, may

INVOICED_STATUSES = ("claimed", "shipped")


class OrderNotClaimed(Refusal):
    message = N_("Order {order} has not been claimed yet. Claim it first, then issue the invoice.")


class StillAwaited(Refusal):
    message = N_(
        "Order {order} still waits for goods on backorder. Issue an invoice of what was shipped, or wait until they"
        " come, or cancel them first."
    )


class AdvanceInLei(Refusal):
    message = N_("The advance of order {order} was invoiced in lei, so its goods are invoiced in lei as well.")


def issue_invoice(
    session: Session, order_id: int, as_of: datetime, shipped_only: bool = False, terms: Terms = USUAL
) -> Document:
    """Issue the invoice of what is not invoiced yet of a claimed or shipped order, dated in the company's time zone.

    `shipped_only`: of what has left. Lines are copied from the order, as far as they are not cancelled; advances that
    were invoiced are deducted, as far as the invoice reaches; VAT is computed once per category and rate. What was paid
    on the order pays it. The number is taken in the caller's transaction. Records `invoice_issued`. Raises NotAllowed,
    NotFound, the refusals of this module, and those of order_lines, parties, vat, writing, numbering.
    """
    authorize(session, "documents.issue")
    order = locked_order(session, order_id)
    seller, buyer = parties_of(session, order)
    _require_invoiceable(session, order, as_of, shipped_only)
    lines = open_lines(session, order, seller, buyer, "shipped" if shipped_only else "billable")
    if not lines:
        raise NothingShipped(order=order_id) if shipped_only else invoiced_already(session, order_id)
    deducted = deductions(session, order_id, lines)
    if terms.currency != LEI:
        if deducted:
            raise AdvanceInLei(order=order_id)
        lines = [_in_currency(line, terms.exchange_rate) for line in lines]
    lines += deducted
    delivered = session.execute(_LAST_DELIVERY, {"order": order_id, "zone": seller.time_zone}).scalar_one()
    draft = draft_of(
        "invoice", order, seller, buyer, lines, terms, payment_days=buyer.payment_days, delivered_on=delivered
    )
    return write(session, draft, as_of)


def _require_invoiceable(session: Session, order: Order, as_of: datetime, shipped_only: bool) -> None:
    if order.status not in INVOICED_STATUSES:
        raise OrderNotClaimed(order=order.id) if order.status == "placed" else OrderEnded(order=order.id)
    # An invoice ends the wait for the payment: that is for who may let the order go without one.
    if not may(actor(session), "limits.manage") and session.scalar(_UNPAID, {"order": order.id}):
        raise NotPaidYet(order=order.id)
    if is_overdue(session, order.id, as_of):
        raise OrderEnded(order=order.id)
    if not shipped_only and session.execute(_WAITING, {"order": order.id}).scalar_one():
        raise StillAwaited(order=order.id)


def _in_currency(line: Line, rate: Decimal) -> Line:
    """A line priced in lei, in a currency of which one unit costs `rate` lei."""
    price = (line.unit_price / rate).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return line_of(
        line.name, line.unit, line.quantity, price, line.tax, sku=line.sku, order_line_id=line.order_line_id,
        reverses=line.reverses,
    )  # fmt: skip


_UNPAID = text(f"select {UNPAID} from orders where id = :order")
_WAITING = text("select coalesce(sum(waiting), 0) > 0 from line_state where order_id = :order")
_LAST_DELIVERY = text("""
    select max((at at time zone cast(:zone as text))::date) from delivery where order_id = :order
""")
