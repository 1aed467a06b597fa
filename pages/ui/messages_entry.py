"""What partners' people meet on entry: what must be confirmed before anything else, then what is important."""

import streamlit as st

from core import clock
from core.db import transaction
from core.messages.queries import NOTHING, Waiting, my_message, waiting
from core.messages.reading import confirm, mark_read
from core.permissions import may
from core.principal import Principal
from core.terms.accepting import ToAccept, to_accept
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require, sign_out
from pages.ui.message_card import show_text
from pages.ui.messages_steps import REFUSED_KEY, show_refused
from pages.ui.text import _

LATER_KEY = "messages_for_later"
PAGE = "pages/partner/messages.py"


def look_for(principal: Principal | None) -> tuple[Waiting, ToAccept | None]:
    """The messages that wait for who is there, and the terms that they have to accept; a statement for each, and none
    for those who see no messages or accept none."""
    reads, accepts = (principal and may(principal, action) for action in ("messages.see", "terms.accept"))
    if principal is None or not (reads or accepts):
        return NOTHING, None
    with transaction(principal) as session:
        found = waiting(session, clock.now()) if reads else NOTHING
        return found, to_accept(session, principal) if accepts else None


def stand_before(principal: Principal, found: Waiting) -> bool:
    """Show what must be confirmed, if there is something, in a dialog that only that closes; was there something?"""
    if not found.to_confirm or not may(principal, "messages.confirm"):
        return False
    st.info(_("The page opens once you have confirmed."), icon=":material/verified:")
    dialog = st.dialog(
        _("Please read and confirm"), width="medium", dismissible=False, icon=":material/verified:"
    )  # fmt: skip
    dialog(_show_next)()
    return True


def _show_next() -> None:
    """One after the other, each read by being shown; after the last one the page."""
    principal = require("partner", "messages.confirm")
    with transaction(principal) as session:
        left = waiting(session, clock.now()).to_confirm
        view = my_message(session, left[0], clock.now()) if left else None
        if view and view.read_at is None:
            mark_read(session, view.id, clock.now())
    if view is None:
        st.session_state.pop(REFUSED_KEY, None)  # one that was withdrawn meanwhile needs no confirmation any more
        st.rerun()
        return
    show_refused()
    if len(left) > 1:
        st.caption(_("Messages to confirm: {count}").format(count=len(left)))
    # The way to what it leads to comes after: a link would close nothing, and lead to this dialog again.
    show_text(view.title, view.body, f"/messages/{view.id}/picture" if view.picture else None)
    st.button(_("I have read this and I confirm"), type="primary", icon=":material/check:", key=f"confirm-{view.id}",
              on_click=_confirm, args=(view.id,), width="stretch")  # fmt: skip
    if st.button(_("Log out"), type="tertiary", icon=":material/logout:", key="leave_unconfirmed"):
        sign_out()


def _confirm(message_id: int) -> None:
    """A callback. Confirming twice is confirming once."""
    with refusals(REFUSED_KEY), transaction(require("partner", "messages.confirm")) as session:
        confirm(session, message_id, clock.now())


def show_important(principal: Principal, found: Waiting) -> None:
    """Above every page but that of the messages: what is important and unread, until it is read or put off for this
    visit."""
    put_off = st.session_state.get(LATER_KEY, frozenset())
    news = [row for row in found.messages if row.level == "important" and row.id not in put_off]
    if not news or not may(principal, "messages.confirm"):
        return
    with st.container(border=True, key="important_messages"):
        for row in news:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f":material/priority_high: **{plain(row.title)}**", width="stretch")
                if st.button(_("Read it"), type="primary", key=f"read-{row.id}"):
                    st.switch_page(PAGE, query_params={"message": str(row.id)})
                st.button(_("Later"), key=f"later-{row.id}", on_click=_put_off, args=(row.id,))


def _put_off(message_id: int) -> None:
    """A callback."""
    st.session_state[LATER_KEY] = st.session_state.get(LATER_KEY, frozenset()) | {message_id}
