"""Catalogue and cart on one page: search, type quantities, see the total, place the order."""

import streamlit as st

from core.db import transaction
from core.orders.browsing import category_paths
from core.permissions import may
from core.principal import Principal
from pages.ui.awaited import show_awaited
from pages.ui.cart import show_cart_bar
from pages.ui.cart_outcome import show_outcome
from pages.ui.catalog_grid import show_grid
from pages.ui.guard import require
from pages.ui.text import _


def main() -> None:
    principal = require("partner", "catalog.see")
    st.title(_("Catalog"), anchor=False)
    show_outcome(principal)
    show_awaited(principal)
    search, category, in_stock = show_filters(principal)
    show_grid(search, category, in_stock)
    if may(principal, "orders.place"):
        with st.bottom:
            show_cart_bar()


def show_filters(principal: Principal) -> tuple[str, str | None, bool]:
    with transaction(principal) as session:
        paths = category_paths(session)
    text, tree, stock = st.columns([3, 2, 1], vertical_alignment="bottom")
    search = text.text_input(
        _("Search"),
        placeholder=_("Words, SKU or EAN, with or without diacritics"),
        icon=":material/search:",
        key="search",
    )
    category = tree.selectbox(
        _("Category"), paths, index=None, placeholder=_("All categories"), format_func=indented, key="category"
    )
    return search, category, stock.toggle(_("In stock"), key="in_stock", value=False)


def indented(path: str) -> str:
    """A category as the list shows it: its own name under its parents'."""
    *above, name = path.split(" > ")
    return "\N{EM SPACE}" * len(above) + name


main()
