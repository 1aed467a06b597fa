"""What is in a cart, as the buyer sees it in the drawer and the owner who is asked to approve it."""

from collections.abc import Callable
from decimal import Decimal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.orders.cart import CartItem, CartView
from core.orders.placing import Shortage
from pages.ui.frame import plain
from pages.ui.text import _, amount, price, quantity

Change = Callable[[int, Decimal], None]
"""A callback that gives a product (by id) another quantity in the cart; 0 takes it out."""

Wait = Callable[[int, str, Decimal], None]
"""A callback that puts a product (by id, with its name and quantity) on the waiting list instead."""


def show_lines(cart: CartView, change: Change | None = None, wait: Wait | None = None) -> None:
    """The lines and the sums. With `change` lines can be taken out, and short ones made smaller; with `wait` short ones
    can be awaited instead."""
    for item in cart.items:
        with st.container(horizontal=True, vertical_alignment="center"):
            left = st.container(width="stretch", gap=None)
            left.markdown(_named(item.name))
            left.caption(f"{plain(item.sku)} · {quantity(item.quantity)} {plain(item.unit)} × {price(item.unit_price)}")
            if item.short:
                _show_available(left, item, change, wait)
            elif item.waits:
                left.caption(f":material/schedule: {backorder_text(item)}")
            st.markdown(f"**{amount(item.net)}**", width="content")
            if change:
                st.button("", icon=":material/close:", type="tertiary", key=f"remove {item.product_id}",
                          help=_("Remove"), on_click=change, args=(item.product_id, Decimal(0)))  # fmt: skip
    st.divider()
    with st.container(horizontal=True):
        for label, value in sums(cart):
            st.metric(label, amount(value), width="content")


def sums(cart: CartView) -> list[tuple[str, Decimal]]:
    """Net, VAT and gross with their names."""
    return [(_("Net"), cart.totals.net), (_("VAT"), cart.totals.vat), (_("Total"), cart.totals.gross)]


def short_text(name: str, wanted: Decimal, available: Decimal | None) -> str:
    """One product of which there is not enough, as Markdown; `available` is None where nobody may know it."""
    if available is None:
        words = _("{name}: wanted {wanted}, not that much in stock")
        return words.format(name=_named(name), wanted=quantity(wanted))
    return _("{name}: wanted {wanted}, available {available}").format(
        name=_named(name), wanted=quantity(wanted), available=quantity(max(available, Decimal(0)))
    )


def shortage_text(shortage: Shortage) -> str:
    """Why an order was not placed, with every product that is short, as Markdown."""
    lines = [f"- {short_text(line.name, line.wanted, line.available)}" for line in shortage.lines]
    return "\n".join([_(shortage.message), "", *lines])


def backorder_text(item: CartItem) -> str:
    """How much of a line is on backorder, as Markdown; not how much where that would tell what is in stock."""
    if item.told is None:
        return _("What is not in stock of it goes on backorder, and is held for you when it arrives.")
    return _("On backorder: {quantity} {unit}, held for you when they arrive.").format(
        quantity=quantity(item.waits), unit=plain(item.unit)
    )


def _show_available(place: DeltaGenerator, item: CartItem, change: Change | None, wait: Wait | None) -> None:
    place.markdown(f":red[{_left(item)}]")
    with place.container(horizontal=True):
        if item.told and item.takeable and change:
            label = _("Take {available}").format(available=quantity(item.takeable))
            st.button(label, key=f"take {item.product_id}", on_click=change, args=(item.product_id, item.takeable))
        if item.active and wait:
            st.button(_("Tell me when it is back"), icon=":material/notification_add:", key=f"await {item.product_id}",
                      help=_("It goes from the cart to your waiting list."),
                      on_click=wait, args=(item.product_id, item.name, item.quantity))  # fmt: skip


def _named(name: str) -> str:
    """As Markdown; of what is no longer offered there may be no name to tell."""
    return plain(name) or _("A product that is no longer sold")


def _left(item: CartItem) -> str:
    if not item.active:
        return _("No longer sold")
    if item.told is None:
        return _("Not that much in stock")
    return _("Available: {available}").format(available=quantity(max(item.told, Decimal(0))))
