"""How a partner stands, the steps from there, and the look at the portal with its eyes."""

import streamlit as st

from core import clock
from core.auth.sessions import ENTERING
from core.auth.viewing import VIEWING_LIFE, start_viewing
from core.db import transaction
from core.i18n import N_
from core.partners.models import Partner
from core.partners.onboarding import LONGEST_REASON, TRANSITIONS, move, needs_reason
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form
from pages.ui.frame import plain
from pages.ui.guard import redirect
from pages.ui.text import _

STATUS_NAMES = {
    "proposed": N_("Proposed"),
    "approved": N_("Approved"),
    "active": N_("Active"),
    "on_hold": N_("On hold"),
    "closed": N_("Closed"),
}
COLOURS = {"proposed": "blue", "approved": "blue", "active": "green", "on_hold": "orange", "closed": "gray"}
ICONS = {"active": "play_arrow", "on_hold": "pause", "closed": "block", "approved": "restart_alt"}
STEPS = {
    "active": (N_("Activate"), N_("The partner can order.")),
    "on_hold": (N_("Put on hold"), N_("Its people see the catalogue and their documents, but cannot order.")),
    "closed": (N_("Close"), N_("Nobody of this partner can log in any more, from the next click on.")),
    "approved": (N_("Reopen"), N_("Its people can log in again.")),
}
"""The step to each status: what it is called, and what follows from it."""


def show_status(principal: Principal, partner: Partner) -> None:
    """The badge of the status, and what may be done about it."""
    with st.container(horizontal=True, vertical_alignment="center", key="partner_status"):
        st.badge(_(STATUS_NAMES[partner.status]), color=COLOURS[partner.status])  # type: ignore[arg-type]
        st.space("stretch")
        if partner.status == "proposed":
            st.caption(_("Answer the request at the top of this page."), width="content")
        elif may(principal, "partners.edit"):
            for status in TRANSITIONS[partner.status]:
                _show_step(principal, partner, status)
        if may(principal, "partners.view_as") and partner.status in ENTERING:
            _show_view(principal, partner)


def _show_step(principal: Principal, partner: Partner, status: str) -> None:
    name, consequence = STEPS[status]
    about = f"{partner.id}-{partner.status}-{status}"
    with st.popover(_(name), icon=f":material/{ICONS[status]}:", key=f"step-{about}"):
        st.markdown(_(consequence))
        label = _("Reason") if needs_reason(partner.status, status) else _("Reason, if there is one")
        reason = st.text_input(label, max_chars=LONGEST_REASON, key=f"reason-{about}")
        if not st.button(_(name), type="primary", key=f"do-{about}"):
            return
        with refusals():
            with transaction(principal) as session:
                move(session, partner.id, status, reason, clock.now())
                words = _("{name}: the status is “{status}” now.")
                end_form(words.format(name=plain(partner.name), status=_(STATUS_NAMES[status])))
            st.rerun()


def _show_view(principal: Principal, partner: Partner) -> None:
    with st.popover(_("See the portal as this partner"), icon=":material/visibility:", key=f"view-{partner.id}"):
        words = _(
            "You see what its people see, for {minutes} minutes, and can change nothing. It is kept in the audit."
        )
        st.markdown(words.format(minutes=VIEWING_LIFE.seconds // 60))
        reason = st.text_input(_("Reason"), max_chars=LONGEST_REASON, key=f"view-reason-{partner.id}")
        if not st.button(_("Look"), type="primary", key=f"view-start-{partner.id}"):
            return
        with refusals():
            with transaction(principal) as session:
                start_viewing(session, partner.id, reason, clock.real_now())
            redirect("/")
