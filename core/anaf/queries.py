"""How invoices stand with ANAF, as the signed-in principal may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from core import clock
from core.anaf.deadlines import days_left, last_day
from core.anaf.models import AnafSubmission
from core.anaf.sending import may_be_sent_again
from core.company import company
from core.documents.kept import kept
from core.documents.models import Document, DocumentFile
from core.documents.queries import visible_document
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

    @property
    def is_open(self) -> bool:
        """Does ANAF still have to accept it?"""
        return self.state not in ("accepted", "held", "not_needed") or self.in_test


def standing(session: Session, document_id: int, as_of: datetime) -> Standing | None:
    """How a document stands for staff; None for one that does not go to ANAF. Raises NotAllowed."""
    return standings(session, [document_id], as_of).get(document_id)


def standings(session: Session, documents: Sequence[int], as_of: datetime) -> dict[int, Standing]:
    """How those of the documents (ids) stand that go to ANAF, for staff. Raises NotAllowed."""
    if authorize(session, "documents.see").kind == "partner":
        raise NotAllowed
    today = clock.local_date(as_of, company(session).time_zone)
    rows = session.execute(
        select(AnafSubmission, Document.issued_on)
        .join(Document, Document.id == AnafSubmission.document_id)
        .where(AnafSubmission.document_id.in_(documents))
        .execution_options(populate_existing=True)
    )
    return {row.document_id: _standing(row, issued_on, today, as_of) for row, issued_on in rows}


def _standing(row: AnafSubmission, issued_on: date, today: date, as_of: datetime) -> Standing:
    due = row.due_on or last_day(issued_on)
    in_test = row.environment == "test" and row.state in ("uploaded", "accepted", "refused")
    return Standing(row.state, row.message, due, days_left(due, today), in_test, may_be_sent_again(row, as_of))


def is_used(session: Session) -> bool:
    """Does anything go to ANAF from here?"""
    return bool(session.scalar(select(exists().select_from(AnafSubmission))))


def in_anaf_state(state: str) -> ColumnElement[bool]:
    """The condition on documents that stand so."""
    return exists().where(AnafSubmission.document_id == Document.id, AnafSubmission.state == state)


def has_archive(session: Session, document_id: int) -> bool:
    """Is there what ANAF signed? Asked after `visible_document`."""
    is_kept = exists().where(DocumentFile.document_id == document_id, DocumentFile.format == "zip")
    return bool(session.scalar(select(is_kept)))


def archive(session: Session, document_id: int) -> tuple[Document, bytes]:
    """The document, and the archive that ANAF signed. Raises NotAllowed, NotFound, DamagedFile."""
    document = visible_document(session, document_id)
    content = kept(session, document_id, "zip") if document is not None else None
    if document is None or content is None:
        raise NotFound
    return document, content
