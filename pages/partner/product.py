"""One product: what it is, what it costs the partner and why, how much there is, and how much of it is wanted."""

import streamlit as st

from core import clock
from core.db import transaction
from core.orders.discontinued import discontinued
from core.orders.product_details import ProductDetails, product_details
from core.permissions import may
from core.principal import Principal
from pages.ui.cart import show_cart_bar
from pages.ui.catalog_grid import show_problem, show_products
from pages.ui.catalog_product import show_actions, show_price, show_standing
from pages.ui.catalog_product_facts import (
    CATALOG_PAGE,
    show_description,
    show_facts,
    show_files,
    show_pictures,
    show_way,
)
from pages.ui.discontinued import show_discontinued
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _


def main() -> None:
    principal = require("partner", "catalog.see")
    show_said()
    if details := found(principal):
        show_problem()
        show_way(details.row)
        show_product(principal, details)
    if may(principal, "orders.place"):
        with st.bottom:
            show_cart_bar()


def found(principal: Principal) -> ProductDetails | None:
    """The product that the address names; where there is none, what is said instead."""
    asked = st.query_params.get("product", "")
    product_id = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
    title, gone = st.empty(), None
    with refusals(), transaction(principal) as session:
        gone = discontinued(session, product_id)
        if gone is None:
            return product_details(session, product_id, clock.now())
    title.title(plain(gone.name) if gone else _("Product"), anchor=False)
    if gone:
        show_discontinued([gone])
    st.page_link(CATALOG_PAGE, label=_("To the catalogue"), icon=":material/storefront:")
    return None


def show_product(principal: Principal, details: ProductDetails) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        show_pictures(details)
    with right:
        st.title(plain(details.row.name), anchor=False)
        show_standing(details)
        show_price(details.row)
        show_actions(principal, details)
    show_products([details.row], "product")
    left, right = st.columns([2, 3], gap="large")
    with left:
        show_facts(details)
    with right:
        show_description(details.description)
        show_files(details.files)


main()
