"""Files that are made in the background, as who asked for them, and kept for some days for them alone."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

import structlog
from psycopg.errors import QueryCanceled
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.auth.sessions import principal_of_user
from core.company import company
from core.db import actor, reading, transaction
from core.errors import NotFound, Refusal
from core.events import record
from core.exports.making import Wanted, in_words, kept, name_of, read, require_right, write
from core.exports.models import ExportPiece, ExportRun
from core.i18n import N_
from core.permissions import authorize
from core.principal import SYSTEM, Principal

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=15)
"""A run that a worker took so long ago and did not end is made again."""
GIVEN_UP = timedelta(hours=2)
"""A run that no worker could end for so long is not tried again."""
MOST_OPEN = 5
SMALL = 20_000
"""So many rows are made while one waits."""
PIECE = 1 << 20
TELL_EVERY = 2.0
ENDINGS = {"xlsx": "xlsx", "csv": "csv", "plain": "csv", "parquet": "parquet"}
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8",
    "plain": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet",
}  # fmt: skip
"""Forms → media types."""


class TooManyRuns(Refusal):
    message = N_("You have {most} exports in the making. Wait for one of them.")


class TookTooLong(Refusal):
    message = N_("This took longer than an export may. Choose a shorter period or fewer columns.")


class NoLongerAllowed(Refusal):
    message = N_("You may not take this out any more.")


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its owner sees it; instants in UTC. `rows` of `total` are made while it runs. `name`: under which it is
    kept, if it came by itself."""

    id: int
    asked: Wanted
    name: str
    form: str
    state: str
    rows: int
    total: int | None
    said: str
    asked_at: datetime
    ended_at: datetime | None

    @property
    def filename(self) -> str:
        """What the file is called."""
        return f"{name_of(self.asked)}-{self.asked_at:%Y-%m-%d}-{self.id}.{ENDINGS[self.form]}"


def start(session: Session, wanted: Wanted, form: str, as_of: datetime, name: str = "") -> int:
    """Ask for a file in one of FORMS; the id of its run. Records `export_asked`.

    `name`: under which it is kept that now comes by itself; these do not count among those that somebody waits for.
    Raises what `require_right` raises, and TooManyRuns.
    """
    me = authorize(session, "exports.make")
    require_right(session, wanted, form, as_of)
    if not name and session.execute(_OPEN, {"user": me.user_id}).scalar_one() >= MOST_OPEN:
        raise TooManyRuns(most=MOST_OPEN)
    what, asked = kept(wanted)
    run = ExportRun(user_id=me.user_id, what=what, name=name, asked=asked, form=form, language=me.language,
                    asked_at=as_of)  # fmt: skip
    session.add(run)
    session.flush()
    filters = in_words(wanted, me.language)
    record(
        session, "export_asked", as_of, partner_id=me.partner_id, table=name_of(wanted), format=form, filters=filters
    )
    return run.id


def runs(session: Session, as_of: datetime) -> list[Run]:
    """The acting user's runs whose files are still kept, the newest first."""
    mine = ExportRun.user_id == actor(session).user_id, ExportRun.asked_at > as_of - life(session)
    return [_run(row) for row in session.scalars(select(ExportRun).where(*mine).order_by(ExportRun.id.desc()))]


def finished(session: Session, run_id: int, as_of: datetime) -> Run:
    """A finished run of the acting user who may still take it out. Raises NotFound, and what `require_right` raises."""
    row = session.get(ExportRun, run_id)
    mine = row is not None and row.user_id == actor(session).user_id and not actor(session).in_place
    if row is None or not mine or row.state != "done" or row.asked_at <= as_of - life(session):
        raise NotFound
    run = _run(row)
    require_right(session, run.asked, run.form, as_of)  # it may have gone since
    return run


def life(session: Session) -> timedelta:
    """How long a file can be fetched, from when it was asked for."""
    return timedelta(days=company(session).export_days)


def piece(session: Session, run_id: int, position: int) -> bytes | None:
    """A part of a run's file, from 0 on; None after the last."""
    return session.scalar(select(ExportPiece.content).filter_by(run_id=run_id, position=position))


def make_next(as_of: datetime, run_id: int | None = None) -> bool:
    """Make the file of the run that has waited longest, or of this one, as who asked for it; False if none waits.

    Several may work at once. What it cannot make has failed with a sentence. Whoever is killed has done nothing.
    """
    with transaction(SYSTEM) as session:
        _give_up(session, as_of)
        row = session.execute(_TAKE, {"run": run_id, "as_of": as_of, "until": as_of + LEASE}).one_or_none()
        who = principal_of_user(session, row.user_id) if row else None
    if row is None:
        return False
    try:
        if who is None:
            raise NoLongerAllowed
        with tempfile.TemporaryFile() as file:
            rows = _make(who, row, as_of, file)
            file.seek(0)
            _keep(row.id, rows, file, as_of)
    except Refusal as refusal:
        _end(row.id, as_of, refusal.text(row.language))
    except (QueryCanceled, OperationalError) as error:
        if not isinstance(getattr(error, "orig", error), QueryCanceled):
            raise
        _end(row.id, as_of, TookTooLong().text(row.language))
    return True


def _give_up(session: Session, as_of: datetime) -> None:
    """What its workers died of again and again has failed."""
    for run, language in session.execute(_DEAD, {"as_of": as_of, "before": as_of - GIVEN_UP}).all():
        _ended(session, run, "failed", as_of, said=TookTooLong().text(language))


def forget_old(session: Session, as_of: datetime) -> None:
    """Delete the files and runs that are older than the settings say."""
    session.execute(delete(ExportRun).where(ExportRun.asked_at <= as_of - life(session)))


def _make(who: Principal, row: Any, as_of: datetime, file: IO[bytes]) -> int:
    wanted = read(row.what, row.asked)
    with reading(who) as session:
        require_right(session, wanted, row.form, as_of)
        return write(
            session, wanted, row.form, row.language, as_of, file, lambda rows: _progress(row.id, total=rows),
            _now_and_then(row.id),
        )  # fmt: skip


def _now_and_then(run: int) -> Callable[[int], None]:
    """Write down how many rows are made, at most every TELL_EVERY seconds."""
    told = time.monotonic()

    def tell(rows: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            _progress(run, rows=rows)

    return tell


def _progress(run: int, **values: int) -> None:
    with transaction(SYSTEM) as session:
        session.execute(update(ExportRun).where(ExportRun.id == run).values(values))


def _keep(run: int, rows: int, file: IO[bytes], as_of: datetime) -> None:
    """The whole file, or nothing of it."""
    with transaction(SYSTEM) as session:
        session.execute(delete(ExportPiece).where(ExportPiece.run_id == run))
        for position, content in enumerate(_pieces(file)):
            session.execute(_PIECE, {"run": run, "position": position, "content": content})
        _ended(session, run, "done", as_of, rows=rows)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while content := file.read(PIECE):
        yield content


def _end(run: int, as_of: datetime, said: str) -> None:
    with transaction(SYSTEM) as session:
        _ended(session, run, "failed", as_of, said=said)


def _ended(session: Session, run: int, state: str, as_of: datetime, **values: str | int) -> None:
    """The run is over, and who asked hears of it."""
    ended = update(ExportRun).where(ExportRun.id == run, ExportRun.state == "running")
    done = session.execute(
        ended.values(state=state, ended_at=as_of, **values).returning(ExportRun.user_id)
    ).one_or_none()
    if done:
        record(session, "export_ready", as_of, user=done.user_id, run=run, state=state)


def _run(row: ExportRun) -> Run:
    return Run(row.id, read(row.what, row.asked), row.name, row.form, row.state, row.rows, row.total, row.said,
               row.asked_at, row.ended_at)  # fmt: skip


_OPEN = text("""
    select count(*) from export_run where user_id = :user and name = '' and state in ('waiting', 'running')
""")
_TAKE = text("""
    update export_run set state = 'running', until = :until where id = (
        select id from export_run where (state = 'waiting' or (state = 'running' and until <= :as_of))
          and id = coalesce(cast(:run as int), id)
        order by id limit 1 for update skip locked
    ) returning id, user_id, what, asked, form, language
""")
_DEAD = text("""
    select id, language from export_run where state = 'running' and until <= :as_of and asked_at <= :before
    order by id for update skip locked
""")
_PIECE = text("insert into export_piece (run_id, position, content) values (:run, :position, :content)")
