"""The partner's documents and money: what it owes, every document, the statement of account, how to pay."""

import streamlit as st

from core.db import transaction
from core.receivables.balances import balance
from core.receivables.details import next_due
from pages.ui.guard import require
from pages.ui.invoices import today
from pages.ui.my_balance import show_balance
from pages.ui.my_document import show_document
from pages.ui.my_documents import show_documents
from pages.ui.my_paying import show_paying
from pages.ui.my_statement import show_statement
from pages.ui.text import _


def main() -> None:
    principal = require("partner", "documents.see")
    chosen = st.query_params.get("document", "")
    if chosen.isdecimal() and len(chosen) <= 10:
        show_document(principal, int(chosen))
        return
    st.title(_("Documents and payments"), anchor=False)
    with transaction(principal) as session:
        sums, following = balance(session, today()), next_due(session, today())
    if sums.to_pay or sums.balance or sums.credit:
        show_balance(sums, following)
    names = [_("Documents"), _("Statement of account"), _("How to pay")]
    documents, account, paying = st.tabs(names, key="my_documents_tab", on_change="rerun")
    # Only what is open is drawn: each of them asks the database.
    if documents.open:
        with documents:
            show_documents(principal)
    if account.open:
        with account:
            show_statement(principal)
    if paying.open:
        with paying:
            show_paying(principal)


main()
