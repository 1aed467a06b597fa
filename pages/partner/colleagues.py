"""Colleagues: who else of the company logs in, and what they may do. For the owner."""

import streamlit as st

from core.permissions import PARTNER_ROLES
from core.principal import Principal
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.people import show_people
from pages.ui.roles import show_role_meanings
from pages.ui.text import _


def show_help() -> None:
    with st.expander(_("How this works"), icon=":material/help:"):
        st.markdown(
            _(
                "Everybody who works with the portal has a log-in of their own: nobody needs to share a password. "
                "“New person” sends a link with which the colleague sets a password. Whoever leaves the company is "
                "blocked here, and is logged out at once. What each role may do:"
            )
        )
        show_role_meanings(PARTNER_ROLES)


def main(principal: Principal) -> None:
    show_said()
    st.title(_("Colleagues"), anchor=False)
    show_help()
    show_people(principal, principal.partner_id)


main(require("partner", "colleagues.manage"))
