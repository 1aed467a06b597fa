"""What leaves with a mail: the document, the statement or the file that came by itself, with what announces it."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import transaction
from core.documents.models import Document
from core.documents.rendering import pdf_of
from core.errors import Refusal
from core.events import Event
from core.exports.mailing import file_of
from core.exports.statement_paper import statement_pdf
from core.notifications.delivery import Attachment, Taken
from core.notifications.facts import ISSUED
from core.principal import SYSTEM
from core.receivables.monthly import last_of, month_of
from core.receivables.statement import statement

log = structlog.get_logger(__name__)

WITH_A_FILE = ISSUED | {"statement_sent", "export_ready"}
"""Mails are named after their events here. One that staff try has another event, and no file."""


def with_attachment(taken: Taken, as_of: datetime) -> Taken:
    """The mail with the file that belongs to it. One that cannot be made is left out: the mail leads to it as well."""
    if taken.mail.template not in WITH_A_FILE:
        return taken
    try:
        with transaction(SYSTEM) as session:
            event = session.get_one(Event, taken.mail.event_id)
            found = (
                _document(session, event)
                or _statement(session, event, as_of, taken.mail.language)
                or _export(session, event, as_of)
            )
    except Refusal as refusal:
        log.warning("nothing attached", event_id=taken.mail.event_id, error=str(refusal))
        return taken
    return replace(taken, attachment=found) if found else taken


def _document(session: Session, event: Event) -> Attachment | None:
    """The kept PDF of a document that was just issued."""
    if event.kind not in ISSUED or event.document_id is None:
        return None
    content = pdf_of(session, event.document_id)
    name = session.get_one(Document, event.document_id).full_number.replace(" ", "-")
    return Attachment(f"{name}.pdf", content)


def _statement(session: Session, event: Event, as_of: datetime, language: str) -> Attachment | None:
    if event.kind != "statement_sent":
        return None
    seller, first = company(session), month_of(event.data["month"])
    found = statement(session, first, last_of(first), event.partner_id)
    content = statement_pdf(found, seller, local_date(as_of, seller.time_zone), language)
    return Attachment(f"statement-{found.first}-{found.last}.pdf", content)


def _export(session: Session, event: Event, as_of: datetime) -> Attachment | None:
    """What came by itself, if its owner may still have it."""
    if event.kind != "export_ready" or event.data["state"] != "done":
        return None
    found = file_of(session, event.data["run"], as_of)
    return Attachment(found[0], found[2], found[1]) if found else None
