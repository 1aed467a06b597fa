"""Exports and pivots kept under a name."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.auth.models import User
from core.clock import local_date
from core.company import company
from core.db import actor
from core.errors import NotFound, Refusal
from core.exports.asking import TABLES, Asked, offered
from core.exports.models import FORMS, SavedExport
from core.i18n import N_
from core.permissions import authorize
from core.reports.pivot import Pivot
from core.search import without_nul

LONGEST = 80
EVERY = ("day", "week", "month")


class NameMissing(Refusal):
    message = N_("Give the export a name, of at most {most} characters.")


def as_json(asked: Asked) -> dict[str, Any]:
    """What was asked, as it is kept."""
    kept = asdict(asked)
    for day in ("since", "until"):
        kept[day] = kept[day].isoformat() if kept[day] else None
    return kept


def from_json(kept: dict[str, Any]) -> Asked:
    """What was kept, as it is asked."""
    since, until = (date.fromisoformat(kept[day]) if kept.get(day) else None for day in ("since", "until"))
    narrowed = {name: tuple(values) for name, values in kept["narrowed"].items()}
    return Asked(kept["table"], tuple(kept["columns"]), since, until, narrowed)


def save(
    session: Session,
    name: str,
    asked: Asked,
    as_of: datetime,
    *,
    shared: bool = False,
    form: str = "xlsx",
    every: str = "",
) -> None:
    """Keep it for the acting user; one of the same name is replaced. Partners' people share nothing.

    `every`: '', or 'day', 'week' or 'month' to get a file in one of FORMS each time. Raises NotAllowed, NameMissing,
    and NotFound for a table that the user cannot take out, or no such form or time.
    """
    me = authorize(session, "exports.make")
    if TABLES.get(asked.table) not in offered(me) or form not in FORMS:
        raise NotFound
    values = {"asked": as_json(asked), "shared": shared and me.kind == "staff", "form": form}
    _keep(session, "table", name, values, every, as_of)


def save_pivot(
    session: Session, name: str, asked: Pivot, as_of: datetime, *, shared: bool = False, every: str = ""
) -> None:
    """Keep a pivot for the acting user; one of the same name is replaced. `every` as in `save`: a workbook each time.

    Raises NotAllowed, NameMissing, and NotFound for no such time.
    """
    authorize(session, "reports.see")
    _keep(session, "pivot", name, {"asked": asked.as_json(), "shared": shared}, every, as_of)


def _keep(session: Session, what: str, name: str, values: dict[str, Any], every: str, as_of: datetime) -> None:
    name = without_nul(name).strip()
    if not 0 < len(name) <= LONGEST:
        raise NameMissing(most=LONGEST)
    if every not in ("", *EVERY):
        raise NotFound
    today = local_date(as_of, company(session).time_zone)
    values |= {"every": every, "next_on": next_day(every, today) if every else None}
    row = insert(SavedExport).values(user_id=actor(session).user_id, what=what, name=name, **values)
    session.execute(row.on_conflict_do_update(index_elements=["user_id", "what", "name"], set_=values))


def saved(session: Session) -> Sequence[tuple[SavedExport, str]]:
    """The tables that the acting user kept and that colleagues share, as far as the user may take them out, with whose
    they are."""
    tables = {table.name for table in offered(actor(session))}
    return [(row, name) for row, name in _saved(session, "table") if row.asked["table"] in tables]


def saved_pivots(session: Session) -> Sequence[tuple[SavedExport, str]]:
    """The pivots that the acting user kept and that colleagues share, with whose they are. Raises NotAllowed."""
    authorize(session, "reports.see")
    return _saved(session, "pivot")


def _saved(session: Session, what: str) -> list[tuple[SavedExport, str]]:
    me = actor(session)
    theirs = SavedExport.user_id == me.user_id
    wanted = or_(theirs, SavedExport.shared) if me.kind == "staff" else theirs
    rows = select(SavedExport, User.name).join(User).where(SavedExport.what == what, wanted)
    return [(row, name) for row, name in session.execute(rows.order_by(SavedExport.name, SavedExport.id))]


def next_day(every: str, day: date) -> date:
    """The first day after `day` on which something comes: each day, on Mondays, or on the first of the month."""
    if every == "day":
        return day + timedelta(days=1)
    if every == "week":
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def forget(session: Session, saved_id: int) -> None:
    """Delete one of the acting user's own. Raises NotFound."""
    gone = delete(SavedExport).where(SavedExport.id == saved_id, SavedExport.user_id == actor(session).user_id)
    if not session.execute(gone.returning(SavedExport.id)).all():
        raise NotFound
