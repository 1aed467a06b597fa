"""A partner's credit: what it paid too much, or a storno brought. It pays other invoices, or goes back."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import actor
from core.documents import parties
from core.documents.models import Document
from core.documents.storno import ReasonMissing
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_, translate
from core.money import format_amount
from core.permissions import authorize
from core.receivables.models import Credit, Payment, Receivable
from core.receivables.payments import NothingOpen, PaidInFuture, checked, pay
from core.search import without_nul


class NoCredit(Refusal):
    message = N_("The partner has no credit left.")


class MoreThanCredit(Refusal):
    message = N_("The partner's credit is {credit}. At most that can be paid back.")

    def text(self, language: str) -> str:
        return translate(self.message, language).format(credit=format_amount(self.params["credit"], language))


def credit_of(session: Session, partner_id: int | None = None) -> Decimal:
    """What the partner has in credit, in lei; a partner's own people see their own."""
    me = authorize(session, "documents.see")
    total: Decimal = session.scalars(
        select(func.coalesce(func.sum(Credit.left), Decimal("0.00"))).where(
            Credit.partner_id == (me.partner_id or partner_id)
        )
    ).one()
    return total


def use_credit(session: Session, document_id: int, as_of: datetime) -> Decimal:
    """Pay an invoice, as far as it goes, from its partner's credit, the oldest first; returns how much (lei).

    Records `credit_used`. Raises NotAllowed, NotFound, NothingOpen, NoCredit.
    """
    authorize(session, "payments.record")
    document = session.get(Document, document_id)
    if document is None or not document.is_debt:
        raise NotFound
    parties.lock(session, document.partner_id)
    left = session.scalars(select(Receivable.open).where(Receivable.document_id == document_id)).one()
    if left <= 0:
        raise NothingOpen(number=document.full_number)
    used = Decimal("0.00")
    for row in session.execute(_CREDITS, {"partner": document.partner_id}):
        share = min(row.left, left - used)
        if share > 0:
            pay(session, row.id, document.partner_id, {document_id: share}, as_of)
            used += share
    if not used:
        raise NoCredit
    record(
        session, "credit_used", as_of, partner_id=document.partner_id, order_id=document.order_id,
        document_id=document_id, number=document.full_number, amount=str(used),
    )  # fmt: skip
    return used


def refund(
    session: Session,
    partner_id: int,
    amount: Decimal,
    paid_on: date,
    reason: str,
    as_of: datetime,
    reference: str = "",
) -> list[Payment]:
    """Money (lei) goes back to a partner from its credit, the oldest first: a payment below zero for each credit.

    Records `credit_refunded`. Raises NotAllowed, ReasonMissing, AmountNotValid, PaidInFuture, MoreThanCredit.
    """  # fmt: skip
    authorize(session, "payments.record")
    amount, reason = checked(amount), without_nul(reason).strip()
    if not reason:
        raise ReasonMissing
    parties.lock(session, partner_id)
    if paid_on > local_date(as_of, company(session).time_zone):
        raise PaidInFuture
    credits = session.execute(_CREDITS, {"partner": partner_id}).all()
    there = sum((row.left for row in credits), Decimal("0.00"))
    if amount > there:
        raise MoreThanCredit(credit=there)
    left, payments = amount, []
    for row in credits:
        if share := min(row.left, left):
            left -= share
            payments.append(
                Payment(
                    partner_id=partner_id, amount=-share, method="bank", paid_on=paid_on,
                    reference=without_nul(reference).strip(), reason=reason, credit_id=row.id, recorded_at=as_of,
                    recorded_by=actor(session).user_id,
                )
            )  # fmt: skip
    session.add_all(payments)
    session.flush()
    record(session, "credit_refunded", as_of, partner_id=partner_id, amount=str(amount), reason=reason)
    return payments


_CREDITS = text("""select id, "left" from credit where partner_id = :partner and "left" > 0 order by id""")
