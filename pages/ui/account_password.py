"""A new password: one's own here, and the fields for who comes through a mailed link."""

import streamlit as st

from core import clock
from core.auth.account import change_password
from core.auth.passwords import MIN_LENGTH, require_strong
from core.auth.sessions import issue_ticket
from core.db import transaction
from core.principal import Principal
from pages.ui.account_frame import count_attempt, present_password, section
from pages.ui.errors import refusals
from pages.ui.forms import WrongInput
from pages.ui.guard import enter, this_browser
from pages.ui.text import _

AFTERWARDS = "/account?changed=password"


def show_changed() -> None:
    """Say that the new password is in force, on the page that comes after it: all else of the old one is gone."""
    if st.query_params.get("changed") == "password":
        del st.query_params["changed"]
        st.toast(_("Your new password is in force."), icon=":material/check_circle:")


def show_password(principal: Principal) -> None:
    """The form for another password. It ends all sessions; this browser gets a new one and comes back here."""
    words = _("A new password logs you out on every other device.")
    with section(_("Password"), words):
        with st.form("account-password", border=False):
            present = present_password("present_password")
            new, again = new_password_fields()
            if not st.form_submit_button(_("Change the password"), type="primary"):
                return
        with refusals():
            require_same(new, again)
            _change(principal, present, new)


def _change(principal: Principal, present: str, new: str) -> None:
    require_strong(new, [principal.email, principal.name])  # first: a weak one is no try at the present one
    count_attempt(principal, present)
    with transaction(principal, wall=False) as session:
        user = change_password(session, present, new, clock.real_now())
        ticket = issue_ticket(session, user, this_browser(), AFTERWARDS, clock.real_now(), code_shown=True)
    enter(ticket)


def new_password_fields() -> tuple[str, str]:
    """The rule in words and the two fields; what was typed in both."""
    new = st.text_input(
        _("New password"), type="password", key="new_password", autocomplete="new-password", max_chars=200
    )
    again = st.text_input(
        _("The same once more"), type="password", key="same_again", autocomplete="new-password", max_chars=200
    )
    rule = _("At least {length} characters. Three or four words that do not belong together are good and easy to keep.")
    st.caption(rule.format(length=MIN_LENGTH))
    return new, again


def require_same(new: str, again: str) -> None:
    """Raises WrongInput for two different ones."""
    if new != again:
        raise WrongInput(field=_("The same once more"), reason=_("The two are not the same. Type them again."))
