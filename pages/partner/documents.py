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
    documents, account, paying = st.tabs(
        [_("Documents"), _("Statement of account"), _("How to pay")], key="my_documents_tab"
    )
    with documents:
        show_documents(principal)
    with account:
        show_statement(principal)
    with paying:
        show_paying(principal)


main()
