"""The mail server and the sender, with a mail to try them."""

from typing import Any

import streamlit as st

from core import clock
from core.db import transaction
from core.i18n import N_
from core.notifications.mail_server import SECURITY, Server, forget_mail_server, mail_server, set_mail_server
from core.notifications.trying import send_to_me
from core.principal import Principal
from pages.ui import steps
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, language

FORM, COUNT, REFUSED = "settings-mail", "mail_server_steps", "mail_server_refused"
SECURITY_NAMES = {
    "starttls": N_("STARTTLS (usual with port 587)"), "tls": N_("TLS from the start (usual with port 465)"),
    "none": N_("None: only for a server on this machine"),
}  # fmt: skip
TRIED = "user_invited"


def show_mail_server(principal: Principal) -> None:
    """Where mails leave now, the form, and what can be done beside it."""
    with transaction(principal) as session:
        now = mail_server(session)
    _show_state(now)
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(refused, icon=":material/block:")
    form = form_key(FORM)
    with st.form(FORM, border=False):
        typed = _show_fields(now, form)
        saving = st.form_submit_button(_("Save"), type="primary", icon=":material/check:", key=f"{FORM}-save")
    with st.container(horizontal=True):
        st.button(
            _("Send a mail to myself"), icon=":material/outgoing_mail:", on_click=_try, args=(steps.drawn(COUNT),)
        )
        if now.ours:
            st.button(_("Back to what the installation says"), icon=":material/undo:", on_click=_forget,
                      args=(steps.drawn(COUNT),))  # fmt: skip
    if not saving:
        return
    with refusals():
        with transaction(principal) as session:
            set_mail_server(session, Server(**typed), clock.now())
            end_form(_("The mail server was saved. The next mail leaves by it."), form=FORM)
        st.rerun()


def _show_state(now: Server) -> None:
    if not now.host:
        st.info(_("Mails do not leave yet: they are written to files on the server. Enter your mail server here."),
                icon=":material/mail_off:")  # fmt: skip
        return
    words = _("Mails leave by {host} as {sender}.").format(host=plain(now.host), sender=plain(now.sender))
    if not now.ours:
        words += " " + _("The installation's configuration says so; what you save here takes its place.")
    st.caption(words)


def _show_fields(now: Server, form: str) -> dict[str, Any]:
    left, right = st.columns([3, 1])
    typed: dict[str, Any] = {
        "host": left.text_input(_("Mail server"), now.host, max_chars=253, key=f"{form}-host",
                                placeholder="mail.example.ro", help=_("Its name, as your mail provider gives it.")),
        "port": int(right.number_input(_("Port"), 1, 65535, now.port, key=f"{form}-port",
                                       help=_("Usual are 587 with STARTTLS and 465 with TLS."))),
        "security": st.selectbox(
            _("Encryption of the connection"), SECURITY, SECURITY.index(now.security),
            format_func=lambda name: _(SECURITY_NAMES[name]), key=f"{form}-security",
            help=_("Mails hold prices and links: over the internet never without."),
        ),
    }  # fmt: skip
    left, right = st.columns(2)
    typed["login"] = left.text_input(_("Login (empty: none)"), now.login, max_chars=254, key=f"{form}-login",
                                     autocomplete="off", help=_("Usually the whole e-mail address."))  # fmt: skip
    typed["password"] = right.text_input(
        _("Password"), "", type="password", max_chars=200, key=f"{form}-password", autocomplete="new-password",
        placeholder=_("unchanged") if now.password else "", help=_("Kept encrypted, and never shown again."),
    )  # fmt: skip
    typed["sender"] = st.text_input(
        _("Sender"), now.sender, max_chars=254, key=f"{form}-sender", placeholder="Electro Ardelia <portal@example.ro>",
        help=_("Partners see it as the mails' sender; the mail server must allow it. Answers go to the company's "
               "e-mail address."),
    )  # fmt: skip
    return typed


def _try(at: int) -> None:
    """A callback."""

    def tell(address: str) -> None:
        steps.say(_("A mail to {address} is on its way. If it has not come in a minute, look under Mails.").format(
            address=plain(address)))  # fmt: skip

    steps.take_once(require("staff", "settings.edit"), COUNT, at, REFUSED,
                    lambda session: send_to_me(session, TRIED, language(), clock.now()), tell)  # fmt: skip


def _forget(at: int) -> None:
    """A callback."""

    def tell(_done: None) -> None:
        steps.say(_("Mails leave as the installation's configuration says."))

    steps.take_once(require("staff", "settings.edit"), COUNT, at, REFUSED,
                    lambda session: forget_mail_server(session, clock.now()), tell)  # fmt: skip
