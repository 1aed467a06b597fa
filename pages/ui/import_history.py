"""The last imports: what each did, who loaded it, and the way to it."""

import streamlit as st

from core.db import transaction
from core.imports import runs
from core.imports.files import ACTIONS, LABELS
from core.permissions import may
from core.principal import Principal
from pages.ui.frame import plain
from pages.ui.import_run import RUN
from pages.ui.text import _, moment, quantity

MOST = 10


def show_history(principal: Principal) -> None:
    """A line each, of the kinds that one may import."""
    kinds = [kind for kind, action in ACTIONS.items() if may(principal, action)]
    with transaction(principal) as session:
        found = runs.recent(session, kinds, MOST)
    st.subheader(_("The last imports"), anchor=False)
    if not found:
        st.caption(_("Nothing was imported yet. What is loaded here can be undone from this list for 30 days."))
    for run in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            state = ":gray-badge[" + _("undone") + "]" if run.state == "undone" else ""
            words = _("new: {created}, changed: {changed}, unchanged: {unchanged}").format(
                created=quantity(run.created), changed=quantity(run.changed), unchanged=quantity(run.unchanged)
            )
            who = plain(run.user) if run.user else _("by itself")
            st.markdown(
                f"**{_(LABELS[run.kind])}** · {plain(run.file_name)} {state}  \n"
                f":small[{moment(run.loaded_at)} · {who} · {words}]"
            )
            st.space("stretch")
            if st.button(_("Open"), key=f"open-import-{run.id}"):
                st.query_params[RUN] = str(run.id)
                st.rerun()
