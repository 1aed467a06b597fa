"""Files that come by themselves: fetched when they are due, looked at, and loaded if nothing is wrong with them.

A source is taken by setting its next time, so that two who look at once do it once. What it brings is a run of the
system (core.imports.runs); whoever dies in between leaves a run that is not settled, and the next one goes on with it.
"""

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.company import company
from core.db import transaction
from core.errors import Refusal
from core.events import record
from core.i18n import N_, fill, translate
from core.imports import folder, runs
from core.imports.feeds import PURPOSE
from core.imports.fetching import Asked, Fetched, fetch
from core.imports.files import ACTIONS
from core.imports.models import ImportRun, ImportSource
from core.imports.problems import Problem
from core.imports.tables import LIMIT_MB
from core.imports.timetable import next_time
from core.principal import SYSTEM
from core.sealing import Unreadable, unseal

log = structlog.get_logger(__name__)

TOO_LARGE = N_("{file} was not loaded: it is larger than {limit} MB. Split it.")
LOADED = N_("{file} was loaded: {created} new, {changed} changed, {unchanged} unchanged.")
UNCHANGED = N_("{file} is the file that was loaded last: nothing to do.")
FAULTY = N_("{file} was not loaded: {count:error|errors} in it.")
MOST_TOLD = 5
"""So many faults are named in a mail."""
FAILURES_TOLD = {"quarter": 3, "hour": 3, "day": 1}
"""After so many tries in a row that came to nothing, people hear of it, once."""
MOST_STEPS = 6
LOADED_STATES = ("done", "undo", "undoing", "undone")

Fetch = Callable[[Asked], Fetched | None]
Fault = list[Any]
"""Line, column, message, parameters, as core.imports.previews keeps them."""


class PasswordLost(Refusal):
    message = N_("The password that is kept cannot be read any more. Enter it again.")


def work_next(as_of: datetime, now: datetime, fetch: Fetch = fetch) -> bool:
    """Fetch for the source that has been due longest, and see what became of the files that came; False if there was
    nothing to do. `now` is the machine's own clock, which files go by."""
    return any([fetch_next(as_of, now, fetch), settle(as_of)])


def fetch_next(as_of: datetime, now: datetime, fetch: Fetch = fetch) -> bool:
    """Fetch for the source that has been due longest; False if none is. What is refused is told at the source."""
    with transaction(SYSTEM) as session:
        row = session.execute(_DUE, {"as_of": as_of}).one_or_none()
        if row is None:
            return False
        then = next_time(row.every, row.at_hour, as_of, company(session).time_zone)
        session.execute(_TAKEN, {"id": row.id, "next": then, "as_of": as_of})
    try:
        if row.pattern:
            _take_file(row, as_of, now)
        else:
            _take_answer(row, as_of, fetch)
    except Refusal as refusal:
        log.info("import not fetched", source=row.id, why=type(refusal).__name__)
        with transaction(SYSTEM) as session:
            _failed(session, row.id, refusal.message, refusal.params, as_of)
    return True


def settle(as_of: datetime) -> bool:
    """Have a file that came looked at, loaded if it has no fault, and put away; False if none of them is over."""
    with transaction(SYSTEM) as session:
        waiting = session.scalars(select(ImportRun.id).where(~ImportRun.settled).order_by(ImportRun.id)).all()
    return any(_follow(run_id, as_of) for run_id in waiting)  # one after the other: each as of its own time


def _take_file(row: Any, as_of: datetime, now: datetime) -> None:
    found = folder.next_file(row.pattern, now)
    if found is None:
        return
    if found.data is not None:
        _begin(row.id, Fetched(found.name, found.data, "", ""), as_of)
        return
    params = {"file": found.name, "limit": str(LIMIT_MB)}
    with transaction(SYSTEM) as session:
        why = fill(TOO_LARGE, company(session).default_language, params)
        folder.put_away(found.name, None, folder.REFUSED, _stamp(session, as_of), [why])
        _failed(session, row.id, TOO_LARGE, params, as_of, at_once=True)


def _take_answer(row: Any, as_of: datetime, fetch: Fetch) -> None:
    try:
        password = unseal(PURPOSE, row.password) if row.password else ""
    except Unreadable as error:
        raise PasswordLost from error
    found = fetch(Asked(row.url, row.login, password, row.etag, row.modified))
    if found is not None:
        _begin(row.id, found, as_of)
        return
    with transaction(SYSTEM) as session:  # the server says that it is the file that was loaded
        if source := _source(session, row.id):
            source.failures = 0


def _begin(source_id: int, found: Fetched, as_of: datetime) -> None:
    """A run of what came, unless it was loaded already. One with faults is looked at again instead of kept again."""
    digest = sha256(found.data).digest()
    with transaction(SYSTEM) as session:
        source = _source(session, source_id)
        if source is None or session.execute(_COMING, {"source": source_id}).scalar_one():
            return
        source.etag, source.modified = found.etag, found.modified
        if source.sha256 == digest or session.execute(_LOADED, {"source": source_id, "sha": digest}).scalar_one():
            _say(source, UNCHANGED, {"file": found.name}, as_of)
            source.failures = 0
            if source.pattern:
                folder.put_away(found.name, digest, folder.DONE, _stamp(session, as_of))
                source.next_at = as_of
            return
        before = session.execute(_FAULTY, {"source": source_id, "sha": digest}).scalar_one_or_none()
        if before is not None:
            runs.remap(session, before, source.mapping, source_id)
            run = session.get_one(ImportRun, before)
            run.file_name = found.name
        else:
            run_id = runs.start(session, source.kind, found.data, found.name, as_of, source.mapping, source_id)
            run = session.get_one(ImportRun, run_id)
        run.settled = False


def _follow(run_id: int, as_of: datetime) -> bool:
    """Work on a run until it is over and dealt with; False if somebody else does."""
    try:
        for _ in range(MOST_STEPS):
            with transaction(SYSTEM) as session:
                run = session.get(ImportRun, run_id, with_for_update={"skip_locked": True}, populate_existing=True)
                if run is None or run.settled:
                    return False
                if run.state == "looked" and not _faults(run):
                    runs.load(session, run_id)
                elif run.state in ("looked", "failed", *LOADED_STATES):
                    _settle(session, run, as_of)
                    return True
            if not runs.work_next(as_of, run_id):
                return False
    except SQLAlchemyError as error:  # one that fails keeps no other waiting: it is tried again
        log.error("import not finished", run_id=run_id, error=str(error))
    return False


def _settle(session: Session, run: ImportRun, as_of: datetime) -> None:
    run.settled = True
    source = _source(session, run.source_id)
    if source is None:
        return
    before = source.failures
    try:
        if run.state in LOADED_STATES:
            before = 0
            _loaded(session, source, run, as_of)
        else:
            _refused(session, source, run, as_of)
    except Refusal as refusal:  # not put away: the next time is as the timetable says, at once would be for ever
        source.failures = before
        _failed(session, source.id, refusal.message, refusal.params, as_of)
        return
    if source.pattern and source.active:
        source.next_at = as_of  # there may be another file


def _loaded(session: Session, source: ImportSource, run: ImportRun, as_of: datetime) -> None:
    counts = {"created": run.created, "changed": run.changed, "unchanged": run.unchanged}
    _say(source, LOADED, {"file": run.file_name, **counts}, as_of)
    source.sha256, source.failures, source.told = run.sha256, 0, None
    if source.pattern:
        folder.put_away(run.file_name, run.sha256, folder.DONE, _stamp(session, as_of))


def _refused(session: Session, source: ImportSource, run: ImportRun, as_of: datetime) -> None:
    faults = _faults(run)
    if faults:
        count = max((run.preview or {}).get("faults", 0), len(faults))
        _say(source, FAULTY, {"file": run.file_name, "count": count}, as_of)
    else:
        faults, count = [run.said or []], 1
        _, _, message, params = faults[0]
        _say(source, message, params, as_of)
    source.failures += 1
    source.etag = source.modified = ""  # the same file may be right another day: of goods that are entered meanwhile
    digest = sha256(run.sha256 + json.dumps(faults).encode()).digest()
    if source.told != digest:
        source.told = digest
        _tell(session, source, run.file_name, run.id, count, faults, as_of)
    if source.pattern:
        why = _in_words(source, faults, count, company(session).default_language)
        folder.put_away(run.file_name, run.sha256, folder.REFUSED, _stamp(session, as_of), why)


def _failed(
    session: Session, source_id: int, message: str, params: dict[str, Any], as_of: datetime, *, at_once: bool = False
) -> None:
    """Nothing could be had. People hear of it when it happens again and again, or at once if it is about a file."""
    source = _source(session, source_id)
    if source is None:
        return
    plain = {name: value if isinstance(value, int) else str(value) for name, value in params.items()}
    _say(source, message, plain, as_of)
    source.failures += 1
    if at_once or source.failures == FAILURES_TOLD[source.every]:
        _tell(session, source, str(plain.get("file", "")), None, 1, [[None, "", message, plain]], as_of)


def _tell(
    session: Session, source: ImportSource, file: str, run_id: int | None, count: int, faults: list[Fault],
    as_of: datetime,
) -> None:  # fmt: skip
    record(session, "import_failed", as_of, imported=source.kind, source=source.name, file=file, run=run_id,
           errors=count, faults=faults[:MOST_TOLD], action=ACTIONS[source.kind])  # fmt: skip


def _source(session: Session, source_id: int | None) -> ImportSource | None:
    """Locked; None if its files do not come by themselves any more."""
    row = session.get(ImportSource, source_id, with_for_update=True, populate_existing=True) if source_id else None
    return row if row is not None and row.every else None


def _say(source: ImportSource, message: str, params: dict[str, Any], as_of: datetime) -> None:
    source.said, source.said_at = {"message": message, "params": params}, as_of


def _faults(run: ImportRun) -> list[Fault]:
    found: list[Fault] = (run.preview or {}).get("problems", [])
    return found


def _in_words(source: ImportSource, faults: list[Fault], count: int, language: str) -> list[str]:
    """For the text beside a refused file: what came of it, and each fault on a line of its own."""
    said = source.said or {}
    lines = [fill(said["message"], language, said["params"]), ""]
    for line, column, message, params in faults:
        place = f"{translate('Line', language)} {line}" if line else ""
        where = ", ".join(part for part in (place, column) if part)
        lines.append(": ".join(part for part in (where, Problem(line, column, message, params).text(language)) if part))
    return [*lines, "…"] if count > len(faults) else lines


def _stamp(session: Session, as_of: datetime) -> str:
    """Before the name of a file that is put away: by the local clock, so that names sort by it."""
    return f"{as_of.astimezone(ZoneInfo(company(session).time_zone)):%Y-%m-%d_%H%M%S}"


# What has brought a file that is not dealt with yet waits for that: in the folder it is still the same file.
_UNSETTLED = "exists (select from import_run run where run.source_id = {source} and not run.settled)"
_COMING = text(f"select {_UNSETTLED.format(source=':source')}")
_DUE = text(f"""
    select id, kind, pattern, url, login, password, etag, modified, every, at_hour from import_source source
    where active and next_at <= :as_of and not {_UNSETTLED.format(source="source.id")}
    order by next_at, id limit 1 for update of source skip locked
""")
_TAKEN = text("update import_source set next_at = :next, tried_at = :as_of where id = :id")
_LOADED = text("""
    select exists (select from import_run where source_id = :source and sha256 = :sha and loaded_at is not null)
""")
_FAULTY = text("""
    select id from import_run where source_id = :source and sha256 = :sha and user_id is null and settled
      and state in ('looked', 'failed') and loaded_at is null
    order by id desc limit 1
""")
