"""One mail a day instead of many: what is held for somebody is gathered in the morning."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.company import company
from core.events import Event, record
from core.notifications.models import Mail

FROM = time(7, 30)
"""Local time of the distributor from which a day's mails are gathered."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A mail of which the daily one tells: `path` is where in the portal it leads, or empty."""

    subject: str
    at: datetime
    path: str


def gather_due(session: Session, as_of: datetime) -> int:
    """Record `mails_gathered` for every user for whom mails are held since before this morning; returns how many.

    Before FROM nothing is due. A mail is gathered once: two at once wait for each other and the second finds none.
    """
    local = as_of.astimezone(ZoneInfo(company(session).time_zone))
    if local.time() < FROM:
        return 0
    morning = datetime.combine(local.date(), FROM, local.tzinfo)
    rows = session.execute(_GATHER, {"morning": morning}).all()
    for row in rows:
        record(session, "mails_gathered", as_of, partner_id=row.partner_id, user=row.user_id, mails=row.mails)
    return len(rows)


def gathered(session: Session, mail_ids: Sequence[int]) -> list[Gathered]:
    """What a daily mail tells of, the oldest first."""
    rows = session.execute(
        select(Mail.subject, Mail.created_at, Event.kind, Event.order_id, Event.document_id)
        .join(Event).where(Mail.id.in_(mail_ids)).order_by(Mail.id)
    )  # fmt: skip
    return [Gathered(row.subject, row.created_at, _path(row.kind, row.order_id, row.document_id)) for row in rows]


def _path(kind: str, order_id: int | None, document_id: int | None) -> str:
    if kind.startswith(("message_", "thread_")):
        return "/messages"
    if document_id is not None:
        return "/documents"
    return f"/orders?order={order_id}" if order_id is not None else ""


_GATHER = text("""
    with taken as (
        select id from mail where state = 'held' and created_at < :morning order by id for update
    ), told as (
        update mail set state = 'gathered' from taken where mail.id = taken.id and mail.state = 'held'
        returning mail.id, mail.user_id
    )
    select told.user_id, app_user.partner_id, array_agg(told.id order by told.id) as mails
    from told join app_user on app_user.id = told.user_id group by told.user_id, app_user.partner_id
    order by told.user_id
""")
