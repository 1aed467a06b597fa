"""The partner's own purchases: what it bought, and what larger quantities would save."""

import streamlit as st

from pages.ui.guard import require
from pages.ui.invoices import today
from pages.ui.my_purchases import show_bought, show_savings
from pages.ui.reports_words import choose_period, days_of
from pages.ui.text import _


def main() -> None:
    principal = require("partner", "orders.see")
    st.title(_("My purchases"), anchor=False)
    period = choose_period(today(), "purchases", "last_12_months")
    st.caption(_("{days}, beside {before}").format(days=days_of(period), before=days_of(period.year_before)))
    show_bought(principal, period)
    show_savings(principal, today())


main()
