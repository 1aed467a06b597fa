"""The catalogue and the cart on one page: search, type quantities, see the total, place the order."""

from dataclasses import replace

import streamlit as st

from core import clock
from core.db import transaction
from core.orders.discontinued import discontinued_by_code
from core.orders.searching import CatalogPage, Filters, search_page
from core.permissions import may
from pages.ui.awaited import show_awaited
from pages.ui.cart import show_cart_bar
from pages.ui.cart_outcome import show_outcome
from pages.ui.catalog_filters import (
    OF_PRICES,
    Place,
    choices,
    clear,
    closed,
    go_to,
    look_for,
    read_place,
    show_filters,
    show_only,
)
from pages.ui.catalog_grid import gross_shown, show_gross_switch, show_problem, show_products
from pages.ui.discontinued import show_discontinued
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.price_list_export import show_price_list_export
from pages.ui.text import _, quantity


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
    show_problem()
    gross = gross_shown()
    with transaction(principal) as session:
        among, shut = choices(session), closed(session)
        place = read_place(among, shut)
        found = search_page(session, place.filters, clock.now(), gross=gross, after=place.after, before=place.before)
    priced = shut.isdisjoint(OF_PRICES)
    show_filters(place, among, shut)
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
    if found.corrected or not found.rows:
        show_successors(place.filters.search)
    show_found(place, found)
    if found.rows:
        show_products(found.rows, "catalog", search=place.filters.search)
        show_turning(place, found)
    else:
        show_nothing(place)


def show_found(place: Place, found: CatalogPage) -> None:
    """How many there are, and whether they are what was asked for."""
    if found.corrected and found.rows:
        words = _("Nothing is called “{typed}”. These are the results for **{corrected}**.")
        typed, corrected = plain(place.filters.search), plain(found.corrected)
        with st.container(horizontal=True, vertical_alignment="center", key="corrected"):
            st.markdown(":material/spellcheck: " + words.format(typed=typed, corrected=corrected), width="content")
            st.button(_("Search for “{words}”").format(words=corrected), type="tertiary", key="take_correction",
                      on_click=look_for, args=(place, found.corrected))  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", key="catalog_count"):
        if found.rows:
            st.caption(_counted(found), width="content")
        if place.narrowed and found.rows:
            st.button(_("Clear filters"), icon=":material/filter_alt_off:", type="tertiary", key="clear_filters",
                      on_click=clear, args=(place,))  # fmt: skip


def show_successors(code: str) -> None:
    """Of an SKU or EAN that is no longer sold: what is sold instead."""
    if code.strip():
        with transaction(require("partner", "catalog.see")) as session:
            gone = discontinued_by_code(session, code)
        show_discontinued(gone)


def show_turning(place: Place, found: CatalogPage) -> None:
    """To the page before and after, where there is one."""
    if not (found.before or found.after):
        return
    with st.container(horizontal=True, horizontal_alignment="center", key="catalog_pages"):
        st.button(_("Previous page"), icon=":material/arrow_back:", disabled=not found.before, key="page_before",
                  on_click=go_to, args=(Place(place.filters, before=found.before),))  # fmt: skip
        st.button(_("Next page"), icon=":material/arrow_forward:", icon_position="right", disabled=not found.after,
                  key="page_after", on_click=go_to, args=(Place(place.filters, after=found.after),))  # fmt: skip


def show_nothing(place: Place) -> None:
    """Where nothing is found: what was asked for, and the way back to all."""
    if not place.narrowed:
        st.info(_("There are no products in the catalogue yet."), icon=":material/inventory_2:")
        return
    with st.container(border=True, horizontal_alignment="center", key="catalog_nothing"):
        title = _("No products found")
        st.markdown(f"### :material/search_off: {title}")
        if search := place.filters.search.strip():
            words = _("Nothing fits “{words}” with what is chosen above. Fewer words or fewer filters find more.")
            st.markdown(words.format(words=plain(search)))
        else:
            st.markdown(_("No product fits all that is chosen above."))
        with st.container(horizontal=True, horizontal_alignment="center"):
            if search and replace(place.filters, search="", sort="name") != Filters():
                st.button(_("Search in the whole catalogue"), icon=":material/search:", type="primary",
                          key="search_everywhere", on_click=look_for, args=(Place(Filters()), search))  # fmt: skip
            st.button(_("Clear filters"), icon=":material/filter_alt_off:", key="clear_filters",
                      on_click=clear, args=(place,))  # fmt: skip


def _counted(found: CatalogPage) -> str:
    words = _("Products: over {count}") if found.over else _("Products: {count}")
    return words.format(count=quantity(found.total))


main()
