"""Annulling a document that has not reached its buyer: its number stays taken, and it stays visible as annulled."""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.db import actor
from core.documents import parties
from core.documents.models import OPENING, Annulment, Document
from core.documents.order_lines import locked_order
from core.documents.storno import ReasonMissing
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.search import without_nul


class AnnulledAlready(Refusal):
    message = N_("{number} was annulled already.")


class NotAnnulled(Refusal):
    message = N_("A storno is never annulled. Issue a new invoice instead.")


class PaidOrTakenBack(Refusal):
    message = N_("Something was paid on {number}, or it was taken back. Undo the payment first, or issue a storno.")


class AtAnaf(Refusal):
    message = N_("{number} was sent to ANAF, so it has reached its buyer. Issue a storno instead.")


class OpeningPaid(Refusal):
    message = N_(
        "Something was paid on {number} since, or its credit was used. Take that back first, on the partner's page"
        " under Receivables."
    )


def annul(session: Session, document_id: int, reason: str, as_of: datetime) -> None:
    """Annul a proforma, an invoice, a receipt or a delivery note (Cod fiscal 330 (1) a), or what was loaded from the
    program before. Records `document_annulled`.

    Raises NotAllowed, NotFound, ReasonMissing, AnnulledAlready, NotAnnulled for a storno, PaidOrTakenBack, AtAnaf,
    OpeningPaid.
    """
    authorize(session, "documents.correct")
    reason = without_nul(reason).strip()
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound
    if not reason:
        raise ReasonMissing
    if document.order_id is not None:
        locked_order(session, document.order_id)
    parties.lock(session, document.partner_id)
    if document.kind == "storno":
        raise NotAnnulled
    if session.scalar(select(Annulment.document_id).where(Annulment.document_id == document_id)):
        raise AnnulledAlready(number=document.full_number)
    if document.kind == "invoice" and session.execute(_BOUND, {"document": document_id}).scalar_one():
        raise PaidOrTakenBack(number=document.full_number)
    if session.execute(_AT_ANAF, {"document": document_id}).one_or_none():
        raise AtAnaf(number=document.full_number)
    if document.kind == OPENING and session.scalars(_USED, {"documents": [document_id]}).all():
        raise OpeningPaid(number=document.full_number)
    session.add(
        Annulment(
            document_id=document_id, partner_id=document.partner_id, reason=reason, at=as_of, by=actor(session).user_id
        )
    )
    session.flush()
    record(
        session, "document_annulled", as_of, partner_id=document.partner_id, order_id=document.order_id,
        document_id=document_id, number=document.full_number, reason=reason,
    )  # fmt: skip


USED_OPENINGS = """
    select document.series from document
    left join receivable on receivable.document_id = document.id left join credit on credit.document_id = document.id
    where document.id = any(cast(:documents as int[]))
      and coalesce(receivable.open, -credit."left") <> document.lei_gross
      and not exists (select from annulment where annulment.document_id = document.id)
    order by document.series
"""
"""SQL for the numbers of the opening documents, of the ids :documents, on which something was paid or whose credit was
used. What was paid and taken back does not count."""
_USED = text(USED_OPENINGS)
# Also where another invoice deducts it.
_BOUND = text("""
    select exists (select from document where refers_to = :document and kind = 'storno')
        or exists (select from document_line where reverses_document = :document)
        or (select coalesce(sum(amount), 0) from allocation where document_id = :document) <> 0
""")
# Locked, so that it is not sent meanwhile: a trigger refuses the annulment of what is on its way (migration 0027).
_AT_ANAF = text("""
    select state from (select state from anaf_submission where document_id = :document for update) submission
    where state not in ('queued', 'refused', 'not_needed')
""")
