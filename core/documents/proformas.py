"""Proformas: what an order comes to, for the partner to pay by. No fiscal documents."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.clock import local_date
from core.documents.models import Document
from core.documents.order_lines import (
    USUAL,
    OrderEnded,
    Terms,
    draft_of,
    invoiced_already,
    locked_order,
    open_lines,
    parties_of,
)
from core.documents.writing import write
from core.permissions import authorize


def issue_proforma(session: Session, order_id: int, as_of: datetime, terms: Terms = USUAL) -> Document:
    """Issue a proforma of all that an open order comes to and is not invoiced yet.

    It is due when the order is to be paid, else in the partner's days. Raises NotAllowed, NotFound, OrderEnded,
    AlreadyInvoiced, and what is raised by order_lines, parties, writing and numbering.
    """
    authorize(session, "documents.issue")
    order = locked_order(session, order_id)
    seller, buyer = parties_of(session, order)
    if order.status not in ("placed", "claimed", "shipped"):
        raise OrderEnded(order=order_id)
    lines = open_lines(session, order, seller, buyer, "billable")
    if not lines:
        raise invoiced_already(session, order_id)
    due_on = local_date(order.pay_deadline, seller.time_zone) if order.pay_deadline else None
    draft = draft_of("proforma", order, seller, buyer, lines, terms, payment_days=buyer.payment_days, due_on=due_on)
    return write(session, draft, as_of)
