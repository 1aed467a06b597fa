"""Posting messages: at once or on a later day, changing what nobody has seen yet, withdrawing what is over."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core.catalog.normalising import Picture
from core.clock import local_date
from core.company import company
from core.db import actor
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.messages.drafts import Draft, require_there
from core.messages.models import Message, MessageAudience, MessagePicture
from core.permissions import authorize


class AlreadyAnnounced(Refusal):
    message = N_("Partners see this message already, so it stays as it is. Withdraw it and post another one.")


class AlreadyWithdrawn(Refusal):
    message = N_("This message was withdrawn already.")


def post(session: Session, draft: Draft, picture: Picture | None, as_of: datetime) -> int:
    """Post a message; its id. On its first local day partners see it; that may be today.

    Records 'message_planned', and 'message_posted' (which becomes mails) when it is announced. Raises NotAllowed,
    NothingSaid, NobodyChosen, DaysWrong, or NotFound for what it is for or leads to.
    """
    authorize(session, "messages.post")
    today = _today(session, as_of)
    draft = draft.checked(today)
    require_there(session, draft)
    row = Message(**_columns(draft), created_at=as_of, created_by=actor(session).user_id)
    session.add(row)
    session.flush()
    _put_parts(session, row, draft, picture)
    if row.valid_from <= today:
        _announce(session, row, as_of)
    else:
        record(session, "message_planned", as_of, message=row.id, title=row.title, valid_from=str(row.valid_from))
    return row.id


def change(
    session: Session, message_id: int, draft: Draft, picture: Picture | None, keep_picture: bool, as_of: datetime
) -> None:
    """Write a message anew that no partner has seen yet. `keep_picture`: where there is no new one, the old one stays.

    Records 'message_changed', and 'message_posted' if its first day is today now. Raises as `post`, and
    AlreadyAnnounced, AlreadyWithdrawn.
    """
    authorize(session, "messages.post")
    row = _waiting(session, message_id)
    today = _today(session, as_of)
    draft = draft.checked(today)
    require_there(session, draft)
    session.execute(delete(MessageAudience).filter_by(message_id=row.id))
    if picture or not keep_picture:
        session.execute(delete(MessagePicture).filter_by(message_id=row.id))
    for name, value in _columns(draft).items():
        setattr(row, name, value)
    session.flush()
    _put_parts(session, row, draft, picture)
    record(session, "message_changed", as_of, message=row.id, title=row.title)
    if row.valid_from <= today:
        _announce(session, row, as_of)


def withdraw(session: Session, message_id: int, as_of: datetime) -> None:
    """Take a message back: no partner sees it any more. Who has read or confirmed it stays known.

    Records 'message_withdrawn'. Raises NotAllowed, NotFound, AlreadyWithdrawn.
    """
    authorize(session, "messages.post")
    row = _locked(session, message_id)
    if row.withdrawn_at:
        raise AlreadyWithdrawn
    row.withdrawn_at = as_of
    session.flush()
    record(session, "message_withdrawn", as_of, message=row.id, title=row.title)


def announce_due(session: Session, as_of: datetime) -> int:
    """Show partners the messages whose first local day has come, and tell of them; how many these were.

    For the worker; several at once share the work. What was over before anybody could announce it is told to nobody.
    """
    authorize(session, "messages.post")
    waiting = select(Message).where(text(_DUE)).order_by(Message.id).with_for_update(skip_locked=True)
    rows = session.scalars(waiting, {"today": _today(session, as_of)}).all()
    for row in rows:
        _announce(session, row, as_of)
    return len(rows)


def _announce(session: Session, row: Message, as_of: datetime) -> None:
    row.announced_at = as_of
    session.flush()
    record(
        session, "message_posted", as_of, by=row.created_by, message=row.id, title=row.title, level=row.level,
        audience=row.audience,
    )  # fmt: skip


def _columns(draft: Draft) -> dict[str, Any]:
    return {name: value for name, value in asdict(draft).items() if name != "chosen"}


def _put_parts(session: Session, row: Message, draft: Draft, picture: Picture | None) -> None:
    column = "group_id" if draft.audience == "groups" else "partner_id"
    session.add_all(
        MessageAudience(message_id=row.id, audience=draft.audience, **{column: chosen})
        for chosen in sorted(draft.chosen)
    )
    if picture:
        session.add(MessagePicture(message_id=row.id, content=picture.content))
    session.flush()


def _waiting(session: Session, message_id: int) -> Message:
    row = _locked(session, message_id)
    if row.withdrawn_at:
        raise AlreadyWithdrawn
    if row.announced_at:
        raise AlreadyAnnounced
    return row


def _locked(session: Session, message_id: int) -> Message:
    row = session.scalar(select(Message).filter_by(id=message_id).with_for_update())
    if row is None:
        raise NotFound
    return row


def _today(session: Session, as_of: datetime) -> date:
    return local_date(as_of, company(session).time_zone)


_DUE = """
    announced_at is null and withdrawn_at is null and valid_from <= :today and coalesce(valid_until >= :today, true)
"""
