"""What happened to one partner, as staff read it."""

import streamlit as st

from core.audit_fields import FIELDS
from core.audit_words import KINDS, Detail, details
from core.partners.history import MOST, Happened
from pages.ui.audit import shown
from pages.ui.frame import plain
from pages.ui.text import _, moment, quantity

PAGE_SIZE = 20


def show_history(partner_id: int, happened: list[Happened]) -> None:
    """The events, the newest first, with their details on lines of their own: a table would cut them off."""
    if not happened:
        st.info(_("Nothing is recorded about this partner yet."), icon=":material/history:")
        return
    page = st.session_state.get(key := f"history-{partner_id}", 1)
    these = happened[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    st.markdown("\n\n".join(_told(event) for event in these))
    if len(happened) > PAGE_SIZE:
        st.pagination(-(-len(happened) // PAGE_SIZE), key=key)
    if len(happened) == MOST:
        st.caption(_("The last {count} are shown; the audit has all of them.").format(count=quantity(MOST)))


def _told(event: Happened) -> str:
    """Two lines of Markdown: what, when and who; then what is known of it."""
    who = plain(event.who or event.address or "Rampa")
    first = f"**{plain(_(KINDS[event.kind]))}** :gray[{plain(moment(event.at))} · {who}]"
    told = [_detail(detail) for detail in details(event.kind, event.data) if detail.field not in ("email", "sku")]
    parts = [part for part in (event.subject, event.sku, *told) if part]
    return "  \n".join([first, *([" · ".join(plain(part) for part in parts)] if parts else [])])


def _detail(detail: Detail) -> str:
    name = _(FIELDS[detail.field]) if detail.field in FIELDS else detail.field
    old = "" if detail.old is None else f"{shown(detail.field, detail.old) or '–'} → "
    return f"{name}: {old}{shown(detail.field, detail.new) or '–'}"
