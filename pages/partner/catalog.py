"""The catalogue and the cart on one page: search, type quantities, see the total, place the order."""

from collections.abc import Container

import streamlit as st

from core import clock
from core.db import transaction
from core.orders.searching import search_page
from core.permissions import may
from core.principal import Principal
from pages.ui.awaited import show_awaited
from pages.ui.cart import show_cart_bar
from pages.ui.cart_outcome import show_outcome
from pages.ui.catalog_filters import OF_PRICES, Place, choices, closed, read_place, show_filters, show_only
from pages.ui.catalog_found import show_found, show_nothing, show_successors, show_turning
from pages.ui.catalog_grid import gross_shown, show_gross_switch, show_problem, show_products
from pages.ui.guard import require
from pages.ui.price_list_export import show_price_list_export
from pages.ui.text import _


def main() -> None:
    principal = require("partner", "catalog.see")
    st.title(_("Catalog"), anchor=False)
    show_outcome(principal)
    show_awaited(principal)
    show_catalog()
    if may(principal, "orders.place"):
        with st.bottom:
            show_cart_bar()


@st.fragment(key="catalog_part")
def show_catalog() -> None:
    """Filters and products: a part of the page of its own, so that a search redraws nothing else."""
    principal = require("partner", "catalog.see")
    # A place of its own for the grid: what comes and goes above would else push it out of the page, caret and all.
    above, products = st.container(), st.container()
    gross = gross_shown()
    with transaction(principal) as session:
        among, shut = choices(session), closed(session)
        place = read_place(among, shut)
        found = search_page(session, place.filters, clock.now(), gross=gross, after=place.after, before=place.before)
    with above:
        show_problem()
        show_filters(place, among, shut)
        show_switches(principal, place, shut)
        if found.corrected or not found.rows:
            show_successors(place.filters.search)
        show_found(place, found)
    with products:
        if found.rows:
            show_products(found.rows, "catalog", search=place.filters.search.strip())
            show_turning(place, found)
        else:
            show_nothing(place)


def show_switches(principal: Principal, place: Place, shut: Container[str]) -> None:
    """What is shown only, prices with VAT, the price list; or that there are no prices."""
    priced = OF_PRICES[0] not in shut
    with st.container(horizontal=True, vertical_alignment="center", key="catalog_switches"):
        with st.container(width="stretch"):
            show_only(place, shut)
        if priced:
            show_gross_switch()
            if not principal.viewing:  # what was taken out last is the user's own
                show_price_list_export(place.filters)
    if not priced:
        words = _("Your company sees no prices here. The distributor can tell you them, and take your order.")
        st.info(words, icon=":material/visibility_off:")


main()
