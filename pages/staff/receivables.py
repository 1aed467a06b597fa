"""Receivables: what partners owe and how late it is, what is done about it, reminders, and what came into the bank."""

from collections.abc import Callable

import streamlit as st

from core.db import transaction
from core.permissions import may
from core.principal import Principal
from core.receivables.balances import balance
from pages.ui.bank_statements import show_bank
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.invoices import today
from pages.ui.price_words import asked
from pages.ui.receivables_list import show_list
from pages.ui.receivables_partner import show_partner
from pages.ui.receivables_remind import show_due
from pages.ui.receivables_steps import show_outcome
from pages.ui.receivables_texts import show_texts
from pages.ui.receivables_totals import show_totals
from pages.ui.text import _


def main(principal: Principal) -> None:
    show_said()
    if named := asked("partner"):
        if st.button(_("All partners"), icon=":material/arrow_back:", type="tertiary"):
            st.query_params.clear()
            st.rerun()
        with refusals():
            show_partner(principal, named)
        return
    st.title(_("Receivables"), anchor=False)
    shown: dict[str, Callable[[Principal], None]] = {_("Who owes"): show_debtors, _("Due today"): show_due}
    if may(principal, "payments.record"):
        shown[_("Bank statements")] = show_bank
    if may(principal, "settings.edit"):
        shown[_("Texts of reminders")] = show_texts
    tabs = st.tabs(list(shown), key="receivables-tab", on_change="rerun")
    for tab, show in zip(tabs, shown.values(), strict=True):
        if tab.open:  # only what is open is drawn: each of them asks the database
            with tab:
                show(principal)


def show_debtors(principal: Principal) -> None:
    """Totals and the list; a row that is chosen opens its partner."""
    with transaction(principal) as session:
        sums = balance(session, today())
    show_outcome()
    show_totals(sums)
    if chosen := show_list(principal):
        st.query_params["partner"] = str(chosen)
        st.rerun()


main(require("staff", "documents.see"))
