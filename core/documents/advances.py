"""Advances: invoices of money that came before the goods, and their deduction from the invoice of the goods."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.documents.models import Document
from core.documents.order_lines import (
    NOTHING,
    STANDS,
    USUAL,
    OrderEnded,
    Terms,
    draft_of,
    locked_order,
    open_lines,
    parties_of,
)
from core.documents.vat import Vat
from core.documents.writing import Line, line_of, write
from core.errors import Refusal
from core.i18n import N_
from core.money import round_amount
from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize


class NothingPaidAhead(Refusal):
    message = N_("No money was received on order {order} that is not invoiced yet. Record the payment first.")


def issue_advance(session: Session, order_id: int, as_of: datetime, terms: Terms = USUAL) -> Document:
    """Issue the invoice of the money that was received on an order before its goods leave (Cod fiscal 282 (2) b).

    A line per rate of the order, in proportion. The invoice of the goods deducts it. Raises NotAllowed, NotFound,
    OrderEnded, NothingPaidAhead, and what is raised by order_lines, parties, writing and numbering.
    """
    authorize(session, "documents.issue")
    order = locked_order(session, order_id)
    seller, buyer = parties_of(session, order)
    if order.status not in ("placed", "claimed", "shipped"):
        raise OrderEnded(order=order_id)
    paid: Decimal = session.execute(_PREPAID, {"order": order_id}).scalar_one()
    lines = open_lines(session, order, seller, buyer, "billable")
    if paid <= 0 or not lines:
        raise NothingPaidAhead(order=order_id)
    draft = draft_of("invoice", order, seller, buyer, _advance_lines(order_id, lines, paid), terms, advance=True)
    return write(session, draft, as_of)


def deductions(session: Session, order_id: int, lines: Sequence[Line]) -> list[Line]:
    """What is left of the order's advances, as far as the lines of the same category and rate reach."""
    room: dict[tuple[str, Decimal], Decimal] = {}
    for line in lines:
        room[line.tax[:2]] = room.get(line.tax[:2], NOTHING) + line.net
    found = []
    for row in session.execute(_ADVANCES, {"order": order_id}):
        key = row.vat_category, row.vat_rate
        part = min(row.remaining, room.get(key, NOTHING))
        if part > 0:
            room[key] -= part
            tax = Vat(*key, row.reason)
            name = f"Storno avans, factura {row.number} din {row.issued_on:%d.%m.%Y}"
            found.append(line_of(name, row.unit, Decimal(-1), part, tax, reverses=(row.document_id, row.position)))
    return found


def _advance_lines(order_id: int, lines: Sequence[Line], paid: Decimal) -> list[Line]:
    """The money, VAT included, split in proportion to the gross of each rate; the last one takes the rest."""
    nets: dict[Vat, Decimal] = {}
    for line in lines:
        nets[line.tax] = nets.get(line.tax, NOTHING) + line.net
    grosses = [net + round_amount(net * tax.rate / 100) for tax, net in nets.items()]
    whole = sum(grosses, NOTHING)
    left = paid = min(paid, whole)
    found = []
    for at, (tax, gross) in enumerate(zip(nets, grosses, strict=True), start=1):
        part = left if at == len(grosses) else round_amount(paid * gross / whole)
        left -= part
        net = round_amount(part * 100 / (100 + tax.rate))
        if net > 0:
            found.append(line_of(f"Avans pentru comanda {order_id}", "buc", Decimal(1), net, tax))
    return found


# What is left of each line of an advance: less what was deducted, but for what a storno of that gave back.
_ADVANCES = text(f"""
    select line.document_id, line.position, line.unit, line.vat_category, line.vat_rate,
           {DOCUMENT_NUMBER} as number, document.issued_on, coalesce(vat.reason, '') as reason,
           line.net + back.net as remaining
    from document join document_line line on line.document_id = document.id
    left join document_vat vat on (vat.document_id, vat.category, vat.rate)
                                = (document.id, line.vat_category, line.vat_rate)
    cross join lateral (
        select coalesce(sum(taken.net + again.net), 0) as net from document_line taken
        cross join lateral (
            select coalesce(sum(net), 0) as net from document_line
            where (reverses_document, reverses_position) = (taken.document_id, taken.position)
        ) again
        where (taken.reverses_document, taken.reverses_position) = (line.document_id, line.position)
    ) back
    where document.order_id = :order and document.advance and {STANDS} order by document.id, line.position
""")
_PREPAID = text("select coalesce(sum(amount), 0) from allocation where order_id = :order")
