"""Exports and pivots that come by themselves each day, week or month: of the one before."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import text

from core.auth.sessions import principal_of_user
from core.company import company
from core.db import transaction
from core.errors import Refusal
from core.exports.asking import TABLES, Asked
from core.exports.making import Wanted
from core.exports.pivot_book import PivotAsked
from core.exports.running import start
from core.exports.saving import from_json, next_day
from core.principal import SYSTEM
from core.reports.periods import Period
from core.reports.pivot import pivot_of

log = structlog.get_logger(__name__)

FROM = time(6)
"""Local time from which a day's exports are asked for."""


def ask_next(as_of: datetime) -> bool:
    """Ask for the next file that is due, as its owner; False if none is.

    Its next day is set in the transaction that finds it due: two at once ask once, and one that its owner may not have
    any more is not asked for again before then. A day that nobody worked on is not made up for.
    """
    with transaction(SYSTEM) as session:
        local = as_of.astimezone(ZoneInfo(company(session).time_zone))
        if local.time() < FROM:
            return False
        row = session.execute(_DUE, {"today": local.date()}).one_or_none()
        if row is None:
            return False
        session.execute(_NEXT, {"id": row.id, "day": next_day(row.every, local.date())})
        who = principal_of_user(session, row.user_id)
    if who is not None:
        try:
            with transaction(who) as session:
                start(session, _of_the_one_before(row, local.date()), row.form, as_of, row.name)
        except Refusal as refusal:
            log.warning("export not repeated", saved_export=row.id, error=str(refusal))
    return True


def _of_the_one_before(row: Any, today: date) -> Wanted:
    if row.what == "pivot":
        return PivotAsked(pivot_of(row.asked), Period(*days_before(row.every, today)))
    return of_the_one_before(from_json(row.asked), row.every, today)


def of_the_one_before(asked: Asked, every: str, today: date) -> Asked:
    """The same of the days before `today`; as it is where nothing has a day."""
    if asked.table not in TABLES or not TABLES[asked.table].day:
        return asked
    first, last = days_before(every, today)
    return replace(asked, since=first, until=last)


def days_before(every: str, today: date) -> tuple[date, date]:
    """The first and the last day of the day, week (from Monday) or month before `today`."""
    if every == "day":
        return today - timedelta(days=1), today - timedelta(days=1)
    if every == "week":
        last = today - timedelta(days=today.weekday() + 1)
        return last - timedelta(days=6), last
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


_DUE = text("""
    select id, user_id, what, name, asked, form, every from saved_export where next_on <= :today
    order by id limit 1 for update skip locked
""")
_NEXT = text("update saved_export set next_on = :day where id = :id")
