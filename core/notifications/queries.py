"""The mails as staff look through them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, cast, func, or_, select
from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.events import Event
from core.notifications.models import Mail
from core.permissions import authorize
from core.search import without_nul

PAGE_SIZE = 50
STATES = ("queued", "taken", "sending", "sent", "failed", "uncertain", "held", "gathered")


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail as the list shows it, without its text. Instants in UTC; `order_id` of the order it is about."""

    id: int
    created_at: datetime
    recipient: str
    subject: str
    state: str
    tries: int
    error: str
    sent_at: datetime | None
    order_id: int | None


@dataclass(frozen=True, slots=True)
class MailsPage:
    """The rows of one page, newest first, and how many there are on all pages."""

    rows: Sequence[MailRow]
    total: int


def mails_page(session: Session, state: str | None = None, search: str = "", page: int = 1) -> MailsPage:
    """A page (from 1) of the mails in one state, or in any. Raises NotAllowed.

    `search` finds a part of the recipient or of the subject, or the whole number of an order.
    """
    authorize(session, "mails.see")
    wanted = [*_in_state(state), *_matching(without_nul(search).strip())]
    total = session.scalar(select(func.count()).select_from(Mail).join(Event).where(*wanted))
    rows = select(
        Mail.id, Mail.created_at, Mail.recipient, Mail.subject, Mail.state, Mail.tries, Mail.error, Mail.sent_at,
        Event.order_id,
    ).join(Event).where(*wanted).order_by(Mail.id.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)  # fmt: skip
    return MailsPage([MailRow(*row) for row in session.execute(rows)], total or 0)


def count_by_state(session: Session) -> dict[str, int]:
    """How many mails there are in each state. Raises NotAllowed."""
    authorize(session, "mails.see")
    grouped = session.execute(select(Mail.state, func.count()).group_by(Mail.state))
    counted = {state: count for state, count in grouped}
    return {state: counted.get(state, 0) for state in STATES}


def mail_by_id(session: Session, mail_id: int) -> Mail:
    """One mail with its text and HTML. Raises NotAllowed, NotFound."""
    authorize(session, "mails.see")
    mail = session.get(Mail, mail_id)
    if mail is None:
        raise NotFound
    return mail


def _in_state(state: str | None) -> list[ColumnElement[bool]]:
    return [Mail.state == state] if state else []


def _matching(search: str) -> list[ColumnElement[bool]]:
    if not search:
        return []
    parts = [Mail.recipient.icontains(search, autoescape=True), Mail.subject.icontains(search, autoescape=True)]
    return [or_(*parts, cast(Event.order_id, TEXT) == search)]
