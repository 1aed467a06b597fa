"""Documents as the signed-in principal may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.orm import Session

from core.documents.models import Document, Receivable
from core.partners.models import Partner
from core.permissions import authorize
from core.search import ACCENTED, PLAIN

State = Literal["all", "unpaid", "overdue", "paid"]

PAGE_SIZE = 50
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One line of a list of invoices; amounts in `currency`, `overdue_days` 0 while the due day has not passed.

    `paid` counts what was paid on its order before there was an invoice, up to `gross`.
    """

    id: int
    number: str
    partner_id: int
    partner_name: str
    order_id: int | None
    issued_on: date
    due_on: date
    currency: str
    gross: Decimal
    paid: Decimal
    open: Decimal
    overdue_days: int

    @property
    def state(self) -> Literal["paid", "overdue", "unpaid"]:
        """Paid in full, open past its due day, or open."""
        if self.open <= 0:
            return "paid"
        return "overdue" if self.overdue_days else "unpaid"


@dataclass(frozen=True, slots=True)
class DocumentsPage:
    """The rows of one page, newest first, and how many there are on all pages."""

    rows: Sequence[DocumentRow]
    total: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Sums over invoices, in RON. `unpaid` includes `overdue`; `this_year` is what was invoiced since 1 January."""

    invoiced: Decimal
    this_year: Decimal
    paid: Decimal
    unpaid: Decimal
    overdue: Decimal


def visible_document(session: Session, document_id: int) -> Document | None:
    """The document, if the session's principal may see it; None if it is absent or another partner's."""
    if not 0 < document_id <= LARGEST_ID:  # an address may name any number; the database would refuse to compare it
        return None
    return session.scalars(select(Document).where(Document.id == document_id, *_own(session))).one_or_none()


def documents_page(
    session: Session,
    as_of_date: date,
    text: str = "",
    state: State = "all",
    partner_id: int | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> DocumentsPage:
    """A page (from 1) of the invoices that the principal may see, as they stand on the local day `as_of_date`.

    `text` is part of the number, of the partner's name or its tax number (diacritics do not matter), or an order's
    whole number. `partner_id` narrows to one partner; a partner's own session is always narrowed to itself.
    """
    query = (
        select(Document, Partner.name, Receivable.open, func.count().over())
        .join(Partner, Partner.id == Document.partner_id)
        .join(Receivable, Receivable.document_id == Document.id)
        .where(*_own(session, partner_id), *_in_state(state, as_of_date), *_matching(text))
        .order_by(Document.issued_on.desc(), Document.id.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    found = session.execute(query).all()
    rows = [_row(document, name, left, as_of_date) for document, name, left, _ in found]
    return DocumentsPage(rows, found[0][3] if found else 0)


def balance(session: Session, as_of_date: date, partner_id: int | None = None) -> Balance:
    """What was invoiced, paid and is open on the local day `as_of_date`, over all invoices the principal may see."""
    query = (
        select(
            _sum(Document.gross),
            _sum(case((Document.issued_on >= as_of_date.replace(month=1, day=1), Document.gross), else_=0)),
            _sum(Document.gross - Receivable.open),
            _sum(Receivable.open),
            _sum(case((Document.due_on < as_of_date, Receivable.open), else_=0)),
        )
        .join(Receivable, Receivable.document_id == Document.id)
        .where(*_own(session, partner_id))
    )
    return Balance(*session.execute(query).one())


def _own(session: Session, partner_id: int | None = None) -> list[ColumnElement[bool]]:
    """Row-level security would refuse foreign rows anyway; asking for own ones only is what the query means."""
    own = authorize(session, "documents.see").partner_id or partner_id
    return [] if own is None else [Document.partner_id == own]


def _sum(column: Any) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(column), Decimal("0.00"))


def _in_state(state: State, as_of_date: date) -> list[ColumnElement[bool]]:
    return {
        "all": [],
        "unpaid": [Receivable.open > 0],
        "overdue": [Receivable.open > 0, Document.due_on < as_of_date],
        "paid": [Receivable.open <= 0],
    }[state]


def _matching(text: str) -> list[ColumnElement[bool]]:
    """The number matches however it is typed: `FCT 00012`, `fct12`, `00012`, `12`."""
    typed = "".join(text.split()).upper()
    if not typed:
        return []
    digits = cast(Document.number, TEXT)
    padded = func.lpad(digits, func.greatest(5, func.length(digits)), "0")
    numbers = func.upper(func.concat_ws(" ", Document.series + padded, Document.series + digits))
    either = [
        func.strpos(numbers, typed) > 0,
        func.strpos(_folded(Partner.name), _folded(text.strip())) > 0,
        func.strpos(Partner.cui, typed.removeprefix("RO")) > 0,
    ]
    if typed.isascii() and typed.isdigit() and len(typed) <= 9:
        either.append(Document.order_id == int(typed))
    return [or_(*either)]


def _folded(value: Any) -> ColumnElement[str]:
    return func.lower(func.translate(value, ACCENTED, PLAIN))


def _row(document: Document, partner_name: str, left: Decimal, as_of_date: date) -> DocumentRow:
    return DocumentRow(
        id=document.id,
        number=document.full_number,
        partner_id=document.partner_id,
        partner_name=partner_name,
        order_id=document.order_id,
        issued_on=document.issued_on,
        due_on=document.due_on,
        currency=document.currency,
        gross=document.gross,
        paid=document.gross - left,
        open=left,
        overdue_days=max((as_of_date - document.due_on).days, 0) if left > 0 else 0,
    )
