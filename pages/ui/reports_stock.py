"""Stock against what is sold: how fast it turns, and what lies dead."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from core.db import reading
from core.principal import Principal
from core.reports.periods import Period
from core.reports.rows import Slice
from core.reports.stock import YEAR, DeadRow, Turnover, dead_stock, turnover_by_category
from pages.ui.reports_rows import export_button, show_lines
from pages.ui.reports_words import day_or_dash, lei, metric, show_table
from pages.ui.text import _, amount, quantity

DAYS = (90, 180, 365)
PAGE = 50


def show_stock(principal: Principal, today: date) -> None:
    """Everything of the tab."""
    with reading(principal) as session:
        frame = turnover_by_category(session, today)
    if frame.empty:
        st.info(_("There is nothing on stock. Count or import stock first."), icon=":material/inventory_2:")
        return
    whole = Turnover(sum(frame["stock"]), sum(frame["sold"]))
    with st.container(horizontal=True):
        metric(_("On stock, at list price"), amount(whole.stock))
        metric(_("Sold in 365 days, at list price"), amount(whole.sold))
        metric(_("Stock turns a year"), _times(whole.turns))
        metric(_("Stock lasts for days"), "–" if whole.days is None else quantity(whole.days))
    _show_turnover(principal, today, frame)
    _show_dead(principal, today)


def _show_turnover(principal: Principal, today: date, frame: pd.DataFrame) -> None:
    column = st.column_config
    shown = frame.assign(name=[name or _("No category") for name in frame["name"]])
    config = {
        "name": column.TextColumn(_("Category"), width="medium"), "stock": column.NumberColumn(_("On stock, lei")),
        "sold": column.NumberColumn(_("Sold in 365 days, lei")), "turns": column.NumberColumn(_("Turns a year")),
        "days": column.NumberColumn(_("Lasts for days")),
    }  # fmt: skip
    formats = {"stock": lei, "sold": lei, "turns": _times, "days": _days}
    chosen = show_table(shown, config, "stock-turnover", formats, about=_("Stock turnover by category"))
    if chosen is None:
        st.caption(_("Select a row to see what was sold of it."))
        return
    year = Period(today - timedelta(days=YEAR - 1), today)
    show_lines(principal, Slice(year, "category", frame.iloc[chosen]["name"]), shown.iloc[chosen]["name"],
               "stock-sold")  # fmt: skip


def _show_dead(principal: Principal, today: date) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        days: int = st.segmented_control(
            _("Dead stock: not sold for days"),
            list(DAYS),
            default=DAYS[1],
            required=True,
            key="stock-dead",
            persist_state="session",
        )
        export_button("dead", {"days": str(days)}, "stock")
    key = f"stock-dead-page {days}"
    with reading(principal) as session:
        found = dead_stock(session, today, days, PAGE, (st.session_state.get(key, 1) - 1) * PAGE)
    if not found.count:
        st.success(_("All that is on stock was sold in that time."), icon=":material/done_all:")
        return
    words = _("Products: {count} · worth {value} at list price, the dearest first")
    st.caption(words.format(count=quantity(found.count), value=amount(found.value)))
    _show_rows(found.rows)
    if found.count > PAGE:
        st.pagination(-(-found.count // PAGE), key=key)


def _show_rows(rows: list[DeadRow]) -> None:
    column = st.column_config
    frame = pd.DataFrame({
        "name": row.name, "value": row.value, "on_hand": row.on_hand, "unit": row.unit, "last_sold": row.last_sold,
        "sku": row.sku,
    } for row in rows)  # fmt: skip
    config = {
        "name": column.TextColumn(_("Product"), width="large", pinned=True),
        "value": column.NumberColumn(_("Value, lei")),
        "on_hand": column.NumberColumn(_("On stock")),
        "unit": column.TextColumn(_("Unit")),
        "last_sold": column.Column(_("Last sold")),
        "sku": column.TextColumn(_("SKU")),
    }
    formats = {"value": lei, "on_hand": quantity, "last_sold": day_or_dash}
    show_table(frame, config, "stock-rows", formats, about=_("Dead stock, the dearest first"), opens=False)


def _times(value: object) -> str:
    return "–" if value is None or pd.isna(value) else quantity(round(value, 1))  # type: ignore[call-overload]


def _days(value: object) -> str:
    return "–" if value is None or pd.isna(value) else quantity(int(value))  # type: ignore[call-overload]
