"""The log-in form: streamlit-authenticator's, over our users and our sessions.

The library shows the form and keeps its states. Passwords are checked by core.auth; what stays signed in is a row in
the database behind a cookie that only a route can set, so its own cookie (readable by scripts, valid after the
log-out) is never made.
"""

from typing import Any

import streamlit as st
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel
from streamlit_authenticator.views import Authenticate

from core import clock
from core.auth.second_factor import TicketIsOver, count_code_attempt, show_code
from core.auth.sessions import issue_ticket
from core.auth.setting_up import needs_administrator
from core.auth.signing_in import check_password, count_attempt
from core.auth.users import LONGEST_EMAIL
from core.config import settings
from core.db import transaction
from pages.ui.errors import refusals
from pages.ui.guard import enter, this_browser, this_visitor
from pages.ui.text import _

TICKET_KEY = "ticket_that_needs_a_code"
STATUS = "authentication_status"  # the library's: None before, False after a wrong attempt, True after a right one


class _Model(AuthenticationModel):  # type: ignore[misc]
    """The library's users: empty, then the one who has just given the right password."""

    ticket = ""
    needs_code = False
    next_path = "/"

    def check_credentials(self, username: str, password: str) -> bool:
        """Check and ticket are one transaction: a new password comes before both, or after both and ends the ticket."""
        if not password or len(username) > LONGEST_EMAIL:
            return False
        with transaction(this_visitor()) as session:
            count_attempt(session, username, clock.real_now())
        with transaction(this_visitor()) as session:
            user = check_password(session, username, password)
            if user is None:
                return False
            self.ticket = issue_ticket(session, user, this_browser(), self.next_path, clock.real_now())
            self.needs_code = bool(user.totp_secret)
        self.credentials["usernames"][username] = {"email": user.email, "name": user.name}
        return True

    def _record_failed_login_attempts(self, *_arguments: Any, **_options: Any) -> None:
        """Counted by core.auth.signing_in, in the database."""


class _Tickets:
    """Stands where the library keeps its cookie."""

    def __init__(self, model: _Model) -> None:
        self.model = model

    def get_cookie(self) -> None:
        """Who is signed in already is asked by pages.ui.guard, before the form is shown."""

    def set_cookie(self) -> None:
        """After the right password: off to the route that sets the cookie, or to the second factor."""
        st.session_state[STATUS] = None
        if self.model.needs_code:
            st.session_state[TICKET_KEY] = self.model.ticket
            st.rerun()
        enter(self.model.ticket)


class _Form(Authenticate):  # type: ignore[misc]
    def __init__(self, next_path: str) -> None:
        # Not super().__init__(): it would mount the component that writes the library's own cookie.
        key = settings().secret_key.get_secret_value()
        users: dict[str, Any] = {"usernames": {}}
        model = _Model(users, auto_hash=False, secret_key=key)
        model.next_path = next_path
        self.attrs = {"login_sleep_time": 0}
        self.path = None
        self.cookie_controller = _Tickets(model)
        self.authentication_controller = AuthenticationController(users, auto_hash=False, secret_key=key)
        self.authentication_controller.authentication_model = model


def show_login(next_path: str) -> None:
    """The form; the right password, and the code where there is a second factor, lead to `next_path`."""
    if ticket := st.session_state.get(TICKET_KEY):
        _show_code_form(ticket)
        return
    fields = {
        "Form name": _("Log in"),
        "Username": _("E-mail"),
        "Password": _("Password"),
        "Login": _("Log in"),
    }
    _say_if_first()
    with refusals():
        _Form(next_path).login(fields=fields)
        if st.session_state[STATUS] is False:
            st.error(_("The e-mail address or the password is wrong. After each further mistake the wait gets longer."))
    with st.container(horizontal=True):
        st.page_link("pages/public/forgot_password.py", label=_("Forgot your password?"), icon=":material/key:")
        st.page_link("pages/public/ask_access.py", label=_("Ask for access"), icon=":material/handshake:")


def _say_if_first() -> None:
    """To who starts the portal for the first time, and opens its address instead of the link."""
    with transaction(this_visitor()) as session:
        first = needs_administrator(session)
    if first:
        words = _(
            "Nobody can log in here yet. Open the link that the terminal shows where Rampa was started: it makes you "
            "the administrator."
        )
        st.info(words, icon=":material/flag:")


def _show_code_form(ticket: str) -> None:
    with st.form("second_factor"):
        st.subheader(_("One more step"), anchor=False)
        st.caption(_("Type the six digits that the app on your telephone shows, or one of your recovery codes."))
        code = st.text_input(_("Code"), max_chars=20, key="second_factor_code", autocomplete="one-time-code")
        submitted = st.form_submit_button(_("Log in"), type="primary")
    if st.button(_("Start again"), key="start_again", type="tertiary", icon=":material/arrow_back:"):
        del st.session_state[TICKET_KEY]
        st.rerun()
    if submitted:
        _check_code(ticket, code)


def _check_code(ticket: str, code: str) -> None:
    with refusals():
        try:
            with transaction(this_visitor()) as session:
                count_code_attempt(session, ticket, this_browser(), clock.real_now())
            with transaction(this_visitor()) as session:
                show_code(session, ticket, code, this_browser(), clock.real_now())
        except TicketIsOver:
            del st.session_state[TICKET_KEY]
            raise
        del st.session_state[TICKET_KEY]
        enter(ticket)
