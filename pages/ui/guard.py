"""Who is there, and what they may open. Every page, every fragment and every callback that changes something asks."""

from typing import Literal, NoReturn

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import clock
from core.auth.sessions import end_sessions, principal_of_cookie
from core.db import transaction
from core.errors import NotAllowed
from core.principal import SYSTEM, Principal
from pages.ui.text import _

SESSION_COOKIE = "sid"
START_PAGES = {"partner": "pages/partner/catalog.py", "staff": "pages/staff/claim_queue.py"}


def signed_in() -> Principal | None:
    """Whose session this browser's cookie stands for: asked of the database each time, so that a log-out, a new
    password or a block counts at once, everywhere."""
    cookie = st.context.cookies.get(SESSION_COOKIE)
    if not cookie:
        return None
    with transaction(SYSTEM) as session:
        return principal_of_cookie(session, cookie, clock.now())


def require(kind: Literal["partner", "staff"]) -> Principal:
    """The signed-in user, if of this kind; otherwise nothing after the call runs.

    Nobody signed in (any more): the app starts over, and Home.py shows the log-in form. The other kind: a panel that
    says so.
    """
    principal = signed_in()
    if principal is None:
        st.rerun()
        raise NotAllowed  # st.rerun() returns where there is no browser; nobody may pass here
    if principal.kind != kind:
        _refuse(principal)
    return principal


def _refuse(principal: Principal) -> NoReturn:
    with st.container(border=True):
        st.subheader(_("You have no access to this page"), anchor=False)
        st.write(_("It belongs to the other side of the portal. If you think you need it, ask the distributor."))
        st.page_link(START_PAGES[principal.kind], label=_("Go to your start page"), icon=":material/arrow_back:")
    st.stop()
    raise NotAllowed


def sign_out() -> NoReturn:
    """End all sessions of the signed-in user, on every device, and go to the log-in form."""
    principal = signed_in()
    if principal is not None and principal.user_id is not None:
        with transaction(SYSTEM) as session:
            end_sessions(session, principal.user_id, clock.now())
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
