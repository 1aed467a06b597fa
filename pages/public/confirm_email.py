"""Behind the link that was mailed to a new address. A button, since mail programs open links by themselves."""

import streamlit as st

from core import clock
from core.auth.account import confirm_email
from core.auth.links import Opened, open_link
from core.db import transaction
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import redirect, this_visitor
from pages.ui.text import _

DONE_KEY = "email_was_confirmed"


def main() -> None:
    if email := st.session_state.get(DONE_KEY):
        st.success(_("From now on you log in with {email}.").format(email=plain(email)), icon=":material/check_circle:")
        if st.button(_("Go on"), type="primary", key="go_on"):
            redirect("/")
        return
    token = st.query_params.get("t", "")
    opened = None
    with refusals(), transaction(this_visitor()) as session:
        opened = open_link(session, token, clock.real_now(), "email")
    if opened:
        show_change(token, opened)
    else:
        st.page_link("pages/both/account.py", label=_("Go to your account"), icon=":material/arrow_back:")


def show_change(token: str, opened: Opened) -> None:
    with st.container(border=True):
        st.subheader(_("Confirm an e-mail address"), anchor=False)
        words = _("{name} logs in with {old} and wants to log in with {new} from now on.")
        st.markdown(
            words.format(name=plain(opened.name), old=plain(opened.email), new=f"**{plain(opened.new_email)}**")
        )
        if not st.button(_("Confirm"), type="primary", key="confirm", width="stretch"):
            return
    with refusals():
        with transaction(this_visitor()) as session:
            confirm_email(session, token, clock.real_now())
            st.session_state[DONE_KEY] = opened.new_email  # before the commit: see pages.ui.forms.end_form
        st.rerun()


main()
