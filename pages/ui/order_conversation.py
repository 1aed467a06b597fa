"""The conversation about an order, on the order's page."""

import streamlit as st

from core.db import transaction
from core.messages.conversations import unread_about
from core.messages.threads import About
from core.orders.queries import OrderRow
from core.permissions import may
from core.principal import Principal
from pages.ui.conversation import show_conversation
from pages.ui.text import _


def show_order_conversation(principal: Principal, order: OrderRow) -> None:
    """Closed until somebody opens it; nothing for those who see no conversations."""
    if not may(principal, "messages.see"):
        return
    about = About(order.partner_id, order.id)
    with transaction(principal) as session:
        new = unread_about(session, about)
    if new:
        st.badge(_("New in the conversation: {count}").format(count=new), icon=":material/forum:", color="red")
    # Its label never changes: another one would be another expander, and closed.
    box = st.expander(
        _("Conversation about this order"), icon=":material/forum:", key=f"conversation-of-{order.id}",
        on_change="rerun",
    )  # fmt: skip
    if box.open:
        with box:
            show_conversation(principal, about)
