"""Money that comes in from a partner: on one invoice, on many, in parts, or more than is owed.

What comes in on an order before there is an invoice: core.receivables.prepaying.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import actor
from core.documents import parties
from core.documents.models import Document
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_, translate
from core.money import format_amount, round_amount
from core.orders.contents import DOCUMENT_NUMBER
from core.partners.models import Partner
from core.permissions import authorize
from core.receivables.cash import require_cash_within
from core.receivables.models import METHODS, Allocation, Credit, Payment, Receivable
from core.search import without_nul

LONGEST_REFERENCE = 200


class AmountNotValid(Refusal):
    message = N_("The amount must be more than zero, with at most two decimals. Correct it and record it again.")


class MoreThanOpen(Refusal):
    message = N_("Only {open} is still open on invoice {number}. Record at most that amount on it.")

    def text(self, language: str) -> str:
        shown = format_amount(self.params["open"], language)
        return translate(self.message, language).format(open=shown, number=self.params["number"])


class NothingOpen(Refusal):
    message = N_("Invoice {number} is already paid in full. Check whether this payment belongs to another invoice.")


class MoreThanReceived(Refusal):
    message = N_("More is shared out over invoices than was received. Correct the amounts.")


class PaidInFuture(Refusal):
    message = N_("The day of the payment is in the future. Enter the day on which the money arrived.")


def record_payment(
    session: Session,
    partner_id: int,
    amount: Decimal,
    paid_on: date,
    as_of: datetime,
    *,
    pays: Mapping[int, Decimal] | None = None,
    method: str = "bank",
    reference: str = "",
) -> Payment:
    """Record `amount` (lei) received from a partner on the local day `paid_on`; `reference` is the bank's text.

    `pays`: so much of it on which invoice (document id); None for the oldest due first. What is left over is the
    partner's credit. The partner's ledger is locked first, so that two people cannot both pay what is open. Records
    `payment_recorded`. Raises NotAllowed, NotFound, the refusals of this module and, for cash, those of cash.
    """
    authorize(session, "payments.record")
    if method not in METHODS or method == "write_off":
        raise NotFound
    amount = checked(amount)
    parties.lock(session, partner_id)
    if session.get(Partner, partner_id) is None:
        raise NotFound
    if paid_on > local_date(as_of, company(session).time_zone):
        raise PaidInFuture
    shares = oldest_first(session, partner_id, amount) if pays is None else _shares(session, partner_id, amount, pays)
    if method == "cash":
        require_cash_within(session, partner_id, amount, paid_on, list(shares))
    return write_payment(session, partner_id, amount, paid_on, as_of, shares, method=method, reference=reference)


def write_payment(
    session: Session,
    partner_id: int,
    amount: Decimal,
    paid_on: date,
    as_of: datetime,
    shares: Mapping[int, Decimal],
    *,
    method: str,
    reference: str = "",
    reason: str = "",
) -> Payment:
    """Write a payment that was checked, on these invoices (document id → lei), with its event. The ledger is locked."""
    payment = Payment(
        partner_id=partner_id, amount=amount, method=method, paid_on=paid_on,
        reference=without_nul(reference).strip()[:LONGEST_REFERENCE], reason=reason, recorded_at=as_of,
        recorded_by=actor(session).user_id,
    )  # fmt: skip
    session.add(payment)
    session.flush()
    credit = session.scalars(select(Credit).where(Credit.payment_id == payment.id)).one()
    pay(session, credit.id, partner_id, shares, as_of)
    documents = list(session.scalars(select(Document).where(Document.id.in_(shares)).order_by(Document.id)))
    only = documents[0] if len(documents) == 1 else None
    kind = "debt_written_off" if method == "write_off" else "payment_recorded"
    about = {"document_id": only.id, "order_id": only.order_id} if only else {}
    record(
        session, kind, as_of, partner_id=partner_id, **about,
        payment_id=payment.id, amount=str(amount), number=", ".join(document.full_number for document in documents),
    )  # fmt: skip
    return payment


def pay(session: Session, credit_id: int, partner_id: int, shares: Mapping[int, Decimal], as_of: datetime) -> None:
    """So much of a credit pays these invoices (document id → lei); the triggers refuse more than there is."""
    for document_id, share in shares.items():
        session.add(
            Allocation(
                partner_id=partner_id, credit_id=credit_id, document_id=document_id, amount=share, at=as_of,
                by=actor(session).user_id,
            )
        )  # fmt: skip
    session.flush()


def oldest_first(session: Session, partner_id: int, amount: Decimal) -> dict[int, Decimal]:
    """How an amount pays the partner's open invoices, the one that is due first before the others."""
    shares: dict[int, Decimal] = {}
    for row in session.execute(_OPEN, {"partner": partner_id}):
        if amount <= 0:
            break
        shares[row.document_id] = min(row.open, amount)
        amount -= shares[row.document_id]
    return shares


def open_amount(session: Session, document: Document) -> Decimal:
    """What is still to be paid on an invoice, in lei."""
    return session.scalars(select(Receivable.open).where(Receivable.document_id == document.id)).one()


def checked(amount: Decimal) -> Decimal:
    """An amount of money that can be received. Raises AmountNotValid."""
    if not amount.is_finite() or not 0 < amount < 10**12 or amount != round_amount(amount):
        raise AmountNotValid
    return round_amount(amount)


def _shares(session: Session, partner_id: int, amount: Decimal, pays: Mapping[int, Decimal]) -> dict[int, Decimal]:
    shares = {document_id: checked(share) for document_id, share in pays.items()}
    known = {row.document_id: row for row in session.execute(_NAMED, {"partner": partner_id, "ids": list(pays)})}
    for document_id, share in shares.items():
        if document_id not in known:
            raise NotFound
        row = known[document_id]
        if row.open <= 0:
            raise NothingOpen(number=row.number)
        if share > row.open:
            raise MoreThanOpen(open=row.open, number=row.number)
    if sum(shares.values()) > amount:
        raise MoreThanReceived
    return shares


_OPEN = text("""
    select document_id, open from receivable where partner_id = :partner and open > 0 order by due_on, document_id
""")
_NAMED = text(f"""
    select receivable.document_id, receivable.open, {DOCUMENT_NUMBER} as number
    from receivable join document on document.id = document_id
    where receivable.partner_id = :partner and document_id = any(cast(:ids as int[]))
""")
