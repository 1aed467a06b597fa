"""The rows that a figure is made of: a page of them, and the way to all of them as a file."""

from collections.abc import Mapping
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core.db import reading
from core.exports.report import What
from core.principal import Principal
from core.reports.rows import MOST_EXPORTED, PAGE_SIZE, Slice, SoldRow, slice_totals, sold_rows
from pages.ui.frame import plain
from pages.ui.reports_words import days_of, lei, show_table
from pages.ui.text import _, amount, day, price, quantity


def show_lines(principal: Principal, of: Slice, name: str, key: str, before: Slice | None = None) -> None:
    """The order lines of a figure that was chosen, with their sum, pages and a file of all of them; on request those of
    what it is compared with (`before`)."""
    if before is not None:
        both = {days_of(each.period): each for each in (of, before)}
        wanted = st.segmented_control(
            _("Order lines of"), list(both), default=days_of(of.period), required=True, key=f"{key}-when {of}"
        )
        of = both[wanted]
    page_key = f"{key}-page {of}"
    with reading(principal) as session:
        sums = slice_totals(session, of)
        found = sold_rows(session, of, st.session_state.get(page_key, 1))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            title = plain(name) + (" · " if name else "") + days_of(of.period)
            st.markdown(f"**{title}**  \n" + _("Order lines: {count} · net {net}").format(
                count=quantity(sums.lines), net=amount(sums.net)))  # fmt: skip
            if sums.lines:
                export_button("sales", _asked(of), key)
        if not found:
            st.info(_("No order lines here."), icon=":material/inbox:")
            return
        _show_rows(found, key)
        if sums.lines > PAGE_SIZE:
            st.pagination(-(-sums.lines // PAGE_SIZE), key=page_key)
        if sums.lines > MOST_EXPORTED:
            words = _("A file holds the newest {count} lines at most: choose a shorter period for the older ones.")
            st.caption(words.format(count=quantity(MOST_EXPORTED)))


def export_button(what: What, asked: Mapping[str, str], key: str) -> None:
    """The way to the file (CSV) with all rows of what is shown."""
    address = "/exports/report.csv?" + urlencode({"what": what, **asked})
    st.link_button(_("Export (CSV)"), address, icon=":material/download:", key=f"{key}-export")


def turn_pages(page_key: str, page: int, key: str, *, more: bool) -> None:
    """The ways to the pages before and after `page`, where there are any; `page_key` is where its number is kept."""
    if page == 1 and not more:
        return
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(_("Previous page"), icon=":material/chevron_left:", disabled=page == 1, on_click=_turn,
                  args=(page_key, page - 1), key=f"{key}-previous")  # fmt: skip
        st.button(_("Next page"), icon=":material/chevron_right:", icon_position="right", disabled=not more,
                  on_click=_turn, args=(page_key, page + 1), key=f"{key}-next")  # fmt: skip


def _turn(key: str, page: int) -> None:
    st.session_state[key] = page


def _asked(of: Slice) -> dict[str, str]:
    period = {"first": of.period.first.isoformat(), "last": of.period.last.isoformat()}
    return period | ({"by": of.by, "key": of.key} if of.by else {})


def _show_rows(rows: list[SoldRow], key: str) -> None:
    column = st.column_config
    frame = pd.DataFrame({
        "order_id": row.order_id, "day": row.day, "partner": row.partner, "name": row.name, "quantity": row.quantity,
        "unit": row.unit, "unit_price": row.unit_price, "net": row.net, "sku": row.sku,
    } for row in rows)  # fmt: skip
    config = {
        "order_id": column.NumberColumn(_("Order"), format="%d", pinned=True),
        "day": column.Column(_("Placed")),
        "partner": column.TextColumn(_("Partner"), width="medium"),
        "name": column.TextColumn(_("Product"), width="medium"),
        "quantity": column.NumberColumn(_("Quantity")),
        "unit": column.TextColumn(_("Unit")),
        "unit_price": column.NumberColumn(_("Unit price")),
        "net": column.NumberColumn(_("Net, lei")),
        "sku": column.TextColumn(_("SKU")),
    }
    chosen = show_table(
        frame, config, f"{key}-lines", {"day": day, "quantity": quantity, "unit_price": price, "net": lei},
        about=_("Order lines, newest first"),
    )  # fmt: skip
    if chosen is not None:
        st.switch_page("pages/staff/orders.py", query_params={"order": str(rows[chosen].order_id)})
    st.caption(_("Select a row to open its order."))
