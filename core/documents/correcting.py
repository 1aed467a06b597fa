"""Correcting an invoice that reached the buyer: it is taken back whole, and a corrected one is issued in its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.documents.efactura.keeping import parties_again
from core.documents.models import Document, DocumentVat
from core.documents.order_lines import USUAL, Terms
from core.documents.storno import locked_invoice, storno
from core.documents.vat import Vat
from core.documents.writing import Draft, line_of, write
from core.errors import NotFound, Refusal
from core.i18n import N_

CORRECTED = "384"
"""UNTDID 1001: corrected invoice."""


class NothingChanged(Refusal):
    message = N_("Nothing is different from invoice {number}. Change a quantity, a price or a name first.")


class BadCorrection(Refusal):
    message = N_("{name}: the quantity and the price must be 0 or more, with at most 3 and 4 decimals.")


class AdvanceInvolved(Refusal):
    message = N_(
        "Invoice {number} is of an advance, or deducts one. Take it back with a storno and issue the right one anew."
    )


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a line should have said; a quantity of 0 leaves it out."""

    name: str
    quantity: Decimal
    unit_price: Decimal


def correct(
    session: Session,
    document_id: int,
    lines: Mapping[int, Corrected],
    reason: str,
    as_of: datetime,
    terms: Terms = USUAL,
) -> tuple[Document, Document]:
    """Take an invoice back whole and issue a corrected one (type 384) with these lines changed, by position.

    Both or neither; what was paid on the original becomes a credit. Returns the storno and the corrected invoice.
    Raises NotAllowed, NotFound, NothingChanged, BadCorrection, AdvanceInvolved, what `storno` raises, and the refusals
    of writing and numbering.
    """
    original = locked_invoice(session, document_id)
    if original.advance or any(line.reverses_document for line in original.lines):
        raise AdvanceInvolved(number=original.full_number)
    back = storno(session, document_id, reason, as_of, terms=terms)
    of_original = select(DocumentVat).where(DocumentVat.document_id == document_id)
    reasons = {part.category: part.reason for part in session.scalars(of_original)}
    known = {line.position for line in original.lines}
    if not lines.keys() <= known:
        raise NotFound
    new, changed = [], False
    for line in original.lines:
        right = lines.get(line.position, Corrected(line.name, line.quantity, line.unit_price))
        _check(right)
        changed |= (right.name, right.quantity, right.unit_price) != (line.name, line.quantity, line.unit_price)
        if right.quantity:
            tax = Vat(line.vat_category, line.vat_rate, reasons.get(line.vat_category, ""))
            new.append(
                line_of(
                    right.name, line.unit, right.quantity, right.unit_price, tax, sku=line.sku,
                    order_line_id=line.order_line_id,
                )
            )  # fmt: skip
    if not changed:
        raise NothingChanged(number=original.full_number)
    draft = Draft(
        "invoice", original.partner_id, *parties_again(session, original), new,
        payment_days=(original.due_on - original.issued_on).days, series_id=terms.series_id, issued_on=terms.issued_on,
        order_id=original.order_id, refers_to=original.id, type_code=CORRECTED, currency=original.currency,
        exchange_rate=original.exchange_rate, vat_on_payment=original.vat_on_payment,
        delivered_on=original.delivered_on, reference=original.reference, deliver_to=original.deliver_to,
        note=terms.note, told={"original": original.full_number},
    )  # fmt: skip
    return back, write(session, draft, as_of)


def _check(right: Corrected) -> None:
    for number, decimals in ((right.quantity, 3), (right.unit_price, 4)):
        if not number.is_finite() or number < 0 or number != round(number, decimals):
            raise BadCorrection(name=right.name)
