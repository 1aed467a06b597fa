"""Behind a mailed link: the first password, or a new one. Opening the link uses nothing up, sending the form does."""

import streamlit as st

from core import clock
from core.auth.account import use_link
from core.auth.links import LinkIsOver, Opened, open_link
from core.auth.passwords import MIN_LENGTH
from core.db import transaction
from pages.ui.errors import refusals
from pages.ui.forms import WrongInput
from pages.ui.frame import plain
from pages.ui.guard import this_visitor
from pages.ui.text import _

DONE_KEY = "password_was_set"


def main() -> None:
    if email := st.session_state.get(DONE_KEY):
        st.success(_("The password of {email} is set. You can log in with it now.").format(email=plain(email)))
        st.link_button(_("Log in"), "/", type="primary", icon=":material/login:")
        return
    token = st.query_params.get("t", "")
    with refusals():
        try:
            with transaction(this_visitor()) as session:
                opened = open_link(session, token, clock.now(), "invite", "reset")
        except LinkIsOver:
            st.page_link("pages/public/forgot_password.py", label=_("Ask for a new link"), icon=":material/key:")
            raise
        show_form(token, opened)


def show_form(token: str, opened: Opened) -> None:
    with st.form("set_password"):
        st.subheader(_("Set a password"), anchor=False)
        words = _("For {email}. At least {length} characters; good are three or four words in no relation.")
        st.caption(words.format(email=plain(opened.email), length=MIN_LENGTH))
        password = st.text_input(
            _("New password"), type="password", key="new_password", autocomplete="new-password", max_chars=200
        )
        again = st.text_input(
            _("The same once more"), type="password", key="same_again", autocomplete="new-password", max_chars=200
        )
        if not st.form_submit_button(_("Set the password"), type="primary"):
            return
    with refusals():
        if password != again:
            raise WrongInput(field=_("The same once more"), reason=_("The two are not the same. Type them again."))
        with transaction(this_visitor()) as session:
            use_link(session, token, password, clock.now())
        st.session_state[DONE_KEY] = opened.email
        st.rerun()


main()
