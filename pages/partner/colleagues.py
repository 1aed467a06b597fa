"""Colleagues: who else of the company logs in, and what they may do. For the owner."""

import streamlit as st

from core.permissions import PARTNER_ROLES
from core.principal import Principal
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.people import show_people
from pages.ui.roles import show_role_meanings
from pages.ui.text import _


def show_roles() -> None:
    with st.expander(_("What each role may do"), icon=":material/badge:"):
        show_role_meanings(PARTNER_ROLES)


def main(principal: Principal) -> None:
    show_said()
    st.title(_("Colleagues"), anchor=False)
    show_roles()
    show_people(principal, principal.partner_id)


main(require("partner", "colleagues.manage"))
