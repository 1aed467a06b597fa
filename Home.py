"""The router: who is there, which pages they get, and the page itself. Nothing else."""

from typing import NamedTuple
from urllib.parse import urlencode

import streamlit as st

from core.config import ROOT
from core.i18n import N_
from core.principal import Kind, Principal
from pages.ui.frame import set_style, show_portal_name, show_sidebar
from pages.ui.guard import START_PAGES, signed_in
from pages.ui.login import show_login
from pages.ui.text import _, use_language


class Entry(NamedTuple):
    kind: Kind
    file: str
    url: str
    title: str
    icon: str


MENU = (
    Entry("partner", "pages/partner/catalog.py", "catalog", N_("Catalog"), "storefront"),
    Entry("partner", "pages/partner/orders.py", "orders", N_("Orders"), "shopping_cart"),
    Entry("partner", "pages/partner/documents.py", "documents", N_("Documents"), "description"),
    Entry("staff", "pages/staff/claim_queue.py", "staff-queue", N_("Orders to claim"), "pending_actions"),
    Entry("staff", "pages/staff/orders.py", "staff-orders", N_("Orders"), "list_alt"),
    Entry("staff", "pages/staff/invoices.py", "staff-invoices", N_("Invoices"), "receipt_long"),
    Entry("staff", "pages/staff/products.py", "staff-products", N_("Products"), "inventory_2"),
    Entry("staff", "pages/staff/partners.py", "staff-partners", N_("Partners"), "handshake"),
    Entry("staff", "pages/staff/imports.py", "staff-imports", N_("Import"), "upload_file"),
    Entry("staff", "pages/staff/mails.py", "staff-mails", N_("Mails"), "mail"),
    Entry("staff", "pages/staff/settings.py", "staff-settings", N_("Settings"), "settings"),
)


def main() -> None:
    st.set_page_config(page_title="Rampa", page_icon=str(ROOT / "pages/ui/favicon.svg"), layout="wide")
    set_style()
    principal = signed_in()
    if principal:
        use_language(principal.language)
    page = navigation(principal)
    if principal:
        show_sidebar(principal)
        page.run()
    else:
        log_in(page.url_path)


def navigation(principal: Principal | None) -> st.Page:
    """The page that was asked for.

    All pages are known to everybody, so that every address works as the very first one that a browser opens. The menu
    shows one's own, and the pages themselves refuse the others.
    """
    kind = principal.kind if principal else None
    start = st.Page(lambda: go_to_start(principal), title="Rampa", url_path="start", default=True, visibility="hidden")
    pages = [
        st.Page(
            entry.file,
            title=_(entry.title),
            icon=f":material/{entry.icon}:",
            url_path=entry.url,
            visibility="visible" if entry.kind == kind else "hidden",
        )
        for entry in MENU
    ]
    return st.navigation([start, *pages], position="sidebar" if principal else "hidden")


def go_to_start(principal: Principal | None) -> None:
    if principal:
        st.switch_page(START_PAGES[principal.kind])


def log_in(page_path: str) -> None:
    """All that somebody sees who is not signed in; the page that was asked for comes after it."""
    _left, middle, _right = st.columns([1, 1.4, 1])
    with middle:
        show_portal_name()
        if st.query_params.get("login") == "again":
            st.warning(_("The log-in took too long, or another tab came in between. Please log in once more."))
        show_login(next_path(page_path))


def next_path(page_path: str) -> str:
    """Where the log-in leads: to the address asked for, or to what a route was asked for (`?next=/documents/1.pdf`)."""
    if asked := st.query_params.get("next"):
        return asked
    query = [(key, value) for key in st.query_params if key != "login" for value in st.query_params.get_all(key)]
    return f"/{page_path}" + ("?" + urlencode(query) if query else "")


main()
