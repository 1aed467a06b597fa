"""The bytes of documents as they were first made, in each format: kept once, read with their SHA-256."""

import hashlib
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.documents.models import Document, DocumentFile


class DamagedFile(RuntimeError):
    """The kept bytes are not those that were kept: nobody may be handed them."""


def kept(session: Session, document_id: int, format: str) -> bytes | None:
    """The kept bytes in a format ('pdf', 'xml'); None if there are none. Raises DamagedFile."""
    found = session.get(DocumentFile, (document_id, format))
    if found is None:
        return None
    if hashlib.sha256(found.content).hexdigest() != found.sha256:
        raise DamagedFile(f"the {format} of document {document_id} does not match its SHA-256")
    return found.content


def keep(session: Session, document: Document, format: str, content: bytes, made_at: datetime | None = None) -> None:
    """The first to keep wins; whoever comes second waits for the first and keeps nothing: read what is `kept` then.

    `made_at` is now unless it is given."""
    session.execute(
        insert(DocumentFile)
        .values(
            document_id=document.id,
            format=format,
            partner_id=document.partner_id,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            made_at=made_at or func.now(),
        )
        .on_conflict_do_nothing()
    )
