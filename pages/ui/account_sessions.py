"""Where one is logged in, and how to end it elsewhere."""

import streamlit as st

from core import clock
from core.auth.browsers import TELEPHONES, browser_name
from core.auth.sessions import OwnSession, end_own_session, own_sessions
from core.db import transaction
from core.principal import Principal
from pages.ui.account_frame import section
from pages.ui.errors import refusals
from pages.ui.forms import end_form
from pages.ui.frame import plain
from pages.ui.text import _, moment


def show_sessions(principal: Principal) -> None:
    """Every signed-in browser of the user, this one marked."""
    words = _("If you do not recognise one, end it and change your password. “Log out” ends all of them.")
    with section(_("Where you are logged in"), words):
        with transaction(principal, wall=False) as session:
            rows = own_sessions(session, clock.real_now())
        for row in sorted(rows, key=lambda row: row.id != principal.session_id):
            _show_session(principal, row)


def _show_session(principal: Principal, row: OwnSession) -> None:
    icon = "smartphone" if any(name in row.browser for name in TELEPHONES) else "computer"
    name = browser_name(row.browser) or _("Unknown browser")
    seen = _("Logged in {created}, last seen {seen}").format(
        created=moment(row.created_at), seen=moment(row.last_seen_at)
    )
    where = f"{plain(row.address)} · " if row.address else ""
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.markdown(f":material/{icon}: **{plain(name)}**  \n:small[{where}{seen}]", width="stretch")
        if row.id == principal.session_id:
            st.badge(_("This browser"), color="green")
        elif st.button(_("End"), key=f"end-session-{row.id}"):
            _end(principal, row.id)


def _end(principal: Principal, session_id: int) -> None:
    with refusals():
        with transaction(principal, wall=False) as session:
            end_own_session(session, session_id, clock.real_now())
            end_form(_("Logged out there."))
        st.rerun()
