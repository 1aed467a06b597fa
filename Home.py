"""The router: who is there, which pages they get, and the page itself. Nothing else."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from core.config import ROOT
from core.messages.queries import Waiting
from core.principal import Principal
from pages.ui.demo_bar import show_demo
from pages.ui.first_steps import show_way_back, steps_open
from pages.ui.frame import set_style, show_portal_name, show_sidebar, show_viewing
from pages.ui.guard import signed_in
from pages.ui.help import show_help
from pages.ui.login import show_login
from pages.ui.menu import FIRST_STEPS, PAGES, Entry, menu_title, opens, start_page
from pages.ui.messages_entry import look_for, show_important, stand_before
from pages.ui.queue_alert import count_waiting
from pages.ui.terms_entry import accept_first
from pages.ui.text import _, use_language

ENTRIES = {entry.url: entry for entry in PAGES}
PUBLIC = {entry.url for entry in PAGES if entry.side == "public"}


def main() -> None:
    st.set_page_config(page_title="Rampa", page_icon=str(ROOT / "pages/ui/favicon.svg"), layout="wide")
    principal = signed_in()
    if principal:
        use_language(principal.language)
    set_style()
    unread, terms = look_for(principal)
    first_steps = steps_open(principal)
    page = navigation(principal, unread, first_steps)
    if page.url_path in PUBLIC:
        in_the_middle(page.url_path, page.run)
    elif principal:
        show_sidebar(principal)
        if principal.in_place:
            show_viewing(principal)
        show_demo(principal)
        if first_steps:
            show_way_back(page.url_path)
        # What must be confirmed stands before everything else: the page is not even made until then.
        if not accept_first(terms) and not stand_before(principal, unread):
            if opens_here(page.url_path, principal):
                show_help(page.url_path)
            if page.url_path != "messages":
                show_important(principal, unread)
            page.run()
    else:
        in_the_middle("login", lambda: log_in(page.url_path))


def navigation(principal: Principal | None, unread: Waiting, first_steps: bool) -> st.Page:
    """The page that was asked for.

    All pages are known to everybody, so that every address works as the very first one that a browser opens. The menu
    shows one's own, and the pages themselves refuse the others.
    """
    counts = {"staff-queue": count_waiting(principal), "messages": unread.count, "staff-messages": unread.count}
    begin = partial(go_to_start, principal, first_steps)
    start = st.Page(begin, title="Rampa", url_path="start", default=True, visibility="hidden")
    pages = [
        st.Page(
            entry.file,
            title=menu_title(entry, counts),
            icon=f":material/{entry.icon}:",
            url_path=entry.url,
            visibility="visible" if in_menu(entry, principal, first_steps) else "hidden",
        )
        for entry in PAGES
    ]
    return st.navigation([start, *pages], position="sidebar" if principal else "hidden", expanded=True)


def in_menu(entry: Entry, principal: Principal | None, first_steps: bool) -> bool:
    if entry.url == FIRST_STEPS and not first_steps:
        return False
    return entry.side != "public" and entry.listed and opens(entry, principal)


def opens_here(url: str, principal: Principal) -> bool:
    return url in ENTRIES and opens(ENTRIES[url], principal)


def go_to_start(principal: Principal | None, first_steps: bool) -> None:
    if principal:
        st.switch_page(start_page(principal, steps_open=first_steps).file)


def in_the_middle(url: str, show: Callable[[], None]) -> None:
    """What people see who are not signed in: the portal's name and one narrow column."""
    show_help(url, with_guide=False)
    _left, middle, _right = st.columns([1, 1.4, 1])
    with middle:
        show_portal_name()
        show()


def log_in(page_path: str) -> None:
    """The page that was asked for comes after it."""
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
