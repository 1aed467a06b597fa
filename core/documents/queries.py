"""Documents as the signed-in principal may see them. Lists with what is paid: core.receivables.listing."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.documents.models import Document
from core.permissions import authorize

LARGEST_ID = 2**31 - 1


def visible_document(session: Session, document_id: int) -> Document | None:
    """The document, if the session's principal may see it; None if it is absent or another partner's."""
    if not 0 < document_id <= LARGEST_ID:  # an address may name any number; the database would refuse to compare it
        return None
    return session.scalars(select(Document).where(Document.id == document_id, *own_documents(session))).one_or_none()


def own_documents(session: Session, partner_id: int | None = None) -> list[ColumnElement[bool]]:
    """What narrows documents to those that the principal may see, and to one partner's.

    Row-level security would refuse foreign rows anyway; asking for own ones only is what the query means.
    """
    own = authorize(session, "documents.see").partner_id or partner_id
    return [] if own is None else [Document.partner_id == own]
