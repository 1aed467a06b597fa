"""What the dialogs about a person share: open and done, the fields, and the password that is shown once."""

from decimal import Decimal
from uuid import UUID

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.auth.links import LIVES, address_of_link
from core.imports import fields
from core.notifications.mail_server import leaves_by
from core.permissions import BUYER, PARTNER_ROLES, STAFF_ROLES
from pages.ui.forms import editable, end_form, read
from pages.ui.frame import plain
from pages.ui.roles import ROLE_MEANINGS, ROLE_NAMES
from pages.ui.text import _

NEW = 0
"""Stands where the id of a user is expected: the dialog for somebody new."""

SHOWN_KEY = "password-to-hand-over"
LINK_KEY = "link-to-hand-over"


def opened(partner_id: int | None) -> int | None:
    """The user whose dialog is open in the list of this partner (None: the staff), or NEW."""
    whom: int | None = st.session_state.get(_open_key(partner_id))
    return whom


def open_dialog(partner_id: int | None, whom: int) -> None:
    """A callback: from here on the dialog of this user, or NEW, is open."""
    st.session_state[_open_key(partner_id)] = whom


def close_dialog(partner_id: int | None) -> None:
    """From the next run on."""
    st.session_state.pop(_open_key(partner_id), None)


def leave(partner_id: int | None) -> None:
    """It went well: close the dialog. What is said of it over the list was left in the transaction: forms.end_form."""
    close_dialog(partner_id)
    st.rerun()


def link_sent(session: Session, email: str, link: UUID, form: str | None = None) -> None:
    """See forms.end_form. Where no mail leaves, the link is shown on the next run, to be handed over.

    It opens nothing that whoever invites could not open anyway: they may also give the person a password.
    """
    words = _("The link is on its way to {email} and works for {days} days.")
    if not mails_leave():
        st.session_state[LINK_KEY] = (email, address_of_link(session, link, clock.real_now()))
        words = _("The link for {email} is ready and works for {days} days.")
    end_form(words.format(email=plain(email), days=LIVES["invite"].days), form)


def mails_leave() -> bool:
    """Do mails go to people, and not to files?"""
    return bool(leaves_by())


def hand_over(email: str, password: str, form: str | None = None) -> None:
    """Show a generated password on the next run, and on no other. See forms.end_form."""
    st.session_state[SHOWN_KEY] = (email, password)
    end_form(_("{email} has a new password.").format(email=plain(email)), form)


def show_password() -> None:
    """The password, or the link, that was just made: shown on this one run and kept nowhere."""
    _show_link()
    made = st.session_state.pop(SHOWN_KEY, None)
    if made:
        email, password = made
        words = _(
            "The password of {email}: hand it over now, and not by mail. It is not shown again. The person can change "
            "it under “My account”."
        )
        st.success(words.format(email=plain(email)), icon=":material/key:")
        st.code(password, language=None)


def _show_link() -> None:
    made = st.session_state.pop(LINK_KEY, None)
    if made:
        email, link = made
        words = _(
            "No mail leaves from this portal. Hand this link to {email} yourself: it opens a page to choose the "
            "password, once. To try it here, open it in a private window. It is not shown again; “Change” makes "
            "another one."
        )
        st.success(words.format(email=plain(email)), icon=":material/link:")
        st.code(link, language=None, wrap_lines=True)


def choose_role(partner_id: int | None, now: str, form: str) -> str:
    """Outside the form, so that what the role means, and the limit of a buyer, show at once."""
    roles = PARTNER_ROLES if partner_id else STAFF_ROLES
    role = st.selectbox(
        _("Role"), roles, roles.index(now), format_func=lambda key: _(ROLE_NAMES[key]), key=f"{form}-role"
    )
    st.caption(_(ROLE_MEANINGS[role]))
    return role


def type_limit(role: str, now: Decimal | None, form: str) -> str:
    """What was typed as a buyer's spending limit; empty for everybody else."""
    if role != BUYER:
        return ""
    label, explained = _("Largest order without approval, lei with VAT"), _("Empty: no limit")
    value = "" if now is None else editable(now, 2)
    return st.text_input(label, value, placeholder=explained, max_chars=20, key=f"{form}-limit")


def read_limit(typed: str) -> Decimal | None:
    """The amount, or None where nothing was typed. Raises forms.WrongInput."""
    return read(_("Largest order without approval"), typed, fields.amount) if typed.strip() else None


def type_password(form: str) -> str:
    return st.text_input(
        _("Password"), type="password", max_chars=1000, autocomplete="new-password", key=f"{form}-password"
    )


def _open_key(partner_id: int | None) -> str:
    return f"person-open-{partner_id}"
