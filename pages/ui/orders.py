"""Lists of orders, as both sides of the portal see them; what one order's page shows is in order_*.py."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import pyarrow as pa
import streamlit as st

from core.i18n import N_
from core.orders.queries import PAGE_SIZE, OrderRow
from pages.ui.text import _, amount, language, moment

STATES = {
    "placed": N_("Waiting to be claimed"),
    "claimed": N_("Claimed"),
    "shipped": N_("Shipped"),
    "cancelled": N_("Cancelled"),
    "lapsed": N_("Lapsed"),
}
COLORS = {"placed": "orange", "claimed": "blue", "shipped": "green", "cancelled": "gray", "lapsed": "red"}
MARKS = {"waiting": N_("Backorder"), "proposal": N_("Proposal")}
MARK_COLORS = {"waiting": "yellow", "proposal": "violet"}
"""What is said of an order in lists besides its state: names of fields of OrderRow."""


def remaining(deadline: datetime | None, now: datetime) -> str:
    """How long an order may still wait, to the minute; a sentence where there is no such time."""
    if deadline is None:
        return _("no deadline")
    minutes = int((deadline - now).total_seconds() // 60)
    if minutes < 0:
        return _("time is over")
    if minutes >= 60:
        return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
    return _("{minutes} min").format(minutes=minutes)


def show_orders(rows: Sequence[OrderRow], key: str, with_partner: bool) -> None:
    """A table of orders; the address names the one that is chosen, and the page shows it."""
    columns = ["id", "placed_at", "partner", "state", "reference", "gross", "invoice"]
    if not any(row.reference for row in rows):
        columns.remove("reference")
    if not with_partner:
        columns.remove("partner")
    # As it is sent: by way of pandas it takes ten times as long.
    table = pa.table({name: [_cell(row, name) for row in rows] for name in columns})
    ids, opened = [row.id for row in rows], f"{key}_opened"
    # Other words need other widths, which the browser keeps; other rows must not take over a choice by number.
    key = f"{key} {language()} {hash(tuple(ids))}"
    st.dataframe(
        table,
        hide_index=True,
        row_height=40,
        height="content",
        # The number opens an order for the mouse, which a second click does not undo; the box does for the keyboard.
        on_select=partial(_choose, key, ids),
        selection_mode="single-row",
        key=key,
        column_config={
            "id": st.column_config.ButtonColumn(
                _("Order"), type="secondary", pinned=True, key=opened, on_click=_open, args=(opened, ids)
            ),
            **_columns(any(map(_marks, rows))),
        },
        alt=_("Orders, newest first"),
    )


def _choose(key: str, ids: list[int]) -> None:
    """A callback, so that the list is not drawn once more before the order is."""
    picked: list[int] = st.session_state[key]["selection"]["rows"]
    if picked and picked[0] < len(ids):
        st.query_params["order"] = str(ids[picked[0]])


def _open(key: str, ids: list[int]) -> None:
    """A callback: the page shows the order whose number was clicked."""
    clicked = st.session_state.get(key)
    if clicked is not None and 0 <= clicked["row"] < len(ids):
        st.query_params["order"] = str(ids[clicked["row"]])


def _cell(row: OrderRow, name: str) -> object:
    match name:
        case "placed_at":
            return moment(row.placed_at)
        case "state":
            return [_(STATES[row.status]), *(_(MARKS[mark]) for mark in _marks(row))]
        case "gross":
            return amount(row.gross)
        case "invoice":
            return row.invoice or ""
        case _:
            return getattr(row, name)


def _marks(row: OrderRow) -> list[str]:
    return [mark for mark in MARKS if getattr(row, mark)] if row.status in ("placed", "claimed") else []


def _columns(marked: bool) -> dict[str, object]:
    column = st.column_config
    words = [*(STATES[name] for name in COLORS), *(MARKS[name] for name in MARK_COLORS)]
    return {
        "placed_at": column.TextColumn(_("Placed")),
        "partner": column.TextColumn(_("Partner"), width="medium"),
        "state": column.MultiselectColumn(
            _("State"),
            width=235 if marked else None,
            options=[_(word) for word in words],
            color=[*COLORS.values(), *MARK_COLORS.values()],
        ),
        "reference": column.TextColumn(_("Own number"), help=_("The partner's own number for the order")),
        "gross": column.TextColumn(_("Total with VAT"), alignment="right"),
        "invoice": column.TextColumn(_("Invoice")),
    }


def show_pages(total: int, key: str) -> None:
    """The page numbers under a list, when it has more than one page."""
    st.caption(_("Orders found: {count}").format(count=total))
    if total > PAGE_SIZE:
        st.pagination(-(-total // PAGE_SIZE), key=key)
