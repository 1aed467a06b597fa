"""Staff order for a partner: the way in from the partner's page. The way back stands above every page then."""

import streamlit as st

from core import clock
from core.auth.viewing import VIEWING_LIFE, start_ordering
from core.db import transaction
from core.partners.models import Partner
from core.partners.onboarding import LONGEST_REASON
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.guard import redirect
from pages.ui.text import _


def offer_ordering(principal: Principal, partner: Partner) -> None:
    """The button "Order for this partner", for who may and where an order can be placed."""
    if not may(principal, "orders.place_for") or partner.status != "active":
        return
    with st.popover(_("Order for this partner"), icon=":material/support_agent:", key=f"order-for-{partner.id}"):
        words = _(
            "You see the catalogue at its prices, for {minutes} minutes. An order counts against its limits and bears "
            "your name; its people see it. It is kept in the audit."
        )
        st.markdown(words.format(minutes=VIEWING_LIFE.seconds // 60))
        label = _("Reason, if there is one")
        reason = st.text_input(label, max_chars=LONGEST_REASON, key=f"order-for-reason-{partner.id}")
        if not st.button(_("Start ordering"), type="primary", key=f"order-for-start-{partner.id}"):
            return
        with refusals():
            with transaction(principal) as session:
                start_ordering(session, partner.id, reason, clock.real_now())
            redirect("/")
