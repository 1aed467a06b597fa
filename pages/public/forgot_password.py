"""The way back in: a link by mail. The answer is the same whether somebody has the address or not."""

import streamlit as st

from core import clock
from core.auth.account import ask_reset
from core.auth.users import require_email
from core.db import transaction
from pages.ui.errors import refusals
from pages.ui.guard import redirect, this_visitor
from pages.ui.text import _


def main() -> None:
    with st.form("forgot_password"):
        st.subheader(_("Forgot your password?"), anchor=False)
        st.caption(_("Type the e-mail address you log in with. A link to set a new password comes by mail."))
        email = st.text_input(_("E-mail"), max_chars=254, key="reset_email", autocomplete="username")
        submitted = st.form_submit_button(_("Send the link"), type="primary")
    if submitted:
        with refusals():
            with transaction(this_visitor()) as session:
                ask_reset(session, require_email(email), clock.real_now())
            st.success(
                _(
                    "If there is an account with this address, a mail is on its way. The link in it works for 30 "
                    "minutes. Nothing there after some minutes? Look into the spam folder, or ask the distributor."
                ),
                icon=":material/mail:",
            )
    if st.button(_("Back to the log-in"), icon=":material/arrow_back:", type="tertiary", key="to_login"):
        redirect("/")


main()
