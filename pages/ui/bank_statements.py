"""Bank statements: files are dropped here, what is certain is booked with one click, the rest is looked at."""

import pandas as pd
import streamlit as st

from core import clock
from core.banking.listing import StatementRow, counts, statements
from core.banking.proposing import Proposal, open_entries, propose
from core.db import transaction
from core.principal import Principal
from pages.ui.bank_columns import show_columns
from pages.ui.bank_list import show_entries
from pages.ui.bank_loading import offer_loading, show_loaded
from pages.ui.receivables_steps import show_outcome, shown
from pages.ui.text import _, amount, day, moment

SEEN_KEY = "bank_proposals"
SECONDS = 60
"""So long proposals are shown again as they were: nothing is booked otherwise than it was seen, whatever came since."""


def show_bank(principal: Principal) -> None:
    """Everything about what banks say came in."""
    show_outcome()
    offer_loading(principal)
    show_columns(principal)
    show_loaded()
    with transaction(principal) as session:
        found, last = counts(session), statements(session)
    if not last:
        st.info(
            _("No statement was loaded yet. Take one from your bank's program, as MT940, CAMT.053 or CSV."),
            icon=":material/account_balance:",
        )
        return
    show_entries(principal, found, _proposals(principal, found))
    with st.expander(_("Statements that were loaded"), icon=":material/history:"):
        _show_statements(last)


def _proposals(principal: Principal, found: dict[str, int]) -> dict[int, Proposal]:
    """By entry; made anew after every step, where there are more or fewer entries (`found`), and after a while."""
    about = (shown(), found, int(clock.now().timestamp()) // SECONDS)
    kept = st.session_state.get(SEEN_KEY)
    if kept is None or kept[0] != about:
        with transaction(principal) as session:
            kept = (about, propose(session, open_entries(session)))
        st.session_state[SEEN_KEY] = kept
    proposals: dict[int, Proposal] = kept[1]
    return proposals


def _show_statements(rows: list[StatementRow]) -> None:
    st.dataframe(
        pd.DataFrame(_cells(row) for row in rows), hide_index=True, row_height=40, column_config=_columns(),
        alt=_("Statements that were loaded"),
    )  # fmt: skip


def _cells(row: StatementRow) -> dict[str, object]:
    def money(value: object) -> str:
        return "" if value is None else amount(value, row.currency)  # type: ignore[arg-type]

    days = " – ".join(day(one) for one in (row.from_on, row.to_on) if one)
    return {
        "file": row.file_name, "account": row.account, "days": days, "entries": row.entries,
        "debits": row.debit_count, "opening": money(row.opening), "closing": money(row.closing),
        "at": moment(row.imported_at), "by": row.by or "",
    }  # fmt: skip


def _columns() -> dict[str, object]:
    column = st.column_config
    out = _("Our own payments and fees: they are only counted")
    return {
        "file": column.TextColumn(_("File"), pinned=True),
        "account": column.TextColumn(_("Account")),
        "days": column.TextColumn(_("Days")),
        "entries": column.NumberColumn(_("New entries"), format="%d"),
        "debits": column.NumberColumn(_("Went out"), format="%d", help=out),
        "opening": column.TextColumn(_("Opening balance"), alignment="right"),
        "closing": column.TextColumn(_("Closing balance"), alignment="right"),
        "at": column.TextColumn(_("Loaded")),
        "by": column.TextColumn(_("By")),
    }
