"""The list of invoices as both sides of the portal see it: totals, filters, a page of rows."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from core import clock
from core.db import transaction
from core.i18n import N_
from core.principal import Principal
from core.receivables.balances import Balance
from core.receivables.listing import PAGE_SIZE, DocumentRow, DocumentsPage, State, documents_page
from pages.ui.text import _, amount, language, time_zone

FILTERS: dict[State, str] = {
    "all": N_("All"),
    "unpaid": N_("Unpaid"),
    "overdue": N_("Overdue"),
    "paid": N_("Paid"),
}
STATES = {"paid": N_("Paid in full"), "unpaid": N_("Not due yet"), "overdue": N_("Overdue")}
BADGES = {"paid": "green", "unpaid": "blue", "overdue": "red"}


def today() -> date:
    """The calendar day where the distributor is."""
    return clock.local_date(clock.now(), time_zone().key)


def show_totals(sums: Balance) -> None:
    """What was invoiced this year, what is open, and what of it is late."""
    # As wide as the sums need and on lines of their own on a phone: columns would cut large sums off.
    with st.container(horizontal=True):
        st.metric(_("Invoiced this year"), amount(sums.this_year), border=True, width="content")
        st.metric(_("Unpaid total"), amount(sums.unpaid), border=True, width="content")
        st.metric(_("Overdue total"), amount(sums.overdue), border=True, width="content")


def show_invoices(principal: Principal, search_hint: str, with_partner: bool = False) -> Sequence[DocumentRow]:
    """Search, filter, table and pages; returns the rows that are shown."""
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    text = left.text_input(_("Search"), placeholder=search_hint, key="invoice_search", icon=":material/search:")
    state = right.segmented_control(
        _("Show"),
        list(FILTERS),
        default="all",
        required=True,
        format_func=lambda name: _(FILTERS[name]),
        key="invoice_state",
    )
    found = _load(principal, text, state)
    if not found.rows:
        st.info(_("No invoice matches. Clear the search or choose All."), icon=":material/search_off:")
        return []
    _show_table(found.rows, with_partner)
    st.caption(_("Invoices found: {count}").format(count=found.total))
    if found.total > PAGE_SIZE:
        st.pagination(-(-found.total // PAGE_SIZE), key=_page_key(text, state))
    return found.rows


def _page_key(text: str, state: State) -> str:
    """Another search or filter starts on its first page."""
    return f"invoice_page {state} {text}"


def _load(principal: Principal, text: str, state: State) -> DocumentsPage:
    key = _page_key(text, state)
    page = st.session_state.get(key, 1)
    with transaction(principal) as session:
        found = documents_page(session, today(), text, state, page=page)
        if found.rows or page == 1:
            return found
        # The list has become shorter since the page was chosen: invoices were paid.
        del st.session_state[key]
        return documents_page(session, today(), text, state)


def _show_table(rows: Sequence[DocumentRow], with_partner: bool) -> None:
    money = {name: lambda value: amount(value) for name in ("gross", "paid", "open")}
    columns = ["number", "pdf", "partner", "state", "issued_on", "due_on", "gross", "paid", "open", "late", "order"]
    if not with_partner:
        columns.remove("partner")
    st.dataframe(
        _frame(rows)[columns].style.format(money),
        hide_index=True,
        row_height=40,
        height="content" if len(rows) <= 12 else 12 * 40 + 40,
        key=f"invoices {language()}",  # the browser keeps the widths of the columns: other words need others
        column_config=_column_config(),
        alt=_("Invoices, newest first"),
        placeholder="",
    )


def _frame(rows: Sequence[DocumentRow]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "number": row.number,
            "partner": row.partner_name,
            "order": row.order_id,
            "issued_on": row.issued_on,
            "due_on": row.due_on,
            "gross": row.gross,
            "paid": row.paid,
            "open": row.open,
            "state": [_(STATES[row.state])],
            "late": row.overdue_days or None,
            "pdf": f"/documents/{row.id}.pdf",
        }
        for row in rows
    )


def _column_config() -> dict[str, object]:
    column = st.column_config
    return {
        "number": column.TextColumn(_("Number"), pinned=True),
        "partner": column.TextColumn(_("Partner"), width="medium"),
        "order": column.NumberColumn(_("Order"), format="%d"),
        "issued_on": column.DateColumn(_("Issued on"), format="DD.MM.YYYY"),
        "due_on": column.DateColumn(_("Due on"), format="DD.MM.YYYY"),
        "gross": column.Column(_("Total"), alignment="right"),
        "paid": column.Column(_("Paid so far"), alignment="right"),
        "open": column.Column(_("Still open"), alignment="right"),
        "state": column.MultiselectColumn(
            _("State"), options=[_(STATES[name]) for name in BADGES], color=list(BADGES.values())
        ),
        "late": column.NumberColumn(_("Days late"), format="%d", help=_("Days since the due date")),
        "pdf": column.LinkColumn(_("PDF"), display_text=_("Open"), help=_("Opens in a new tab")),
    }
