"""Receivables: what partners owe and how late it is, what is done about it, and reminders."""

import streamlit as st

from core.db import transaction
from core.permissions import may
from core.principal import Principal
from core.receivables.balances import balance
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
    names = [_("Who owes"), _("Due today")]
    if may(principal, "settings.edit"):
        names.append(_("Texts of reminders"))
    owing, due, *texts = st.tabs(names, key="receivables-tab", on_change="rerun")
    # Only what is open is drawn: each of them asks the database.
    if owing.open:
        with owing:
            show_debtors(principal)
    if due.open:
        with due:
            show_due(principal)
    if texts and texts[0].open:
        with texts[0]:
            show_texts(principal)


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
