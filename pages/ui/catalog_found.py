"""What a search of the catalogue found: how many, what was corrected, the pages beside this one, or nothing."""

from dataclasses import replace

import streamlit as st

from core.db import transaction
from core.orders.discontinued import discontinued_by_code
from core.orders.searching import CatalogPage, Filters
from pages.ui.catalog_filters import Place, clear, go_to, look_for
from pages.ui.discontinued import show_discontinued
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, quantity


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
        st.info(
            _("There are no products in the catalogue yet. Once the distributor has entered some, they are here."),
            icon=":material/inventory_2:",
        )
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
