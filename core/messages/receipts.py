"""Who has read or confirmed a message, who has not, and reminding those."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.auth.models import User
from core.auth.sessions import MAY_SIGN_IN
from core.clock import local_date
from core.company import company
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.messages.models import Message, MessageRead, MessageReminder
from core.messages.seeing import FOR_PARTNER
from core.partners.models import Partner
from core.permissions import authorize


class NotShownNow(Refusal):
    message = N_("Partners do not see this message now, so there is nothing to remind them of.")


class NobodyToRemind(Refusal):
    message = N_("Nobody is left to remind: all have read it, or were reminded today already.")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A person whom a message is for, or who has read it. `done` is what the message asks for: reading or confirming.

    `reached` tells whether it is for them now: somebody may have left, or their company another group.
    """

    user_id: int
    name: str
    email: str
    partner_id: int
    partner: str
    read_at: datetime | None
    confirmed_at: datetime | None
    reminded_at: datetime | None
    done: bool
    reached: bool


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person of a partner, as a mail is sent to them."""

    user_id: int
    email: str
    language: str


DONE = case(
    (Message.level == "confirm", MessageRead.confirmed_at.is_not(None)), else_=MessageRead.user_id.is_not(None)
)  # fmt: skip
REACHED = and_(MAY_SIGN_IN, text(FOR_PARTNER))


def receipts(session: Session, message_id: int) -> list[Receipt]:
    """Those first who have not done what the message asks for; by company and name. Raises NotAllowed, NotFound."""
    authorize(session, "messages.post")
    if session.get(Message, message_id) is None:
        raise NotFound
    reminded = (
        select(MessageReminder.at)
        .filter_by(message_id=message_id)
        .where(MessageReminder.user_id == User.id)
        .order_by(MessageReminder.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns = (
        User.id, User.name, User.email, Partner.id, Partner.name, MessageRead.read_at, MessageRead.confirmed_at,
        reminded, DONE, case((REACHED, True), else_=False),
    )  # fmt: skip
    wanted = _people(select(*columns), message_id).where(or_(REACHED, MessageRead.user_id.is_not(None)))
    rows = session.execute(wanted.order_by(DONE, Partner.name, User.name, User.id))
    return [Receipt(*row) for row in rows]


def addressees(session: Session, message_id: int, among: list[int] | None = None) -> list[Addressee]:
    """The people whom a message is for and who have not done yet what it asks for; of `among` (user ids), if given."""
    columns = User.id, User.email, User.language
    wanted = _people(select(*columns), message_id).where(REACHED, ~DONE)
    if among is not None:
        wanted = wanted.where(User.id.in_(among))
    return [Addressee(*row) for row in session.execute(wanted.order_by(User.id))]


def remind(session: Session, message_id: int, as_of: datetime) -> int:
    """Remind those by mail who have not read, or not confirmed, a message; how many these are.

    Nobody is reminded of it twice on one local day, however many press the button. Records 'message_reminded'. Raises
    NotAllowed, NotFound, NotShownNow, NobodyToRemind.
    """
    authorize(session, "messages.post")
    row = session.get(Message, message_id)
    if row is None:
        raise NotFound
    day = local_date(as_of, company(session).time_zone)
    if not row.announced_at or row.withdrawn_at or (row.valid_until and row.valid_until < day):
        raise NotShownNow
    people = [person.user_id for person in addressees(session, message_id)]
    rows = [{"message_id": message_id, "user_id": user, "sent_on": day, "at": as_of} for user in people]
    reminded = session.scalars(_WRITE, rows).all() if rows else []
    if not reminded:
        raise NobodyToRemind
    record(session, "message_reminded", as_of, message=row.id, title=row.title, users=sorted(reminded))
    return len(reminded)


def _people(columns: Select[*tuple[Any, ...]], message_id: int) -> Select[*tuple[Any, ...]]:
    """Partners' people with their companies, the message, and what they did about it."""
    read = and_(MessageRead.message_id == message_id, MessageRead.user_id == User.id)
    return (
        columns.select_from(User)
        .join(Partner, Partner.id == User.partner_id)
        .join(Message, Message.id == message_id)
        .outerjoin(MessageRead, read)
    )


_WRITE = insert(MessageReminder).on_conflict_do_nothing().returning(MessageReminder.user_id)
