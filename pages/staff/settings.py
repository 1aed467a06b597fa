"""Settings: the distributor's own data, how long orders wait, the limits, where order mails go, stock as shown."""

import streamlit as st

from core.company import change_company, company
from core.db import transaction
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, show_said, touched
from pages.ui.guard import require
from pages.ui.settings_company import read_company, show_company
from pages.ui.settings_documents import read_document_settings, show_document_settings, show_series
from pages.ui.settings_logo import show_logo
from pages.ui.settings_orders import read_orders, show_limits, show_orders
from pages.ui.stock_display import read_stock, show_stock
from pages.ui.text import _


def main(principal: Principal) -> None:
    show_said()
    st.title(_("Settings"), anchor=False)
    with transaction(principal) as session:
        row = company(session)
    form = form_key("settings")
    shown = as_shown(f"{form}-name", row)
    # The same form after it was saved: the tab that is open stays open. Its fields start over by their keys.
    with st.form("settings"):
        tabs = [_("Your company"), _("Orders and deadlines"), _("Limits"), _("Stock"), _("Documents")]
        whose, orders, limits, stock, documents = st.tabs(tabs, key="tab")
        with whose:
            st.caption(_("Your company, as it stands on invoices"))
            company_typed = show_company(shown, form)
        with orders:
            orders_typed = show_orders(shown, form)
        with limits:
            orders_typed |= show_limits(shown, form)
        with stock:
            stock_typed = show_stock(shown, form)
        with documents:
            documents_typed = show_document_settings(shown, form)
        saving = st.form_submit_button(_("Save"), type="primary")
    show_logo(principal)
    show_series(principal)
    if not saving:
        return
    with refusals():
        with transaction(principal) as session:
            values = read_company(company_typed) | read_orders(orders_typed) | read_stock(stock_typed)
            values |= read_document_settings(documents_typed)
            change_company(session, **touched(values, shown, row))
            end_form(_("The settings were saved. They hold from now on."), form="settings")
        st.rerun()


main(require("staff", "settings.edit"))
