"""Conversations as they are read: lists of them, and one with all that was written in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import actor
from core.messages.queries import NEW_TO_PARTNER, NEW_TO_STAFF, UNREAD_ENTRIES
from core.messages.seeing import who_asks
from core.messages.threads import About, require_there
from core.permissions import authorize
from core.search import folded_sql, word_clauses

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class FileRow:
    """`size` in bytes."""

    id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody wrote; `author` is the name they had."""

    id: int
    at: datetime
    by_staff: bool
    author: str
    body: str
    files: list[FileRow]


@dataclass(frozen=True, slots=True)
class Conversation:
    """`thread_id` is None while nobody has written; `unread` counts what is new to who asks."""

    about: About
    partner: str
    thread_id: int | None
    entries: list[Entry]
    unread: int


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A conversation in a list, with what was written last. `new`: something in it is, to who asks. `unanswered`: what
    was written last, the partner wrote."""

    partner_id: int
    partner: str
    order_id: int | None
    last_at: datetime
    last_author: str
    last_body: str
    new: bool
    unanswered: bool


def conversation(session: Session, about: About) -> Conversation:
    """One conversation for either side. Raises NotAllowed, NotFound."""
    authorize(session, "messages.see")
    require_there(session, about)
    which = {"partner_id": about.partner_id, "order": about.order_id} | who_asks(session)
    row = session.execute(_ONE, which).one()
    files: dict[int, list[FileRow]] = {}
    for file in session.execute(_FILES, {"thread": row.thread_id}):
        files.setdefault(file.entry_id, []).append(FileRow(file.id, file.name, file.media_type, file.size))
    found = session.execute(_ENTRIES, {"thread": row.thread_id}).mappings()
    entries = [Entry(**entry, files=files.get(entry["id"], [])) for entry in found]
    return Conversation(about, row.name, row.thread_id, entries, row.unread)


def threads_page(session: Session, search: str = "", page: int = 1) -> tuple[list[ThreadRow], int]:
    """A page of conversations and how many there are: those with something new first, then the latest.

    `search` is a partner's name or code, or an order's number. A partner sees its own. Raises NotAllowed.
    """
    authorize(session, "messages.see")
    clauses, words = word_clauses(_SEARCHED, search)
    where = " and ".join(["true", *clauses])
    about = who_asks(session) | words
    total: int = session.execute(text(f"select count(*) {_FROM} where {where}"), about).scalar_one()
    paged = about | {"size": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE}
    rows = session.execute(text(f"{_ROWS} where {where} {_ORDER}"), paged)
    return [ThreadRow(**row) for row in rows.mappings()], total


def unread_about(session: Session, about: About) -> int:
    """How much is new to the principal in a conversation that may not have begun. Raises NotAllowed."""
    authorize(session, "messages.see")
    if actor(session).partner_id not in (None, about.partner_id):
        return 0
    which = {"partner_id": about.partner_id, "order": about.order_id} | who_asks(session)
    return int(session.execute(_UNREAD, which).scalar_one())


_COUNT = f"(select count(*) from thread_entry where thread_entry.thread_id = thread.id and {UNREAD_ENTRIES})"
_WHICH = "thread.order_id is not distinct from cast(:order as int)"
_ONE = text(f"""
    select partner.name, thread.id as thread_id, {_COUNT} as unread
    from partner left join thread on thread.partner_id = partner.id and {_WHICH} where partner.id = :partner_id
""")
_UNREAD = text(f"""
    select coalesce(sum({_COUNT}), 0) from thread where thread.partner_id = :partner_id and {_WHICH}
""")
_ENTRIES = text("""
    select id, at, by_staff, author, body from thread_entry where thread_id = :thread order by id
""")
_FILES = text("""
    select thread_file.id, entry_id, name, media_type, size from thread_file
    join thread_entry on thread_entry.id = entry_id where thread_id = :thread order by thread_file.id
""")
_SEARCHED = (
    f"({folded_sql('partner.name')} || ' ' || lower(partner.code) || ' ' || coalesce(thread.order_id::text, ''))"
)
_FROM = """
    from thread join partner on partner.id = thread.partner_id
      and thread.partner_id = coalesce(cast(:partner as int), thread.partner_id)
    join thread_entry last on last.id = thread.last_entry_id
"""
_NEW = f"case when cast(:partner as int) is null then {NEW_TO_STAFF} else {NEW_TO_PARTNER} end"
_ROWS = f"""
    select partner.id as partner_id, partner.name as partner, thread.order_id, last.at as last_at,
           last.author as last_author, last.body as last_body, {_NEW} as new, not thread.last_by_staff as unanswered
    {_FROM}
"""
_ORDER = "order by new desc, thread.last_entry_id desc limit :size offset :skip"
