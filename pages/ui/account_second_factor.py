"""The second step at log-in: set up with a picture for the telephone, looked after, turned off.

A secret that is being set up is in this browser's session state and nowhere else; recovery codes are there until
their owner has kept them.
"""

import segno
import streamlit as st

from core import clock
from core.auth.models import User
from core.auth.second_factor import new_setup, recovery_codes_left, renew_recovery_codes, turn_off, turn_on
from core.company import company
from core.db import transaction
from core.principal import Principal
from pages.ui.account_frame import present_password, proven, section
from pages.ui.clicks import leave
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.text import _

SETUP_KEY = "second_factor_setup"
CODES_KEY = "recovery_codes"
FEW_CODES = 3


def show_second_factor(principal: Principal) -> None:
    """What is next: codes to keep, a set-up to finish, or how things stand."""
    with section(
        _("Second step at log-in"),
        _("After the password, a code from your telephone. Whoever learns your password cannot get in with it alone."),
    ):
        if codes := codes_to_keep():
            _show_codes(codes)
        elif SETUP_KEY in st.session_state:
            _show_setup(principal)
        else:
            _show_state(principal)


def codes_to_keep() -> list[str]:
    """Recovery codes whose owner has not said yet that they are kept. Nothing else is to distract from them."""
    codes: list[str] = st.session_state.get(CODES_KEY, [])
    return codes


def begin_setup(principal: Principal) -> None:
    """Make a secret to set up, unless one is waiting."""
    if SETUP_KEY not in st.session_state:
        with transaction(principal, wall=False) as session:
            st.session_state[SETUP_KEY] = new_setup(session, company(session).name)


def _show_state(principal: Principal) -> None:
    with transaction(principal, wall=False) as session:
        on = bool(session.get_one(User, principal.user_id).totp_secret)
        left = recovery_codes_left(session)
        required = principal.role in company(session).two_factor_roles
    if on:
        _show_on(principal, left, required)
        return
    st.markdown(":material/lock_open: " + _("Off: your password alone lets you in."))
    _ask_then_set_up(principal, "begin", _("Set it up"))


def _show_on(principal: Principal, left: int, required: bool) -> None:
    st.markdown(":material/verified_user: " + _("On: you log in with a code from your telephone."))
    show = st.warning if left < FEW_CODES else st.caption
    show(_("Recovery codes left: {count}").format(count=left))
    with st.container(horizontal=True):
        _renew_codes(principal)
        _change_telephone(principal)
        if not required:
            _turn_off(principal)
    if required:
        st.caption(_("Your role requires the second step: it cannot be turned off."))


def _renew_codes(principal: Principal) -> None:
    with st.popover(_("New recovery codes"), icon=":material/password:"):
        st.write(_("Ten new codes. The old ones open nothing from then on."))
        password = _ask_password("codes", _("Make new codes"))
        if password is None:
            return
        with refusals():
            with proven(principal, password) as session:
                st.session_state[CODES_KEY] = renew_recovery_codes(session, clock.real_now())
            st.rerun()


def _change_telephone(principal: Principal) -> None:
    with st.popover(_("Another telephone"), icon=":material/smartphone:"):
        st.write(_("Set it up anew. The old telephone works until you are done."))
        _ask_then_set_up(principal, "telephone", _("Go on"))


def _ask_then_set_up(principal: Principal, name: str, label: str) -> None:
    """Not without the password: whoever finds this browser open would lock its owner out."""
    password = _ask_password(name, label)
    if password is None:
        return
    with refusals():
        with proven(principal, password) as session:
            st.session_state[SETUP_KEY] = new_setup(session, company(session).name)
        st.rerun()


def _turn_off(principal: Principal) -> None:
    with st.popover(_("Turn it off"), icon=":material/lock_open:"):
        st.write(_("Your password alone lets you in again. The recovery codes open nothing any more."))
        password = _ask_password("off", _("Turn it off"))
        if password is None:
            return
        with refusals():
            with proven(principal, password) as session:
                turn_off(session, clock.real_now())
                end_form(_("The second step is off."))
            st.rerun()


def _ask_password(name: str, label: str) -> str | None:
    """A form with the present password; what was typed, once it is sent."""
    form = form_key(f"second-factor-{name}")
    with st.form(form, border=False):
        password = present_password(f"{form}-password")
        return password if st.form_submit_button(label, type="primary") else None


def _show_setup(principal: Principal) -> None:
    setup = st.session_state[SETUP_KEY]
    st.markdown(_("**1.** Install an app for log-in codes on your telephone, such as Google Authenticator or Aegis."))
    left, right = st.columns([2, 3], vertical_alignment="center")
    picture = segno.make(setup.uri, error="m").svg_inline(scale=4, border=3, light="#fff")
    left.image(picture, width=210, alt=_("A QR code with the key"))
    right.markdown(_("**2.** Scan the picture with it, or type this key into it:"))
    right.code(in_groups(setup.secret), language=None, wrap_lines=True)
    with st.form("second_factor_setup_form", border=False):
        st.markdown(_("**3.** Type the six digits that the app shows now."))
        code = st.text_input(_("Code"), max_chars=10, key="second_factor_setup_code", autocomplete="one-time-code")
        submitted = st.form_submit_button(_("Turn on the second step"), type="primary")
    if not principal.enrolling and st.button(_("Not now"), type="tertiary", key="second_factor_not_now"):
        del st.session_state[SETUP_KEY]
        st.rerun()
    if submitted:
        _turn_on(principal, setup.secret, code)


def _turn_on(principal: Principal, secret: str, code: str) -> None:
    with refusals():
        with transaction(principal, wall=False) as session:
            codes = turn_on(session, secret, code, clock.real_now())
            leave(CODES_KEY, codes)
            end_form(_("The second step is on."))
        st.session_state.pop(SETUP_KEY, None)
        st.rerun()


def _show_codes(codes: list[str]) -> None:
    st.markdown(
        ":material/password: " + _("**Your recovery codes.** They are shown only now: print them or copy them.")
    )
    st.write(
        _(
            "If your telephone is lost, each of them lets you in once instead of its code. "
            "Keep them away from the telephone."
        )
    )
    st.code("\n".join(codes), language=None)
    if st.button(_("I have kept them"), type="primary", key="recovery_codes_kept"):
        del st.session_state[CODES_KEY]
        st.rerun()


def in_groups(secret: str) -> str:
    """The key as people type it: four signs, a blank."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
