"""A pivot table: rows by columns by measure, kept under a name, taken out as XLSX."""

from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core import clock
from core.db import reading, transaction
from core.exports import saving
from core.exports.models import SavedExport
from core.exports.pivot_book import heads
from core.principal import Principal
from core.reports.periods import Period
from core.reports.pivot import DIMENSIONS, MEASURES, Pivot, grand_totals, pivot_of, table
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.kept import choose_kept, keeping_fields, key_of
from pages.ui.text import _, language

STEPS = {"money": 0.01, "quantity": None, "count": 1}
"""How a measure's numbers are written in the table: the browser shows as many decimals as the step has."""


def show_pivot(principal: Principal, period: Period) -> None:
    """What was kept, the choice, the table and its file."""
    with transaction(principal) as session:
        kept = saving.saved_pivots(session)
    start = choose_kept(principal, kept, "pivot_kept")
    asked = _choose(start)
    with refusals():
        with reading(principal) as session:
            frame, totals = table(session, period, asked), grand_totals(session, period, asked)
        _show(frame, totals, asked)
        st.link_button(_("Take out as XLSX"), _address(period, asked), icon=":material/download:")
    _show_keeping(principal, asked, start)


def _choose(start: SavedExport | None) -> Pivot:
    first = pivot_of(start.asked) if start else Pivot(("category",), "month", "net")
    key = key_of(start)
    left, middle, right = st.columns(3)
    names = list(DIMENSIONS)
    rows = left.multiselect(
        _("In the rows"), names, list(first.rows), max_selections=2, format_func=lambda name: _(DIMENSIONS[name][0]),
        key=f"pivot-rows-{key}",
    )  # fmt: skip
    spans = ["", *names]
    columns = middle.selectbox(
        _("In the columns"), spans, spans.index(first.columns), key=f"pivot-columns-{key}",
        format_func=lambda name: _(DIMENSIONS[name][0]) if name else _("nothing"),
    )  # fmt: skip
    measures = list(MEASURES)
    measure = right.selectbox(
        _("What is counted"), measures, measures.index(first.measure), key=f"pivot-measure-{key}",
        format_func=lambda name: _(MEASURES[name][0]),
    )  # fmt: skip
    return Pivot(tuple(rows), columns, measure)


def _show(frame: pd.DataFrame, totals: dict[str, Any], asked: Pivot) -> None:
    if frame.empty:
        st.info(_("Nothing was sold in this period. Choose another one."), icon=":material/search_off:")
        return
    last = [_("Total"), *[""] * (len(asked.rows) - 1), *(totals.get(name) for name in frame.columns[len(asked.rows) :])]
    shown = pd.concat([frame, pd.DataFrame([last], columns=frame.columns)], ignore_index=True)
    titles, step = heads(frame, asked, language()), STEPS[MEASURES[asked.measure][2]]
    config: dict[Any, Any] = {
        name: st.column_config.TextColumn(title, pinned=place == 0) if name in asked.rows
        else st.column_config.NumberColumn(title, format="localized", step=step)
        for place, (name, title) in enumerate(zip(frame.columns, titles, strict=True))
    }  # fmt: skip
    values = [name for name in frame.columns if name not in asked.rows]
    st.dataframe(
        shown.astype(dict.fromkeys(values, float)), hide_index=True, column_config=config, height="content" if
        len(shown) < 15 else 560, key="pivot-table",
    )  # fmt: skip


def _address(period: Period, asked: Pivot) -> str:
    query = {"first": period.first.isoformat(), "last": period.last.isoformat(), "rows": ",".join(asked.rows),
             "columns": asked.columns, "measure": asked.measure}  # fmt: skip
    return "/exports/pivot.xlsx?" + urlencode(query)


def _show_keeping(principal: Principal, asked: Pivot, start: SavedExport | None) -> None:
    about = f"pivot-keep-{key_of(start)}"
    with (
        st.expander(_("Keep under a name"), icon=":material/bookmark:"),
        st.form(form := form_key(about), border=False, enter_to_submit=False),
    ):
        keep = keeping_fields(principal, start, form)
    if keep.pressed:
        with refusals():
            with transaction(principal) as session:
                saving.save_pivot(session, keep.name, asked, clock.now(), shared=keep.shared, every=keep.every)
                end_form(_("{name} is kept.").format(name=plain(keep.name)), form=about)
            st.rerun()
