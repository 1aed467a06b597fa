"""Discounts, promotions and the groups of partners: what makes prices differ, beside the price lists."""

import streamlit as st

from core.db import transaction
from core.errors import NotFound
from core.partners.queries import partner
from core.pricing.lists import price_list
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.price_discounts import show_discount, show_discounts
from pages.ui.price_groups import show_groups
from pages.ui.price_offers import offers_edited
from pages.ui.price_promotions import show_promotion, show_promotions
from pages.ui.price_words import asked
from pages.ui.text import _

OPENED = {"discount": show_discount, "promotion": show_promotion}
WHOSE = {"partner": "partner_id", "list": "price_list_id"}
TABS = ("discounts", "promotions", "groups")


def show_one(principal: Principal, name: str, row_id: int) -> None:
    labels = {"discount": _("All discounts"), "promotion": _("All promotions")}
    unsaved = name == "promotion" and offers_edited(row_id)
    if st.button(labels[name], icon=":material/arrow_back:", type="tertiary", disabled=unsaved):
        del st.query_params[name]
        st.rerun()
    with refusals():
        OPENED[name](principal, row_id)


def show_whose(principal: Principal) -> dict[str, int]:
    """Whose discounts the address asks for, a partner's or a list's, with the way back to all; nothing for all."""
    for name, key in WHOSE.items():
        if (row_id := asked(name)) is None:
            continue
        try:
            with transaction(principal) as session:
                found = partner(session, row_id) if name == "partner" else price_list(session, row_id)
        except NotFound:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            words = _("Only the discounts of {partner}").format(partner=f"**{plain(found.name)}**")
            st.markdown(words, width="content")
            if st.button(_("Show all"), icon=":material/close:", type="tertiary"):
                del st.query_params[name]
                st.rerun()
        return {key: row_id}
    return {}


def main(principal: Principal) -> None:
    show_said()
    for name in OPENED:
        if row_id := asked(name):
            show_one(principal, name, row_id)
            return
    st.title(_("Discounts and promotions"), anchor=False)
    names = {"discounts": _("Discounts"), "promotions": _("Promotions"), "groups": _("Groups of partners")}
    tab = st.segmented_control(
        _("Show"), TABS, default=TABS[0], required=True, format_func=lambda name: names[name], key="rules_tab",
        label_visibility="collapsed",
    )  # fmt: skip
    if tab == "promotions":
        show_promotions(principal)
    elif tab == "groups":
        show_groups(principal)
    else:
        show_discounts(principal, **({"partner_id": None} | show_whose(principal)))


main(require("staff", "prices.see"))
