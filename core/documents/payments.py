"""Money received on an invoice. What comes in before there is one: core.documents.prepaying."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import actor
from core.documents.models import Document, Payment, Receivable
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_, translate
from core.money import format_amount, round_amount
from core.permissions import authorize
from core.search import without_nul


class AmountNotValid(Refusal):
    message = N_("The amount must be more than zero, with at most two decimals. Correct it and record it again.")


class MoreThanOpen(Refusal):
    message = N_("Only {open} is still open on invoice {number}. Record at most that amount on it.")

    def text(self, language: str) -> str:
        shown = format_amount(self.params["open"], language, self.params["currency"])
        return translate(self.message, language).format(open=shown, number=self.params["number"])


class NothingOpen(Refusal):
    message = N_("Invoice {number} is already paid in full. Check whether this payment belongs to another invoice.")


class PaidInFuture(Refusal):
    message = N_("The day of the payment is in the future. Enter the day on which the money arrived.")


def record_payment(
    session: Session, document_id: int, amount: Decimal, paid_on: date, reference: str, as_of: datetime
) -> Payment:
    """Record `amount`, in the invoice's currency, received on the local day `paid_on`; `reference` is the bank's text.

    The invoice is locked first, so that two people cannot both pay what is open. Records `payment_recorded`.
    Raises NotAllowed, NotFound, and the refusals of this module.
    """
    document = _locked(session, document_id)
    _check(session, document, amount)
    if paid_on > local_date(as_of, company(session).time_zone):
        raise PaidInFuture
    payment = Payment(
        document_id=document.id,
        partner_id=document.partner_id,
        amount=round_amount(amount),
        paid_on=paid_on,
        reference=without_nul(reference).strip(),
        recorded_at=as_of,
        recorded_by=actor(session).user_id,
    )
    session.add(payment)
    session.flush()
    _tell(session, document, payment)
    return payment


def open_amount(session: Session, document: Document) -> Decimal:
    """What is still to be paid on an invoice, in its currency, after what was paid on its order before."""
    return session.scalars(select(Receivable.open).where(Receivable.document_id == document.id)).one()


def _locked(session: Session, document_id: int) -> Document:
    """The row lock needs no UPDATE, which the append-only trigger would refuse."""
    authorize(session, "payments.record")
    document = session.scalars(select(Document).where(Document.id == document_id).with_for_update()).one_or_none()
    if document is None:
        raise NotFound
    return document


def _check(session: Session, document: Document, amount: Decimal) -> None:
    if not amount.is_finite() or amount <= 0:
        raise AmountNotValid
    left = open_amount(session, document)
    if left <= 0:
        raise NothingOpen(number=document.full_number)
    if amount > left:
        raise MoreThanOpen(open=left, number=document.full_number, currency=document.currency)
    if amount != round_amount(amount):
        raise AmountNotValid


def _tell(session: Session, document: Document, payment: Payment) -> None:
    record(
        session,
        "payment_recorded",
        payment.recorded_at,
        partner_id=document.partner_id,
        order_id=document.order_id,
        document_id=document.id,
        payment_id=payment.id,
        amount=str(payment.amount),
        number=document.full_number,
    )
