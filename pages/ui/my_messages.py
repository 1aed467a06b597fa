"""The partner's messages: what is unread first, each opened with a click, which also marks it as read."""

import streamlit as st

from core import clock
from core.db import transaction
from core.messages.queries import MessageView, my_messages
from core.messages.reading import mark_read
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.message_card import ICONS, LEVELS, period, show_message
from pages.ui.messages_steps import REFUSED_KEY, show_refused
from pages.ui.text import _, moment

FIRST_KEY, OPEN_KEY, ASKED_KEY = "messages_first", "messages_open", "message_asked"
"""What was unread when the page was opened first, which stays on top while it is being read; what is
open; and what the address asked for, which stands above all."""


def show_my_messages(principal: Principal) -> None:
    """Everything under the tab. `?message=` in the address opens one."""
    _open_asked(principal)
    with transaction(principal) as session:
        views = my_messages(session, clock.now())
    show_refused()
    if not views:
        words = _("No messages. What the distributor wants to tell you appears here.")
        st.info(words, icon=":material/inbox:")
        return
    first = _remembered(FIRST_KEY) | {view.id for view in views if view.undone}
    st.session_state[FIRST_KEY] = first
    asked = st.session_state.get(ASKED_KEY)
    for view in sorted(views, key=lambda view: (view.id != asked, view.id not in first)):
        _show_card(principal, view, view.id in _remembered(OPEN_KEY))


def _remembered(key: str) -> frozenset[int]:
    found: frozenset[int] = st.session_state.get(key, frozenset())
    return found


def _open_asked(principal: Principal) -> None:
    """The message that the address asks for, once: it can be closed again."""
    asked = st.query_params.get("message", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        del st.query_params["message"]
        st.session_state[ASKED_KEY] = int(asked)
        with refusals():
            _open(principal, int(asked))


def _open(principal: Principal, message_id: int) -> None:
    """Who opens a message has read it. A viewer leaves no trace."""
    with transaction(principal) as session:
        if may(principal, "messages.confirm"):
            mark_read(session, message_id, clock.now())
        st.session_state[OPEN_KEY] = _remembered(OPEN_KEY) | {message_id}


def _show_card(principal: Principal, view: MessageView, is_open: bool) -> None:
    with st.container(border=True, key=f"message-{view.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            title = f"**{plain(view.title)}**" if view.undone else plain(view.title)
            st.markdown(f":material/{_icon(view)}: {title}  \n:small[{_about(view)}]", width="stretch")
            st.button(
                _("Fold up") if is_open else _("Open"), key=f"open-{view.id}", on_click=_toggle,
                args=(view.id, is_open), type="primary" if view.undone else "secondary",
            )  # fmt: skip
        if not is_open:
            return
        show_message(view, heading=False)
        if view.confirmed_at:
            words = _("You confirmed it on {moment}.").format(moment=moment(view.confirmed_at))
            st.caption(f":material/verified: {words}")
        elif view.level == "confirm" and not may(principal, "messages.confirm"):
            st.caption(_("It waits for a confirmation by each person of the partner."))


def _toggle(message_id: int, is_open: bool) -> None:
    """A callback."""
    principal = require("partner", "messages.see")
    if is_open:
        st.session_state[OPEN_KEY] = _remembered(OPEN_KEY) - {message_id}
        return
    with refusals(REFUSED_KEY):
        _open(principal, message_id)


def _about(view: MessageView) -> str:
    """Its level, its days, and whether it is new or over."""
    words = [] if view.level == "plain" else [_(LEVELS[view.level])]
    words.append(period(view))
    if view.over:
        words.append(_("over"))
    mark = ":red-badge[" + _("Unread") + "] " if view.undone else ""
    return mark + " · ".join(plain(word) for word in words)


def _icon(view: MessageView) -> str:
    return "mark_email_unread" if view.undone and view.level == "plain" else ICONS[view.level]
