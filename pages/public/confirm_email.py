"""Behind the link that was mailed to a new address. A button, since mail programs open links by themselves."""

import streamlit as st

from core import clock
from core.auth.account import confirm_email
from core.auth.links import open_link
from core.db import transaction
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import this_visitor
from pages.ui.text import _

DONE_KEY = "email_was_confirmed"


def main() -> None:
    if email := st.session_state.get(DONE_KEY):
        st.success(_("From now on you log in with {email}.").format(email=plain(email)), icon=":material/check_circle:")
        st.link_button(_("Go on"), "/", type="primary")
        return
    token = st.query_params.get("t", "")
    with refusals():
        with transaction(this_visitor()) as session:
            opened = open_link(session, token, clock.now(), "email")
        st.subheader(_("Confirm an e-mail address"), anchor=False)
        words = _("{name} logs in with {old} and wants to log in with {new} from now on.")
        st.markdown(words.format(name=plain(opened.name), old=plain(opened.email), new=plain(opened.new_email)))
        if st.button(_("Confirm {email}").format(email=plain(opened.new_email)), type="primary", key="confirm"):
            with transaction(this_visitor()) as session:
                confirm_email(session, token, clock.now())
            st.session_state[DONE_KEY] = opened.new_email
            st.rerun()


main()
