"""Taking back what was recorded: by a counter-entry, never by removing anything."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import actor
from core.documents import parties
from core.documents.models import Annulment
from core.documents.order_lines import locked_order
from core.documents.storno import ReasonMissing
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.orders.contents import DOCUMENT_NUMBER
from core.orders.deadlines import Clock, deadline
from core.permissions import authorize
from core.receivables.models import Allocation, Credit, Payment
from core.search import without_nul


class UndoneAlready(Refusal):
    message = N_("This payment was taken back already.")


class NotUndone(Refusal):
    message = N_("Only money that came in can be taken back. Record a payment instead.")


class PaidBack(Refusal):
    message = N_("Some of this payment was paid back to the partner, so it stays.")


def undo_payment(session: Session, payment_id: int, reason: str, as_of: datetime) -> Payment:
    """Take a payment back: what it paid is open again, and a counter-entry of today undoes it.

    An order that it had paid ahead is unpaid again; if it still waits, it gets the time to pay anew. The receipt of a
    payment in cash is annulled. Records `payment_undone`. Raises NotAllowed, NotFound, ReasonMissing, NotUndone,
    UndoneAlready, PaidBack.
    """
    authorize(session, "payments.record")
    reason = without_nul(reason).strip()
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise NotFound
    if not reason:
        raise ReasonMissing
    credit = _locked(session, payment)
    shares = session.execute(_SHARES, {"credit": credit.id}).all()
    if credit.left + sum((share.amount for share in shares), Decimal(0)) != payment.amount:
        raise PaidBack
    me = actor(session).user_id
    for share in shares:
        session.add(
            Allocation(
                partner_id=payment.partner_id, credit_id=credit.id, document_id=share.document_id,
                order_id=share.order_id, amount=-share.amount, at=as_of, by=me,
            )
        )  # fmt: skip
    session.flush()
    counter = Payment(
        partner_id=payment.partner_id, amount=-payment.amount, method=payment.method,
        paid_on=local_date(as_of, company(session).time_zone), reference=payment.reference, reason=reason,
        undoes=payment.id, credit_id=credit.id, recorded_at=as_of, recorded_by=me,
    )  # fmt: skip
    session.add(counter)
    session.flush()
    _unpay_orders(session, [share.order_id for share in shares if share.order_id], as_of)
    _annul_receipt(session, payment, reason, as_of)
    record(
        session, "payment_undone", as_of, partner_id=payment.partner_id, payment_id=payment.id,
        amount=str(payment.amount), reason=reason,
    )  # fmt: skip
    return counter


def _locked(session: Session, payment: Payment) -> Credit:
    """Orders first, then the partner, as everywhere."""
    orders = session.scalars(
        select(Allocation.order_id)
        .join(Credit, Credit.id == Allocation.credit_id)
        .where(Credit.payment_id == payment.id, Allocation.order_id.is_not(None))
        .distinct()
        .order_by(Allocation.order_id)
    )
    for order_id in orders.all():
        locked_order(session, int(order_id or 0))
    parties.lock(session, payment.partner_id)
    if payment.amount < 0:
        raise NotUndone
    if session.scalar(select(Payment.id).where(Payment.undoes == payment.id)):
        raise UndoneAlready
    credit: Credit = session.scalars(
        select(Credit).where(Credit.payment_id == payment.id).execution_options(populate_existing=True)
    ).one()
    return credit


def _unpay_orders(session: Session, orders: list[int], as_of: datetime) -> None:
    """Marked as unpaid, and given the hours to pay once more: else an order would lapse at the next minute."""
    for order_id in orders:
        row = session.execute(_RULES, {"order": order_id}).one()
        until = deadline(Clock.of(row), as_of, row.unpaid_hours if row.prepay else Decimal(0))
        session.execute(_UNPAID, {"order": order_id, "until": until})


def _annul_receipt(session: Session, payment: Payment, reason: str, as_of: datetime) -> None:
    """A receipt is never reversed, only annulled (FISCAL 1)."""
    for row in session.execute(_RECEIPT, {"payment": payment.id}):
        session.add(
            Annulment(
                document_id=row.id, partner_id=payment.partner_id, reason=reason, at=as_of, by=actor(session).user_id
            )
        )
        session.flush()
        record(
            session, "document_annulled", as_of, partner_id=payment.partner_id, document_id=row.id,
            number=row.number, reason=reason,
        )  # fmt: skip


_SHARES = text("""
    select document_id, order_id, sum(amount) as amount from allocation where credit_id = :credit
    group by document_id, order_id having sum(amount) <> 0 order by document_id, order_id
""")
_RULES = text("""
    select orders.prepay, coalesce(partner.unpaid_hours, company.unpaid_hours) as unpaid_hours,
           company.working_clock, company.time_zone, company.work_days, company.work_from, company.work_to
    from orders join partner on partner.id = orders.partner_id cross join company where orders.id = :order
""")
_UNPAID = text("""
    update orders set paid_at = null,
           pay_deadline = case when prepay and status in ('placed', 'claimed') then cast(:until as timestamptz)
                               else pay_deadline end
    where id = :order and paid_at is not null
      and gross > (select coalesce(sum(amount), 0) from allocation where order_id = :order)
""")
_RECEIPT = text(f"""
    select document.id, {DOCUMENT_NUMBER} as number
    from document where payment_id = :payment and kind = 'receipt'
      and not exists (select from annulment where annulment.document_id = document.id)
""")
