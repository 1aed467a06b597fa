"""Messages to partners with their receipts, and the conversations with partners."""

import streamlit as st

from core import clock
from core.db import transaction
from core.messages.listing import targets
from core.messages.threads import About
from core.permissions import may
from core.principal import Principal
from pages.ui.conversation import show_conversation
from pages.ui.conversation_list import show_threads
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.message_form import show_new
from pages.ui.message_receipts import show_one
from pages.ui.messages_list import show_messages
from pages.ui.messages_steps import show_refused
from pages.ui.text import _


def main() -> None:
    staff = require("staff", "messages.see")
    show_said()
    if message_id := number("message"):
        with refusals():
            show_one(staff, message_id)
        return
    if partner_id := number("partner"):
        show_thread(staff, About(partner_id, number("order")))
        return
    st.title(_("Messages"), anchor=False)
    show_refused()
    if not may(staff, "messages.post"):
        show_conversations(staff)
        return
    messages, conversations, new = st.tabs(
        [_("Messages"), _("Conversations"), _("New message")], key="messages_tab", on_change="rerun"
    )
    for tab, show in ((messages, show_messages), (conversations, show_conversations), (new, show_new)):
        # Only what is open is drawn: each of them asks the database.
        if tab.open:
            with tab:
                show(staff)


def number(name: str) -> int | None:
    """An id in the address."""
    asked = st.query_params.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None


def show_conversations(staff: Principal) -> None:
    """What was written, found by partner or order, and the way to begin."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    hint = _("Partner's name or code, or an order's number")
    search = left.text_input(_("Search"), placeholder=hint, icon=":material/search:", key="thread_search")
    if may(staff, "messages.post"):
        with transaction(staff) as session:
            partners = targets(session, clock.now()).partners
        begun = right.selectbox(_("Write to a partner"), list(partners), None, format_func=partners.__getitem__,
                                placeholder=_("Choose a partner"), key="thread_with")  # fmt: skip
        if begun:
            del st.session_state["thread_with"]
            open_thread(About(begun))
    if chosen := show_threads(staff, search):
        open_thread(chosen)


def open_thread(about: About) -> None:
    query = {"partner": str(about.partner_id)} | ({"order": str(about.order_id)} if about.order_id else {})
    st.query_params.from_dict(query)
    st.rerun()


def show_thread(staff: Principal, about: About) -> None:
    if st.button(_("All conversations"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.session_state["messages_tab"] = _("Conversations")
        st.rerun()
    with refusals():
        show_conversation(staff, about, titled=True)


main()
