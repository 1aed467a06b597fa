"""Products: find them, change one or several, enter a new one; their categories, and pictures of many at once."""

import streamlit as st

from core import clock
from core.catalog.queries import product
from core.db import transaction
from core.i18n import N_
from core.permissions import may
from core.principal import Principal
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.product_bulk import forget_bulk, show_bulk
from pages.ui.product_categories import show_categories
from pages.ui.product_forms import show_product
from pages.ui.product_list import show_list
from pages.ui.product_new import new_product, new_product_button
from pages.ui.product_zip import show_zip
from pages.ui.text import _, time_zone

CHANGES = ("products.edit", "stock.count")
VIEWS = {
    "products": N_("Products"),
    "categories": N_("Categories"),
    "pictures": N_("Pictures from a ZIP"),
}


def show_products(principal: Principal) -> None:
    today = clock.now().astimezone(time_zone()).date()
    if may(principal, "products.edit"):
        new_product(principal, today)
    chosen = show_list(principal, today, tick=may(principal, *CHANGES))
    if may(principal, "products.edit") and len(chosen.ticked) > 1:
        show_bulk(chosen.ticked)
    else:
        forget_bulk()
    if chosen.opened is None:
        return
    with transaction(principal) as session:
        row = product(session, chosen.opened, today)
    show_product(principal, row, today)


def main(principal: Principal) -> None:
    show_said()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(_("Products"), anchor=False, width="stretch")
        if may(principal, "imports.run"):
            st.page_link("pages/staff/imports.py", label=_("Import"), icon=":material/upload_file:", width="content")
        if may(principal, "products.edit"):
            new_product_button()
    view = "products"
    if may(principal, "products.edit"):
        view = st.segmented_control(
            _("What to work on"), list(VIEWS), default="products", required=True, key="products_view",
            format_func=lambda name: _(VIEWS[name]), label_visibility="collapsed",
        )  # fmt: skip
    if view == "categories":
        show_categories(principal)
    elif view == "pictures":
        show_zip(principal)
    else:
        show_products(principal)


main(require("staff", "products.see"))
