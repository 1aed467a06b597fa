"""The partner's statement of account: a period, its entries, and both files."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from core.db import transaction
from core.i18n import N_
from core.principal import Principal
from core.receivables.statement import Statement, statement
from core.receivables.words import entry_in_words
from pages.ui.errors import refusals
from pages.ui.invoices import today
from pages.ui.my_documents import MONEY
from pages.ui.text import _, amount, day, language

PERIODS = {
    "this_month": N_("This month"), "last_month": N_("Last month"), "this_year": N_("This year"),
    "last_year": N_("Last year"), "own": N_("Other dates"),
}  # fmt: skip
MOST_SHOWN = 500


def period_of(name: str, now: date) -> tuple[date, date]:
    """First and last day of a period of PERIODS on the local day `now`; what has not ended ends with it."""
    month = now.replace(day=1)
    before = month - timedelta(days=1)
    year = now.replace(month=1, day=1)
    return {
        "this_month": (month, now),
        "last_month": (before.replace(day=1), before),
        "last_year": (year.replace(year=year.year - 1), year - timedelta(days=1)),
    }.get(name, (year, now))


def show_statement(principal: Principal) -> None:
    """Everything under the tab."""
    first, last = _period()
    with st.container(horizontal=True):
        for form, icon in (("pdf", "picture_as_pdf"), ("xlsx", "table_view")):
            address = f"/statement.{form}?from={first}&to={last}"
            st.link_button(form.upper(), address, icon=f":material/{icon}:", type="primary" if form == "pdf" else
                           "secondary")  # fmt: skip
    with refusals():
        with transaction(principal) as session:
            found = statement(session, first, last)
        _show_sums(found)
        _show_entries(found)


def _period() -> tuple[date, date]:
    name = st.segmented_control(
        _("Period"), list(PERIODS), default="this_year", required=True, format_func=lambda name: _(PERIODS[name]),
        key="my_period", persist_state="page",
    )  # fmt: skip
    first, last = period_of(name or "this_year", today())
    if name != "own":
        return first, last
    left, right, _rest = st.columns([1, 1, 2])
    first = left.date_input(_("From"), first, max_value=today(), format="DD.MM.YYYY", key="my_first", required=True,
                            persist_state="page")  # fmt: skip
    last = right.date_input(_("Until"), last, max_value=today(), format="DD.MM.YYYY", key="my_last", required=True,
                            persist_state="page")  # fmt: skip
    return first, last


def _show_sums(found: Statement) -> None:
    with st.container(horizontal=True):
        st.metric(_("Opening balance"), amount(found.opening), border=True, width="content")
        if found.brought:
            st.metric(_("From the previous program"), amount(found.brought), border=True, width="content")
        st.metric(_("Invoiced, less stornos"), amount(found.invoiced), border=True, width="content")
        st.metric(_("Paid in the period"), amount(found.paid), border=True, width="content")
        hint = _("Above zero: what you owe. Below zero: money that you have with the distributor.")
        st.metric(_("Closing balance"), amount(found.closing), border=True, width="content", help=hint)


def _show_entries(found: Statement) -> None:
    if not found.entries:
        st.info(_("Nothing was invoiced or paid in this period. Choose another one."), icon=":material/event_busy:")
        return
    text = st.column_config.TextColumn
    shown = found.entries[:MOST_SHOWN]
    rows = [
        {
            "day": day(entry.day),
            "number": entry.number,
            "what": entry_in_words(entry.kind, entry.method, entry.reference, language()),
            "debit": amount(entry.debit) if entry.debit else "",
            "credit": amount(entry.credit) if entry.credit else "",
            "balance": amount(entry.balance),
        }
        for entry in shown
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, row_height=36, height="content" if len(rows) <= 14 else 15 * 36,
        key=f"my_statement {language()}", alt=_("Statement of account"), placeholder="",
        column_config={
            "day": text(_("Date")), "number": text(_("Document")), "what": text(_("Explanation"), width=190),
            "debit": text(_("Debit"), alignment="right", width=MONEY),
            "credit": text(_("Credit"), alignment="right", width=MONEY),
            "balance": text(_("Balance"), alignment="right", width=MONEY),
        },
    )  # fmt: skip
    if len(found.entries) > MOST_SHOWN:
        words = _("Shown are the first {shown}; the files hold all of them.")
        st.caption(words.format(shown=MOST_SHOWN))
