"""One's own name, language and e-mail address, and the mails one wants."""

import streamlit as st

from core import clock
from core.auth.account import ask_email_change, set_language, set_muted, set_name
from core.auth.models import User
from core.auth.users import require_email
from core.db import transaction
from core.i18n import LANGUAGES
from core.notifications.choices import choices
from core.principal import Principal
from pages.ui.account_frame import count_attempt, present_password, section
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.text import _, use_language

ASKED_KEY = "email_change_asked"


def show_person(principal: Principal) -> None:
    """Name and language."""
    form = form_key("account-person")
    with (
        section(_("You"), _("How others see you, and how the portal speaks to you.")),
        st.form(form, border=False),
    ):
        left, right = st.columns([3, 2])
        name = left.text_input(_("Your name"), principal.name, max_chars=200, key=f"{form}-name", autocomplete="name")
        codes = list(LANGUAGES)
        spoken = right.selectbox(
            _("Language"),
            codes,
            codes.index(principal.language),
            format_func=lambda code: LANGUAGES[code],
            key=f"{form}-language",
        )
        if st.form_submit_button(_("Save"), type="primary"):
            _keep_person(principal, name, spoken)


def show_email(principal: Principal) -> None:
    """The address as it is, what was asked for, and the way to another one."""
    with section(_("E-mail address"), _("You log in with it, and mails come to it.")):
        st.markdown(f":material/mail: **{plain(principal.email)}**")
        asked = st.session_state.get(ASKED_KEY)
        if asked and asked != principal.email:
            words = _("A link was mailed to {new} and works for 24 hours. Until you open it, you log in with {old}.")
            st.info(words.format(new=plain(asked), old=plain(principal.email)))
        with st.expander(_("Change"), icon=":material/edit:"):
            _ask_email_change(principal)


def show_mails(principal: Principal) -> None:
    """A check box for each mail that can be done without; nothing for a role that gets none of them."""
    offered = choices(principal)
    if not offered:
        return
    with section(_("Mails"), _("What the portal mails you. Mails about your log-in and your password always come.")):
        with transaction(principal, wall=False) as session:
            muted = set(session.get_one(User, principal.user_id).muted)
        form = form_key("account-mails")
        with st.form(form, border=False):
            wanted = {
                template: st.checkbox(_(label), template not in muted, key=f"{form}-{template}")
                for template, label in offered.items()
            }
            if not st.form_submit_button(_("Save"), type="primary"):
                return
        with refusals():
            kept = (muted - wanted.keys()) | {template for template, on in wanted.items() if not on}
            with transaction(principal, wall=False) as session:
                set_muted(session, kept, clock.now())
                end_form(_("Your choice of mails was saved."), form="account-mails")
            st.rerun()


def _keep_person(principal: Principal, name: str, spoken: str) -> None:
    with refusals():
        with transaction(principal, wall=False) as session:
            set_name(session, name, clock.now())
            set_language(session, spoken)
            use_language(spoken)
            end_form(_("Your name and language were saved."), form="account-person")
        st.rerun()


def _ask_email_change(principal: Principal) -> None:
    form = form_key("account-email")
    with st.form(form, border=False):
        email = st.text_input(_("New e-mail address"), max_chars=254, key=f"{form}-email", autocomplete="email")
        password = present_password(f"{form}-password")
        if not st.form_submit_button(_("Send the link")):
            return
    with refusals():
        email = require_email(email)
        count_attempt(principal, password)
        with transaction(principal, wall=False) as session:
            ask_email_change(session, password, email, clock.now())
            st.session_state[ASKED_KEY] = email
            end_form(_("The link is on its way."), form="account-email")
        st.rerun()
