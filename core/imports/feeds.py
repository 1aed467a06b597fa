"""Sources whose files come by themselves, as staff see and change them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core.company import company
from core.config import settings
from core.db import actor
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_, fill
from core.imports.addresses import place_of, shown
from core.imports.fetching import PasswordUnsafe
from core.imports.files import ACTIONS
from core.imports.folder import NoFolder, checked
from core.imports.models import EVERY, ImportSource
from core.imports.sources import LONGEST_NAME, NameTooLong
from core.imports.timetable import next_time
from core.permissions import authorize, may
from core.sealing import seal
from core.search import without_nul

PURPOSE = "import-source"
LONGEST_LOGIN = LONGEST_PASSWORD = 200


class NameMissing(Refusal):
    message = N_("Enter the name of the supplier or program that the files come from.")


class NameTaken(Refusal):
    message = N_("There is a source of this name already. Change that one, or take another name.")


class PatternTaken(Refusal):
    message = N_("Files of this name are taken by {name} already. Use names that differ.")


class PasswordAgain(Refusal):
    message = N_("Enter the password again: the one that is kept belongs to another server.")


class LoginTooLong(Refusal):
    message = N_("User name and password have at most {most} characters, and no colon in the user name.")


@dataclass(frozen=True, slots=True)
class Feed:
    """A source as staff see it; instants in UTC. One of `pattern` and `url` says where its files come from; `said` is
    what came of the last try that found anything, None where nothing has come yet."""

    id: int
    kind: str
    name: str
    pattern: str
    url: str
    login: str
    has_password: bool
    every: str
    at_hour: int | None
    active: bool
    next_at: datetime | None
    tried_at: datetime | None
    said: dict[str, Any] | None
    said_at: datetime | None
    failures: int
    run_id: int | None

    def result(self, language: str) -> str:
        """`said` as a sentence in 'ro' or 'en'; '' where nothing has come yet."""
        return fill(self.said["message"], language, self.said["params"]) if self.said else ""

    @property
    def place(self) -> str:
        """Where its files come from, as many may read it."""
        return self.pattern or shown(self.url)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person has entered: a pattern of names in the watched folder, or without one an address. An empty password
    leaves the one that is kept."""

    kind: str
    name: str
    pattern: str | None = None
    url: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    every: str = "hour"
    at_hour: int | None = None
    active: bool = True


def feeds(session: Session) -> list[Feed]:
    """Those of the kinds that the acting person may import, by name. Raises NotAllowed."""
    authorize(session, "imports.run")
    kinds = [kind for kind, action in ACTIONS.items() if may(actor(session), action)]
    return [Feed(**row) for row in session.execute(_FEEDS, {"kinds": kinds}).mappings()]


def set_feed(session: Session, wanted: Wanted, as_of: datetime, source_id: int | None = None) -> int:
    """Have files of a source come by themselves from now on; its id. Without one the source is made, or the one that
    is known by this name from files that people have loaded.

    Raises NotAllowed, NotFound, and refusals that say what to enter. Records 'import_source_changed'.
    """
    authorize(session, "settings.edit")
    place, name, zone = _checked(wanted), _name(wanted.name), company(session).time_zone
    _require_free(session, wanted.kind, name, place["pattern"], source_id)
    row = _row(session, wanted.kind, name, source_id)
    before = _told(row)
    moved = (row.pattern, row.url) != (place["pattern"], place["url"])
    row.password = _password(row, wanted, place)
    row.pattern, row.url, row.login = place["pattern"], place["url"], place["login"]
    row.name, row.every, row.active = name, wanted.every, wanted.active
    row.at_hour = (wanted.at_hour or 0) if wanted.every == "day" else None
    row.next_at = next_time(row.every, row.at_hour, as_of, zone) if row.active else None
    if moved:
        row.etag = row.modified = ""
        row.failures, row.said, row.said_at, row.told, row.tried_at = 0, None, None, None, None
    session.flush()
    _record(session, row, before, as_of, with_password=bool(wanted.password))
    return row.id


def stop(session: Session, source_id: int, as_of: datetime) -> None:
    """Look for no more files of a source until somebody changes it. Raises NotAllowed, NotFound."""
    authorize(session, "settings.edit")
    row = _feed(session, source_id)
    before = _told(row)
    row.active, row.next_at = False, None
    _record(session, row, before, as_of)


def remove(session: Session, source_id: int, as_of: datetime) -> None:
    """Its files do not come by themselves any more; what its columns mean stays known. Raises NotAllowed, NotFound."""
    authorize(session, "settings.edit")
    row = _feed(session, source_id)
    record(session, "import_source_removed", as_of, imported=row.kind, source=row.name, place=_place(row))
    if not row.headers:  # nobody has loaded a file of it: there is nothing to know
        session.execute(delete(ImportSource).where(ImportSource.id == row.id))
        return
    row.pattern = row.url = row.login = row.password = row.every = row.etag = row.modified = ""
    row.at_hour = row.next_at = row.tried_at = row.said = row.said_at = row.told = None
    row.active, row.failures = False, 0


def look_now(session: Session, source_id: int, as_of: datetime) -> None:
    """Have the next file of a source looked for at once. Raises NotAllowed, NotFound."""
    authorize(session, "imports.run")
    row = _feed(session, source_id)
    authorize(session, ACTIONS[row.kind])
    if not row.active:
        raise NotFound
    row.next_at = as_of


def _checked(wanted: Wanted) -> dict[str, str]:
    """Where from, as it is kept; the login too. Raises refusals."""
    if wanted.kind not in ACTIONS or wanted.every not in EVERY or not 0 <= (wanted.at_hour or 0) <= 23:
        raise NotFound
    login = without_nul(wanted.login).strip()
    if len(login) > LONGEST_LOGIN or len(wanted.password) > LONGEST_PASSWORD or ":" in login:
        raise LoginTooLong(most=LONGEST_LOGIN)
    if wanted.pattern is not None:
        if settings().import_folder is None:
            raise NoFolder
        return {"pattern": checked(wanted.pattern), "url": "", "login": ""}
    url = wanted.url.strip()
    if login and place_of(url).scheme != "https":
        raise PasswordUnsafe
    place_of(url)
    return {"pattern": "", "url": url, "login": login}


def _name(typed: str) -> str:
    name = without_nul(typed).strip()
    if not name:
        raise NameMissing
    if len(name) > LONGEST_NAME:
        raise NameTooLong(most=LONGEST_NAME)
    return name


def _row(session: Session, kind: str, name: str, source_id: int | None) -> ImportSource:
    if source_id is not None:
        return _feed(session, source_id)
    row = session.scalars(select(ImportSource).filter_by(kind=kind, name=name).with_for_update()).one_or_none()
    if row is None:
        row = ImportSource(kind=kind, name=name)
        session.add(row)
        session.flush()
    return row


def _feed(session: Session, source_id: int) -> ImportSource:
    row = session.get(ImportSource, source_id, with_for_update=True, populate_existing=True)
    if row is None or not row.every:
        raise NotFound
    return row


def _password(row: ImportSource, wanted: Wanted, place: dict[str, str]) -> str:
    """As it is kept. One that is not typed anew stays, but goes to no other server."""
    if not place["login"]:
        return ""
    if wanted.password:
        return seal(PURPOSE, wanted.password)
    if row.password and place_of(row.url).origin != place_of(place["url"]).origin:
        raise PasswordAgain
    return row.password


def _require_free(session: Session, kind: str, name: str, pattern: str, source_id: int | None) -> None:
    """No other source has this name or this pattern; one without a timetable is taken up by its name."""
    for other in session.scalars(select(ImportSource).where(ImportSource.id.is_distinct_from(source_id))):
        if (other.kind, other.name) == (kind, name) and (other.every or source_id):
            raise NameTaken
        if pattern and other.pattern.lower() == pattern.lower():
            raise PatternTaken(name=other.name)


def _place(row: ImportSource) -> str:
    return row.pattern or shown(row.url)


def _told(row: ImportSource) -> dict[str, str]:
    """What the audit says of it: never a password, nor what may be a key in an address."""
    hour = "" if row.at_hour is None else str(row.at_hour)
    return {"place": _place(row), "login": row.login, "every": row.every, "at_hour": hour,
            "active": str(bool(row.active))}  # fmt: skip


def _record(
    session: Session, row: ImportSource, before: dict[str, str], as_of: datetime, *, with_password: bool = False
) -> None:
    changes = {name: [before[name], now] for name, now in _told(row).items() if before[name] != now}
    if changes or with_password:
        record(session, "import_source_changed", as_of, imported=row.kind, source=row.name, changes=changes,
               new_password=with_password or None)  # fmt: skip


_FEEDS = text("""
    select id, kind, name, pattern, url, login, password <> '' as has_password, every, at_hour, active, next_at,
           tried_at, said, said_at, failures,
           (select max(run.id) from import_run run where run.source_id = import_source.id and run.user_id is null)
           as run_id
    from import_source where every <> '' and kind = any(:kinds) order by name, id
""")
