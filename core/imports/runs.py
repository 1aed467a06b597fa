"""Imports as they are worked on: a file is kept, looked at, loaded and, if need be, undone; large ones in a worker.

Every step is done by `work_next`, as who asked for it. What a step changes and the state it leads to are one
transaction: whoever is killed has done nothing, and the step is done anew when its lease is over.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog
from sqlalchemy import delete, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.auth.sessions import principal_of_user
from core.clock import local_date
from core.company import company
from core.db import actor, transaction
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.imports import sources
from core.imports.bundles import has_pictures, is_bundle, take_pictures
from core.imports.files import ACTIONS, Preview, Report, Tell, apply, apply_staged, names_in, preview, take_back
from core.imports.keeping import content, forget_file, keep_file, keep_staged, kept_staged
from core.imports.models import ImportRun
from core.imports.previews import as_json, as_list, from_json
from core.imports.problems import ImportRefused, Problem
from core.imports.tables import LIMIT_MB, TOO_BIG, TYPES, ZIP_MB
from core.permissions import authorize, may
from core.principal import SYSTEM, Principal

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=3)
"""A step whose worker has told nothing for so long is done anew."""
LIFE = timedelta(days=30)
"""So long a file that was not loaded is kept, and one that was can be undone."""
WAITS = "90s"
"""So long a step waits for another import or for a change by hand."""
SMALL = 200_000
"""A file of so many bytes is worked on while one waits."""
MOST_OPEN = 20
MOST_TRIES = 3
"""So often a step is begun whose workers die of it."""
TELL_EVERY = 0.5
WORK = {"new": "looking", "waiting": "loading", "undo": "undoing"}
"""What a state waits for → the state while it is done."""


class TooLarge(Refusal):
    message = TOO_BIG


class TooManyOpen(Refusal):
    message = N_("{most} of your files are still waiting or being read. Wait for one of them.")


class Moved(Refusal):
    message = N_("This import has moved on since you looked. Look again.")


class NoLongerAllowed(Refusal):
    message = N_("Who asked for this may not do it any more.")


class Overtaken(Exception):
    """The lease of a step was over, and another worker has done it meanwhile."""


class GivenUp(Refusal):
    message = N_("This failed again and again, and nothing was changed. Try it with a smaller file, or ask for help.")


class TakesTooLong(Refusal):
    message = N_("Other changes of the same data did not end in time. Try again in a minute.")


@dataclass(frozen=True, slots=True)
class Run:
    """A run as people see it; instants in UTC, `size` in bytes. `rows` of `total` are done in `step`
    (core.imports.files.STEPS). `preview` is what was found by looking, `said` why it has failed or could not be undone.
    """

    id: int
    kind: str
    file_name: str
    size: int
    user_id: int | None
    user: str
    source: str
    mapping: dict[str, str]
    state: str
    step: str
    rows: int
    total: int
    preview: Preview | None
    created: int
    changed: int
    unchanged: int
    said: Problem | None
    asked_at: datetime
    loaded_at: datetime | None
    undone_at: datetime | None


def start(
    session: Session,
    kind: str,
    data: bytes,
    file_name: str,
    as_of: datetime,
    mapping: Mapping[str, str] | None = None,
    source_id: int | None = None,
) -> int:
    """Keep a file of a kind (a key of KINDS), to be looked at next; the id of its run. `mapping` is what its columns
    are called, as far as a person has said so. Raises NotAllowed, TooLarge, TooManyOpen."""
    authorize(session, ACTIONS[kind])
    me = actor(session).user_id
    limit = ZIP_MB if is_bundle(data) else LIMIT_MB
    if len(data) > limit * 1024 * 1024:
        raise TooLarge(limit=str(limit))
    if session.execute(_OPEN, {"user": me}).scalar_one() >= MOST_OPEN:
        raise TooManyOpen(most=MOST_OPEN)
    digest = sha256(data).digest()
    run = ImportRun(kind=kind, user_id=me, file_name=file_name, size=len(data), sha256=digest, asked_at=as_of,
                    mapping=dict(mapping or {}), source_id=source_id)  # fmt: skip
    session.add(run)
    session.flush()
    keep_file(session, run.id, data)
    return run.id


def run(session: Session, run_id: int) -> Run:
    """One run, of a kind that the acting person may import. Raises NotFound."""
    found = session.execute(_ONE, {"run": run_id}).one_or_none()
    if found is None or not may_see(session, found.kind):
        raise NotFound
    return _run(found)


def recent(session: Session, kinds: list[str], most: int) -> list[Run]:
    """The last runs of these kinds that were loaded, or undone again, the newest first, without their previews."""
    found = session.execute(_RECENT, {"kinds": kinds, "most": most})
    return [_run(row, with_preview=False) for row in found]


def remap(session: Session, run_id: int, mapping: Mapping[str, str], source_id: int | None = None) -> None:
    """Have the file looked at again with its columns told apart so. Raises NotAllowed, NotFound, Moved."""
    row = _locked(session, run_id, "looked", "failed")
    row.mapping, row.source_id, row.state, row.preview, row.said = dict(mapping), source_id, "new", None, None


def load(session: Session, run_id: int, source_name: str = "") -> None:
    """Have the file loaded that was looked at and has no fault; with a name its columns are remembered under it.
    Raises NotAllowed, NotFound, Moved."""
    row = _locked(session, run_id, "looked")
    found = from_json(row.kind, row.preview or {})
    if found.problems:
        raise Moved
    if source_name.strip():
        mapping = row.mapping | {name: found.names[at] for name, at in found.columns.items()}
        row.source_id = sources.remember(session, row.kind, source_name, mapping, found.names)
    row.state = "waiting"


def undo(session: Session, run_id: int) -> None:
    """Have a loaded file undone. Raises NotAllowed, NotFound, Moved."""
    row = _locked(session, run_id, "done")
    row.state, row.said = "undo", None


def forget_old(session: Session, as_of: datetime) -> None:
    """Delete the runs that can no longer be undone, with their files."""
    session.execute(delete(ImportRun).where(ImportRun.asked_at <= as_of - LIFE))


def work_next(as_of: datetime, run_id: int | None = None) -> bool:
    """Do the next step of the run that has waited longest, or of this one; False if none waits. Several may work at
    once. What is refused is told in the run."""
    with transaction(SYSTEM) as session:
        row = session.execute(_TAKE, {"run": run_id, "as_of": as_of, "until": as_of + LEASE}).one_or_none()
        who = _principal(session, row.user_id) if row else None
    if row is None:
        return False
    try:
        if who is None:
            raise NoLongerAllowed
        if row.tries > MOST_TRIES:
            raise GivenUp
        _STEPS[row.state](who, row, as_of, _teller(row.id, as_of))
    except Refusal as refusal:
        _refused(row, refusal)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        _refused(row, TakesTooLong())
    except Overtaken:
        log.warning("import overtaken", run_id=row.id)
    return True


def _refused(row: Any, refusal: Refusal) -> None:
    said = as_list(Problem(None, "", refusal.message, refusal.params))
    _end(row.id, row.state, "done" if row.state in ("illustrating", "undoing") else "failed", said=said)


def may_see(session: Session, kind: str) -> bool:
    """Whether the acting person may import files of a kind."""
    return kind in ACTIONS and may(actor(session), ACTIONS[kind])


def _look(who: Principal, row: Any, as_of: datetime, tell: Tell) -> None:
    with transaction(who) as session:
        data = content(session, row.id)
        source_id, mapping = row.source_id, row.mapping
        if not mapping and (source := sources.recognised(session, row.kind, names_in(row.kind, data))):
            source_id, mapping = source_id or source.id, source.mapping
        found = preview(session, row.kind, data, as_of, mapping, tell)
        if not found.problems:
            keep_staged(session, row.id)
        _ended(session, row.id, row.state, "looked", preview=as_json(found), source_id=source_id, mapping=mapping,
               looked_at=as_of)  # fmt: skip


def _load(who: Principal, row: Any, as_of: datetime, tell: Tell) -> None:
    try:
        with transaction(who) as session:
            session.execute(_WAIT)
            done = _apply(session, row, as_of, tell)
            more = row.kind == "products" and has_pictures(content(session, row.id), TYPES)
            _ended(session, row.id, row.state, "illustrating" if more else "done", created=done.created,
                   changed=done.changed, unchanged=done.unchanged, loaded_at=as_of,
                   until=as_of if more else None)  # fmt: skip
            if not more:
                forget_file(session, row.id)
    except ImportRefused as refused:  # faults that were none when it was looked at
        _end(row.id, row.state, "looked", preview=as_json(_with(row, refused.problems)))


def _illustrate(who: Principal, row: Any, as_of: datetime, tell: Tell) -> None:
    """Take the pictures that came with the table. The rows are loaded already: a picture that is refused stays out."""
    with transaction(who) as session:
        data = content(session, row.id)
    taken, left = take_pictures(who, data, TYPES, row.id, as_of, lambda done, of: tell("pictures", done, of))
    found = replace(from_json(row.kind, row.preview), taken=taken, left=left)
    with transaction(SYSTEM) as session:
        forget_file(session, row.id)
        _ended(session, row.id, "illustrating", "done", preview=as_json(found))


def _apply(session: Session, row: Any, as_of: datetime, tell: Tell) -> Report:
    """With the rows as they were staged when the file was looked at, if that was today: VAT rates begin on days."""
    zone = company(session).time_zone
    if local_date(row.looked_at, zone) != local_date(as_of, zone):
        data = content(session, row.id)
        return apply(session, row.kind, data, row.file_name, as_of, row.mapping, tell, row.id)
    seen = from_json(row.kind, row.preview)
    return apply_staged(session, seen, kept_staged(session, row.id), row.file_name, as_of, tell, row.id)


def _undo(who: Principal, row: Any, as_of: datetime, tell: Tell) -> None:
    with transaction(who) as session:
        session.execute(_WAIT)
        tell("writing", 0, 0)
        take_back(session, row.kind, row.id, as_of)
        record(session, "import_undone", as_of, imported=row.kind, file=row.file_name)
        _ended(session, row.id, row.state, "undone", undone_at=as_of)


_STEPS: dict[str, Callable[[Principal, Any, datetime, Tell], None]] = {
    "looking": _look,
    "loading": _load,
    "illustrating": _illustrate,
    "undoing": _undo,
}


def _with(row: Any, problems: list[Problem]) -> Preview:
    """What was seen when the file was looked at, with what is wrong now."""
    before = from_json(row.kind, row.preview or {})
    return replace(before, created=0, changed=0, unchanged=0, problems=problems)


def _principal(session: Session, user_id: int | None) -> Principal | None:
    return SYSTEM if user_id is None else principal_of_user(session, user_id)


def _locked(session: Session, run_id: int, *states: str) -> ImportRun:
    row = session.get(ImportRun, run_id, with_for_update=True, populate_existing=True)
    if row is None or row.kind not in ACTIONS:
        raise NotFound
    authorize(session, ACTIONS[row.kind])
    if row.state not in states:
        raise Moved
    return row


def _teller(run_id: int, as_of: datetime) -> Tell:
    """Write down how far the step is, at most every TELL_EVERY seconds; each time the lease is longer."""
    began = told = time.monotonic()

    def tell(step: str, rows: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told < TELL_EVERY and rows:
            return
        told = time.monotonic()
        until = as_of + timedelta(seconds=told - began) + LEASE
        with transaction(SYSTEM) as session:
            session.execute(_TOLD, {"run": run_id, "step": step, "rows": rows, "total": total, "until": until})

    return tell


def _end(run_id: int, state: str, to: str, **values: Any) -> None:
    with transaction(SYSTEM) as session:
        _ended(session, run_id, state, to, **values)


def _ended(session: Session, run_id: int, state: str, to: str, **values: Any) -> None:
    """The step is over. Whoever was overtaken by another worker meanwhile has done nothing: it is rolled back."""
    ended = update(ImportRun).where(ImportRun.id == run_id, ImportRun.state == state)
    done = session.execute(
        ended.values(**{"state": to, "until": None, "tries": 0, "step": "", "rows": 0, "total": 0} | values)
    )
    if done.rowcount == 0:  # type: ignore[attr-defined]
        raise Overtaken


def _run(row: Any, *, with_preview: bool = True) -> Run:
    found = from_json(row.kind, row.preview) if with_preview and row.preview else None
    said = Problem(*row.said) if row.said else None
    return Run(
        row.id, row.kind, row.file_name, row.size, row.user_id, row.user_name or "", row.source or "", row.mapping,
        row.state, row.step, row.rows, row.total, found, row.created, row.changed, row.unchanged, said,
        row.asked_at, row.loaded_at, row.undone_at,
    )  # fmt: skip


_LOCK_NOT_AVAILABLE = "55P03"
_WAIT = text(f"select set_config('lock_timeout', '{WAITS}', true)")
_OPEN = text("""
    select count(*) from import_run where user_id is not distinct from :user
      and state in ('new', 'looking', 'waiting', 'loading', 'illustrating', 'undo', 'undoing')
""")
_TAKE = text(f"""
    update import_run set until = :until, tries = tries + 1,
           state = case state {" ".join(f"when '{wait}' then '{work}'" for wait, work in WORK.items())} else state end
    where id = (
        select id from import_run
        where (state in ('new', 'waiting', 'undo')
               or (state in ('looking', 'loading', 'illustrating', 'undoing') and until <= :as_of))
          and id = coalesce(cast(:run as int), id)
        order by id limit 1 for update skip locked
    ) returning id, kind, user_id, source_id, file_name, mapping, state, preview, looked_at, tries
""")
_TOLD = text("""
    update import_run set step = :step, rows = :rows, total = :total, until = :until
    where id = :run and until is not null
""")
_RUNS = """
    select r.*, u.name as user_name, s.name as source
    from import_run r left join app_user u on u.id = r.user_id left join import_source s on s.id = r.source_id
"""
_ONE = text(f"{_RUNS} where r.id = :run")
_RECENT = text(f"""
    {_RUNS} where r.kind = any(:kinds) and r.loaded_at is not null order by r.loaded_at desc, r.id desc limit :most
""")
