"""The log-in form: streamlit-authenticator's, over our users and our sessions.

The library shows the form and keeps its states. Passwords are checked by core.auth; what stays signed in is a row in
the database behind a cookie that only a route can set, so its own cookie (readable by scripts, valid after the
log-out) is never made.
"""

from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel
from streamlit_authenticator.views import Authenticate

from core import clock
from core.auth.sessions import issue_ticket
from core.auth.signing_in import check_password
from core.config import settings
from core.db import transaction
from core.principal import SYSTEM
from pages.ui.errors import refusals
from pages.ui.guard import redirect
from pages.ui.text import _

BROWSER_COOKIE = "pre"
STATUS = "authentication_status"  # the library's: None before, False after a wrong attempt, True after a right one


class _Model(AuthenticationModel):  # type: ignore[misc]
    """The library's users: empty, then the one who has just given the right password."""

    ticket = ""
    next_path = "/"

    def check_credentials(self, username: str, password: str) -> bool:
        """Check and ticket are one transaction: a new password comes before both, or after both and ends the ticket."""
        if not password:
            return False
        browser = st.context.cookies.get(BROWSER_COOKIE, "")
        with transaction(SYSTEM) as session:
            user = check_password(session, username, password, clock.now())
            if user is None:
                return False
            self.ticket = issue_ticket(session, user.id, browser, self.next_path, clock.now())
        self.credentials["usernames"][username] = {"email": user.email, "name": user.name}
        return True

    def _record_failed_login_attempts(self, *_arguments: Any, **_options: Any) -> None:
        """Counted by check_password, in the database."""


class _Tickets:
    """Stands where the library keeps its cookie."""

    def __init__(self, model: _Model) -> None:
        self.model = model

    def get_cookie(self) -> None:
        """Who is signed in already is asked by pages.ui.guard, before the form is shown."""

    def set_cookie(self) -> None:
        """After the right password: off to the route that sets the cookie."""
        st.session_state[STATUS] = None
        redirect("/auth/session?" + urlencode({"t": self.model.ticket}))


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
    """The form; the right password leads to `next_path`."""
    fields = {
        "Form name": _("Log in"),
        "Username": _("E-mail"),
        "Password": _("Password"),
        "Login": _("Log in"),
    }
    with refusals():
        _Form(next_path).login(fields=fields)
        if st.session_state[STATUS] is False:
            st.error(
                _(
                    "The e-mail address or the password is wrong. After five wrong passwords "
                    "the log-in rests for 15 minutes. Forgot your password? Ask the distributor for a new one."
                )
            )
