"""Giving up what will not be paid, with a reason, and disputes: what the partner does not accept."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import actor
from core.documents import parties
from core.documents.models import Document
from core.documents.storno import ReasonMissing
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.receivables.models import Dispute, Payment
from core.receivables.payments import NothingOpen, open_amount, write_payment
from core.search import without_nul


class DisputedAlready(Refusal):
    message = N_("Invoice {number} is disputed already.")


def write_off(session: Session, document_id: int, reason: str, as_of: datetime) -> Payment:
    """Give up all that is open on an invoice. It can be taken back like a payment (core.receivables.undoing).

    Records `debt_written_off`. Raises NotAllowed, NotFound, ReasonMissing, NothingOpen.
    """
    document, reason = _open_invoice(session, document_id, reason)
    left = open_amount(session, document)
    today = local_date(as_of, company(session).time_zone)
    return write_payment(
        session, document.partner_id, left, today, as_of, {document_id: left}, method="write_off", reason=reason
    )  # fmt: skip


def dispute(session: Session, document_id: int, reason: str, as_of: datetime) -> None:
    """The partner does not accept an invoice: it is not reminded of it. Records `dispute_opened`.

    Raises NotAllowed, NotFound, ReasonMissing, NothingOpen, DisputedAlready.
    """
    document, reason = _open_invoice(session, document_id, reason)
    if session.get(Dispute, document_id):
        raise DisputedAlready(number=document.full_number)
    session.add(
        Dispute(
            document_id=document_id, partner_id=document.partner_id, reason=reason, at=as_of, by=actor(session).user_id
        )
    )
    session.flush()
    record(
        session, "dispute_opened", as_of, partner_id=document.partner_id, order_id=document.order_id,
        document_id=document_id, number=document.full_number, reason=reason,
    )  # fmt: skip


def end_dispute(session: Session, document_id: int, as_of: datetime) -> None:
    """The invoice is accepted after all, or was put right. Records `dispute_ended`. Raises NotAllowed, NotFound."""
    authorize(session, "payments.record")
    document = session.get(Document, document_id)
    ended = session.scalars(
        delete(Dispute).where(Dispute.document_id == document_id).returning(Dispute.document_id)
    ).one_or_none()
    if document is None or ended is None:
        raise NotFound
    record(
        session, "dispute_ended", as_of, partner_id=document.partner_id, order_id=document.order_id,
        document_id=document_id, number=document.full_number,
    )  # fmt: skip


def _open_invoice(session: Session, document_id: int, reason: str) -> tuple[Document, str]:
    authorize(session, "payments.record")
    reason = without_nul(reason).strip()
    document = session.scalars(select(Document).where(Document.id == document_id)).one_or_none()
    if document is None or not document.is_debt:
        raise NotFound
    if not reason:
        raise ReasonMissing
    parties.lock(session, document.partner_id)
    if open_amount(session, document) <= 0:
        raise NothingOpen(number=document.full_number)
    return document, reason
