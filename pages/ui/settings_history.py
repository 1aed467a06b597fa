"""What was changed in the settings, and taking it back."""

import streamlit as st

from core.company_history import Change, changes, undo
from core.db import transaction
from core.principal import Principal
from pages.ui import steps
from pages.ui.audit import changed_in_words
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, moment

COUNT, REFUSED = "settings_undone", "settings_undo_refused"


def show_history(principal: Principal) -> None:
    """The newest changes, each with what can be taken back of it."""
    with transaction(principal) as session:
        rows = changes(session)
    st.caption(_("The last changes, the newest first. Pictures and passwords cannot be taken back."))
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(refused, icon=":material/block:")
    if not rows:
        st.info(_("Nothing was changed yet."), icon=":material/history:")
    for row in rows:
        _show_change(row)


def _show_change(row: Change) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        who = plain(row.who) or _("The system")
        st.markdown(f"{changed_in_words(row.changes)}  \n:small[:gray[{moment(row.at)} · {who}]]", width="stretch")
        if row.undoable:
            st.button(_("Take back"), icon=":material/undo:", key=f"undo-{row.id}", on_click=_undo,
                      args=(steps.drawn(COUNT), row.id))  # fmt: skip


def _undo(at: int, event_id: int) -> None:
    """A callback."""

    def tell(_done: None) -> None:
        steps.say(_("Taken back: the settings are as before that change."))

    steps.take_once(
        require("staff", "settings.edit"), COUNT, at, REFUSED, lambda session: undo(session, event_id), tell
    )
