"""One partner's account as staff work on it: what is open, and what came in lately with what it paid."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.documents import parties
from core.errors import Refusal
from core.i18n import N_
from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize

LAST_PAYMENTS = 20


class AccountChanged(Refusal):
    message = N_(
        "The partner's account has changed since you saw it: somebody else, or another tab of yours, recorded"
        " something. Nothing was recorded now. Look at it again first."
    )


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice that is not paid in full, in lei; `days` past its due day (0: not due yet). `dispute` is why it is
    disputed, empty if it is not; `reminded_on` and `step` are of the last reminder that named it. Without a PDF it is
    of the program before."""

    id: int
    number: str
    order_id: int | None
    issued_on: date
    due_on: date
    days: int
    gross: Decimal
    open: Decimal
    dispute: str
    reminded_on: date | None
    step: int | None
    has_pdf: bool


@dataclass(frozen=True, slots=True)
class PaymentPart:
    """How much (lei) of a payment pays an invoice, by its number, or an order that has none yet."""

    number: str | None
    order_id: int | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """Money that came in (lei), or went out: then it is negative. `left` is what of it is credit; `undone` that it was
    taken back; `undoes` that it is itself a counter-entry. `receipt` is the number of the receipt given for it."""

    id: int
    paid_on: date
    amount: Decimal
    method: str
    reference: str
    reason: str
    left: Decimal
    undone: bool
    undoes: int | None
    receipt: str | None
    receipt_id: int | None
    parts: list[PaymentPart]

    @property
    def can_be_undone(self) -> bool:
        """Money that came in, and was not taken back."""
        return self.amount > 0 and not self.undone


def open_invoices(session: Session, partner_id: int, day: date) -> list[OpenInvoice]:
    """All of a partner that is open on a local day, due first before the others; for staff. Raises NotAllowed."""
    authorize(session, "partners.see")
    rows = session.execute(_OPEN, {"partner": partner_id, "day": day}).mappings()
    return [OpenInvoice(**row) for row in rows]


def last_payments(session: Session, partner_id: int, limit: int = LAST_PAYMENTS) -> list[PaymentRow]:
    """The last payments of a partner, newest first, each with what it pays now; for staff. Raises NotAllowed."""
    authorize(session, "partners.see")
    rows = session.execute(_PAYMENTS, {"partner": partner_id, "limit": limit}).mappings().all()
    parts = defaultdict(list)
    for part in session.execute(_PARTS, {"payments": [row["id"] for row in rows]}):
        parts[part.payment_id].append(PaymentPart(part.number, part.order_id, part.amount))
    return [PaymentRow(**row, parts=parts[row["id"]]) for row in rows]


def spread(invoices: Sequence[OpenInvoice], amount: Decimal, chosen: Collection[int] = ()) -> dict[int, Decimal]:
    """How an amount (lei) pays these invoices in their order, or only the chosen ones (ids): document id → lei."""
    shares: dict[int, Decimal] = {}
    for invoice in invoices:
        if (not chosen or invoice.id in chosen) and amount > 0:
            shares[invoice.id] = min(invoice.open, amount)
            amount -= shares[invoice.id]
    return shares


def account_mark(session: Session, partner_id: int) -> str:
    """Stands for the account as it is now: whatever comes in, goes out or is issued changes it. For staff."""
    authorize(session, "partners.see")
    row = session.execute(_MARK, {"partner": partner_id}).one()
    return f"{row.open} {row.credit} {row.payment}"


def require_unchanged(session: Session, partner_id: int, mark: str) -> None:
    """Lock the partner's ledger, and see that it is as it was when it had this mark: what is recorded in two tabs is
    recorded once. Raises NotAllowed, AccountChanged."""
    authorize(session, "payments.record")
    parties.lock(session, partner_id)
    if account_mark(session, partner_id) != mark:
        raise AccountChanged


def same_payment(session: Session, partner_id: int, amount: Decimal, paid_on: date) -> bool:
    """Was this amount (lei) of this day recorded already, and not taken back? It may be the same money twice."""
    authorize(session, "partners.see")
    return bool(session.scalar(_SAME, {"partner": partner_id, "amount": amount, "day": paid_on}))


_OPEN = text(f"""
    select document.id, {DOCUMENT_NUMBER} as number, document.order_id, document.issued_on, receivable.due_on,
           greatest(cast(:day as date) - receivable.due_on, 0) as days, document.lei_gross as gross, receivable.open,
           coalesce(dispute.reason, '') as dispute, last.sent_on as reminded_on, last.step,
           document.kind <> 'opening' as has_pdf
    from receivable join document on document.id = receivable.document_id
    left join dispute on dispute.document_id = document.id
    left join lateral (
        select reminder.sent_on, reminder.step from reminded_document named
        join reminder on reminder.id = named.reminder_id
        where named.document_id = document.id order by reminder.sent_on desc limit 1
    ) last on true
    where receivable.partner_id = :partner and receivable.open > 0
    order by receivable.due_on, document.id
""")
_PAYMENTS = text(f"""
    select payment.id, payment.paid_on, payment.amount, payment.method, payment.reference, payment.reason,
           coalesce(credit."left", 0.00) as left, exists (select from payment u where u.undoes = payment.id) as undone,
           payment.undoes, receipt.number as receipt, receipt.id as receipt_id
    from payment left join credit on credit.payment_id = payment.id
    left join lateral (
        select document.id, {DOCUMENT_NUMBER} as number from document
        where document.payment_id = payment.id
          and not exists (select from annulment where annulment.document_id = document.id)
        limit 1
    ) receipt on true
    where payment.partner_id = :partner order by payment.id desc limit :limit
""")
_PARTS = text(f"""
    select credit.payment_id, allocation.order_id, sum(allocation.amount) as amount,
           case when document.id is not null then {DOCUMENT_NUMBER} end as number
    from credit join allocation on allocation.credit_id = credit.id
    left join document on document.id = allocation.document_id
    where credit.payment_id = any(cast(:payments as int[]))
    group by credit.payment_id, document.id, allocation.order_id having sum(allocation.amount) <> 0
    order by credit.payment_id, document.id, allocation.order_id
""")
_MARK = text("""
    select (select coalesce(sum(open), 0) from receivable where partner_id = :partner) as open,
           (select coalesce(sum("left"), 0) from credit where partner_id = :partner) as credit,
           (select coalesce(max(id), 0) from payment where partner_id = :partner) as payment
""")
_SAME = text("""
    select exists (select from payment where partner_id = :partner and amount = :amount and paid_on = :day
                     and not exists (select from payment undo where undo.undoes = payment.id))
""")
