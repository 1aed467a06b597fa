"""One's own account: name and mails, password, second step, and where one is logged in."""

import streamlit as st

from core.principal import Principal
from pages.ui.account_password import show_changed, show_password
from pages.ui.account_person import show_email, show_mails, show_person
from pages.ui.account_privacy import show_privacy
from pages.ui.account_second_factor import begin_setup, codes_to_keep, show_second_factor
from pages.ui.account_sessions import show_sessions
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.text import _


def main(principal: Principal) -> None:
    show_said()
    show_changed()
    with st.container(width=1040, gap="medium", key="account"):
        st.title(_("My account"), anchor=False)
        if principal.enrolling:
            st.info(
                _("Your role asks for a second step at log-in. Set it up first: then everything else opens."),
                icon=":material/verified_user:",
            )
            begin_setup(principal)
        if principal.enrolling or codes_to_keep():
            show_second_factor(principal)
        else:
            show_all(principal)


def show_all(principal: Principal) -> None:
    show_person(principal)
    show_email(principal)
    show_password(principal)
    show_second_factor(principal)
    show_sessions(principal)
    show_mails(principal)
    show_privacy(principal)


main(require("both", "account.own"))
