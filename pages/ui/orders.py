"""Orders as both sides of the portal see them: lists, one order whole, its history."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from core.i18n import N_
from core.orders.queries import PAGE_SIZE, LineRow, OrderDetail, OrderRow, TimelineEntry
from pages.ui.frame import plain
from pages.ui.text import _, amount, language, moment, price, quantity

STATES = {
    "placed": N_("Waiting to be claimed"),
    "claimed": N_("Claimed"),
    "shipped": N_("Shipped"),
    "cancelled": N_("Cancelled"),
    "lapsed": N_("Lapsed"),
}
COLORS = {"placed": "orange", "claimed": "blue", "shipped": "green", "cancelled": "gray", "lapsed": "red"}
HISTORY = {
    "order_placed": N_("Order placed, stock held"),
    "order_claimed": N_("Order claimed"),
    "order_shipped": N_("Goods shipped"),
    "order_cancelled": N_("Order cancelled, goods back in stock"),
    "order_lapsed": N_("Nobody claimed it in time: lapsed, goods back in stock"),
    "invoice_issued": N_("Invoice issued"),
    "payment_recorded": N_("Payment recorded"),
}


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


def show_orders(rows: Sequence[OrderRow], key: str, with_partner: bool) -> int | None:
    """A table of orders; returns the id of the one that was just chosen."""
    columns = ["id", "placed_at", "partner", "state", "lines", "net", "gross", "invoice"]
    if not with_partner:
        columns.remove("partner")
    frame = pd.DataFrame({name: [_cell(row, name) for row in rows] for name in columns})
    chosen = st.dataframe(
        frame,
        hide_index=True,
        row_height=40,
        height="content",
        on_select="rerun",
        selection_mode="single-row",
        # Other words need other widths, which the browser keeps; other rows must not take over a choice by number.
        key=f"{key} {language()} {hash(tuple(row.id for row in rows))}",
        column_config=_columns(),
        alt=_("Orders, newest first"),
    )
    picked: list[int] = chosen["selection"]["rows"]
    return rows[picked[0]].id if picked else None


def _cell(row: OrderRow, name: str) -> object:
    match name:
        case "placed_at":
            return moment(row.placed_at)
        case "state":
            return [_(STATES[row.status])]
        case "net" | "gross":
            return amount(getattr(row, name))
        case "invoice":
            return row.invoice or ""
        case _:
            return getattr(row, name)


def _columns() -> dict[str, object]:
    column = st.column_config
    return {
        "id": column.NumberColumn(_("Order"), format="%d", pinned=True),
        "placed_at": column.TextColumn(_("Placed")),
        "partner": column.TextColumn(_("Partner"), width="medium"),
        "state": column.MultiselectColumn(
            _("State"), options=[_(STATES[name]) for name in COLORS], color=list(COLORS.values())
        ),
        "lines": column.NumberColumn(_("Lines"), format="%d"),
        "net": column.TextColumn(_("Net"), alignment="right"),
        "gross": column.TextColumn(_("Total with VAT"), alignment="right"),
        "invoice": column.TextColumn(_("Invoice")),
    }


def show_pages(total: int, key: str) -> None:
    """The page numbers under a list, when it has more than one page."""
    st.caption(_("Orders found: {count}").format(count=total))
    if total > PAGE_SIZE:
        st.pagination(-(-total // PAGE_SIZE), key=key)


def show_order(detail: OrderDetail, now: datetime) -> None:
    """State, totals, lines and history of one order."""
    order = detail.order
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(_("Order {number}").format(number=order.id), anchor=False, width="content")
        st.badge(_(STATES[order.status]), color=COLORS[order.status])  # type: ignore[arg-type]
    placed = _("Placed on {moment} by {name}, {partner}").format(
        moment=moment(order.placed_at), name=plain(order.ordered_by), partner=plain(order.partner)
    )
    approved = _("Approved by {name}").format(name=plain(order.approved_by)) if order.approved_by else ""
    st.caption(" · ".join(filter(None, [placed, approved])))
    _show_state(order, now)
    if order.note:
        st.info(plain(order.note), icon=":material/sticky_note_2:")
    _show_lines(detail.lines)
    net, vat, gross = st.columns(3)
    net.metric(_("Net"), amount(order.net), border=True)
    vat.metric(_("VAT"), amount(order.vat), border=True)
    gross.metric(_("Total with VAT"), amount(order.gross), border=True)
    _show_history(detail)


def _show_state(order: OrderRow, now: datetime) -> None:
    if order.status == "placed" and order.claim_deadline:
        text = _("The goods are held. If nobody claims the order until {moment}, it lapses and they go back to stock.")
        left = _("Time left: {time}").format(time=remaining(order.claim_deadline, now))
        st.warning(f"{text.format(moment=moment(order.claim_deadline))} **{left}**", icon=":material/timer:")
    if order.claimed_by and order.claimed_at:
        text = _("Claimed by {name} on {moment}")
        st.caption(text.format(name=plain(order.claimed_by), moment=moment(order.claimed_at)))
    if order.end_reason:
        st.error(_("Reason: {reason}").format(reason=plain(order.end_reason)), icon=":material/cancel:")


def _show_lines(lines: Sequence[LineRow]) -> None:
    frame = pd.DataFrame(
        {
            "sku": line.sku,
            "name": line.name,
            "quantity": f"{quantity(line.quantity)} {line.unit}",
            "list_price": price(line.list_price),
            "unit_price": price(line.unit_price),
            "vat": f"{quantity(line.vat_rate)} %",
            "net": amount(line.net),
        }
        for line in lines
    )
    column = st.column_config
    st.dataframe(
        frame,
        hide_index=True,
        row_height=38,
        height="content",
        column_config={
            "sku": column.TextColumn(_("SKU")),
            "name": column.TextColumn(_("Product"), width="large"),
            "quantity": column.TextColumn(_("Quantity"), alignment="right"),
            "list_price": column.TextColumn(_("List price"), alignment="right"),
            "unit_price": column.TextColumn(_("Price"), alignment="right"),
            "vat": column.TextColumn(_("VAT"), alignment="right"),
            "net": column.TextColumn(_("Net"), alignment="right"),
        },
        alt=_("Lines of the order"),
    )


def _show_history(detail: OrderDetail) -> None:
    with st.expander(_("History"), icon=":material/history:"):
        for entry in detail.timeline:
            who = f", {plain(entry.by)}" if entry.by else ""
            st.markdown(f"**{moment(entry.at)}**{who}  \n{_what_happened(detail.order, entry)}")


def _what_happened(order: OrderRow, entry: TimelineEntry) -> str:
    if entry.kind == "order_placed" and order.approved_by:
        words = _("Approved and placed in the name of {name}, stock held")
        return words.format(name=plain(order.ordered_by))
    return _(HISTORY.get(entry.kind, entry.kind))
