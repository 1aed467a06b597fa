"""A new partner that staff enter: the CUI first, which fills in the rest from the register."""

from typing import Any

import streamlit as st

from core import clock
from core.db import transaction
from core.partners.data import PartnerData, Terms
from core.partners.onboarding import create_partner
from core.principal import Principal
from pages.ui.clicks import leave
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.partner_fields import company_fields, data_of, read_discount, terms_fields, terms_of
from pages.ui.text import _

OPEN_KEY = "new_partner"
CREATED_KEY = "created_partner"
"""The code of the partner that was just created: the page shows it."""

ABOUT = "partner-new"


def new_partner_button() -> None:
    """Opens the form."""
    if st.button(_("New partner"), icon=":material/add:", type="primary", key="new_partner_open"):
        st.session_state[OPEN_KEY] = True


def new_partner(principal: Principal) -> None:
    """The form, while it is open."""
    if not st.session_state.get(OPEN_KEY):
        return
    form = form_key(ABOUT)
    with st.container(border=True, key="new_partner_form"):
        st.markdown("#### " + _("New partner"))
        with st.form(form, border=False, enter_to_submit=False):
            typed = company_fields(form, PartnerData(""), look_up=True) | terms_fields(form, Terms())
            with st.container(horizontal=True):
                create = st.form_submit_button(_("Create the partner"), type="primary")
                cancel = st.form_submit_button(_("Cancel"), type="tertiary")
        if cancel:
            st.session_state.pop(OPEN_KEY, None)
            st.rerun()
        if create:
            _create(principal, typed)


def _create(principal: Principal, typed: dict[str, Any]) -> None:
    with refusals():
        with transaction(principal) as session:
            values = read_discount(typed)
            made = create_partner(session, data_of(values), terms_of(values), clock.now())
            code, name = made.code, made.name
            leave(CREATED_KEY, code)
            words = _("{name} was created, with the code {code}. Invite its people in the tab “Users”.")
            end_form(words.format(name=plain(name), code=plain(code)), form=ABOUT)
        st.session_state.pop(OPEN_KEY, None)
        st.rerun()
