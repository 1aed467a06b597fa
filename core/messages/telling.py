"""Who hears by mail of messages and of what is written in conversations: addresses, languages and templates.

The rules of core.notifications turn them into mails when the event is handled: what was withdrawn or read until then
is told no more.
"""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.auth.models import User
from core.auth.sessions import MAY_SIGN_IN
from core.messages.models import Message, ThreadEntry
from core.messages.receipts import addressees
from core.partners.models import Partner
from core.permissions import OWNER


class Told(NamedTuple):
    """An address, its reader's language, and the template of the mail."""

    address: str
    language: str
    template: str


def told_of_message(session: Session, message_id: int) -> list[Told]:
    """Whom the news of a message goes to: of a plain one only if its author wants that."""
    row = session.get_one(Message, message_id)
    if row.withdrawn_at or (row.level == "plain" and not row.by_mail):
        return []
    template = "message_to_confirm" if row.level == "confirm" else "message_posted"
    return [Told(person.email, person.language, template) for person in addressees(session, message_id)]


def told_again(session: Session, message_id: int, users: list[int]) -> list[Told]:
    """Of those who are to be reminded, who still has to be."""
    if session.get_one(Message, message_id).withdrawn_at:
        return []
    people = addressees(session, message_id, users)
    return [Told(person.email, person.language, "message_reminded") for person in people]


def told_of_entry(session: Session, entry_id: int) -> list[Told]:
    """The other side of a conversation: of a partner those who wrote in it before, else who ordered, else the owners;
    of the distributor who wrote last. Empty where nobody of its staff has written yet.
    """
    entry = session.get_one(ThreadEntry, entry_id)
    if not entry.by_staff:
        return _users(session, _LAST_OF_STAFF, entry, "thread_received")
    for candidates in (_WROTE, _ORDERED, _OWNERS):
        if found := _users(session, candidates, entry, "thread_written"):
            return found
    return []


def _users(session: Session, candidates: str, entry: ThreadEntry, template: str) -> list[Told]:
    about = {"thread": entry.thread_id, "partner": entry.partner_id, "owner": OWNER, "entry": entry.id}
    ids = session.scalars(text(candidates), about).all()
    people = session.query(User).outerjoin(Partner).where(User.id.in_(ids), MAY_SIGN_IN).order_by(User.id)
    return [Told(user.email, user.language, template) for user in people]


_WROTE = """
    select distinct "by" from thread_entry
    where thread_id = :thread and id < :entry and not by_staff and "by" is not null
"""
# Of an order that staff placed for the partner, nobody of the partner ordered.
_ORDERED = """
    select user_id from orders join thread on thread.order_id = orders.id join app_user on app_user.id = user_id
    where thread.id = :thread and app_user.partner_id = :partner
"""
_OWNERS = "select id from app_user where partner_id = :partner and role = :owner"
_LAST_OF_STAFF = """
    select "by" from thread_entry where thread_id = :thread and id < :entry and by_staff and "by" is not null
    order by id desc limit 1
"""
