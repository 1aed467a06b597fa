"""Periods, numbers and tables, as the pages of reports show them."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, cast

import pandas as pd
import streamlit as st

from core.i18n import N_
from core.reports.periods import BadPeriod, Named, Period, named_period
from pages.ui.text import _, amount, day, language, quantity

PERIODS = {
    "this_month": N_("This month"),
    "last_month": N_("Last month"),
    "this_year": N_("This year"),
    "last_12_months": N_("12 months"),
    "own": N_("Own"),
}
ROW = 36
"""Pixels of a table's row."""


def choose_period(today: date, key: str, default: str = "this_month") -> Period:
    """One of the periods up to today, or an own one; while that makes no sense, this month with the reason."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.segmented_control(
            _("Period"), list(PERIODS), default=default, required=True, format_func=lambda each: _(PERIODS[each]),
            key=f"{key}-period", wrap=True, persist_state="session",
        )  # fmt: skip
        if name != "own":
            return named_period(cast(Named, name), today)
        first = st.date_input(
            _("From"), today.replace(month=1, day=1), max_value=today, format="DD.MM.YYYY", width=145,
            key=f"{key}-first", required=True, persist_state="session",
        )  # fmt: skip
        last = st.date_input(
            _("Until"),
            today,
            max_value=today,
            format="DD.MM.YYYY",
            width=145,
            key=f"{key}-last",
            required=True,
            persist_state="session",
        )
    try:
        return Period(first, last)
    except BadPeriod as refusal:
        st.warning(refusal.text(language()), icon=":material/event_busy:")
        return named_period("this_month", today)


def days_of(period: Period) -> str:
    """`01.11.2026–15.11.2026`, or the only day."""
    return day(period.first) if period.days == 1 else f"{day(period.first)}–{day(period.last)}"


def change(now: Decimal | int, before: Decimal | int) -> Decimal | None:
    """By how much it is more (or, below 0, less), in percent; None where there is nothing to compare with."""
    return (Decimal(now) / Decimal(before) - 1) * 100 if before else None


def signed(percent: Decimal | None) -> str | None:
    """`+12,5 %`, `-3 %`; None for nothing."""
    if percent is None:
        return None
    shown = quantity(round(percent, 1))
    return f"{'+' if percent > 0 and shown != '0' else ''}{shown}\N{NO-BREAK SPACE}%"


def share(percent: Decimal | float | None) -> str:
    """`12,5 %`; a dash for nothing."""
    return "–" if _none(percent) else f"{quantity(round(Decimal(cast(Any, percent)), 1))}\N{NO-BREAK SPACE}%"


def signed_or_dash(percent: Any) -> str:
    return "–" if _none(percent) else signed(Decimal(percent)) or "–"


def points(now: Decimal | None, before: Decimal | None) -> str | None:
    """`+1,5 points`: by how much a percentage is more than another; None where there is nothing to compare with."""
    if now is None or before is None:
        return None
    more = round(now - before, 1)
    return _("{number} points").format(number=("+" if more > 0 else "") + quantity(more))


def metric(label: str, value: str, delta: str | None = None, *, good: bool = True, hint: str | None = None) -> None:
    """A figure in a box, with its change against the year before; `good`: more of it is better."""
    same = delta is not None and not any(digit in delta for digit in "123456789")
    colour: Literal["off", "normal", "inverse"] = "off" if same else "normal" if good else "inverse"
    st.metric(
        label, value, delta, colour, border=True, width="content", help=hint, delta_arrow="off" if same else "auto",
        delta_description=_("a year before") if delta else None,
    )  # fmt: skip


def waited(seconds: int | None) -> str:
    """`2 h 05 min`; a dash for nothing."""
    if seconds is None:
        return "–"
    hours, minutes = divmod(round(seconds / 60), 60)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=f"{minutes:02}") if hours else _(
        "{minutes} min"
    ).format(minutes=minutes)  # fmt: skip


def show_table(
    frame: pd.DataFrame,
    columns: Mapping[str, Any],
    key: str,
    formats: Mapping[str, Callable[[Any], str]],
    *,
    about: str,
    most: int = 10,
    opens: bool = True,
) -> int | None:
    """A table that sorts by what its cells are, and shows them as people write them; the place of the chosen row.

    `columns` are the configurations by name, in their order; `formats` how cells are written; at most `most` rows show
    before it scrolls. `opens`: can a row be chosen?
    """
    shown = frame[list(columns)]
    table = st.dataframe(
        shown.style.format(dict(formats)),
        hide_index=True,
        row_height=ROW,
        height="content" if len(shown) <= most else (most + 1) * ROW + 2,
        on_select="rerun" if opens else "ignore",
        selection_mode="single-row",
        # Another list under the same key would keep the choice by its number; other words need other widths.
        key=f"{key}-{language()}-{hash(tuple(map(str, shown.iloc[:, 0])))}",
        column_config=dict(columns),
        alt=about,
        placeholder="–",
    )
    picked = [row for row in table["selection"]["rows"] if row < len(shown)] if opens else []
    return picked[0] if picked else None


def lei(value: Any) -> str:
    """An amount without its currency; a dash for none."""
    return "–" if _none(value) or value == 0 else amount(Decimal(value)).rpartition("\N{NO-BREAK SPACE}")[0]


def day_or_dash(value: Any) -> str:
    return "–" if _none(value) else day(value)


def _none(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
