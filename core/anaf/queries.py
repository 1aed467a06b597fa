"""How invoices stand with ANAF, as the signed-in principal may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from core import clock
from core.anaf.deadlines import days_left, last_day
from core.anaf.models import AnafSubmission
from core.anaf.sending import may_be_sent_again
from core.company import company
from core.documents.models import Document, DocumentFile
from core.documents.queries import visible_document
from core.documents.rendering import DamagedFile
from core.errors import NotAllowed, NotFound
from core.permissions import authorize


@dataclass(frozen=True, slots=True)
class Standing:
    """How one invoice stands. `message` is ANAF's own text, or what broke last; `days_left` are working days, -1 when
    the last one has passed; `in_test`: it is in ANAF's test environment only. `again`: it may be sent again by hand."""

    state: str
    message: str
    last_day: date
    days_left: int
    in_test: bool
    again: bool


def standing(session: Session, document_id: int, as_of: datetime) -> Standing | None:
    """How a document stands for staff; None for one that does not go to ANAF. Raises NotAllowed."""
    if authorize(session, "documents.see").kind == "partner":
        raise NotAllowed
    row = session.get(AnafSubmission, document_id, populate_existing=True)
    if row is None:
        return None
    due = row.due_on or last_day(session.get_one(Document, document_id).issued_on)
    in_test = row.environment == "test" and row.state in ("uploaded", "accepted", "refused")
    left = days_left(due, clock.local_date(as_of, company(session).time_zone))
    return Standing(row.state, row.message, due, left, in_test, may_be_sent_again(row, as_of))


def is_used(session: Session) -> bool:
    """Does anything go to ANAF from here?"""
    return bool(session.scalar(select(exists().select_from(AnafSubmission))))


def states_of(session: Session, documents: Sequence[int]) -> dict[int, str]:
    """The states of those of the documents that go to ANAF; of a partner its own."""
    authorize(session, "documents.see")
    rows = session.execute(
        select(AnafSubmission.document_id, AnafSubmission.state).where(AnafSubmission.document_id.in_(documents))
    )
    return {row.document_id: row.state for row in rows}


def in_anaf_state(state: str) -> ColumnElement[bool]:
    """The condition on documents that stand so."""
    return exists().where(AnafSubmission.document_id == Document.id, AnafSubmission.state == state)


def has_archive(session: Session, document_id: int) -> bool:
    """Is there what ANAF signed? Asked after `visible_document`."""
    kept = exists().where(DocumentFile.document_id == document_id, DocumentFile.format == "zip")
    return bool(session.scalar(select(kept)))


def archive(session: Session, document_id: int) -> tuple[Document, bytes]:
    """The document, and the archive that ANAF signed. Raises NotAllowed, NotFound, DamagedFile."""
    document = visible_document(session, document_id)
    kept = session.get(DocumentFile, (document_id, "zip")) if document is not None else None
    if document is None or kept is None:
        raise NotFound
    if sha256(kept.content).hexdigest() != kept.sha256:
        raise DamagedFile(f"the archive of document {document_id} does not match its SHA-256")
    return document, kept.content
