"""Charts of the reports, in the product's colours, with words in the user's language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from babel.dates import format_date

from core.reports.sales import Step
from pages.ui.reports_words import lei
from pages.ui.text import _, day, language, quantity
from pages.ui.theme import small_words

NOW, BEFORE = "#0f766e", "#f59e0b"
LINES = ("#dc2626", "#0f766e")
HEIGHT = 280


def show_over_time(frame: pd.DataFrame, step: Step, key: str, about: str) -> int | None:
    """Bars for the steps, and a line for the year before; the place of the bar that was chosen."""
    data = pd.DataFrame({
        "at": [f"{row:04}" for row in range(len(frame))],
        "label": [_label(start, step) for start in frame["start"]],
        "days": [day(start) if start == end else f"{day(start)}–{day(end)}"
                 for start, end in zip(frame["start"], frame["end"], strict=True)],
        "net": frame["net"].astype(float), "before": frame["before"].astype(float),
        "net_words": frame["net"].map(lei), "before_words": frame["before"].map(lei),
    })  # fmt: skip
    names = _names(data["label"])
    chosen = alt.selection_point(name="chosen", fields=["at"])
    tips = [
        alt.Tooltip("days:N", title=_("Days")), alt.Tooltip("net_words:N", title=_("Net, lei")),
        alt.Tooltip("before_words:N", title=_("A year before, lei")),
    ]  # fmt: skip
    across = alt.X(
        "at:O", title=None, scale=alt.Scale(paddingInner=0.25),
        axis=alt.Axis(labelExpr=names, labelOverlap=True, labelAngle=0, ticks=False, values=_marked(len(frame))),
    )  # fmt: skip
    base = alt.Chart(data).encode(x=across, tooltip=tips)
    bars = base.mark_bar(color=NOW, cornerRadiusEnd=2, cursor="pointer").encode(
        y=alt.Y("net:Q", title=None, axis=alt.Axis(labelExpr=_short(), tickCount=5, domain=False)),
        opacity=alt.condition(chosen, alt.value(1), alt.value(0.35)),
    ).add_params(chosen)  # fmt: skip
    line = base.mark_line(color=BEFORE, strokeWidth=2, point=len(frame) == 1).encode(y=alt.Y("before:Q", title=None))
    compared = bool(data["before"].any())
    chart = alt.layer(*([bars, line] if compared else [bars])).properties(height=HEIGHT).configure_view(strokeWidth=0)
    picked = st.altair_chart(chart, width="stretch", key=key, on_select="rerun", selection_mode="chosen", alt=about)
    if compared:
        legend(((NOW, _("This period")), (BEFORE, _("A year before"))))
    return _place(picked, len(frame))


def show_trend(
    months: Sequence[date], lines: Mapping[str, Sequence[float | None]], key: str, about: str, unit: str = ""
) -> int | None:
    """A line for each name, with a point for each month; the place of the month that was chosen. `unit` follows the
    numbers."""
    long = pd.DataFrame({
        "at": f"{place:04}", "label": _label(month, "month"), "name": name, "value": value,
        "words": f"{name}: {quantity(Decimal(str(round(value, 1))))}{unit}",
    } for name, values in lines.items() for place, (month, value) in enumerate(zip(months, values, strict=True))
      if value is not None and not pd.isna(value))  # fmt: skip
    chosen = alt.selection_point(name="chosen", fields=["at"], nearest=True)
    colours = LINES[: len(lines)] if len(lines) > 1 else (NOW,)
    across = alt.X(
        "at:O", title=None, scale=alt.Scale(domain=[f"{place:04}" for place in range(len(months))]),
        axis=alt.Axis(labelExpr=_names([_label(month, "month") for month in months]), labelOverlap=True, labelAngle=0,
                      ticks=False),
    )  # fmt: skip
    base = alt.Chart(long).encode(
        x=across,
        y=alt.Y("value:Q", title=None,
                axis=alt.Axis(tickCount=5, domain=False, labelExpr=f"format(datum.value, ',') + '{unit}'")),
        color=alt.Color("name:N", legend=None, scale=alt.Scale(domain=list(lines), range=list(colours))),
        tooltip=[alt.Tooltip("label:N", title=_("Month")), alt.Tooltip("words:N", title=" ")],
    )  # fmt: skip
    dots = base.mark_point(filled=True, size=70, cursor="pointer").encode(
        opacity=alt.condition(chosen, alt.value(1), alt.value(0.35))
    )
    chart = alt.layer(base.mark_line(strokeWidth=2), dots.add_params(chosen)).properties(height=220)
    picked = st.altair_chart(
        chart.configure_view(strokeWidth=0), width="stretch", key=key, on_select="rerun", selection_mode="chosen",
        alt=about,
    )  # fmt: skip
    if len(lines) > 1:
        legend(tuple(zip(LINES, lines, strict=False)))
    return _place(picked, len(months))


def show_bars(names: Sequence[str], values: Sequence[float], words: Sequence[str], key: str, about: str) -> None:
    """Bars that lie, each with its sum beside it; the first ones given come first."""
    frame = pd.DataFrame({"name": names, "value": values, "words": words})
    room = max(1.0, float(frame["value"].max())) * 2
    base = alt.Chart(frame).encode(
        x=alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, room])),
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=150)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("words:N", title=_("Net, lei"))],
    )
    bars = base.mark_bar(color=NOW, cornerRadiusEnd=3, height=16)
    text = base.mark_text(align="left", dx=6, color=small_words()).encode(text="words:N")
    chart = (bars + text).properties(height=max(len(frame), 2) * 27).configure_view(strokeWidth=0)
    st.altair_chart(chart, width="stretch", key=key, alt=about)


def legend(marks: Sequence[tuple[str, str]]) -> None:
    """What the colours stand for, under a chart."""
    spots = "&emsp;".join(f'<span style="color:{colour}">■</span> {name}' for colour, name in marks)
    st.caption(spots, unsafe_allow_html=True)


def _label(start: date, step: Step) -> str:
    return format_date(start, "LLL yy" if step == "month" else "d.MM", locale=language())


def _marked(count: int) -> list[str]:
    """The places that are named: every one of a few, about a dozen of many."""
    return [f"{place:04}" for place in range(0, count, max(1, count // 12))]


def _short() -> str:
    """An expression of Vega that writes a sum in few letters: `1,5 mil.`."""
    mark = "," if language() == "ro" else "."
    steps = ((1_000_000, _("{number}M")), (1_000, _("{number}k")))
    parts = (f"abs(datum.value) >= {of} ? " + _around(words, f"format(datum.value / {of}, '~g')", mark)
             for of, words in steps)  # fmt: skip
    return " : ".join([*parts, "format(datum.value, '~g')"])


def _around(words: str, number: str, mark: str) -> str:
    before, after = words.split("{number}")
    return f"'{before}' + replace({number}, '.', '{mark}') + '{after}'"


def _names(labels: Iterable[str]) -> str:
    """An expression of Vega that names a place."""
    pairs = ", ".join(f"'{place:04}': '{label}'" for place, label in enumerate(labels))
    return "{" + pairs + "}[datum.value]"


def _place(picked: Any, count: int) -> int | None:
    """Which of so many was chosen; what was chosen of another chart, with more of them, is not."""
    points = picked["selection"].get("chosen") or []
    at = int(points[0]["at"]) if points else None
    return at if at is not None and at < count else None
