"""Series as staff keep them: added, closed, and given the first number of a year."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.documents.models import KINDS
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.data import tidy
from core.permissions import authorize

MOST = 999_999_999


class BadPrefix(Refusal):
    message = N_("A series is 1 to 20 capital letters, digits, points, dashes or slashes, as “FCT” or “FCT-CJ”.")


class PrefixTaken(Refusal):
    message = N_("There is a series {prefix} already. Choose another name.")


class BadFirstNumber(Refusal):
    message = N_(
        "The first number of {year} must be at least {least}: the numbers before it are given, or a later year"
        " begins before it."
    )


class YearBegun(Refusal):
    message = N_("Series {prefix} has numbered documents of {year} already, so its first number stays.")


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series with what it does in the year that is looked at: `next_number` is the one that comes next in it."""

    id: int
    kind: str
    site: str
    prefix: str
    closed: bool
    first_number: int
    next_number: int
    last_issued_on: date | None


def series_of_year(session: Session, year: int) -> list[SeriesRow]:
    """Every series, by kind, open ones first. Raises NotAllowed."""
    authorize(session, "documents.issue", "settings.edit")
    return [SeriesRow(**row) for row in session.execute(_ROWS, {"year": year, "kinds": list(KINDS)}).mappings()]


def add_series(
    session: Session, kind: str, prefix: str, site: str, first_number: int, year: int, as_of: datetime
) -> int:
    """A new series whose first number in `year` is `first_number`; returns its id.

    Raises NotAllowed, NotFound for an unknown kind, BadPrefix, PrefixTaken, BadFirstNumber.
    """
    authorize(session, "settings.edit")
    prefix, site = tidy(prefix).upper(), tidy(site)
    if kind not in KINDS:
        raise NotFound
    if not 0 < first_number <= MOST:
        raise BadFirstNumber(year=year, least=1)
    try:
        with session.begin_nested():
            row = {"kind": kind, "prefix": prefix, "site": site}
            series: int = session.execute(_ADD, row).scalar_one()
    except IntegrityError as error:
        if "prefix_is_plain" in str(error.orig):
            raise BadPrefix from error
        raise PrefixTaken(prefix=prefix) from error
    session.execute(_BEGIN, {"series": series, "year": year, "first": first_number})
    record(session, "series_added", as_of, prefix=prefix, document_kind=kind, site=site, first_number=first_number)
    return series


def set_first_number(session: Session, series_id: int, year: int, first_number: int, as_of: datetime) -> None:
    """Fix with which number a series begins a year in which it has numbered nothing yet.

    Raises NotAllowed, NotFound, YearBegun, BadFirstNumber.
    """
    authorize(session, "settings.edit")
    series = session.execute(_LOCK, {"series": series_id, "year": year}).one_or_none()
    if series is None:
        raise NotFound
    if series.begun:
        raise YearBegun(prefix=series.prefix, year=year)
    if not series.least <= first_number <= MOST or (series.later is not None and first_number > series.later):
        raise BadFirstNumber(year=year, least=series.least)
    session.execute(_BEGIN, {"series": series_id, "year": year, "first": first_number})
    record(session, "series_changed", as_of, prefix=series.prefix, year=year, first_number=first_number)


def close_series(session: Session, series_id: int, closed: bool, as_of: datetime) -> None:
    """A closed series gives no more numbers; it may be opened again. Raises NotAllowed, NotFound."""
    authorize(session, "settings.edit")
    changed = session.execute(_CLOSE, {"series": series_id, "closed": closed}).one_or_none()
    if changed is None:
        raise NotFound
    record(session, "series_changed", as_of, prefix=changed.prefix, closed=closed)


_ROWS = text("""
    select series.id, kind, site, prefix, closed, last_issued_on, coalesce(this.first_number, next) as first_number,
           coalesce(this.next_number, next) as next_number
    from document_series series
    left join series_year this on this.series_id = series.id and this.year = :year
    cross join lateral (select coalesce(max(next_number), 1) as next from series_year
                        where series_id = series.id and year < :year) before
    order by closed, array_position(cast(:kinds as text[]), kind), site, prefix
""")
_ADD = text("insert into document_series (kind, prefix, site) values (:kind, :prefix, :site) returning id")
_BEGIN = text("""
    insert into series_year (series_id, year, first_number, next_number) values (:series, :year, :first, :first)
    on conflict (series_id, year) do update set first_number = :first, next_number = :first
""")
_LOCK = text("""
    select series.prefix, coalesce(this.next_number > this.first_number, false) as begun,
           coalesce((select max(next_number) from series_year where series_id = series.id and year < :year),
                    1) as least,
           (select min(first_number) from series_year where series_id = series.id and year > :year) as later
    from document_series series left join series_year this on this.series_id = series.id and this.year = :year
    where series.id = :series for update of series
""")
_CLOSE = text("update document_series set closed = :closed where id = :series returning prefix")
