"""The CUI of a company, and the button that fills the other fields from the company register."""

import streamlit as st

from core import clock
from core.auth.asking import count_look_up
from core.db import transaction
from core.partners.register import Found, has_register, look_up
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require, this_visitor
from pages.ui.text import _

FILLED = ("name", "reg_com", "address", "city", "county", "vat_payer")
"""What the register knows of a company (fields of core.partners.data.PartnerData)."""


def cui_box(form: str, *, visitor: bool = False) -> str:
    """The field for the CUI with the look-up: it fills the fields whose keys are `form`, a dash and a name of FILLED.

    Within a form that Enter does not send, since its first button is this one. For a `visitor` look-ups are counted.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cui: str = st.text_input(_("CUI"), max_chars=20, key=f"{form}-cui", placeholder="RO 12345678")
        if has_register():
            st.form_submit_button(
                _("Look up"), icon=":material/search:", type="tertiary", key=f"{form}-look_up", on_click=_fill,
                args=(form, visitor),
            )  # fmt: skip
    if problem := st.session_state.pop(f"{form}-problem", None):
        st.warning(problem, icon=":material/search_off:")
    return cui


def found_in_register(about: str, cui: str) -> Found | None:
    """What the register says of a company, for staff to compare, once they have asked for it with the button."""
    key = f"register-{about}-{cui}"
    if key not in st.session_state and has_register() and st.button(_("Look up in the register"), key=f"ask-{key}"):
        with refusals():
            st.session_state[key] = look_up(cui)
            st.rerun()
    found: Found | None = st.session_state.get(key)
    if key in st.session_state and found is None:
        st.warning(_not_found(), icon=":material/search_off:")
    if found and found.inactive:
        st.error(_("The register says that this company is inactive or was struck off."), icon=":material/warning:")
    return found


def _fill(form: str, visitor: bool) -> None:
    """A callback, run before the fields are drawn."""
    problem = f"{form}-problem"
    with refusals(problem):
        if visitor:
            with transaction(this_visitor()) as session:
                count_look_up(session, clock.real_now())
        else:
            require("staff", "partners.edit")
        found = look_up(st.session_state[f"{form}-cui"])
        if found is None:
            st.session_state[problem] = plain(_not_found())
            return
        if found.inactive:
            st.session_state[problem] = plain(_("The register says that this company is inactive or was struck off."))
        for name in FILLED:
            st.session_state[f"{form}-{name}"] = getattr(found.company, name)


def _not_found() -> str:
    return _("The register does not know this CUI. Check it, or type the data by hand.")
