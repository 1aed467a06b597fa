"""Series and their numbers: taken in the transaction that issues, without gap or duplicate, dates never going back."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_

FALLBACK = {"storno": "invoice"}
"""Kind → the kind whose series it takes where it has none of its own."""


class DateBeforeLastIssued(Refusal):
    message = N_(
        "The last document of series {series} is dated {last} and dates may not go backwards in a series."
        " Check the server's date, or issue the document on that day or later."
    )


class NoSeries(Refusal):
    message = N_("There is no open series for this kind of document, so there is no number to give. Add one first.")


class SeriesFull(Refusal):
    message = N_(
        "Number {number} of series {series} is the first one of {year}, so {before} has none left. Use another series."
    )


class Number(NamedTuple):
    """What a document is called: its series (id and prefix) and its number."""

    series_id: int
    prefix: str
    number: int


def take_number(session: Session, kind: str, issued_on: date, series_id: int | None = None) -> Number:
    """The next number for a document of a kind, from the series named or the usual one, whose row stays locked.

    The usual series is the newest open one without a site. A year that was given no first number goes on from the one
    before. Rolled back, the number is free again. Raises NoSeries, DateBeforeLastIssued, SeriesFull.
    """
    series = _lock(session, kind, series_id)
    if series.last_issued_on is not None and issued_on < series.last_issued_on:
        raise DateBeforeLastIssued(series=series.prefix, last=f"{series.last_issued_on:%d.%m.%Y}")
    known = {"series": series.id, "year": issued_on.year, "day": issued_on}
    session.execute(_OPEN_YEAR, known)
    number: int = session.execute(_TAKE, known).scalar_one()
    later = session.execute(_LATER, known).one_or_none()
    if later is not None and number >= later.first_number:
        raise SeriesFull(number=number, series=series.prefix, year=later.year, before=issued_on.year)
    session.execute(_ISSUED, known)
    return Number(series.id, series.prefix, number)


def _lock(session: Session, kind: str, series_id: int | None) -> Row[Any]:
    kinds = [kind, FALLBACK.get(kind, kind)]
    found = session.execute(_LOCK, {"kinds": kinds, "series": series_id}).one_or_none()
    if found is None:
        raise NoSeries
    return found


_LOCK = text("""
    select id, prefix, last_issued_on from document_series where id = (
        select id from document_series
        where kind = any(:kinds) and not closed and (cast(:series as int) is null or id = :series)
        order by array_position(cast(:kinds as text[]), kind), site <> '', id desc limit 1
    ) for update
""")
_OPEN_YEAR = text("""
    insert into series_year (series_id, year, first_number, next_number)
    select :series, :year, next, next
    from (select coalesce(max(next_number), 1) as next from series_year where series_id = :series and year < :year) last
    on conflict do nothing
""")
_TAKE = text("""
    update series_year set next_number = next_number + 1 where series_id = :series and year = :year
    returning next_number - 1
""")
_LATER = text("""
    select year, first_number from series_year where series_id = :series and year > :year order by year limit 1
""")
_ISSUED = text("update document_series set last_issued_on = :day where id = :series")
