"""What came and left of a product, or was ordered of it: the rows behind the figures of its stock."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from core.db import reading
from core.i18n import N_
from core.principal import Principal
from core.reports.movements import KINDS, Movement, movements
from core.reports.periods import Period
from core.reports.rows import Slice
from pages.ui.frame import plain
from pages.ui.reports_rows import export_button, show_lines, turn_pages
from pages.ui.reports_words import show_table
from pages.ui.text import _, day, quantity

PAGE = 50
EVER = timedelta(days=3650)
PARTS = {"movements": N_("Stock movements"), "lines": N_("Order lines")}


def show_product(principal: Principal, product_id: int, name: str, today: date, key: str) -> None:
    """The movements of a product's stock, or its order lines of ten years, each with a file of all of them."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        part = st.segmented_control(
            plain(name), list(PARTS), default="movements", required=True, format_func=lambda each: _(PARTS[each]),
            key=f"{key}-part", persist_state="session",
        )  # fmt: skip
        if part == "movements":
            export_button("movements", {"product": str(product_id)}, f"{key}-movements")
    if part == "lines":
        show_lines(principal, Slice(Period(today - EVER, today), "product", str(product_id)), name, f"{key}-lines")
        return
    page_key = f"{key}-movements-page {product_id}"
    page = st.session_state.get(page_key, 1)
    with reading(principal) as session:
        rows = movements(session, product_id, PAGE + 1, (page - 1) * PAGE)
    if not rows:
        st.info(_("Nothing ever came or left."), icon=":material/inbox:")
        return
    _show_movements(rows[:PAGE], f"{key}-movements")
    turn_pages(page_key, page, f"{key}-movements", more=len(rows) > PAGE)


def _show_movements(rows: list[Movement], key: str) -> None:
    column = st.column_config
    frame = pd.DataFrame({
        "day": row.day, "kind": _(KINDS[row.kind]), "quantity": row.quantity, "balance": row.balance, "unit": row.unit,
        "order_id": row.order_id, "partner": row.partner,
    } for row in rows).astype({"order_id": "Int64"})  # fmt: skip
    config = {
        "day": column.Column(_("Date"), pinned=True),
        "kind": column.TextColumn(_("Kind")),
        "quantity": column.NumberColumn(_("Quantity")),
        "balance": column.NumberColumn(_("On stock")),
        "unit": column.TextColumn(_("Unit")),
        "order_id": column.NumberColumn(_("Order"), format="%d"),
        "partner": column.TextColumn(_("Partner"), width="medium"),
    }
    formats = {"day": day, "quantity": quantity, "balance": quantity}
    chosen = show_table(frame, config, key, formats, about=_("Stock movements, newest first"))
    st.caption(_("Select a row to open its order."))
    if chosen is not None and rows[chosen].order_id is not None:
        st.switch_page("pages/staff/orders.py", query_params={"order": str(rows[chosen].order_id)})
