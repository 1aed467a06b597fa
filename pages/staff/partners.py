"""Partners: who asks to become one, and each with its terms, prices, people and history."""

import streamlit as st

from core.db import transaction
from core.partners.history import history
from core.partners.queries import partner, users_of
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.partner_facts import show_facts, show_users
from pages.ui.partner_forms import edit_partner
from pages.ui.partner_history import show_history
from pages.ui.partner_list import show_list
from pages.ui.partner_new import new_partner, new_partner_button
from pages.ui.partner_ordering import offer_ordering
from pages.ui.partner_prices import show_prices, unsaved_partner
from pages.ui.partner_requests import show_requests
from pages.ui.partner_rules import show_limits
from pages.ui.partner_status import show_status
from pages.ui.people import show_people
from pages.ui.price_words import asked
from pages.ui.stock_display import show_partners_stock
from pages.ui.text import _


def show_partner(principal: Principal, partner_id: int) -> None:
    with transaction(principal) as session:
        chosen = partner(session, partner_id)
        users, happened = users_of(session, partner_id), history(session, partner_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{plain(chosen.code)} · {plain(chosen.name)}", anchor=False, width="stretch")
        offer_ordering(principal, chosen)
    show_status(principal, chosen)
    tabs = [_("Data and terms"), _("Limits and terms"), _("Prices"), _("Users"), _("History")]
    terms, limits, own, people, past = st.tabs(tabs, key="tab")
    with terms:
        if may(principal, "partners.edit"):
            edit_partner(principal, chosen)
        else:
            show_facts(chosen)
        show_partners_stock(principal, chosen)
    with limits:
        show_limits(principal, chosen)
    with own:
        show_prices(principal, chosen)
    with people:
        if may(principal, "partner_users.manage"):
            show_people(principal, partner_id)
        else:
            show_users(users)
    with past:
        show_history(partner_id, happened)


def main(principal: Principal) -> None:
    show_said()
    unsaved = unsaved_partner()
    if unsaved:  # the list would lead away from it, and what was typed would be lost
        st.query_params["partner"] = str(unsaved)
    if named := asked("partner"):
        if st.button(_("All partners"), icon=":material/arrow_back:", type="tertiary", disabled=bool(unsaved)):
            st.query_params.clear()
            st.rerun()
        with refusals():
            show_partner(principal, named)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(_("Partners"), anchor=False, width="stretch")
        if may(principal, "partners.edit"):
            new_partner_button()
    if may(principal, "partners.edit"):
        new_partner(principal)
    show_requests(principal)
    selected = show_list(principal)
    if selected is None:
        st.caption(_("Select a row to open a partner."))
    else:
        show_partner(principal, selected)


main(require("staff", "partners.see"))
