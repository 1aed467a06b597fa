"""The partner's own price list: taken out as a file, and what has changed since it was taken out last."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from core import clock
from core.db import transaction
from core.exports.price_list import MOST_ON_PAPER, changes_since, query_of
from core.exports.taken import Change, when_taken
from core.i18n import N_
from core.orders.search_conditions import Filters
from core.principal import Principal
from pages.ui.guard import require
from pages.ui.text import _, moment, price, quantity

KINDS = {
    "dearer": (N_("Dearer"), ":material/trending_up:"),
    "cheaper": (N_("Cheaper"), ":material/trending_down:"),
    "new": (N_("New"), ":material/fiber_new:"),
    "gone": (N_("Gone"), ":material/do_not_disturb_on:"),
}
MOST_SHOWN = 1000
FILES = (("xlsx", "XLSX", "table_view"), ("csv", "CSV", "csv"), ("pdf", "PDF", "picture_as_pdf"))
WHAT = "price_list_what"


def show_price_list_export(filters: Filters) -> None:
    """The button above the catalogue; `filters` are those that are chosen there. Only for who sees prices."""
    box = st.popover(_("Price list"), icon=":material/download:", key="price_list", on_change="rerun")
    if box.open:
        with box:
            _show_choices(require("partner", "catalog.see"), filters)


def _show_choices(principal: Principal, filters: Filters) -> None:
    st.write(_("All products with your prices of today, as a file."))
    query = query_of(filters)
    if query:
        words = {"": _("All products"), query: _("Only what is found now")}
        query = st.radio(_("Which products"), list(words), format_func=words.get, key=f"{WHAT} {query}") or ""
    with st.container(horizontal=True):
        for form, name, icon in FILES:
            address = f"/exports/price-list.{form}" + (f"?{query}" if query else "")
            st.link_button(name, address, icon=f":material/{icon}:")
    words = _("PDF: up to {count} products. A long list takes up to a minute.")
    st.caption(words.format(count=quantity(MOST_ON_PAPER)))
    with transaction(principal) as session:
        last = when_taken(session, query, clock.now())
    if last:
        st.divider()
        st.caption(_("You took this list out last on {moment}.").format(moment=moment(last)))
        if st.button(_("What has changed since"), icon=":material/compare_arrows:", key="price_list_changes"):
            chosen = filters if query else Filters()
            st.dialog(_("What has changed in your prices"), width="large")(_show_changes)(chosen)


def _show_changes(filters: Filters) -> None:
    """A dialog. Looking takes no list out: the next look compares with the same one."""
    principal = require("partner", "catalog.see")
    with st.spinner(_("Comparing prices …")), transaction(principal) as session:
        found = changes_since(session, filters, clock.now())
    if found is None:
        return
    since, changes = found
    st.caption(_("Net prices of now beside those of {moment}.").format(moment=moment(since)))
    if not changes:
        st.success(_("Nothing has changed."), icon=":material/check_circle:")
        return
    counted = Counter(change.kind for change in changes)
    there = [kind for kind in KINDS if counted[kind]]
    labels = {kind: f"{KINDS[kind][1]} {_(KINDS[kind][0])}: {quantity(counted[kind])}" for kind in there}
    chosen = st.pills(_("Show only"), there, selection_mode="multi", format_func=labels.get, key="price_list_kinds",
                      label_visibility="collapsed")  # fmt: skip
    _show_table([change for change in changes if not chosen or change.kind in chosen])


def _show_table(changes: Sequence[Change]) -> None:
    rows = [
        {
            "what": _(KINDS[change.kind][0]),
            "sku": change.sku,
            "name": change.name,
            "old": "" if change.old is None else price(change.old),
            "new": "" if change.new is None else price(change.new),
            "percent": _signed(change),
        }
        for change in changes[:MOST_SHOWN]
    ]
    text = st.column_config.TextColumn
    config = {
        "what": text(_("What"), width=80),
        "sku": text(_("SKU"), width=110),
        "name": text(_("Name"), width=260),
        "old": text(_("Price before"), alignment="right"),
        "new": text(_("Price now"), alignment="right"),
        "percent": text(_("Change"), alignment="right", width=80),
    }
    st.dataframe(rows, column_config=config, hide_index=True, alt=_("Products whose price has changed"))
    if len(changes) > MOST_SHOWN:
        words = _("Shown are {shown} of {all}. All of them stand in the XLSX file, on the sheet “Changes”.")
        st.caption(words.format(shown=quantity(MOST_SHOWN), all=quantity(len(changes))))


def _signed(change: Change) -> str:
    """`+5,2 %`."""
    if change.percent is None:
        return ""
    share = round(change.percent, 1)
    return ("+" if share > 0 else "−" if share < 0 else "") + quantity(abs(share)) + "\N{NO-BREAK SPACE}%"
