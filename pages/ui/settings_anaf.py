"""The connection to ANAF's e-Factura: the registered application, a person's certificate, and how it stands."""

import streamlit as st

from core import clock
from core.anaf.connecting import Connection, connection, disconnect, redirect_uri, set_connection, start_url
from core.anaf.models import ENVIRONMENTS
from core.db import transaction
from core.i18n import N_
from core.principal import Principal
from pages.ui import steps
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, moment

FORM, COUNT, REFUSED = "settings-anaf", "anaf_steps", "anaf_refused"
ENVIRONMENT_NAMES = {
    "test": N_("Test: to try it out, nothing counts"), "prod": N_("Real: what is sent is handed in"),
}  # fmt: skip


def show_anaf(principal: Principal) -> None:
    """How the connection stands, the form, and the way to ANAF's log-in and out again."""
    with transaction(principal) as session:
        now = connection(session)
        address = start_url(session) if now else ""
    _show_state(now)
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(refused, icon=":material/block:")
    _show_form(principal, now)
    if now is None:
        return
    with st.container(horizontal=True):
        words = _("Connect again") if now.connected_at else _("Connect to ANAF")
        st.link_button(words, address, icon=":material/key:", type="secondary" if now.connected_at else "primary",
                       help=_("In a browser that has the certificate; ANAF asks for it."))  # fmt: skip
        if now.connected_at:
            st.button(_("Disconnect"), icon=":material/link_off:", on_click=_disconnect, args=(steps.drawn(COUNT),))


def _show_state(now: Connection | None) -> None:
    if now is None or not now.connected_at:
        words = _(
            "Invoices are not sent to ANAF: they wait until somebody connects. Register the portal at ANAF with the"
            " callback address {address}, and enter here what ANAF gave you."
        )
        st.info(words.format(address=f"`{redirect_uri()}`"), icon=":material/cloud_off:")
    elif now.lost:
        words = _("The connection must be made again; invoices wait meanwhile and are not lost.")
        st.error(words, icon=":material/link_off:")
    else:
        words = _("Connected since {since}; access is good until {until} and is renewed by itself.")
        until = moment(now.until) if now.until else ""
        st.success(words.format(since=moment(now.connected_at), until=until), icon=":material/cloud_done:")
    if now and now.error:
        said = _("Last error, {at}: {error}").format(
            at=moment(now.error_at) if now.error_at else "", error=_(now.error)
        )
        st.caption(plain(said))


def _show_form(principal: Principal, now: Connection | None) -> None:
    form = form_key(FORM)
    with st.form(FORM, border=False):
        environment = st.radio(
            _("Environment of ANAF"), ENVIRONMENTS, ENVIRONMENTS.index(now.environment) if now else 0,
            format_func=lambda name: _(ENVIRONMENT_NAMES[name]), key=f"{form}-environment",
            help=_("After the change to the real one, what was only tried out is sent there as well."),
        )  # fmt: skip
        left, right = st.columns(2)
        client_id = left.text_input(
            _("Client id"), now.client_id if now else "", max_chars=200, key=f"{form}-id", autocomplete="off"
        )
        secret = right.text_input(
            _("Client secret"), "", type="password", max_chars=500, key=f"{form}-secret", autocomplete="new-password",
            placeholder=_("unchanged") if now else "", help=_("Kept encrypted, and never shown again."),
        )  # fmt: skip
        if not st.form_submit_button(_("Save"), type="primary", icon=":material/check:", key=f"{FORM}-save"):
            return
    with refusals():
        with transaction(principal) as session:
            set_connection(session, environment, client_id, secret, clock.now())
            end_form(_("The connection's data was saved."), form=FORM)
        st.rerun()


def _disconnect(at: int) -> None:
    """A callback."""

    def tell(_done: None) -> None:
        steps.say(_("Disconnected: invoices wait until somebody connects again."))

    steps.take_once(require("staff", "settings.edit"), COUNT, at, REFUSED,
                    lambda session: disconnect(session, clock.now()), tell)  # fmt: skip
