"""Reports: sales, movers, service, stock and money, each figure with the rows that it is made of."""

from datetime import timedelta

import streamlit as st

from core import clock
from core.db import reading
from core.i18n import N_
from core.principal import Principal
from core.reports.refreshing import refreshed_at
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.invoices import today
from pages.ui.reports_money import show_money
from pages.ui.reports_movers import show_movers
from pages.ui.reports_pivot import show_pivot
from pages.ui.reports_sales import show_sales
from pages.ui.reports_service import show_service
from pages.ui.reports_stock import show_stock
from pages.ui.reports_words import choose_period, days_of
from pages.ui.text import _, moment

OVER_TIME = {"sales": N_("Sales"), "movers": N_("Movers"), "service": N_("Service"), "pivot": N_("Pivot")}
AS_OF_TODAY = {"stock": N_("Stock"), "money": N_("Money")}
LATE = timedelta(minutes=3)
TAB_KEY, OPEN_KEY, FIRST_KEY = "reports-tab", "reports-open", "reports-first-tab"
SHOW = {
    "sales": show_sales, "movers": show_movers, "service": show_service, "pivot": show_pivot, "stock": show_stock,
    "money": show_money,
}  # fmt: skip


def main() -> None:
    principal = require("staff", "reports.see")
    show_said()
    st.title(_("Reports"), anchor=False)
    show_help()
    names = OVER_TIME | AS_OF_TODAY
    if TAB_KEY not in st.session_state:
        # Who comes back from an order finds the tab that led there; on the page itself the default stays what it was.
        st.session_state[FIRST_KEY] = st.session_state.get(OPEN_KEY, "sales")
    first = _(names[st.session_state[FIRST_KEY]])
    tabs = st.tabs([_(title) for title in names.values()], default=first, key=TAB_KEY, on_change="rerun")
    # Only what is open is drawn: each of them asks the database.
    for name, tab in zip(names, tabs, strict=True):
        if tab.open:
            st.session_state[OPEN_KEY] = name
            with tab:
                show_tab(principal, name)


def show_tab(principal: Principal, name: str) -> None:
    with reading(principal) as session:
        known = refreshed_at(session)
    if known is None:
        words = _(
            "The reports are being made for the first time. This takes a minute or two: open the page again then."
        )
        st.info(words, icon=":material/hourglass_top:")
        return
    if clock.now() - known > LATE:
        words = _("The reports know nothing newer than {moment}: the worker stands still. Tell your administrator.")
        st.warning(words.format(moment=moment(known)), icon=":material/running_with_errors:")
    if name in AS_OF_TODAY:
        SHOW[name](principal, today())  # type: ignore[arg-type]
    else:
        period = choose_period(today(), "reports")
        compared = _("{days}, beside {before} · everything up to {moment}")
        st.caption(compared.format(days=days_of(period), before=days_of(period.year_before), moment=moment(known)))
        SHOW[name](principal, period)  # type: ignore[arg-type]


def show_help() -> None:
    with st.expander(_("How this works"), icon=":material/help:"):
        st.markdown(
            _(
                "Sold is what was ordered and not cancelled, in orders that have not lapsed, at its net price in lei, "
                "on the day the order was placed; whether it is invoiced or paid makes no difference. Changes show "
                "within a minute. Everything is compared with the same days a year before; categories, brands and "
                "counties are those of today."
            )
        )
        st.markdown(
            _(
                "Stock is valued at the list price of today, since purchase prices are not kept here. Turns: sold in "
                "the last 365 days against the average stock of these days, which is the mean of what was there when "
                "each of their months began, and of what is there today. Click a bar or a point, or select a row, to "
                "see what a figure is made of; the export holds all of it for a spreadsheet."
            )
        )


main()
