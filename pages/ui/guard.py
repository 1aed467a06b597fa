"""Who is there, and what they may open. Every page, every fragment and every callback that changes something asks."""

import time
from typing import Literal, NoReturn

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import clock
from core.auth.cookies import browser_cookie, session_cookie
from core.auth.sessions import end_sessions, principal_of_cookie
from core.auth.viewing import stop_viewing
from core.db import transaction
from core.errors import NotAllowed
from core.permissions import may
from core.principal import SYSTEM, Principal, visitor
from pages.ui.menu import start_page
from pages.ui.run import this_run
from pages.ui.text import _

WHOSE_KEY = "whose_tab"
KNOWN_SECONDS = 1.0
"""For so long a run of a page knows who is there; one that takes longer asks again."""


def signed_in() -> Principal | None:
    """Whose session this browser's cookie stands for: asked of the database in every run of a page or a fragment and in
    every callback, so that a log-out, a new password, another role or a block counts at once, everywhere."""
    cookie = st.context.cookies.get(session_cookie())
    if not cookie:
        return None
    run, now = this_run(), time.monotonic()
    known = run.get(WHOSE_KEY) if run is not None else None
    if known and known[0] == cookie and now - known[1] < KNOWN_SECONDS:
        return known[2]
    with transaction(SYSTEM) as session:
        principal = principal_of_cookie(session, cookie, clock.real_now(), client_address())
    if principal:
        _start_over_for_another(principal)
    if principal and run is not None:
        run[WHOSE_KEY] = cookie, now, principal
    return principal


def _start_over_for_another(principal: Principal) -> None:
    """A tab that slept keeps its state when it connects again, and meanwhile somebody else may have logged in.

    What the first one typed or was shown (a password, recovery codes, a cart) is none of the second one's.
    """
    whose = (principal.user_id, principal.partner_id)
    if st.session_state.setdefault(WHOSE_KEY, whose) != whose:
        st.session_state.clear()
        redirect("/")


def require(side: Literal["partner", "staff", "both"], *actions: str) -> Principal:
    """The signed-in user, if on this side and allowed one of these actions; otherwise nothing after the call runs.

    Nobody signed in (any more): the app starts over, and Home.py shows the log-in form. Somebody else: a panel that
    says so. The actions are keys of core.permissions.PERMISSIONS.
    """
    principal = signed_in()
    if principal is None:
        st.rerun()
        raise NotAllowed  # st.rerun() returns where there is no browser; nobody may pass here
    if side not in ("both", principal.kind) or not may(principal, *actions):
        _refuse(principal)
    return principal


def client_address() -> str:
    """The IP address of this browser; empty for the machine itself."""
    return st.context.ip_address or ""


def this_visitor() -> Principal:
    """The system on behalf of whoever sits at this browser, for what happens before a log-in."""
    return visitor(client_address())


def this_browser() -> str:
    """The cookie that ties a log-in to this browser; empty when the browser keeps none."""
    return st.context.cookies.get(browser_cookie(), "")


def enter(ticket: str) -> NoReturn:
    """Off to the route that exchanges a ticket for a session and goes on where the ticket leads."""
    redirect(f"/auth/session?t={ticket}")


def leave_view(viewer: Principal) -> NoReturn:
    """Back from a partner's place, where one looked or ordered, to the staff's side."""
    with transaction(SYSTEM) as session:
        stop_viewing(session, viewer, clock.real_now())
    redirect("/")


def _refuse(principal: Principal) -> NoReturn:
    start = start_page(principal)
    with st.container(border=True):
        st.subheader(_("You have no access to this page"), anchor=False)
        if principal.enrolling:
            st.write(_("Your role asks for a second step at log-in. Set it up first: then everything else opens."))
        else:
            st.write(_("Your role does not include it. If you think you need it, ask your administrator."))
        st.page_link(start.file, label=_("Go to your start page"), icon=":material/arrow_back:")
    st.stop()
    raise NotAllowed


def sign_out() -> NoReturn:
    """End all sessions of the signed-in user, on every device, and go to the log-in form."""
    principal = signed_in()
    if principal is not None and principal.user_id is not None:
        with transaction(this_visitor()) as session:  # a viewer's own transactions write nothing
            end_sessions(session, principal.user_id, clock.real_now())
    redirect("/auth/signed-out")


def redirect(url: str) -> NoReturn:
    """Send the whole browser tab to a path of this site: the only way a page can have a cookie set.

    It is the message that Streamlit's own st.login() and st.logout() send.
    """
    context = get_script_run_ctx()
    if context is not None:
        message = ForwardMsg()
        message.auth_redirect.url = url
        context.enqueue(message)
    st.stop()
    raise NotAllowed
