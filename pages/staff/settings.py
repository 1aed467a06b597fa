"""Settings: everything that holds for the whole portal, a tab for each theme."""

import streamlit as st

from core.principal import Principal
from pages.ui.first_steps import show_bring_back
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.settings_access import read_access, show_access
from pages.ui.settings_anaf import show_anaf
from pages.ui.settings_company import read_company, show_company
from pages.ui.settings_documents import read_document_settings, show_document_settings, show_series
from pages.ui.settings_form import settings_form
from pages.ui.settings_history import show_history
from pages.ui.settings_logo import show_logo
from pages.ui.settings_mail import show_mail_server
from pages.ui.settings_orders import read_limits, read_orders, show_limits, show_orders
from pages.ui.settings_terms import show_terms
from pages.ui.settings_vat import show_vat
from pages.ui.stock_display import read_stock, show_stock
from pages.ui.text import _


def main(principal: Principal) -> None:
    show_said()
    st.title(_("Settings"), anchor=False)
    names = [
        _("Your company"), _("Orders and deadlines"), _("Limits"), _("Stock and prices"), _("Documents"), _("VAT"),
        _("e-Factura"), _("Mail server"), _("Access and retention"), _("Terms"), _("History"),
    ]  # fmt: skip
    # All are drawn, so that what was typed in one is still there after a look at another.
    whose, orders, limits, stock, documents, vat, anaf, mail, access, terms, history = st.tabs(names, key="tab")
    with whose:
        settings_form(principal, "company", show_company, read_company)
        show_logo(principal)
    with orders:
        settings_form(principal, "orders", show_orders, read_orders)
    with limits:
        settings_form(principal, "limits", show_limits, read_limits)
    with stock:
        settings_form(principal, "stock", show_stock, read_stock)
    with documents:
        settings_form(principal, "documents", show_document_settings, read_document_settings)
        show_series(principal)
    with vat:
        show_vat(principal)
    with anaf:
        show_anaf(principal)
    with mail:
        show_mail_server(principal)
    with access:
        settings_form(principal, "access", show_access, read_access)
    with terms:
        show_terms(principal)
    with history:
        show_history(principal)
    show_bring_back(principal)


main(require("staff", "settings.edit"))
