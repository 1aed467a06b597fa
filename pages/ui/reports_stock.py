"""Stock against what is sold: how fast it turns, and what lies dead."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.db import reading
from core.i18n import N_
from core.principal import Principal
from core.reports.periods import Period
from core.reports.rows import Slice
from core.reports.stock import YEAR, DeadRow, dead_stock, turnover_by_category, turnover_of_products, whole
from pages.ui.frame import plain
from pages.ui.reports_movements import show_product
from pages.ui.reports_rows import export_button, show_lines, turn_pages
from pages.ui.reports_words import day_or_dash, lei, metric, show_table
from pages.ui.text import _, amount, quantity

DAYS = (90, 180, 365)
PAGE = 50
PARTS = {"products": N_("Products"), "lines": N_("Order lines")}


def _times(value: object) -> str:
    return "–" if value is None or pd.isna(value) else quantity(round(value, 1))  # type: ignore[call-overload]


def _days(value: object) -> str:
    return "–" if value is None or pd.isna(value) else quantity(int(value))  # type: ignore[call-overload]


FORMATS = {"stock": lei, "average": lei, "sold": lei, "turns": _times, "days": _days}


def show_stock(principal: Principal, today: date) -> None:
    """Everything of the tab."""
    with reading(principal) as session:
        frame = turnover_by_category(session, today)
    if frame.empty:
        st.info(_("There is nothing on stock. Count or import stock first."), icon=":material/inventory_2:")
        return
    sums = whole(frame)
    with st.container(horizontal=True):
        metric(_("On stock, at list price"), amount(sums.stock))
        metric(_("Average stock"), amount(sums.average), hint=_(
            "At list price: the mean of what was there when each month of the last 365 days began, and of today."
        ))  # fmt: skip
        metric(_("Sold in 365 days, at list price"), amount(sums.sold))
        metric(_("Stock turns a year"), _times(sums.turns))
        metric(_("Days in stock"), "–" if sums.days is None else quantity(sums.days))
    _show_turnover(principal, today, frame)
    _show_dead(principal, today)


def _show_turnover(principal: Principal, today: date, frame: pd.DataFrame) -> None:
    shown = frame.assign(name=[name or _("No category") for name in frame["name"]])
    config = {"name": st.column_config.TextColumn(_("Category"), width="medium"), **_turnover_columns()}
    chosen = show_table(shown, config, "stock-turnover", FORMATS, about=_("Stock turnover by category"))
    if chosen is None:
        st.caption(_("Select a row to see its products, and what was sold of it."))
        return
    category, name = str(frame.iloc[chosen]["name"]), str(shown.iloc[chosen]["name"])
    what = st.segmented_control(
        plain(name), list(PARTS), default="products", required=True, format_func=lambda each: _(PARTS[each]),
        key="stock-part", persist_state="session",
    )  # fmt: skip
    if what == "lines":
        year = Period(today - timedelta(days=YEAR - 1), today)
        show_lines(principal, Slice(year, "category", category), name, "stock-sold")
    else:
        _show_products(principal, today, category)


def _turnover_columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "stock": column.NumberColumn(_("On stock, lei")), "average": column.NumberColumn(_("Average stock, lei")),
        "sold": column.NumberColumn(_("Sold in 365 days, lei")), "turns": column.NumberColumn(_("Turns a year")),
        "days": column.NumberColumn(_("Days in stock")),
    }  # fmt: skip


def _show_products(principal: Principal, today: date, category: str) -> None:
    """The products that the turnover of a category is made of, and of the chosen one all that came and left."""
    key = f"stock-products-page {category}"
    page = st.session_state.get(key, 1)
    with reading(principal) as session:
        found = turnover_of_products(session, today, category, PAGE + 1, (page - 1) * PAGE)
    rows = found[:PAGE]
    frame = pd.DataFrame({
        "name": row.name, "stock": row.stock, "average": row.average, "sold": row.sold, "turns": row.turns,
        "days": row.days, "sku": row.sku,
    } for row in rows)  # fmt: skip
    config = {
        "name": st.column_config.TextColumn(_("Product"), width="medium", pinned=True), **_turnover_columns(),
        "sku": st.column_config.TextColumn(_("SKU")),
    }  # fmt: skip
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            title = _("What the turnover is made of")
            st.markdown(f"**{title}**")
            export_button("turnover", {"category": category}, "stock-products")
        chosen = show_table(frame, config, "stock-products", FORMATS, about=_("Products, most average stock first"))
        turn_pages(key, page, "stock-products", more=len(found) > PAGE)
        if chosen is None:
            st.caption(_("Select a row to see what came and left."))
            return
        show_product(principal, rows[chosen].product_id, rows[chosen].name, today, "stock-product")


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
    chosen = _show_rows(found.rows)
    if found.count > PAGE:
        st.pagination(-(-found.count // PAGE), key=key)
    if chosen is None:
        st.caption(_("Select a row to see what came and left."))
    else:
        show_product(principal, chosen.product_id, chosen.name, today, "stock-dead")


def _show_rows(rows: list[DeadRow]) -> DeadRow | None:
    column = st.column_config
    frame = pd.DataFrame({
        "name": row.name, "value": row.value, "on_hand": row.on_hand, "unit": row.unit, "last_sold": row.last_sold,
        "sku": row.sku,
    } for row in rows)  # fmt: skip
    config = {
        "name": column.TextColumn(_("Product"), width="medium", pinned=True),
        "value": column.NumberColumn(_("Value, lei")),
        "on_hand": column.NumberColumn(_("On stock")),
        "unit": column.TextColumn(_("Unit")),
        "last_sold": column.Column(_("Last sold")),
        "sku": column.TextColumn(_("SKU")),
    }
    formats = {"value": lei, "on_hand": quantity, "last_sold": day_or_dash}
    chosen = show_table(frame, config, "stock-rows", formats, about=_("Dead stock, the dearest first"))
    return None if chosen is None else rows[chosen]
