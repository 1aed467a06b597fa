"""One's own name, language and e-mail address, and the mails one wants."""

import streamlit as st

from core import clock
from core.auth.account import ask_email_change, choose_mails, set_language, set_name
from core.auth.models import User
from core.auth.users import require_email
from core.db import transaction
from core.i18n import LANGUAGES, N_
from core.notifications.choices import choices
from core.principal import Principal
from pages.ui.account_frame import count_attempt, present_password, section
from pages.ui.clicks import leave
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
    """How each mail that can be done without is to come; nothing for a role that gets none of them."""
    offered = choices(principal)
    if not offered:
        return
    with section(_("Mails"), _("What the portal mails you. Mails about your log-in and your password always come.")):
        with transaction(principal, wall=False) as session:
            me = session.get_one(User, principal.user_id)
        _tell_of_bounce(me)
        form = form_key("account-mails")
        with st.form(form, border=False):
            how = {template: _how(me, template, label, form) for template, label in offered.items()}
            st.caption(_("Once a day: what happened since the morning before comes together, at half past seven."))
            if st.form_submit_button(_("Save"), type="primary"):
                _keep_mails(principal, me, how)


def _tell_of_bounce(me: User) -> None:
    """Whose mails come back should know: they do not read it in a mail."""
    if me.bounced_at:
        words = _("The last mail to {email} came back: {answer} Check the address above.")
        st.warning(words.format(email=plain(me.email), answer=plain(me.bounce)), icon=":material/mail_off:")


HOW = {"now": N_("At once"), "daily": N_("Once a day"), "never": N_("Never")}


def _how(me: User, template: str, label: str, form: str) -> str:
    chosen = "never" if template in me.muted else "daily" if template in me.gathered else "now"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        st.markdown(_(label), width="content")
        picked = st.segmented_control(
            _(label), list(HOW), default=chosen, format_func=lambda name: _(HOW[name]), required=True,
            label_visibility="collapsed", key=f"{form}-{template}", width="content",
        )  # fmt: skip
    return picked or chosen


def _keep_mails(principal: Principal, me: User, how: dict[str, str]) -> None:
    """What another role would be offered stays as it was chosen."""
    muted, gathered = (
        set(before) - how.keys() | {template for template, picked in how.items() if picked == name}
        for before, name in ((me.muted, "never"), (me.gathered, "daily"))
    )
    with refusals():
        with transaction(principal, wall=False) as session:
            choose_mails(session, muted, gathered, clock.real_now())
            end_form(_("Your choice of mails was saved."), form="account-mails")
        st.rerun()


def _keep_person(principal: Principal, name: str, spoken: str) -> None:
    with refusals():
        with transaction(principal, wall=False) as session:
            set_name(session, name, clock.real_now())
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
            ask_email_change(session, password, email, clock.real_now())
            leave(ASKED_KEY, email)
            end_form(_("The link is on its way."), form="account-email")
        st.rerun()
