"""Lists of documents with what is paid on them, as the signed-in principal may see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, cast, func, not_, or_, select
from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.orm import Session

from core.documents.models import OPENING, Annulment, Document
from core.documents.queries import own_documents
from core.partners.models import Partner
from core.receivables.models import Dispute, Receivable
from core.search import ACCENTED, PLAIN, without_nul

State = Literal["all", "unpaid", "overdue", "paid"]

Columns = TypeVarTuple("Columns")

PAGE_SIZE = 50
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One line of a list of documents. `gross` is in `currency`, all other amounts in lei; `overdue_days` is 0 while
    the due day has not passed. `paid` and `open` are 0 of what is no debt."""

    id: int
    kind: str
    number: str
    partner_id: int
    partner_name: str
    order_id: int | None
    issued_on: date
    due_on: date
    currency: str
    gross: Decimal
    lei_gross: Decimal
    paid: Decimal
    open: Decimal
    overdue_days: int
    annulled: bool
    disputed: bool
    is_debt: bool

    @property
    def has_pdf(self) -> bool:
        """Was it issued here?"""
        return self.kind != OPENING

    @property
    def owed(self) -> bool:
        """Is it a debt that stands?"""
        return self.is_debt and not self.annulled

    @property
    def state(self) -> Literal["paid", "overdue", "unpaid", "annulled", "issued"]:
        """A debt paid in full, open past its due day, or open; another document just issued; or any annulled."""
        if self.annulled:
            return "annulled"
        if not self.is_debt:
            return "issued"
        if self.open <= 0:
            return "paid"
        return "overdue" if self.overdue_days else "unpaid"


@dataclass(frozen=True, slots=True)
class DocumentsPage:
    """The rows of one page, newest first, and how many there are on all pages."""

    rows: Sequence[DocumentRow]
    total: int


def documents_page(
    session: Session,
    as_of_date: date,
    text: str = "",
    state: State = "all",
    partner_id: int | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    kinds: Sequence[str] = (),
    period: tuple[date | None, date | None] = (None, None),
) -> DocumentsPage:
    """A page (from 1) of the documents that the principal may see, as they stand on the local day `as_of_date`.

    `text` is part of the number, of the partner's name or its tax number (diacritics do not matter), or an order's
    whole number. `partner_id` narrows to one partner; a partner's own session is always narrowed to itself. `kinds`
    (of KIND_NAMES; none: all) and the first and last day of issue narrow too. A `state` other than all is of debts.
    """
    conditions = (
        *own_documents(session, partner_id), *in_state(state, as_of_date), *matching(text),
        *([Document.kind.in_(kinds)] if kinds else []), *_within(period),
    )  # fmt: skip
    page_of = (
        _joined(select(Document, Partner.name, func.coalesce(Receivable.open, ZERO), Annulment.document_id,
                       Dispute.document_id), conditions)
        .order_by(Document.issued_on.desc(), Document.id.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    )  # fmt: skip
    rows = [_row(row, as_of_date) for row in session.execute(page_of)]
    # On its own: to count, the server leaves out every join that nothing is asked of.
    total = session.scalars(_joined(select(func.count(Document.id)), conditions)).one()
    return DocumentsPage(rows, total)


def _joined(query: Select[*Columns], conditions: Iterable[ColumnElement[bool]]) -> Select[*Columns]:
    return (
        query.outerjoin(Partner, Partner.id == Document.partner_id)
        .outerjoin(Receivable, Receivable.document_id == Document.id)
        .outerjoin(Annulment, Annulment.document_id == Document.id)
        .outerjoin(Dispute, Dispute.document_id == Document.id)
        .where(*conditions)
    )


def in_state(state: State, as_of_date: date) -> list[ColumnElement[bool]]:
    """The conditions of a state on documents with their receivable and annulment, if they have these."""
    return {
        "all": [],
        "unpaid": [Receivable.open > 0],
        "overdue": [Receivable.open > 0, Document.due_on < as_of_date],
        "paid": [and_(Receivable.open <= 0, not_(Annulment.document_id.is_not(None)))],
    }[state]


def _within(period: tuple[date | None, date | None]) -> list[ColumnElement[bool]]:
    first, last = period
    return [*([Document.issued_on >= first] if first else []), *([Document.issued_on <= last] if last else [])]


def matching(text: str) -> list[ColumnElement[bool]]:
    """What a search finds of documents and their partners; the number however it is typed: `FCT 00012`, `fct12`,
    `00012`, `12`; of the program before, any part of it."""
    text = without_nul(text)
    typed = "".join(text.split()).upper()
    if not typed:
        return []
    digits = cast(Document.number, TEXT)
    padded = func.lpad(digits, func.greatest(5, func.length(digits)), "0")
    ours = func.concat_ws(" ", Document.series + padded, Document.series + digits)
    numbers = func.upper(case((Document.kind == OPENING, func.replace(Document.series, " ", "")), else_=ours))
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


def _row(found: Any, as_of_date: date) -> DocumentRow:
    document, partner_name, left, annulled, disputed = found
    counts = document.is_debt and annulled is None
    return DocumentRow(
        id=document.id,
        kind=document.kind,
        number=document.full_number,
        partner_id=document.partner_id,
        partner_name=partner_name,
        order_id=document.order_id,
        issued_on=document.issued_on,
        due_on=document.due_on,
        currency=document.currency,
        gross=document.gross,
        lei_gross=document.lei_gross,
        paid=document.lei_gross - left if counts else ZERO,
        open=left,
        overdue_days=max((as_of_date - document.due_on).days, 0) if left > 0 else 0,
        annulled=annulled is not None,
        disputed=disputed is not None,
        is_debt=document.is_debt,
    )
