"""The terms and conditions, which partners' people accept before anything else."""

import streamlit as st

from core import clock
from core.db import transaction
from core.terms.accepting import ToAccept, accept, to_accept
from pages.ui.errors import refusals
from pages.ui.guard import require, sign_out
from pages.ui.message_card import show_text
from pages.ui.text import _, moment

REFUSED = "terms_refused"


def accept_first(found: ToAccept | None) -> bool:
    """Show that a text has to be accepted, if there is one, in a dialog that only that closes; was there one?"""
    if found is None:
        return False
    st.info(_("The page opens once you have accepted the terms."), icon=":material/gavel:")
    st.dialog(_("Terms and conditions"), width="large", dismissible=False, icon=":material/gavel:")(_show)()
    return True


def _show() -> None:
    principal = require("partner", "terms.accept")
    with transaction(principal) as session:
        found = to_accept(session, principal)
    if found is None:
        st.rerun()
        return
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(refused, icon=":material/block:")
    st.caption(_("In force since {moment}.").format(moment=moment(found.published_at)))
    with st.container(height=420):
        show_text("", found.body, None, heading=False)
    st.button(_("I have read the terms and I accept them"), type="primary", icon=":material/check:", width="stretch",
              key=f"accept-{found.id}", on_click=_accept, args=(found.id,))  # fmt: skip
    if st.button(_("Log out"), type="tertiary", icon=":material/logout:", key="leave_unaccepted"):
        sign_out()


def _accept(terms_id: int) -> None:
    """A callback. Accepting twice is accepting once."""
    with refusals(REFUSED), transaction(require("partner", "terms.accept")) as session:
        accept(session, terms_id, clock.now())
