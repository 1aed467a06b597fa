"""The partner's documents: filters, a table whose rows open, and several of them as one file."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa
import streamlit as st

from core.db import transaction
from core.documents.models import OPENING
from core.i18n import N_
from core.principal import Principal
from core.receivables.listing import PAGE_SIZE, DocumentRow, DocumentsPage, State, documents_page
from pages.ui.invoices import today
from pages.ui.taking_out import take_out
from pages.ui.text import _, amount, language

KINDS = {
    "invoice": N_("Invoices"), "proforma": N_("Proformas"), "storno": N_("Stornos"), "receipt": N_("Receipts"),
    "delivery_note": N_("Delivery notes"), OPENING: N_("From the previous program"),
}  # fmt: skip
ONE = {
    "invoice": N_("Invoice"), "proforma": N_("Proforma"), "storno": N_("Storno"), "receipt": N_("Receipt"),
    "delivery_note": N_("Delivery note"), OPENING: N_("Document from the previous program"),
}  # fmt: skip
SHOWN: dict[State, str] = {"all": N_("All"), "unpaid": N_("Unpaid"), "overdue": N_("Overdue"), "paid": N_("Paid")}
STATES = {
    "overdue": N_("Overdue"), "unpaid": N_("Not due yet"), "paid": N_("Paid in full"), "annulled": N_("Annulled"),
    "issued": N_("Issued"),
}  # fmt: skip
COLOURS = {"overdue": "red", "unpaid": "blue", "paid": "green", "annulled": "gray", "issued": "violet"}
ROW, MONEY = 40, 115
"""Height of a row, and width of a column of amounts, whose first rows may be empty; in pixels."""


class Filters(NamedTuple):
    """What is chosen above the table."""

    text: str
    kinds: tuple[str, ...]
    state: State
    since: date | None
    until: date | None


def show_documents(principal: Principal) -> None:
    """Everything under the tab: what is found, or what to do where nothing is."""
    filters = _filters()
    found = _load(principal, filters)
    if not found.rows:
        _show_nothing(filters)
        return
    st.caption(_("Click a number to open the document. Tick several to download them together."))
    chosen = _show_table(found.rows)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_("Documents found: {count}").format(count=found.total), width="content")
        take_out(
            principal, "documents", words=filters.text, kind=filters.kinds, since=filters.since, until=filters.until,
            state=filters.state if filters.state != "all" else None,
        )  # fmt: skip
    if found.total > PAGE_SIZE:
        st.pagination(-(-found.total // PAGE_SIZE), key=_page_key(filters), persist_state="page")
    if chosen:
        _offer_zip(chosen)


def _filters() -> Filters:
    with st.container(key="my_filters"):
        text, since, until = st.columns([2, 1, 1], vertical_alignment="bottom")
    words = text.text_input(_("Search"), placeholder=_("Document or order number"), icon=":material/search:",
                            key="my_search", persist_state="page")  # fmt: skip
    first = since.date_input(_("Issued from"), None, max_value=today(), format="DD.MM.YYYY", key="my_since",
                             persist_state="page")  # fmt: skip
    last = until.date_input(_("Issued until"), None, max_value=today(), format="DD.MM.YYYY", key="my_until",
                            persist_state="page")  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = st.segmented_control(_("Invoices by state"), list(SHOWN), default="all", required=True,
                                     format_func=lambda name: _(SHOWN[name]), key="my_state",
                                     persist_state="page")  # fmt: skip
        kinds = st.pills(_("Kind"), list(KINDS), selection_mode="multi", format_func=lambda name: _(KINDS[name]),
                         key="my_kinds", persist_state="page", wrap=True)  # fmt: skip
    return Filters(words or "", tuple(kinds or ()), state or "all", first, last)  # type: ignore[arg-type]


def _page_key(filters: Filters) -> str:
    """Other filters start on their first page."""
    return f"my_documents_page {filters}"


def _load(principal: Principal, filters: Filters) -> DocumentsPage:
    key = _page_key(filters)
    period = (filters.since, filters.until)
    with transaction(principal) as session:
        for page in (st.session_state.get(key, 1), 1):  # the list may have become shorter since the page was chosen
            found = documents_page(
                session, today(), filters.text, filters.state, page=page, kinds=filters.kinds, period=period
            )
            if found.rows or page == 1:
                return found
            st.session_state.pop(key, None)
    return found


def _show_nothing(filters: Filters) -> None:
    if filters == Filters("", (), "all", None, None):
        words = _("There are no documents yet. Once the distributor has issued one for your order, it is here.")
        st.info(words, icon=":material/receipt_long:")
    elif filters.state == "overdue" and not (filters.text or filters.kinds or filters.since or filters.until):
        st.success(_("Nothing is overdue."), icon=":material/check_circle:")
    elif filters.state != "all" and filters.kinds and not {"invoice", OPENING} & set(filters.kinds):
        words = _("Only invoices are paid or unpaid. Choose All, or take the other kinds out.")
        st.info(words, icon=":material/search_off:")
    else:
        words = _("No document matches. Clear the search and the period, or choose All.")
        st.info(words, icon=":material/search_off:")


def _show_table(rows: Sequence[DocumentRow]) -> list[DocumentRow]:
    """Returns the rows that are ticked."""
    # Other words need other widths, which the browser keeps; other rows must not take over a choice by number.
    key = f"my_documents {language()} {hash(tuple(row.id for row in rows))}"
    picked = st.dataframe(
        pa.Table.from_pylist([_cells(row) for row in rows]),  # as it is sent: pandas would take ten times as long
        hide_index=True,
        row_height=ROW,
        height="content" if len(rows) <= 12 else 12 * ROW + ROW,
        on_select="rerun",
        selection_mode="multi-row",
        key=key,
        column_config=_columns([row.id for row in rows]),
        alt=_("Documents, newest first"),
        placeholder="",
    )
    return [rows[at] for at in picked["selection"]["rows"] if at < len(rows)]


def _cells(row: DocumentRow) -> dict[str, object]:
    return {
        "number": row.number,
        "state": [] if row.state == "issued" else [_(STATES[row.state])],
        "open": amount(row.open) if row.owed and row.open else "",
        "pdf": f"/documents/{row.id}.pdf" if row.has_pdf else None,
        "kind": _(ONE[row.kind]),
        "issued_on": row.issued_on,
        "due_on": row.due_on if row.owed else None,
        "gross": amount(row.gross, row.currency) if row.gross else "",
        "late": row.overdue_days or None,
        "order": row.order_id,
    }


def _columns(ids: list[int]) -> dict[str, object]:
    column = st.column_config
    opened = "my_document_opened"
    return {
        "number": column.ButtonColumn(_("Number"), type="secondary", alignment="left", pinned=True, key=opened,
                                      on_click=_open, args=(opened, ids)),
        "pdf": column.LinkColumn(_("PDF"), display_text=_("PDF"), help=_("Opens in a new tab"), width=60),
        "state": column.MultiselectColumn(
            _("State"), options=[_(STATES[name]) for name in COLOURS], color=list(COLOURS.values())
        ),
        "kind": column.TextColumn(_("Kind")),
        "issued_on": column.DateColumn(_("Issued on"), format="DD.MM.YYYY"),
        "due_on": column.DateColumn(_("Due on"), format="DD.MM.YYYY"),
        "gross": column.TextColumn(_("Total"), alignment="right", width=MONEY),
        "open": column.TextColumn(_("Still open"), alignment="right", width=MONEY),
        "late": column.NumberColumn(_("Days late"), format="%d", help=_("Days since the due date")),
        "order": column.NumberColumn(_("Order"), format="%d"),
    }  # fmt: skip


def _open(key: str, ids: list[int]) -> None:
    """A callback: the page shows the document whose number was clicked."""
    clicked = st.session_state.get(key)
    if clicked is not None and 0 <= clicked["row"] < len(ids):
        st.query_params["document"] = str(ids[clicked["row"]])


def _offer_zip(chosen: Sequence[DocumentRow]) -> None:
    """The documents that are ticked, as one file, and what is open on them together."""
    still_open = sum((row.open for row in chosen), Decimal(0))
    words = _("Documents chosen: {count}").format(count=len(chosen))
    if still_open:
        words += " · " + _("open on them: {amount}").format(amount=amount(still_open))
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="my_documents_chosen"):
        st.markdown(words, width="stretch")
        ids = [str(row.id) for row in chosen if row.has_pdf]
        if len(ids) < len(chosen):
            st.caption(_("Documents from the previous program have no PDF here."))
        if ids:
            address = "/documents.zip?ids=" + ",".join(ids)
            st.link_button(_("Download as ZIP"), address, icon=":material/folder_zip:", type="primary")
