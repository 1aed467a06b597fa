"""Documents without an order: a proforma or an invoice of lines that staff type, and the invoice of such a proforma."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.catalog.models import VAT_CLASSES
from core.clock import local_date
from core.company import Company, company
from core.documents import parties
from core.documents.models import Document, DocumentLine, DocumentVat
from core.documents.order_lines import STANDS, USUAL, Terms
from core.documents.vat import NOT_REGISTERED, ReverseChargeNeedsPayer, Vat, reasons_of, vat_of
from core.documents.writing import Draft, Line, line_of, write
from core.errors import NotFound, Refusal
from core.i18n import N_
from core.partners.data import tidy
from core.partners.models import Partner
from core.permissions import authorize

LONGEST = {"name": 200, "unit": 64, "sku": 64}
LARGEST = Decimal("9999999999.9999")


class BadLine(Refusal):
    message = N_(
        "Line {line}: a name, a unit, a quantity above 0 with at most 3 decimals, and a price of 0 or more with at most"
        " 4 are needed."
    )


class InvoicedAlready(Refusal):
    message = N_("Proforma {proforma} already has the invoice {number}.")


class HasAnOrder(Refusal):
    message = N_("Proforma {proforma} is of order {order}. Issue the invoice of that order.")


@dataclass(frozen=True, slots=True)
class FreeLine:
    """What staff type of a line; `unit_price` is net, in the document's currency; `vat_class` one of VAT_CLASSES."""

    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    vat_class: str = "standard"
    sku: str = ""


def issue_freehand(
    session: Session,
    kind: Literal["proforma", "invoice"],
    partner_id: int,
    lines: Sequence[FreeLine],
    as_of: datetime,
    terms: Terms = USUAL,
) -> Document:
    """Issue a proforma or an invoice of these lines, with the VAT rates of its day.

    Raises NotAllowed, NotFound, BadLine, and what is raised by parties, vat, writing and numbering.
    """
    authorize(session, "documents.issue")
    seller, buyer = parties.seller(session), parties.buyer(session, partner_id)
    day = terms.issued_on or local_date(as_of, company(session).time_zone)
    rates = {row.vat_class: row.rate for row in session.execute(_RATES, {"day": day})}
    reasons = reasons_of(session, day)
    written = [_line(at, line, seller, buyer, rates, reasons) for at, line in enumerate(lines, start=1)]
    return write(session, _draft(kind, seller, buyer, written, terms), as_of)


def invoice_proforma(session: Session, proforma_id: int, as_of: datetime, terms: Terms = USUAL) -> Document:
    """Issue the invoice of a proforma that is of no order: its lines as they were.

    Raises NotAllowed, NotFound, HasAnOrder, InvoicedAlready, and what is raised by parties, writing and numbering.
    """
    authorize(session, "documents.issue")
    proforma = session.scalars(
        select(Document).where(Document.id == proforma_id, Document.kind == "proforma", text(STANDS))
    ).one_or_none()
    if proforma is None:
        raise NotFound
    if proforma.order_id is not None:
        raise HasAnOrder(proforma=proforma.full_number, order=proforma.order_id)
    seller, buyer = parties.seller(session), parties.buyer(session, proforma.partner_id)
    earlier = session.scalars(select(Document).where(Document.refers_to == proforma_id, text(STANDS))).first()
    if earlier is not None:
        raise InvoicedAlready(proforma=proforma.full_number, number=earlier.full_number)
    lines = _copied(session, proforma)
    draft = _draft(
        "invoice", seller, buyer, lines, terms, refers_to=proforma_id, currency=proforma.currency,
        exchange_rate=proforma.exchange_rate if proforma.currency == terms.currency else terms.exchange_rate,
    )  # fmt: skip
    return write(session, draft, as_of)


def _line(
    at: int, line: FreeLine, seller: Company, buyer: Partner, rates: dict[str, Decimal], reasons: dict[str, str]
) -> Line:
    texts = {name: tidy(getattr(line, name)) for name in LONGEST}
    numbers = ((line.quantity, 3), (line.unit_price, 4))
    if (
        not (texts["name"] and texts["unit"])
        or any(len(value) > LONGEST[name] for name, value in texts.items())
        or any(not number.is_finite() or number != round(number, places) for number, places in numbers)
        or not (0 < line.quantity < LARGEST and 0 <= line.unit_price < LARGEST)
        or line.vat_class not in VAT_CLASSES
    ):
        raise BadLine(line=at)
    if line.vat_class == "reverse" and seller.vat_payer and not buyer.vat_payer:
        raise ReverseChargeNeedsPayer(name=texts["name"], partner=buyer.name)
    tax = vat_of(line.vat_class, rates[line.vat_class], seller.vat_payer, reasons)
    return line_of(texts["name"], texts["unit"], line.quantity, line.unit_price, tax, sku=texts["sku"])


def _copied(session: Session, proforma: Document) -> list[Line]:
    of_proforma = select(DocumentVat).where(DocumentVat.document_id == proforma.id)
    reasons = {part.category: part.reason for part in session.scalars(of_proforma)}
    rows = session.scalars(
        select(DocumentLine).where(DocumentLine.document_id == proforma.id).order_by(DocumentLine.position)
    )
    return [
        line_of(
            row.name, row.unit, row.quantity, row.unit_price,
            Vat(row.vat_category, row.vat_rate, reasons.get(row.vat_category, "")), sku=row.sku,
        )
        for row in rows
    ]  # fmt: skip


def _draft(kind: str, seller: Company, buyer: Partner, lines: Sequence[Line], terms: Terms, **more: Any) -> Draft:
    known: dict[str, Any] = {
        "payment_days": buyer.payment_days, "series_id": terms.series_id, "issued_on": terms.issued_on,
        "currency": terms.currency, "exchange_rate": terms.exchange_rate, "note": terms.note,
        "vat_on_payment": seller.vat_on_payment and any(line.tax.category != NOT_REGISTERED for line in lines),
    }  # fmt: skip
    return Draft(kind, buyer.id, parties.copied(seller), parties.copied(buyer), lines, **known | more)


_RATES = text("""
    select distinct on (vat_class) vat_class, rate from vat_rate where valid_from <= cast(:day as date)
    order by vat_class, valid_from desc
""")
