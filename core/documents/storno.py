"""Storno: an invoice that reached the buyer is taken back, whole or in part, by a new document (Cod fiscal 330)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from core.documents import parties
from core.documents.efactura.keeping import parties_again
from core.documents.models import Document
from core.documents.order_lines import STANDS, USUAL, Terms, locked_order
from core.documents.vat import Vat, VatTotal
from core.documents.writing import Draft, Line, write
from core.errors import NotFound, Refusal
from core.i18n import N_, fill
from core.money import format_quantity, round_amount
from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize
from core.search import without_nul

NOTHING = Decimal(0)


class NotAnInvoice(Refusal):
    message = N_("{number} is no invoice that stands, so there is nothing to take back.")


class TakenBackAlready(Refusal):
    message = N_("All of invoice {number} was taken back already.")


class MoreThanInvoiced(Refusal):
    message = N_("{name}: at most {most} can be taken back.")

    def text(self, language: str) -> str:
        return fill(self.message, language, self.params | {"most": format_quantity(self.params["most"], language)})


class ReasonMissing(Refusal):
    message = N_("Say why; it stands on the document and in the history.")


class AdvanceDeducted(Refusal):
    message = N_("Invoice {number} deducts this advance. Take that one back first.")


def storno(
    session: Session,
    document_id: int,
    reason: str,
    as_of: datetime,
    quantities: Mapping[int, Decimal] | None = None,
    terms: Terms = USUAL,
) -> Document:
    """Take back an invoice: all that is left of it, or `quantities` (by position of its lines).

    The rates, prices and the exchange rate are those of the original, with minus quantities. What is open on the
    original is paid by the storno; the rest is the partner's credit. What completes the original mirrors what is left
    of it, to the ban. The reason is printed. Records `storno_issued`. Raises NotAllowed, NotFound, ReasonMissing,
    NotAnInvoice, TakenBackAlready, MoreThanInvoiced, AdvanceDeducted, and the refusals of writing and numbering.
    """
    reason = without_nul(reason).strip()
    original = locked_invoice(session, document_id)
    if not reason:
        raise ReasonMissing
    left = [row for row in session.execute(_LEFT, {"document": original.id}) if row.left or row.net_left]
    if not left:
        raise TakenBackAlready(number=original.full_number)
    lines = _lines(original, left, quantities)
    whole = sum(line.net for line in lines) == -sum(row.net_left for row in left) and len(lines) == len(left)
    draft = Draft(
        "storno", original.partner_id, *parties_again(session, original), lines, series_id=terms.series_id,
        issued_on=terms.issued_on, order_id=original.order_id, refers_to=original.id, currency=original.currency,
        exchange_rate=original.exchange_rate, vat_on_payment=original.vat_on_payment,
        note=reason, vat=_vat_left(session, original) if whole else None,
        told={"original": original.full_number, "reason": reason},
    )  # fmt: skip
    return write(session, draft, as_of)


def locked_invoice(session: Session, document_id: int) -> Document:
    """An invoice that stands, with its order and its partner's ledger locked.

    Raises NotAllowed, NotFound, NotAnInvoice.
    """
    authorize(session, "documents.correct")
    found = session.get(Document, document_id)
    if found is None:
        raise NotFound
    if found.order_id is not None:
        locked_order(session, found.order_id)
    parties.lock(session, found.partner_id)
    stands = session.scalar(select(Document.id).where(Document.id == document_id, text(STANDS)))
    if found.kind != "invoice" or stands is None:
        raise NotAnInvoice(number=found.full_number)
    return found


def _lines(original: Document, left: list[Row[Any]], quantities: Mapping[int, Decimal] | None) -> list[Line]:
    found = []
    by_position = {row.position: row for row in left}
    wanted = {row.position: row.left for row in left} if quantities is None else quantities
    for position, quantity in wanted.items():
        row = by_position.get(position)
        if row is None:
            raise NotFound
        if row.deducted:
            raise AdvanceDeducted(number=row.deducted)
        most = row.left
        if quantity == 0 and row.left != 0:
            continue
        if not quantity.is_finite() or abs(quantity) > abs(most) or (quantity < 0) != (most < 0):
            raise MoreThanInvoiced(name=row.name, most=most)
        part = round_amount(quantity * row.unit_price)
        net = -row.net_left if quantity == most or abs(part) > abs(row.net_left) else -part
        tax = Vat(row.vat_category, row.vat_rate, row.reason)
        found.append(
            Line(
                row.name, row.unit, -quantity, row.unit_price, tax, net, row.sku, row.order_line_id,
                (original.id, position),
            )
        )  # fmt: skip
    return found


def _vat_left(session: Session, original: Document) -> list[VatTotal]:
    """What is left of each rate of the original, taken back: the storno that completes it mirrors it exactly."""
    rows = session.execute(_VAT_LEFT, {"document": original.id})
    return [VatTotal(row.category, row.rate, row.reason, -row.base, -row.vat) for row in rows]


_LEFT = text(f"""
    select line.position, line.order_line_id, line.sku, line.name, line.unit, line.unit_price, line.vat_category,
           line.vat_rate, coalesce(vat.reason, '') as reason,
           line.quantity + back.quantity as left, line.net + back.net as net_left,
           case when document.advance then deducted.number end as deducted
    from document join document_line line on line.document_id = document.id
    left join document_vat vat on (vat.document_id, vat.category, vat.rate)
                                = (document.id, line.vat_category, line.vat_rate)
    cross join lateral (
        select coalesce(sum(taken.quantity), 0) as quantity, coalesce(sum(taken.net), 0) as net
        from document_line taken join document storno on storno.id = taken.document_id and storno.kind = 'storno'
        where (taken.reverses_document, taken.reverses_position) = (line.document_id, line.position)
    ) back
    left join lateral (
        select {DOCUMENT_NUMBER.replace("document.", "deducting.")} as number
        from document_line taken join document deducting on deducting.id = taken.document_id
        where (taken.reverses_document, taken.reverses_position) = (line.document_id, line.position)
          and deducting.kind = 'invoice' and {STANDS.replace("document.id", "deducting.id")}
          and not exists (select from document_line again
                          where (again.reverses_document, again.reverses_position)
                              = (taken.document_id, taken.position))
        limit 1
    ) deducted on true
    where document.id = :document order by line.position
""")
_VAT_LEFT = text("""
    select vat.category, vat.rate, vat.reason, vat.base + coalesce(back.base, 0) as base,
           vat.vat + coalesce(back.vat, 0) as vat
    from document_vat vat
    left join lateral (
        select sum(taken.base) as base, sum(taken.vat) as vat
        from document storno join document_vat taken on taken.document_id = storno.id
        where storno.refers_to = vat.document_id and storno.kind = 'storno'
          and (taken.category, taken.rate) = (vat.category, vat.rate)
    ) back on true
    where vat.document_id = :document order by vat.rate desc, vat.category
""")
