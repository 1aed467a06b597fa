"""Writing in a conversation with a partner, in general or about an order, and seeing what was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import actor
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.messages.files import MOST_MB, CheckedFile, NewFile
from core.messages.models import ThreadEntry, ThreadFile
from core.permissions import authorize
from core.search import without_nul

LONGEST, MOST_FILES = 5_000, 5


class NothingWritten(Refusal):
    message = N_("Write something, or add a file.")


class TooLong(Refusal):
    message = N_("What you wrote is too long: {longest} characters at most.")


class TooManyAtOnce(Refusal):
    message = N_("{most} files at most, of {size} MB each, can be sent at once.")


@dataclass(frozen=True, slots=True)
class About:
    """Which conversation: that with a partner about one of its orders, or in general."""

    partner_id: int
    order_id: int | None = None


def write(session: Session, about: About, body: str, files: Sequence[NewFile], as_of: datetime) -> int:
    """Write in a conversation, which begins with that if it is new; the id of the entry.

    Records 'thread_written', which becomes mails to the other side. Raises NotAllowed, NothingWritten, TooLong,
    TooManyAtOnce, what NewFile.checked raises, and NotFound for a partner or an order that is not the principal's.
    """
    principal = authorize(session, "threads.write")
    body = without_nul(body).strip()
    checked = _checked(body, files)
    require_there(session, about)
    entry = ThreadEntry(
        thread_id=_thread(session, about), partner_id=about.partner_id, at=as_of, by=principal.user_id,
        by_staff=principal.kind != "partner", author=principal.name or principal.email or "-", body=body,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    session.add_all(
        ThreadFile(
            entry_id=entry.id, partner_id=about.partner_id, name=file.name, media_type=file.media_type,
            size=len(file.content), content=file.content,
        )
        for file in checked
    )  # fmt: skip
    mark_seen(session, entry.thread_id, entry.id)
    number = str(about.order_id or "")
    record(session, "thread_written", as_of, partner_id=about.partner_id, entry=entry.id, number=number)
    return entry.id


def mark_seen(session: Session, thread_id: int, entry_id: int) -> None:
    """The principal has seen a conversation up to an entry. Raises NotAllowed, NotFound."""
    principal = authorize(session, "threads.write")
    if principal.user_id is None:
        return
    about = {"thread": thread_id, "entry": entry_id, "me": principal.user_id, "partner": principal.partner_id}
    if session.execute(_ENTRY, about).first() is None:
        raise NotFound
    session.execute(_SEEN, about)


def require_there(session: Session, about: About) -> None:
    """Raises NotFound for a partner, or an order of it, that is not there or not the principal's to see."""
    own = actor(session).partner_id
    found = session.execute(_THERE, {"partner": about.partner_id, "order": about.order_id}).first()
    if found is None or own not in (None, about.partner_id):
        raise NotFound


def _checked(body: str, files: Sequence[NewFile]) -> list[CheckedFile]:
    if not body and not files:
        raise NothingWritten
    if len(body) > LONGEST:
        raise TooLong(longest=LONGEST)
    if len(files) > MOST_FILES:
        raise TooManyAtOnce(most=MOST_FILES, size=MOST_MB)
    return [file.checked() for file in files]


def _thread(session: Session, about: About) -> int:
    """The conversation, made if it is not there; of two who begin it at once, both write in the same one."""
    which = {"partner": about.partner_id, "order": about.order_id}
    session.execute(_BEGIN, which)
    found: int = session.execute(_FIND, which).scalar_one()
    return found


_THERE = text("""
    select from partner where id = :partner and (cast(:order as int) is null
        or exists (select from orders where orders.id = :order and orders.partner_id = partner.id))
""")
_BEGIN = text("insert into thread (partner_id, order_id) values (:partner, :order) on conflict do nothing")
_FIND = text("select id from thread where partner_id = :partner and order_id is not distinct from cast(:order as int)")
_ENTRY = text("""
    select from thread_entry where id = :entry and thread_id = :thread
    and partner_id = coalesce(cast(:partner as int), partner_id)
""")
_SEEN = text("""
    insert into thread_seen (thread_id, user_id, entry_id) values (:thread, :me, :entry)
    on conflict (thread_id, user_id) do update set entry_id = excluded.entry_id
    where thread_seen.entry_id < excluded.entry_id
""")
