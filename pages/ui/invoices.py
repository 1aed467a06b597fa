"""The distributor's list of all documents: search, kinds, states, a page of rows, one of which is opened."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from core import clock
from core.anaf.queries import Standing, in_anaf_state, is_used, standings
from core.anaf.wording import STATE_NAMES
from core.db import transaction
from core.documents.models import KIND_NAMES
from core.i18n import N_
from core.principal import Principal
from core.receivables.listing import PAGE_SIZE, DocumentRow, DocumentsPage, State, documents_page
from pages.ui.taking_out import take_out
from pages.ui.text import _, amount, language, time_zone

FILTERS: dict[State, str] = {
    "all": N_("All"),
    "unpaid": N_("Unpaid"),
    "overdue": N_("Overdue"),
    "paid": N_("Paid"),
}
STATES = {
    "paid": N_("Paid in full"), "unpaid": N_("Not due yet"), "overdue": N_("Overdue"), "annulled": N_("Annulled"),
    "issued": N_("Issued"),
}  # fmt: skip
BADGES = {"paid": "green", "unpaid": "blue", "overdue": "red", "annulled": "gray", "issued": "violet"}
DISPUTED = N_("Disputed")


def today() -> date:
    """The calendar day where the distributor is."""
    return clock.local_date(clock.now(), time_zone().key)


def show_documents(principal: Principal) -> int | None:
    """Search, filters, table and pages; returns the id of the document that was just chosen."""
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    hint = _("Number, order, partner or tax number")
    text = left.text_input(_("Search"), placeholder=hint, key="document_search", icon=":material/search:")
    with right.container(horizontal=True, vertical_alignment="bottom"):
        state = st.segmented_control(
            _("Show"), list(FILTERS), default="all", required=True, format_func=lambda name: _(FILTERS[name]),
            key="document_state",
        )  # fmt: skip
    kinds = st.pills(
        _("Kinds"), list(KIND_NAMES), format_func=lambda name: _(KIND_NAMES[name]), selection_mode="multi",
        key="document_kinds", label_visibility="collapsed",
    )  # fmt: skip
    anaf = _choose_anaf(principal)
    found = _load(principal, text, state, kinds, anaf)
    if not found.rows:
        if text or kinds or state != "all" or anaf:
            st.info(_("No document matches. Clear the search or choose All."), icon=":material/search_off:")
        else:
            words = _("No documents yet. Invoices are issued from a claimed order, or with “New document”.")
            st.info(words, icon=":material/receipt_long:")
        return None
    st.caption(_("Choose a row to open the document."))
    with transaction(principal) as session:
        at_anaf = standings(session, [row.id for row in found.rows], clock.now())
    chosen = _show_table(found.rows, at_anaf)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_("Documents found: {count}").format(count=found.total), width="content")
        take_out(principal, "documents", words=text, kind=kinds, state=state if state != "all" else None, anaf=anaf)
    if found.total > PAGE_SIZE:
        st.pagination(-(-found.total // PAGE_SIZE), key=_page_key(text, state, kinds, anaf))
    return chosen


def _choose_anaf(principal: Principal) -> str | None:
    """How the documents to be shown stand with ANAF; None: however. Not asked where nothing goes there."""
    with transaction(principal) as session:
        if not is_used(session):
            return None
    chosen: str | None = st.selectbox(
        _("e-Factura"), list(STATE_NAMES), index=None, format_func=lambda name: _(STATE_NAMES[name]),
        placeholder=_("All"), key="document_anaf", width=320,
    )  # fmt: skip
    return chosen


def _page_key(text: str, state: State, kinds: Sequence[str], anaf: str | None) -> str:
    """Another search or filter starts on its first page."""
    return f"documents_page {state} {','.join(kinds)} {anaf or ''} {text}"


def _load(principal: Principal, text: str, state: State, kinds: Sequence[str], anaf: str | None) -> DocumentsPage:
    key = _page_key(text, state, kinds, anaf)
    page = st.session_state.get(key, 1)
    also = [in_anaf_state(anaf)] if anaf else []
    with transaction(principal) as session:
        found = documents_page(session, today(), text, state, page=page, kinds=kinds, also=also)
        if found.rows or page == 1:
            return found
        # The list has become shorter since the page was chosen: invoices were paid.
        del st.session_state[key]
        return documents_page(session, today(), text, state, kinds=kinds, also=also)


def _show_table(rows: Sequence[DocumentRow], at_anaf: Mapping[int, Standing]) -> int | None:
    chosen = st.dataframe(
        _frame(rows, at_anaf),
        hide_index=True,
        row_height=40,
        height="content" if len(rows) <= 12 else 12 * 40 + 40,
        on_select="rerun",
        selection_mode="single-row",
        # Other words need other widths, which the browser keeps; other rows must not take over a choice by number.
        key=f"documents {language()} {hash(tuple(row.id for row in rows))}",
        column_config=_column_config(),
        alt=_("Documents, newest first"),
        placeholder="",
    )
    picked: list[int] = chosen["selection"]["rows"]
    return rows[picked[0]].id if picked else None


def _frame(rows: Sequence[DocumentRow], at_anaf: Mapping[int, Standing]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "number": row.number,
            "kind": _(KIND_NAMES[row.kind]),
            "partner": row.partner_name,
            "state": [_(STATES[row.state]), *([_(DISPUTED)] if row.disputed else [])],
            **(_at_anaf(at_anaf.get(row.id)) if at_anaf else {}),
            "issued_on": row.issued_on,
            "due_on": row.due_on if row.is_debt or row.kind == "proforma" else None,
            "gross": amount(row.gross, row.currency),
            "open": amount(row.open) if row.is_debt else "",
            "late": row.overdue_days or None,
            "order": row.order_id,
            "pdf": f"/documents/{row.id}.pdf" if row.has_pdf else None,
        }
        for row in rows
    )


def _at_anaf(standing: Standing | None) -> dict[str, object]:
    """How it stands, and how many working days are left where ANAF must still accept it."""
    if standing is None:
        return {"anaf": "", "anaf_left": None}
    return {"anaf": _(STATE_NAMES[standing.state]), "anaf_left": standing.days_left if standing.is_open else None}


def _column_config() -> dict[str, object]:
    column = st.column_config
    options = [*(_(STATES[name]) for name in BADGES), _(DISPUTED)]
    return {
        "number": column.TextColumn(_("Number"), pinned=True),
        "kind": column.TextColumn(_("Kind")),
        "partner": column.TextColumn(_("Partner"), width="medium"),
        "state": column.MultiselectColumn(_("State"), options=options, color=[*BADGES.values(), "orange"]),
        "anaf": column.TextColumn(_("e-Factura")),
        "anaf_left": column.NumberColumn(
            _("Days for ANAF"), format="%d", help=_("Working days left to be in time at ANAF; -1: it is late")
        ),
        "issued_on": column.DateColumn(_("Issued on"), format="DD.MM.YYYY"),
        "due_on": column.DateColumn(_("Due on"), format="DD.MM.YYYY"),
        "gross": column.Column(_("Total"), alignment="right"),
        "open": column.Column(_("Still open"), alignment="right"),
        "late": column.NumberColumn(_("Days late"), format="%d", help=_("Days since the due date")),
        "order": column.NumberColumn(_("Order"), format="%d"),
        "pdf": column.LinkColumn(_("PDF"), display_text=_("PDF"), width=50, help=_("Opens in a new tab")),
    }
