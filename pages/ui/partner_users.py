"""Who may log in for a partner: log-ins made, blocked, given a new password that is shown once."""

import streamlit as st

from core.auth.users import change_password, create_user, set_active
from core.db import transaction
from core.partners.models import Partner
from core.partners.queries import PartnerUser
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import form_key, say_and_rerun
from pages.ui.frame import plain
from pages.ui.text import _

SHOWN_KEY = "password-to-hand-over"


def edit_users(principal: Principal, partner: Partner, users: list[PartnerUser]) -> None:
    """The people of a partner with what can be done for each, and the form for a new one."""
    _show_password()
    for user in users:
        _show_user(principal, user)
    if not users:
        st.info(_("Nobody can log in for this partner yet. Create the first log-in below."), icon=":material/info:")
    _create(principal, partner, len(users))


def _show_password() -> None:
    """The password that was just made: shown on this one run and kept nowhere."""
    made = st.session_state.pop(SHOWN_KEY, None)
    if made:
        email, password = made
        st.success(_("The password of {email}. Hand it over now: it is not shown again.").format(email=plain(email)))
        st.code(password, language=None)


def _show_user(principal: Principal, user: PartnerUser) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        icon = ":material/person:" if user.active else ":material/block:"
        st.markdown(f"{icon} **{plain(user.name)}**  \n{plain(user.email)}", width="stretch")
        if not user.active:
            st.caption(_("Blocked"), width="content")
        if st.button(_("New password"), key=f"password-{user.id}", disabled=not user.active):
            _new_password(principal, user)
        label = _("Block") if user.active else _("Unblock")
        # What it does in the key: a click on “Block” is none on “Unblock” when a colleague was faster.
        if st.button(label, key=f"block-{user.id}-{user.active}"):
            _set_active(principal, user)


def _create(principal: Principal, partner: Partner, others: int) -> None:
    form = form_key(f"user-{partner.id}-{others}")  # another number: the form is empty again for the next person
    with st.form(form):
        left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
        email = left.text_input(_("E-mail"), "" if others else partner.email, max_chars=254, key=f"{form}-email")
        name = middle.text_input(_("The person's name"), max_chars=200, key=f"{form}-name")
        if not right.form_submit_button(_("Create a log-in"), width="stretch"):
            return
    with refusals():
        with transaction(principal) as session:
            user, password = create_user(session, email, name, "partner", partner.id)
            made = (user.email, password)
        st.session_state[SHOWN_KEY] = made
        st.rerun()


def _new_password(principal: Principal, user: PartnerUser) -> None:
    with refusals():
        with transaction(principal) as session:
            password = change_password(session, user.id)
        st.session_state[SHOWN_KEY] = (user.email, password)
        st.rerun()


def _set_active(principal: Principal, user: PartnerUser) -> None:
    with refusals():
        with transaction(principal) as session:
            set_active(session, user.id, not user.active)
        words = _("{email} is blocked and logged out.") if user.active else _("{email} can log in again.")
        say_and_rerun(words.format(email=plain(user.email)))
