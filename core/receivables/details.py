"""One document as its reader asks about it: what paid it, what is open, and what belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.documents.models import Document
from core.documents.queries import visible_document
from core.errors import NotFound
from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize
from core.receivables.models import Receivable
from core.receivables.statement import EFFECTIVE

Kind = Literal["payment", "ahead", "credit", "storno", "write_off", "undone"]

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class PaidRow:
    """So much (lei) of an invoice was paid on the local day `day`; below zero where that was taken back.

    `kind`: by a payment; by one that had come ahead, on the order; from a credit; by a storno; given up; or 'undone'.
    `method` and `reference` are those of the payment that the money came by, `number` is that of the storno. What is
    taken back has the same `credit_id` as what it takes back.
    """

    day: date
    kind: Kind
    amount: Decimal
    method: str
    reference: str
    number: str
    credit_id: int


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """Another document that this one belongs to, or that belongs to this one; `gross` in lei."""

    id: int
    kind: str
    number: str
    issued_on: date
    gross: Decimal
    annulled: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """A document, and how it stands on a day. `open` and `paid` (lei) are 0 of what is no debt that stands; `credit` is
    what is left of the credit that it brought.

    `annulled` and `disputed` are the reasons, empty where it is not.
    """

    document: Document
    open: Decimal
    credit: Decimal
    overdue_days: int
    annulled: str
    disputed: str
    paid_by: Sequence[PaidRow]
    related: Sequence[RelatedRow]

    @property
    def owed(self) -> bool:
        """Is it a debt that stands?"""
        return self.document.is_debt and not self.annulled

    @property
    def paid(self) -> Decimal:
        """What of it is no longer open, by whatever paid it."""
        return self.document.lei_gross - self.open if self.owed else ZERO


def document_detail(session: Session, document_id: int, as_of_date: date) -> Detail:
    """A document that the principal may see, on the local day `as_of_date`. Raises NotAllowed, NotFound."""
    document = visible_document(session, document_id)
    if document is None:
        raise NotFound
    receivable = session.get(Receivable, document_id)
    left = receivable.open if receivable else ZERO
    said = session.execute(_REASONS, {"document": document_id}).one()
    return Detail(
        document=document,
        open=left,
        credit=said.credit,
        overdue_days=max((as_of_date - document.due_on).days, 0) if left > 0 else 0,
        annulled=said.annulled or "",
        disputed=said.disputed or "",
        paid_by=what_paid(session, document_id),
        related=[
            RelatedRow(row.id, row.kind, row.number, row.issued_on, row.lei_gross, row.annulled)
            for row in session.execute(_RELATED, {"document": document_id})
        ],
    )


def what_paid(session: Session, document_id: int) -> list[PaidRow]:
    """What paid an invoice, in order of its days; nothing is left out, also what was taken back later.

    Raises NotAllowed, NotFound.
    """
    if visible_document(session, document_id) is None:
        raise NotFound
    return [
        PaidRow(row.day, row.kind, row.amount, row.method or "", row.reference or "", row.number or "", row.credit_id)
        for row in session.execute(_PAID, {"document": document_id})
    ]


def next_due(session: Session, as_of_date: date) -> tuple[date, Decimal] | None:
    """The first day, from `as_of_date` on, when the principal's partner has something to pay, and how much (lei)."""
    own = authorize(session, "documents.see").partner_id
    row = session.execute(_NEXT, {"partner": own, "day": as_of_date}).one_or_none()
    return (row.due_on, row.open) if row else None


_REASONS = text("""
    select (select reason from annulment where document_id = :document) as annulled,
           (select reason from dispute where document_id = :document) as disputed,
           coalesce((select "left" from credit where document_id = :document), 0.00) as credit
""")
# What was paid ahead is moved from the order to the invoice: minus and plus of one credit at one instant.
_PAID = text(f"""
    select {EFFECTIVE} as day, allocation.credit_id, allocation.amount, payment.method, payment.reference,
           case when storno.id is not null then {DOCUMENT_NUMBER.replace("document.", "storno.")} end as number,
           case when allocation.amount < 0 then 'undone'
                when storno.refers_to = allocation.document_id then 'storno'
                when payment.method = 'write_off' then 'write_off'
                when exists (select from allocation ahead where ahead.credit_id = allocation.credit_id
                             and ahead.order_id is not null and ahead.at = allocation.at and ahead.amount < 0)
                then 'ahead'
                when allocation.at = payment.recorded_at then 'payment'
                else 'credit' end as kind
    from allocation join credit on credit.id = allocation.credit_id
    left join payment on payment.id = credit.payment_id left join document storno on storno.id = credit.document_id
    where allocation.document_id = :document
    order by day, allocation.id
""")
_RELATED = text(f"""
    with own as (select * from document where id = :document)
    select document.id, document.kind, {DOCUMENT_NUMBER} as number, document.issued_on, document.lei_gross,
           annulment.document_id is not null as annulled
    from document cross join own left join annulment on annulment.document_id = document.id
    where document.partner_id = own.partner_id and (
        document.refers_to = own.id or document.id = own.refers_to
        or (own.kind = 'receipt' and document.id in (
            select allocation.document_id from credit join allocation on allocation.credit_id = credit.id
            where credit.payment_id = own.payment_id))
        or (document.kind = 'receipt' and document.payment_id in (
            select credit.payment_id from allocation join credit on credit.id = allocation.credit_id
            where allocation.document_id = own.id))
    )
    order by document.issued_on, document.id
""")
_NEXT = text("""
    select due_on, sum(open) as open from receivable
    where partner_id = :partner and open > 0 and due_on >= :day group by due_on order by due_on limit 1
""")
