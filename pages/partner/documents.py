"""The partner's invoices: what was invoiced, what is open, what is late, and every PDF."""

import streamlit as st

from core.db import transaction
from core.receivables.balances import balance
from pages.ui.guard import require
from pages.ui.invoices import show_invoices, show_totals, today
from pages.ui.text import _

principal = require("partner", "documents.see")
st.title(_("Documents"), anchor=False)
with transaction(principal) as session:
    sums = balance(session, today())
if sums.invoiced:
    show_totals(sums)
    show_invoices(principal, _("Invoice or order number"))
    st.caption(
        _("Click Open beside a number for the invoice as a PDF. Payments show here once the distributor records them.")
    )
else:
    st.info(
        _("There are no invoices yet. Once the distributor has invoiced one of your orders, the invoice is here."),
        icon=":material/receipt_long:",
    )
