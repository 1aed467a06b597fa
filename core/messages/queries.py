"""What partners' people see of messages."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.db import actor
from core.messages.seeing import FOR_PARTNER, MINE, OVER, UNDONE, who_asks
from core.permissions import authorize, may


@dataclass(frozen=True, slots=True)
class Unread:
    """A message that still asks something of its reader."""

    id: int
    title: str
    level: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the principal: messages, the longest shown first, and conversations with something new."""

    messages: list[Unread]
    threads: int

    @property
    def count(self) -> int:
        """For the menu."""
        return len(self.messages) + self.threads

    @property
    def to_confirm(self) -> list[int]:
        """The ids of what must be confirmed before anything else."""
        return [row.id for row in self.messages if row.level == "confirm"]


NOTHING = Waiting([], 0)


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as its reader sees it. `leads_to` is 'product' or 'promotion', where it leads somewhere that they may
    see, and `product_id` which product. `over`: its last day has passed, and it is shown since they confirmed it.
    """

    id: int
    title: str
    body: str
    level: str
    valid_from: date
    valid_until: date | None
    announced_at: datetime | None
    picture: bool
    leads_to: str | None
    product_id: int | None
    read_at: datetime | None
    confirmed_at: datetime | None
    over: bool

    @property
    def undone(self) -> bool:
        """Is what it asks of its reader still to be done?"""
        return self.confirmed_at is None if self.level == "confirm" else self.read_at is None


def waiting(session: Session, as_of: datetime) -> Waiting:
    """What waits for the signed-in person of a partner, or member of staff, in one statement. Raises NotAllowed."""
    authorize(session, "messages.see")
    if actor(session).kind != "partner":
        return Waiting([], session.execute(_THREADS_OF_STAFF, who_asks(session)).scalar_one())
    row = session.execute(_WAITING, who_asks(session) | {"as_of": as_of}).one()
    return Waiting([Unread(*unread) for unread in row.messages], row.threads)


def my_messages(session: Session, as_of: datetime) -> list[MessageView]:
    """What the partner's person is shown now, and what they confirmed of what is over, the newest first.

    Raises NotAllowed.
    """
    return _views(session, as_of, _ALL)


def my_message(session: Session, message_id: int, as_of: datetime) -> MessageView | None:
    """One of them; None for what is not for the principal, or not there. Raises NotAllowed."""
    return next(iter(_views(session, as_of, _ONE, message_id)), None)


def picture_of(session: Session, message_id: int, as_of: datetime) -> bytes | None:
    """The WebP of a message's picture for who may see the message: staff each one. Raises NotAllowed."""
    authorize(session, "messages.see")
    if actor(session).kind == "partner" and my_message(session, message_id, as_of) is None:
        return None
    found = text("select content from message_picture where message_id = :message")
    return session.execute(found, {"message": message_id}).scalar()


def _views(session: Session, as_of: datetime, statement: str, message_id: int | None = None) -> list[MessageView]:
    principal = authorize(session, "messages.see")
    about = who_asks(session) | {"as_of": as_of, "message": message_id, "catalog": may(principal, "catalog.see")}
    return [MessageView(**row) for row in session.execute(text(statement), about).mappings()]


UNREAD_ENTRIES = """
    thread_entry.by_staff = (cast(:partner as int) is not null) and thread_entry.id > greatest(
        coalesce((select entry_id from thread_seen where thread_id = thread_entry.thread_id and user_id = :me), 0),
        case when cast(:partner as int) is null then coalesce((
            select max(own.id) from thread_entry own where own.thread_id = thread_entry.thread_id and own.by_staff
        ), 0) else 0 end)
"""
"""SQL: is this `thread_entry` new to who asks? To staff it is not where a colleague has answered since."""

_SEEN = "coalesce((select entry_id from thread_seen where thread_id = thread.id and user_id = :me), 0)"
NEW_TO_STAFF = f"(not thread.last_by_staff and thread.last_entry_id > {_SEEN})"
NEW_TO_PARTNER = f"""exists (
    select from thread_entry where thread_id = thread.id and by_staff and thread_entry.id > {_SEEN})"""
"""SQL: is there something in `thread` that is new to who asks, of the staff or of a partner?"""

_THREADS_OF_STAFF = text(f"select count(*) from thread where {NEW_TO_STAFF}")
_WAITING = text(f"""
    select (select coalesce(json_agg(json_build_array(message.id, message.title, message.level)
                                     order by message.announced_at, message.id), '[]')
            {MINE} and {UNDONE}) as messages,
           (select count(*) from thread where partner_id = :partner and {NEW_TO_PARTNER}) as threads
""")
_VIEW = f"""
    select message.id, message.title, message.body, message.level, message.valid_from, message.valid_until,
           message.announced_at, exists (select from message_picture where message_id = message.id) as picture,
           case when not :catalog then null when product.id is not null then 'product'
                when message.promotion_id is not null then 'promotion' end as leads_to,
           product.id as product_id, read.read_at, read.confirmed_at, {OVER} as over
    from message cross join company join partner on partner.id = :partner
    left join message_read read on read.message_id = message.id and read.user_id = :me
    left join product on product.id = message.product_id and {OFFERED}
    where message.announced_at <= :as_of and message.withdrawn_at is null and {FOR_PARTNER}
      and (not {OVER} or read.confirmed_at is not null)
"""
_ALL = f"{_VIEW} order by message.announced_at desc, message.id desc"
_ONE = f"{_VIEW} and message.id = :message"
