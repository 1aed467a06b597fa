"""What is ordered again and again: own favourites, the company's saved lists, and what was bought before."""

from decimal import Decimal
from functools import partial

import streamlit as st

from core import clock
from core.db import transaction
from core.i18n import N_
from core.orders.bought import PAGE_SIZE, Bought, bought_before
from core.orders.browsing import CatalogRow, rows_of
from core.orders.discontinued import discontinued_favourites, discontinued_on_list
from core.orders.lists import favourites, list_quantities, saved_lists
from core.permissions import may
from core.pricing.quoting import prices_shown
from core.principal import Principal
from pages.ui.cart import show_cart_bar
from pages.ui.catalog_grid import PROBLEM, show_gross_switch, show_problem, show_products, star
from pages.ui.discontinued import show_discontinued
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.line_answers import show_answers
from pages.ui.list_new import offer_new_list
from pages.ui.saved_lists import COUNT, choose_list, show_list_actions, take_off, to_cart
from pages.ui.steps import drawn
from pages.ui.text import _, day, price, quantity

SHOW = "show"
PARTS = {
    "bought": (N_("Bought before"), "history"),
    "favourites": (N_("Favourites"), "star"),
    "lists": (N_("Saved lists"), "bookmarks"),
}
CATALOG_PAGE = "pages/partner/catalog.py"


def main() -> None:
    principal = require("partner", "catalog.see")
    show_said()
    st.title(_("My lists"), anchor=False)
    show_problem()
    show_answers()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        part = choose_part()
        if priced(principal):
            show_gross_switch()
    {"bought": show_bought, "favourites": show_favourites, "lists": show_lists}[part](principal)
    if may(principal, "orders.place"):
        with st.bottom:
            show_cart_bar()


def priced(principal: Principal) -> bool:
    with transaction(principal) as session:
        return prices_shown(session)


def choose_part() -> str:
    """The part that the address names; the choice goes into the address."""
    asked = st.query_params.get(SHOW)
    st.session_state["lists_part"] = part = asked if asked in PARTS else next(iter(PARTS))
    st.segmented_control(_("Show"), list(PARTS), format_func=part_label, required=True, key="lists_part",
                         on_change=follow, label_visibility="collapsed")  # fmt: skip
    return part


def part_label(part: str) -> str:
    words, icon = PARTS[part]
    return f":material/{icon}: {_(words)}"


def follow() -> None:
    """A callback."""
    st.query_params.from_dict({SHOW: st.session_state["lists_part"]})


def show_bought(principal: Principal) -> None:
    search = st.text_input(_("Search"), type="search", live=True, icon=":material/search:", key="bought_search",
                           placeholder=_("Words or SKU"), label_visibility="collapsed")  # fmt: skip
    key = f"bought_page {search}"
    with transaction(principal) as session:
        bought, total = bought_before(session, search, st.session_state.get(key, 1))
        rows = rows_of(session, [one.product_id for one in bought], clock.now())
    if not bought:
        nothing_bought(search)
        return
    st.caption(_("Products, the last ordered first: {count}").format(count=quantity(total)))
    notes = {one.product_id: bought_words(one) for one in bought}
    show_products(rows, "bought", notes)
    show_discontinued([one for one in bought if not one.offered], notes=notes)
    if total > PAGE_SIZE:
        st.pagination(-(-total // PAGE_SIZE), key=key)
    if may(principal, "orders.place") and any(row.unit_price is not None for row in rows):
        last = {one.product_id: one.quantity for one in bought if one.offered}
        label = _("Put these {count} in the cart, as ordered last").format(count=quantity(len(last)))
        st.button(label, icon=":material/add_shopping_cart:", key="bought_to_cart", on_click=to_cart,
                  args=(drawn(COUNT), last, {one.product_id: one.name for one in bought}))  # fmt: skip


def bought_words(one: Bought) -> str:
    """When, how much and for how much it was ordered last."""
    words = _("{day}: {quantity} {unit}").format(day=day(one.on), quantity=quantity(one.quantity), unit=one.unit)
    return words if one.unit_price is None else _("{what} at {price}").format(what=words, price=price(one.unit_price))


def nothing_bought(search: str) -> None:
    if search.strip():
        st.info(_("You have ordered nothing of that name."), icon=":material/search_off:")
        return
    st.info(_("What you order stands here afterwards, to be ordered again."), icon=":material/history:")
    st.page_link(CATALOG_PAGE, label=_("To the catalogue"), icon=":material/storefront:")


def show_favourites(principal: Principal) -> None:
    with transaction(principal) as session:
        starred = favourites(session)
        rows = rows_of(session, starred, clock.now())
        gone = discontinued_favourites(session)
    changes = may(principal, "orders.place")
    show_discontinued(gone, take_off=partial(star, wanted=False) if changes else None)
    if not rows and not gone:
        st.info(_("Nothing here yet. Click the star of a product, and it stands here for you alone."),
                icon=":material/star:")  # fmt: skip
        st.page_link(CATALOG_PAGE, label=_("To the catalogue"), icon=":material/storefront:")
        return
    if rows:
        st.caption(_("Products: {count}").format(count=quantity(len(rows))))
        show_products(rows, "favourites")


def show_lists(principal: Principal) -> None:
    with transaction(principal) as session:
        heads = saved_lists(session)
    with st.container(horizontal=True, vertical_alignment="center", key="lists_head"):
        chosen = choose_list(heads)
        if may(principal, "orders.place"):
            offer_new_list(_("New list"), PROBLEM, of_cart=False)
    if chosen is None:
        words = _(
            "A saved list keeps products and quantities for everybody in your company, to order them all at once. "
            "Make the first one, or add a product to one from its page."
        )
        st.info(words, icon=":material/bookmarks:")
        return
    with refusals():
        with transaction(principal) as session:
            kept = list_quantities(session, chosen.id)
            rows = rows_of(session, list(kept), clock.now())
            gone = discontinued_on_list(session, chosen.id)
        show_list_actions(principal, chosen, rows, kept)
        changes = may(principal, "orders.place")
        show_discontinued(gone, take_off=partial(take_off, chosen.id) if changes else None)
        if unseen := chosen.products - len(rows) - len(gone):
            st.caption(_("On the list, but no longer sold: {count}").format(count=quantity(unseen)))
        if rows:
            show_products(rows, "list_products", {row.product_id: on_list(row, kept) for row in rows})
        else:
            st.info(_("The list is empty. Add products to it from their pages."), icon=":material/playlist_add:")


def on_list(row: CatalogRow, kept: dict[int, Decimal]) -> str:
    return _("on the list: {quantity} {unit}").format(quantity=quantity(kept[row.product_id]), unit=row.unit)


main()
