"""Behind a mailed link: the first password, or a new one. Opening the link uses nothing up, sending the form does."""

import streamlit as st

from core import clock
from core.auth.account import use_link
from core.auth.links import Opened, open_link
from core.db import transaction
from pages.ui.account_password import new_password_fields, require_same
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import redirect, this_visitor
from pages.ui.text import _

DONE_KEY = "password_was_set"


def main() -> None:
    if email := st.session_state.get(DONE_KEY):
        st.success(_("The password of {email} is set. You can log in with it now.").format(email=plain(email)))
        if st.button(_("Log in"), type="primary", icon=":material/login:", key="to_login"):
            redirect("/")
        return
    token = st.query_params.get("t", "")
    opened = None
    with refusals(), transaction(this_visitor()) as session:
        opened = open_link(session, token, clock.real_now(), "invite", "reset")
    if opened:
        show_form(token, opened)
    else:
        st.page_link("pages/public/forgot_password.py", label=_("Ask for a new link"), icon=":material/key:")


def show_form(token: str, opened: Opened) -> None:
    with st.form("set_password"):
        st.subheader(_("Set a password"), anchor=False)
        st.markdown(_("For {email}").format(email=f"**{plain(opened.email)}**"))
        password, again = new_password_fields()
        if not st.form_submit_button(_("Set the password"), type="primary"):
            return
    with refusals():
        require_same(password, again)
        with transaction(this_visitor()) as session:
            use_link(session, token, password, clock.real_now())
            st.session_state[DONE_KEY] = opened.email  # before the commit: see pages.ui.forms.end_form
        st.rerun()


main()
