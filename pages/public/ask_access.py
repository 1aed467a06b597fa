"""A company that is no partner yet asks for access. The answer is the same whoever it is: nobody learns who is one."""

from typing import Any

import streamlit as st

from core import clock
from core.auth.asking import ask_access
from core.db import transaction
from core.partners.onboarding import LONGEST_NOTE
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import redirect, this_visitor
from pages.ui.partner_fields import data_of, text_field
from pages.ui.partner_register import cui_box
from pages.ui.text import _, language

FORM = "ask"
DONE_KEY = "asked_for_access"


def main() -> None:
    if email := st.session_state.get(DONE_KEY):
        words = _("Thank you. We look at your request and write to {email}.")
        st.success(words.format(email=plain(email)), icon=":material/mail:")
    else:
        show_form()
    if st.button(_("Back to the log-in"), icon=":material/arrow_back:", type="tertiary", key="to_login"):
        redirect("/")


def show_form() -> None:
    with st.form(FORM, enter_to_submit=False):
        st.subheader(_("Ask for access"), anchor=False)
        st.caption(_("For companies. We check every request and answer by mail."))
        typed: dict[str, Any] = {"cui": cui_box(FORM, visitor=True)}
        typed["name"] = text_field(st.container(), FORM, "name", label=_("Company name"))
        typed["address"] = text_field(st.container(), FORM, "address")
        left, right = st.columns(2)
        typed["city"] = text_field(left, FORM, "city")
        typed["county"] = text_field(right, FORM, "county")
        left, right = st.columns(2)
        typed["contact_name"] = text_field(left, FORM, "contact_name", label=_("Your name"), autocomplete="name")
        typed["phone"] = text_field(right, FORM, "phone", autocomplete="tel")
        typed["email"] = text_field(st.container(), FORM, "email", autocomplete="email")
        note = st.text_area(_("Anything we should know"), max_chars=LONGEST_NOTE, key=f"{FORM}-note", height=80)
        if not st.form_submit_button(_("Send the request"), type="primary"):
            return
    with refusals():
        with transaction(this_visitor()) as session:
            ask_access(session, data_of(typed), note, clock.now(), language=language())
            st.session_state[DONE_KEY] = typed["email"]  # before the commit: see pages.ui.forms.end_form
        st.rerun()


main()
