"""The partner's messages, and its conversations with the distributor."""

import streamlit as st

from core.messages.threads import About
from core.permissions import may
from core.principal import Principal
from pages.ui.conversation import show_conversation
from pages.ui.conversation_list import show_threads
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.messages_steps import show_refused
from pages.ui.my_messages import show_my_messages
from pages.ui.text import _


def main() -> None:
    principal = require("partner", "messages.see")
    show_said()
    if asked := st.query_params.get("conversation"):
        show_one(principal, asked)
        return
    st.title(_("Messages"), anchor=False)
    show_refused()
    messages, conversations = st.tabs([_("From the distributor"), _("Conversations")], key="my_messages_tab",
                                      on_change="rerun")  # fmt: skip
    if messages.open:
        with messages:
            show_my_messages(principal)
    if conversations.open:
        with conversations:
            show_conversations(principal)


def show_conversations(principal: Principal) -> None:
    """The way to write in general, and everything that was written about."""
    if may(principal, "threads.write") and st.button(
        _("Write to the distributor"), type="primary", icon=":material/edit:", key="write"
    ):
        open_conversation(None)
    st.caption(_("About an order, write on the order's own page: there it stays with the order."))
    if chosen := show_threads(principal):
        open_conversation(chosen.order_id)


def open_conversation(order_id: int | None) -> None:
    st.query_params.from_dict({"conversation": str(order_id or "general")})
    st.rerun()


def show_one(principal: Principal, asked: str) -> None:
    """The conversation that the address names: `general`, or the number of an order."""
    if st.button(_("All conversations"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.session_state["my_messages_tab"] = _("Conversations")
        st.rerun()
    order_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    title = _("Order {number}").format(number=order_id) if order_id else _("Conversation with the distributor")
    st.title(title, anchor=False)
    if order_id:
        st.page_link("pages/partner/orders.py", label=_("Open the order"), icon=":material/shopping_cart:",
                     query_params={"order": str(order_id)})  # fmt: skip
    with refusals():
        show_conversation(principal, About(principal.partner_id or 0, order_id))


main()
