"""Reading and confirming: each person for themselves, once."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.events import record
from core.messages.seeing import MINE, who_asks
from core.permissions import authorize


def mark_read(session: Session, message_id: int, as_of: datetime) -> bool:
    """The principal has opened a message; False if that was known. Raises NotAllowed, NotFound."""
    authorize(session, "messages.confirm")
    about = who_asks(session) | {"message": message_id, "as_of": as_of}
    if session.execute(_READ, about).first():
        return True
    _require_shown(session, message_id, as_of)
    return False


def confirm(session: Session, message_id: int, as_of: datetime) -> bool:
    """The principal confirms to have read a message that asks for it; False if they had confirmed it before.

    Of two at once, one confirms. Records 'message_confirmed'. Raises NotAllowed, NotFound.
    """
    principal = authorize(session, "messages.confirm")
    about = who_asks(session) | {"message": message_id, "as_of": as_of}
    row = session.execute(_CONFIRM, about).first()
    if row is None:
        _require_shown(session, message_id, as_of, "confirm")
        return False
    title = session.execute(text("select title from message where id = :message"), about).scalar_one()
    record(
        session, "message_confirmed", as_of, partner_id=principal.partner_id, message=message_id, title=title
    )  # fmt: skip
    return True


def _require_shown(session: Session, message_id: int, as_of: datetime, level: str | None = None) -> None:
    about = who_asks(session) | {"message": message_id, "as_of": as_of, "level": level}
    if session.execute(_SHOWN, about).first() is None:
        raise NotFound


_SHOWN = text(f"select {MINE} and message.id = :message and message.level = coalesce(:level, message.level)")
_READ = text(f"""
    insert into message_read (message_id, user_id, partner_id, read_at)
    select message.id, :me, :partner, :as_of {MINE} and message.id = :message
    on conflict do nothing returning message_id
""")
_CONFIRM = text(f"""
    insert into message_read (message_id, user_id, partner_id, read_at, confirmed_at)
    select message.id, :me, :partner, :as_of, :as_of {MINE} and message.id = :message and message.level = 'confirm'
    on conflict (message_id, user_id) do update set confirmed_at = greatest(excluded.confirmed_at, message_read.read_at)
    where message_read.confirmed_at is null
    returning message_id
""")
