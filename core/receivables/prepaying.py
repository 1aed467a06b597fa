"""Money received on an order that has no invoice yet, and orders that need not be paid first after all."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select, text
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
from core.orders import reviving
from core.orders.lifecycle import OrderHasEnded
from core.orders.placing import Short
from core.permissions import authorize
from core.receivables.cash import require_cash_within
from core.receivables.models import METHODS, Allocation, Credit, Payment
from core.receivables.payments import AmountNotValid, PaidInFuture
from core.search import without_nul


class RecordOnInvoice(Refusal):
    message = N_("Order {order} is invoiced. Record the payment on the invoice {number}.")


class OrderCancelled(Refusal):
    message = N_(
        "Order {order} was cancelled, so nothing is to be paid on it. Check whether this payment belongs to another."
    )


class OrderPaid(Refusal):
    message = N_("Order {order} is already paid in full. Check whether this payment belongs to another.")


class MoreThanToPay(Refusal):
    message = N_("Only {open} is still to be paid on order {order}. Record at most that amount on it.")

    def text(self, language: str) -> str:
        shown = format_amount(self.params["open"], language, self.params["currency"])
        return translate(self.message, language).format(open=shown, order=self.params["order"])


class NotAwaited(Refusal):
    message = N_("Order {order} does not wait for a payment, so there is nothing to waive.")


class ReasonMissing(Refusal):
    message = N_("Say why the order need not be paid first; it is kept in the audit.")


@dataclass(frozen=True, slots=True)
class PaidOutcome:
    """A payment that was recorded, and how the order stands now.

    Where it came too late and the order stays 'lapsed': `short` is what of its goods can no longer be had, `blocked`
    is what else stands against it (the partner's limits, say). Both are empty when it is open, or not paid in full.
    """

    payment_id: int
    status: str
    short: list[Short]
    blocked: Refusal | None


def record_order_payment(
    session: Session,
    order_id: int,
    amount: Decimal,
    paid_on: date,
    reference: str,
    as_of: datetime,
    method: str = "bank",
) -> PaidOutcome:
    """Record `amount`, in the order's currency, received on the local day `paid_on` before there is an invoice.

    `reference` is the bank's text. The order is locked first. When all is paid the order is marked so; one that had
    lapsed is revived whole, if it can be; the money is recorded in any case. Records `payment_recorded`. Raises
    NotAllowed, NotFound, AmountNotValid, PaidInFuture, the refusals of this module and, for cash, those of cash.
    """  # fmt: skip
    authorize(session, "payments.record")
    order = reviving.locked(session, order_id, as_of)
    _check(session, order, amount)
    if paid_on > local_date(as_of, company(session).time_zone):
        raise PaidInFuture
    if method not in METHODS or method == "write_off":
        raise NotFound
    parties.lock(session, order.partner_id)
    if method == "cash":
        require_cash_within(session, order.partner_id, amount, paid_on, [])
    payment = _write(session, order, round_amount(amount), paid_on, without_nul(reference).strip(), as_of, method)
    complete = order.paid + payment.amount >= order.gross
    if complete:
        session.execute(_PAID, {"order": order_id, "as_of": as_of})
    short, blocked = _revive(session, order_id, as_of) if complete and order.status == "lapsed" else ([], None)
    status = session.execute(_STATUS, {"order": order_id}).scalar_one()
    return PaidOutcome(payment.id, status, short, blocked)


def waive_prepayment(session: Session, order_id: int, reason: str, as_of: datetime) -> None:
    """Let an open order go on without being paid first; no payment is awaited for it any more.

    Raises NotAllowed, NotFound, ReasonMissing, OrderHasEnded (lapsed too: revive it first), and NotAwaited for one that
    need not be paid first, is paid, or is invoiced.
    """
    authorize(session, "limits.manage")
    reason = without_nul(reason).strip()
    if not reason:
        raise ReasonMissing
    order = reviving.locked(session, order_id, as_of)
    if order.status not in ("placed", "claimed"):
        raise OrderHasEnded(order=order_id, status=order.status)
    if session.execute(_WAIVE, {"order": order_id}).one_or_none() is None:
        raise NotAwaited(order=order_id)
    record(session, "prepayment_waived", as_of, partner_id=order.partner_id, order_id=order_id, reason=reason)


def _check(session: Session, order: Row[Any], amount: Decimal) -> None:
    if order.invoiced_at is not None:
        of_order = select(Document).where(Document.order_id == order.id, Document.kind == "invoice")
        invoice = session.scalars(of_order.order_by(Document.id.desc())).first()
        assert invoice is not None
        raise RecordOnInvoice(order=order.id, number=invoice.full_number)
    if order.status == "cancelled":
        raise OrderCancelled(order=order.id)
    if not amount.is_finite() or amount <= 0:
        raise AmountNotValid
    left = order.gross - order.paid
    if left <= 0:
        raise OrderPaid(order=order.id)
    if amount > left:
        raise MoreThanToPay(open=left, order=order.id, currency=order.currency)
    if amount != round_amount(amount):
        raise AmountNotValid


def _write(
    session: Session, order: Row[Any], amount: Decimal, paid_on: date, reference: str, as_of: datetime, method: str
) -> Payment:
    payment = Payment(
        partner_id=order.partner_id,
        amount=amount,
        method=method,
        paid_on=paid_on,
        reference=reference,
        recorded_at=as_of,
        recorded_by=actor(session).user_id,
    )
    session.add(payment)
    session.flush()
    credit = session.scalars(select(Credit).where(Credit.payment_id == payment.id)).one()
    session.add(
        Allocation(
            partner_id=order.partner_id, credit_id=credit.id, order_id=order.id, amount=amount, at=as_of,
            by=payment.recorded_by,
        )
    )  # fmt: skip
    session.flush()
    record(
        session, "payment_recorded", as_of, partner_id=order.partner_id, order_id=order.id,
        payment_id=payment.id, amount=str(amount),
    )  # fmt: skip
    return payment


def _revive(session: Session, order_id: int, as_of: datetime) -> tuple[list[Short], Refusal | None]:
    """A refusal undoes what was begun of reviving, and leaves the payment."""
    try:
        with session.begin_nested():
            return reviving.revive(session, order_id, as_of), None
    except Refusal as refusal:
        return [], refusal


_PAID = text("update orders set paid_at = :as_of where id = :order and paid_at is null")
_STATUS = text("select status from orders where id = :order")
_WAIVE = text("""
    update orders set prepay = false, pay_deadline = null, pay_warnings = '{}'
    where id = :order and status in ('placed', 'claimed') and prepay and paid_at is null and invoiced_at is null
    returning id
""")
