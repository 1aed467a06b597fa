"""Writing an issued document down: number, copies of the parties, lines, VAT, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import actor
from core.documents.efactura.keeping import keep_at_issue
from core.documents.models import Document, DocumentLine, DocumentVat
from core.documents.numbering import take_number
from core.documents.units import unit_code
from core.documents.vat import Vat, VatTotal, total, vat_totals
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.money import round_amount
from core.search import without_nul

ISSUED_EVENTS = {
    "proforma": "proforma_issued", "invoice": "invoice_issued", "storno": "storno_issued", "receipt": "receipt_issued",
    "delivery_note": "delivery_note_issued",
}  # fmt: skip
TYPE_CODES = {"invoice": "380", "storno": "380"}
LEI = "RON"
LONGEST_NOTE = 300
"""Characters of a note: what e-Factura takes (FISCAL 4)."""


class NothingToIssue(Refusal):
    message = N_("The document would have no lines. Add at least one.")


class IssuedInFuture(Refusal):
    message = N_("The date of issue is in the future. Enter today's date or an earlier one.")


class TotalBelowNothing(Refusal):
    message = N_("The document would come to less than nothing. Issue a storno of the invoice instead.")


class BadExchangeRate(Refusal):
    message = N_("Enter the exchange rate: lei for one unit of the currency, with at most 4 decimals.")


class NoteTooLong(Refusal):
    message = N_("The note has {length} characters; {largest} are allowed.")


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be written; `net` is quantity times unit price unless it completes what was rounded before.

    `reverses` (document, position): the line that it takes back.
    """

    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    tax: Vat
    net: Decimal
    sku: str = ""
    order_line_id: int | None = None
    reverses: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be issued, but for its number. `seller` and `buyer` as core.documents.parties copies them.

    `issued_on` None is today; `exchange_rate` is lei for one unit of `currency`. `vat`: its totals where they are not
    to be computed, since they mirror those of another document.
    """

    kind: str
    partner_id: int
    seller: dict[str, Any]
    buyer: dict[str, Any]
    lines: Sequence[Line]
    payment_days: int = 0
    issued_on: date | None = None
    due_on: date | None = None
    series_id: int | None = None
    order_id: int | None = None
    refers_to: int | None = None
    delivery_id: int | None = None
    payment_id: int | None = None
    type_code: str = ""
    currency: str = LEI
    exchange_rate: Decimal = Decimal(1)
    advance: bool = False
    vat_on_payment: bool = False
    delivered_on: date | None = None
    reference: str = ""
    deliver_to: str = ""
    note: str = ""
    vat: Sequence[VatTotal] | None = None
    told: dict[str, Any] = field(default_factory=dict)


def line_of(name: str, unit: str, quantity: Decimal, unit_price: Decimal, tax: Vat, **more: Any) -> Line:
    """A line whose net amount is quantity times unit price, half-up to two decimals."""
    return Line(name, unit, quantity, unit_price, tax, round_amount(quantity * unit_price), **more)


def write(session: Session, draft: Draft, as_of: datetime) -> Document:
    """Issue the draft at `as_of`: the number is taken now, in the caller's transaction. Records its event.

    An invoice or a storno is kept as the XML of e-Factura with it, unless the company does without. Raises
    NothingToIssue, IssuedInFuture, TotalBelowNothing, BadExchangeRate, NoteTooLong, NotForEfactura, and what numbering
    raises.
    """
    today = local_date(as_of, company(session).time_zone)
    issued_on = draft.issued_on or today
    _check(draft, issued_on, today)
    parts = list(draft.vat) if draft.vat is not None else vat_totals(draft.lines)
    net, vat = total(parts)
    if draft.kind != "storno" and net + vat < 0:
        raise TotalBelowNothing
    number = take_number(session, draft.kind, issued_on, draft.series_id)
    document = _document(draft, parts)
    document.series_id, document.series, document.number = number
    document.issued_on, document.issued_at = issued_on, as_of
    document.due_on = max(draft.due_on or date.fromordinal(issued_on.toordinal() + draft.payment_days), issued_on)
    document.issued_by, document.issuer_name = actor(session).user_id, actor(session).name
    session.add(document)
    session.flush()
    _write_lines(session, document, draft.lines)
    _write_vat(session, document, parts)
    keep_at_issue(session, document)
    record(
        session, ISSUED_EVENTS[draft.kind], as_of, partner_id=draft.partner_id, order_id=draft.order_id,
        document_id=document.id, number=document.full_number, **draft.told,
    )  # fmt: skip
    return document


def _check(draft: Draft, issued_on: date, today: date) -> None:
    if not draft.lines:
        raise NothingToIssue
    if issued_on > today:
        raise IssuedInFuture
    rate = draft.exchange_rate
    if (
        not rate.is_finite()
        or not 0 < rate < 100_000
        or rate != round(rate, 4)
        or (draft.currency == LEI) != (rate == 1)
    ):
        raise BadExchangeRate
    if len(draft.note) > LONGEST_NOTE:
        raise NoteTooLong(length=len(draft.note), largest=LONGEST_NOTE)


def _document(draft: Draft, parts: Sequence[VatTotal]) -> Document:
    net, vat = total(parts)
    rate = draft.exchange_rate
    lei_net = sum((round_amount(part.base * rate) for part in parts), Decimal("0.00"))
    lei_vat = sum((round_amount(part.vat * rate) for part in parts), Decimal("0.00"))
    copied = (
        "kind", "partner_id", "seller", "buyer", "order_id", "refers_to", "currency", "exchange_rate", "advance",
        "vat_on_payment", "delivered_on", "delivery_id", "payment_id",
    )  # fmt: skip
    texts = {name: without_nul(getattr(draft, name)).strip() for name in ("reference", "deliver_to", "note")}
    return Document(
        **{name: getattr(draft, name) for name in copied},
        **texts,
        type_code=draft.type_code or TYPE_CODES.get(draft.kind, ""),
        net=net, vat=vat, gross=net + vat, lei_net=lei_net, lei_vat=lei_vat, lei_gross=lei_net + lei_vat,
    )  # fmt: skip


def _write_lines(session: Session, document: Document, lines: Sequence[Line]) -> None:
    """Counted anew: a document's lines run 1, 2, 3 wherever they came from."""
    rows = [
        {
            "document_id": document.id, "partner_id": document.partner_id, "position": position,
            "order_line_id": line.order_line_id, "sku": line.sku, "name": line.name, "unit": line.unit,
            "unit_code": unit_code(line.unit), "quantity": line.quantity, "unit_price": line.unit_price,
            "vat_category": line.tax.category, "vat_rate": line.tax.rate, "net": line.net,
            "reverses_document": line.reverses and line.reverses[0],
            "reverses_position": line.reverses and line.reverses[1],
        }
        for position, line in enumerate(lines, start=1)
    ]  # fmt: skip
    session.execute(insert(DocumentLine), rows)


def _write_vat(session: Session, document: Document, parts: Sequence[VatTotal]) -> None:
    ids = {"document_id": document.id, "partner_id": document.partner_id}
    session.add_all(
        DocumentVat(**ids, category=part.category, rate=part.rate, base=part.base, vat=part.vat, reason=part.reason)
        for part in parts
    )
    session.flush()
