"""A pivot table of the reports as a file: what is asked for, and the workbook."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from core.exports.frame_book import frame_book
from core.i18n import N_, translate
from core.reports.periods import Period
from core.reports.pivot import DIMENSIONS, MEASURES, Pivot, grand_totals, pivot_of, table

TITLE, NAMELESS, TOTAL = N_("Pivot"), N_("(none)"), N_("Total")
NOTHING = N_("Nothing was sold in these days.")
FORMATS = {"money": "#,##0.00", "quantity": "#,##0.###", "count": "#,##0"}
"""How a measure's numbers are written in a workbook."""


@dataclass(frozen=True, slots=True)
class PivotAsked:
    """A pivot table of certain days."""

    pivot: Pivot
    period: Period

    def as_json(self) -> dict[str, Any]:
        """To be kept."""
        return self.pivot.as_json() | {"first": self.period.first.isoformat(), "last": self.period.last.isoformat()}


def pivot_asked(kept: dict[str, Any]) -> PivotAsked:
    """What was kept."""
    return PivotAsked(pivot_of(kept), Period(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"])))


def pivot_book(session: Session, asked: PivotAsked, language: str) -> tuple[bytes, int]:
    """The workbook (XLSX), and how many rows it has; where nothing was sold it says so. Raises as `table`."""
    pivot, period = asked.pivot, asked.period
    frame, totals = table(session, period, pivot), grand_totals(session, period, pivot)
    names = heads(frame, pivot, language)
    blank = [None] * (len(pivot.rows) - 1)
    last = [translate(TOTAL, language), *blank, *(totals.get(name) for name in frame.columns[len(pivot.rows) :])]
    said = f"{translate(MEASURES[pivot.measure][0], language)}, {days(period)}"
    if frame.empty:
        said += f". {translate(NOTHING, language)}"
    numbers = FORMATS[MEASURES[pivot.measure][2]]
    return frame_book(translate(TITLE, language), said, names, frame, last, numbers), len(frame)


def heads(frame: pd.DataFrame, pivot: Pivot, language: str) -> list[str]:
    """The names of the columns: those of what the rows are, the values of what the columns are, the total."""
    names = {name: translate(DIMENSIONS[name][0], language) for name in pivot.rows}
    names["total"] = translate(TOTAL, language)
    return [names.get(name) or name or translate(NAMELESS, language) for name in frame.columns]


def pivot_in_words(asked: PivotAsked, language: str) -> str:
    """What it is of: `Net value, lei · Partner × Month · 01.11.2026 - 30.11.2026`."""
    pivot = asked.pivot
    names = [translate(DIMENSIONS[name][0], language) for name in (*pivot.rows, pivot.columns) if name]
    rows = ", ".join(names[: len(pivot.rows)])
    across = " × ".join([rows, *names[len(pivot.rows) :]])
    return " · ".join((translate(MEASURES[pivot.measure][0], language), across, days(asked.period)))


def days(period: Period) -> str:
    """`01.11.2026 - 30.11.2026`."""
    return f"{period.first:%d.%m.%Y} - {period.last:%d.%m.%Y}"
