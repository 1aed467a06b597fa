"""What a file can hold: a table or a pivot. Each is kept, asked for, written and put into words in its own way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.company import company
from core.db import actor
from core.errors import NotFound
from core.exports.asking import TABLES, Asked, Query, count, query
from core.exports.csv_file import csv_pieces
from core.exports.models import FORMS
from core.exports.parquet_file import write_parquet
from core.exports.pivot_book import TITLE, PivotAsked, pivot_asked, pivot_book, pivot_in_words
from core.exports.saving import as_json, from_json
from core.exports.tables import Filter
from core.exports.xlsx_file import about_export, write_xlsx
from core.i18n import N_, translate
from core.permissions import authorize

Wanted = Asked | PivotAsked
Tell = Callable[[int], object]


def kept(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """What it is (as models.ExportRun.what), and it as JSON."""
    return ("table", as_json(wanted)) if isinstance(wanted, Asked) else ("pivot", wanted.as_json())


def read(what: str, asked: dict[str, Any]) -> Wanted:
    """What was kept."""
    return from_json(asked) if what == "table" else pivot_asked(asked)


def name_of(wanted: Wanted) -> str:
    """The name of the table, or 'pivot'."""
    return wanted.table if isinstance(wanted, Asked) else "pivot"


def title(wanted: Wanted, language: str) -> str:
    """What is taken out, as people call it; a table that there is no longer by its own name."""
    if isinstance(wanted, PivotAsked):
        return translate(TITLE, language)
    return translate(TABLES[wanted.table].label, language) if wanted.table in TABLES else wanted.table


def require_right(session: Session, wanted: Wanted, form: str, as_of: datetime) -> None:
    """May the acting user have it, as such a file? Raises NotAllowed, NotFound for no such form, and for a table what
    `query` raises."""
    if isinstance(wanted, Asked):
        query(session, wanted, as_of)
    else:
        authorize(session, "reports.see")
    if form not in (FORMS if isinstance(wanted, Asked) else ("xlsx",)):
        raise NotFound


def write(
    session: Session,
    wanted: Wanted,
    form: str,
    language: str,
    as_of: datetime,
    target: IO[bytes],
    begin: Tell,
    progress: Tell,
) -> int:
    """Write the file as the acting user; how many rows it has. `begin` is told how many these will be, `progress` now
    and then how many are written. Raises what `query` or `table` raise, and TooManyRows."""
    if isinstance(wanted, PivotAsked):
        content, rows = pivot_book(session, wanted, language)
        target.write(content)
        return rows
    found = query(session, wanted, as_of)
    rows = count(session, found)
    begin(rows)
    _write_table(session, replace(found, progress=progress), wanted, form, rows, language, as_of, target)
    return rows


def _write_table(
    session: Session,
    found: Query,
    asked: Asked,
    form: str,
    rows: int,
    language: str,
    as_of: datetime,
    target: IO[bytes],
) -> None:
    if form == "parquet":
        write_parquet(session, found, target)
    elif form == "xlsx":
        local = as_of.astimezone(ZoneInfo(company(session).time_zone))
        about = about_export(found, rows, in_words(asked, language), actor(session).name, local, language)
        write_xlsx(session, found, rows, about, language, target)
    else:
        target.writelines(csv_pieces(session, found, language, "plain" if form == "plain" else "excel"))


def in_words(wanted: Wanted, language: str) -> str:
    """What narrows a table, `From: 01.11.2026 · Status: lapsed`; what a pivot is of."""
    if isinstance(wanted, PivotAsked):
        return pivot_in_words(wanted, language)
    days = ((N_("From"), wanted.since), (N_("Until"), wanted.until))
    said = [f"{translate(name, language)}: {day:%d.%m.%Y}" for name, day in days if day]
    return " · ".join(said + [_narrowing(wanted, name, language) for name, found in wanted.narrowed.items() if found])


def _narrowing(asked: Asked, name: str, language: str) -> str:
    """A filter and its values, as people call them; one that there is no longer by its own name."""
    narrowed = TABLES[asked.table].narrowed if asked.table in TABLES else {}
    found = narrowed.get(name, Filter(name))
    values = [translate(found.words.get(value, value), language) for value in asked.narrowed[name]]
    return f"{translate(found.label, language)}: {', '.join(values)}"
