"""An event becomes mails: once, whatever the queue does."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.documents.rendering import pdf_of
from core.events import Event, Outbox
from core.notifications.composing import compose
from core.notifications.facts import ISSUED
from core.notifications.models import Mail
from core.notifications.rules import Recipient, recipients


def handle(session: Session, event_id: int, as_of: datetime) -> int:
    """Write the mails about an event, due at once, and tick it off; returns how many mails are new.

    Doing it again changes nothing, and two at once wait for each other at the outbox row. A document that
    was issued is made and kept first: it leaves with the mail.
    """
    waiting = session.scalar(select(Outbox).filter_by(event_id=event_id, handled_at=None).with_for_update())
    if waiting is None:
        return 0
    event = session.get_one(Event, event_id)
    if event.document_id is not None and event.kind in ISSUED:
        pdf_of(session, event.document_id)
    written = [_write(session, event, recipient, as_of) for recipient in recipients(session, event)]
    waiting.handled_at = as_of
    return sum(written)


def _write(session: Session, event: Event, recipient: Recipient, as_of: datetime) -> int:
    statement = insert(Mail).values(_row(session, event, recipient, as_of)).on_conflict_do_nothing()
    return len(session.execute(statement.returning(Mail.id)).all())


def _row(session: Session, event: Event, recipient: Recipient, as_of: datetime) -> dict[str, Any]:
    content = compose(session, event, recipient)
    return {
        "event_id": event.id,
        "template": recipient.template,
        "recipient": recipient.address,
        "user_id": recipient.user_id,
        "state": "held" if recipient.daily else "queued",
        "language": recipient.language,
        "subject": content.subject,
        "body_text": content.text,
        "body_html": content.html,
        "link_id": content.link_id,
        "created_at": as_of,
        "next_try_at": as_of,
    }
