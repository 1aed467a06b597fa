"""One conversation, as both sides see it: what was written, with its files, and the form to answer."""

from html import escape

import streamlit as st

from core import clock
from core.db import transaction
from core.messages.conversations import Conversation, Entry, FileRow, conversation
from core.messages.files import KINDS, MOST_MB, PICTURES, NewFile
from core.messages.threads import LONGEST, MOST_FILES, About, mark_seen, write
from core.permissions import may
from core.principal import Principal
from pages.ui.frame import plain
from pages.ui.messages_steps import drawn, show_refused, step_key, take_step
from pages.ui.product_files import size
from pages.ui.text import _, moment

SHOWN = 30
"""So many of the latest entries are shown at first."""


def show_conversation(principal: Principal, about: About, titled: bool = False) -> None:
    """The conversation and the form; who may answer has seen it by that. `titled` for a page of its own on the staff's
    side. Raises NotFound."""
    with transaction(principal) as session:
        found = conversation(session, about)
    _mark_seen(principal, found)
    if titled:
        _show_title(found)
    key = f"{about.partner_id}-{about.order_id or 'general'}"
    with st.container(key=f"conversation-{key}"):
        if not found.entries:
            st.caption(_("Nothing was written here yet."))
        _show_entries(principal, found, key)
        show_refused()
        if may(principal, "threads.write"):
            _show_form(principal, about, key)


def _show_title(found: Conversation) -> None:
    st.title(plain(found.partner), anchor=False)
    if found.about.order_id:
        words = _("Order {number}").format(number=found.about.order_id)
        st.page_link("pages/staff/orders.py", label=words, icon=":material/list_alt:",
                     query_params={"order": str(found.about.order_id)})  # fmt: skip


def _mark_seen(principal: Principal, found: Conversation) -> None:
    """Then the page is drawn anew: the menu was counted before."""
    if not found.unread or not found.thread_id or not may(principal, "threads.write"):
        return
    with transaction(principal) as session:
        mark_seen(session, found.thread_id, found.entries[-1].id)
    st.rerun()


def _show_entries(principal: Principal, found: Conversation, key: str) -> None:
    entries = found.entries
    if len(entries) > SHOWN:
        earlier = _("Earlier entries: {count}").format(count=len(entries) - SHOWN)
        if not st.toggle(earlier, key=f"earlier-{key}"):
            entries = entries[-SHOWN:]
    for entry in entries:
        _show_entry(entry, mine=entry.by_staff == (principal.kind == "staff"))


def _show_entry(entry: Entry, mine: bool) -> None:
    side = "mine" if mine else "theirs"
    with st.container(key=f"entry-{side}-{entry.id}", border=True):
        st.markdown(f"**{plain(entry.author)}** :small[{plain(moment(entry.at))}]")
        if entry.body:
            st.html(f'<div class="written">{escape(entry.body)}</div>')
        for file in entry.files:
            _show_file(file)


def _show_file(file: FileRow) -> None:
    """A link; a picture is seen at once, and opened by a click."""
    address, name = f"/conversations/files/{file.id}", escape(file.name, quote=True)
    about = f"{name} <small>{escape(size(file.size))}</small>"
    picture = f'<img src="{address}" alt="{name}">' if file.media_type in PICTURES else ""
    st.html(f'<a class="sent-file" href="{address}" target="_blank" rel="noopener">{picture}<span>{about}</span></a>')


def _show_form(principal: Principal, about: About, key: str) -> None:
    text_key, files_key = step_key("text", key), step_key("files", key)
    with st.form(step_key("form", key), border=False):
        st.text_area(_("Your message"), key=text_key, max_chars=LONGEST, height=100)
        st.file_uploader(
            _("Files: {most} at most, {size} MB each").format(most=MOST_FILES, size=MOST_MB), list(KINDS),
            accept_multiple_files=True, key=files_key, max_upload_size=MOST_MB,
        )  # fmt: skip
        st.form_submit_button(
            _("Send"), type="primary", icon=":material/send:", on_click=_send,
            args=(principal.kind, drawn(), about, text_key, files_key),
        )  # fmt: skip


def _send(side: str, at: int, about: About, text_key: str, files_key: str) -> None:
    """A callback."""
    files = [NewFile(file.name, file.getvalue()) for file in st.session_state.get(files_key) or []]
    body = st.session_state.get(text_key) or ""
    take_step(side, at, lambda session: write(session, about, body, files, clock.now()), _("Sent."))  # type: ignore[arg-type]
