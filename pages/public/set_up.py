"""Behind the link that the terminal shows at the very first start: the first administrator."""

import streamlit as st

from core import clock
from core.auth.sessions import issue_ticket
from core.auth.setting_up import open_set_up, set_up
from core.db import transaction
from pages.ui.account_password import new_password_fields, require_same
from pages.ui.errors import refusals
from pages.ui.guard import enter, redirect, this_browser, this_visitor
from pages.ui.text import _, language


def main() -> None:
    token, opens = st.query_params.get("t", ""), False
    with refusals(), transaction(this_visitor()) as session:
        open_set_up(session, token)
        opens = True
    if opens:
        show_form(token)
    elif st.button(_("Back to the log-in"), icon=":material/arrow_back:", type="tertiary", key="to_login"):
        redirect("/")


def show_form(token: str) -> None:
    with st.form("set_up"):
        st.subheader(_("Become the administrator"), anchor=False)
        st.caption(
            _(
                "You are the first one here. The administrator may do everything: the settings, the products, the "
                "partners, and who else logs in. After this the portal leads you through the first steps."
            )
        )
        name = st.text_input(_("Your name"), max_chars=200, key="set_up_name", autocomplete="name")
        email = st.text_input(
            _("E-mail, which you log in with"), max_chars=254, key="set_up_email", autocomplete="username"
        )
        password, again = new_password_fields()
        if not st.form_submit_button(_("Begin"), type="primary", icon=":material/arrow_forward:"):
            return
    with refusals():
        require_same(password, again)
        now = clock.real_now()
        with transaction(this_visitor()) as session:
            user = set_up(session, token, name, email, password, now, language=language())
            ticket = issue_ticket(session, user, this_browser(), "/", now)
        enter(ticket)


main()
