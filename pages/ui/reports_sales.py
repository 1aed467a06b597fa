"""Sales: in all, over time, and by category, brand, partner or region, each beside the year before."""

from typing import cast

import pandas as pd
import streamlit as st

from core.db import reading
from core.i18n import N_
from core.principal import Principal
from core.reports.periods import Period
from core.reports.rows import Slice
from core.reports.sales import By, Step, breakdown, over_time, totals
from pages.ui.reports_charts import show_bars, show_over_time
from pages.ui.reports_rows import export_button, show_lines
from pages.ui.reports_words import change, lei, metric, share, show_table, signed, signed_or_dash
from pages.ui.text import _, amount, quantity

STEPS: dict[Step, str] = {"day": N_("Days"), "week": N_("Weeks"), "month": N_("Months")}
BYS: dict[By, str] = {
    "category": N_("Category"), "brand": N_("Brand"), "partner": N_("Partner"), "region": N_("Region"),
}  # fmt: skip
NAMELESS: dict[By, str] = {
    "category": N_("No category"), "brand": N_("No brand"), "region": N_("No county"), "partner": "", "product": "",
}  # fmt: skip
CHARTED = 8
MOST_SHOWN = 200
"""Rows of a table: more of them would take longer to write than to find."""


def show_sales(principal: Principal, period: Period) -> None:
    """Everything of the tab."""
    with reading(principal) as session:
        now, before = totals(session, period), totals(session, period.year_before)
    if not (now.lines or before.lines):
        words = _("Nothing was sold in these days, nor a year before. Choose another period.")
        st.info(words, icon=":material/event_busy:")
        return
    with st.container(horizontal=True):
        metric(_("Net sales"), amount(now.net), signed(change(now.net, before.net)))
        metric(_("Orders"), quantity(now.orders), signed(change(now.orders, before.orders)))
        metric(_("Order lines"), quantity(now.lines), signed(change(now.lines, before.lines)))
        if now.per_order is not None:
            metric(_("Per order"), amount(now.per_order), signed(change(now.per_order, before.per_order or 0)))
    _show_over_time(principal, period)
    _show_breakdown(principal, period)


def _show_over_time(principal: Principal, period: Period) -> None:
    steps = [step for step in STEPS if period.days <= 366 or step != "day"]
    usual: Step = "day" if period.days <= 31 else "week" if period.days <= 120 else "month"
    step = cast(Step, st.segmented_control(
        _("Over time, in"), steps, default=usual, required=True, format_func=lambda name: _(STEPS[name]),
        key=f"reports-step-{usual}-{len(steps)}",
    ))  # fmt: skip
    with reading(principal) as session:
        frame = over_time(session, period, step)
    key = f"reports-time-{step}-{period.first}-{period.last}"
    chosen = show_over_time(frame, step, key, _("Net sales over time, beside those of the year before"))
    if chosen is None:
        st.caption(_("Click a bar to see its order lines."))
        if st.toggle(_("All order lines of these days"), key="reports-all", persist_state="session"):
            show_lines(principal, Slice(period), "", "reports-all", Slice(period.year_before))
        return
    of = Period(frame.iloc[chosen]["start"], frame.iloc[chosen]["end"])
    show_lines(principal, Slice(of), "", "reports-time", Slice(of.year_before))


def _show_breakdown(principal: Principal, period: Period) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        by = _choose_by()
        asked = {"first": period.first.isoformat(), "last": period.last.isoformat(), "by": by}
        export_button("groups", asked, "reports-groups")
    with reading(principal) as session:
        frame = named(breakdown(session, period, by), by)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        chosen = show_compared(frame, f"reports-by-{by}", _(BYS[by]))
        if len(frame) > MOST_SHOWN:
            words = _("The first {count} of {all}; the file has all of them.")
            st.caption(words.format(count=MOST_SHOWN, all=quantity(len(frame))))
    top = frame[frame["net"] > 0].head(CHARTED)
    with right:
        if len(top) > 1:
            show_bars(list(top["name"]), [float(net) for net in top["net"]], [lei(net) for net in top["net"]],
                      f"reports-bars-{by}", _("Most sold"))  # fmt: skip
    if chosen is None:
        st.caption(_("Select a row to see its order lines."))
        return
    row = frame.iloc[chosen]
    of, before = (Slice(each, by, row["key"]) for each in (period, period.year_before))
    show_lines(principal, of, row["name"], f"reports-by-{by}", before)


def _choose_by() -> By:
    return cast(By, st.segmented_control(
        _("By"), list(BYS), default="category", required=True, format_func=lambda name: _(BYS[name]), key="reports-by",
        persist_state="session",
    ))  # fmt: skip


def named(frame: pd.DataFrame, by: By) -> pd.DataFrame:
    """The breakdown with words for what has no name."""
    frame["name"] = [name or _(NAMELESS[by]) for name in frame["name"]]
    return frame


def show_compared(frame: pd.DataFrame, key: str, title: str, *, whole: bool = True) -> int | None:
    """A breakdown as a table: now, a year before, the difference; the place of the chosen row. `whole`: the rows are
    all there are, so that each has its share."""
    total = sum(frame["net"])
    table = frame.assign(
        difference=frame["net"] - frame["before"],
        percent=[change(now, before) for now, before in zip(frame["net"], frame["before"], strict=True)],
        share=[100 * net / total if total else None for net in frame["net"]],
    )
    column = st.column_config
    config = {
        # A wide column that stays would leave no room for the others on a telephone.
        "name": column.TextColumn(title, width="medium" if whole else 240, pinned=whole),
        "net": column.NumberColumn(_("Net, lei")),
        "before": column.NumberColumn(_("A year before, lei")),
        "difference": column.NumberColumn(_("Difference, lei")),
        "percent": column.NumberColumn(_("Difference, %")),
        "share": column.NumberColumn(_("Share")),
        "lines": column.NumberColumn(_("Lines")),
    }
    if not any(frame["before"]):
        config = {name: each for name, each in config.items() if name not in ("before", "difference", "percent")}
    config.pop("difference" if whole else "share", None)
    formats = {"net": lei, "before": lei, "difference": lei, "percent": signed_or_dash, "share": share,
               "lines": quantity}  # fmt: skip
    formats = {name: each for name, each in formats.items() if name in config}
    return show_table(table.head(MOST_SHOWN), config, key, formats, about=title)
