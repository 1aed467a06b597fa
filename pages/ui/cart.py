"""The cart: its totals at the foot of the catalogue, always in sight, and the drawer where it is placed."""

import uuid
from decimal import Decimal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import clock
from core.db import transaction
from core.orders.cart import CartItem, CartView, set_quantities, view_cart
from core.orders.placing import Shortage, place
from core.orders.queries import order_detail
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, amount, moment, price, quantity

CART_FRAGMENT = "cart"
VERSION = "cart_version"
"""Counts the changes that the grid did not make itself: it then reads the quantities anew."""


def cart_changed() -> None:
    """Somebody other than the grid changed the cart."""
    st.session_state[VERSION] = st.session_state.get(VERSION, 0) + 1


@st.fragment(key=CART_FRAGMENT)
def show_cart_bar() -> None:
    """Net, VAT and gross of the cart, and the way to place it."""
    principal = require("partner", "orders.place")
    with transaction(principal) as session:
        cart = view_cart(session, clock.now())
    if problem := st.session_state.pop("cart_problem", None):
        st.error(problem, icon=":material/block:")
    if short := [item for item in cart.items if item.short]:
        names = ", ".join(_short_text(item) for item in short[:3]) + (" …" if len(short) > 3 else "")
        st.warning(
            _("Not enough in stock: {products}").format(products=names), icon=":material/production_quantity_limits:"
        )
    with st.container(horizontal=True, vertical_alignment="center", key="cart_bar"):
        counted = _("Products in the cart: {count}").format(count=len(cart.items))
        st.markdown(f"**{counted}**", width="content")
        st.space("stretch")
        for label, value in _sums(cart):
            st.markdown(f"{label} **{amount(value)}**", width="content")
        label = _("View cart and order")
        if st.button(label, type="primary", icon=":material/shopping_cart_checkout:", disabled=not cart.items):
            show_drawer()


def _short_text(item: CartItem) -> str:
    return _("{name}: wanted {wanted}, available {available}").format(
        name=plain(item.name), wanted=quantity(item.quantity), available=quantity(max(item.available, Decimal(0)))
    )


def show_drawer() -> None:
    """The cart whole, in a drawer at the right; its title is in the user's language."""
    st.dialog(_("Cart"), width="medium", position="right", icon=":material/shopping_cart:")(_drawer)()


def _drawer() -> None:
    principal = require("partner", "orders.place")
    if "placed" in st.session_state:
        st.rerun()
    if problem := st.session_state.pop("cart_problem", None):
        st.error(problem, icon=":material/block:")
    with transaction(principal) as session:
        cart = view_cart(session, clock.now())
    if not cart.items:
        st.info(_("The cart is empty. Type a quantity beside a product first."))
        return
    _show_lines(cart)
    st.text_area(_("Note for the distributor (optional)"), max_chars=500, key="order_note", height=80)
    st.caption(_("The goods are held for you at once. The distributor claims the order; until then you can cancel it."))
    # The token is bound to the button when it is drawn: a double click sends the same one twice, and makes one order.
    st.button(
        _("Place the order for {total}").format(total=amount(cart.totals.gross)),
        type="primary",
        icon=":material/check:",
        width="stretch",
        on_click=submit,
        args=(cart.token, cart.totals.gross),
        key="place_order",
    )
    st.button(_("Empty the cart"), icon=":material/delete:", type="tertiary", on_click=empty, key="empty_cart")


def _show_lines(cart: CartView) -> None:
    for item in cart.items:
        with st.container(horizontal=True, vertical_alignment="center", key=f"cart_item_{item.product_id}"):
            left = st.container(width="stretch", gap=None)
            left.markdown(plain(item.name))
            left.caption(f"{plain(item.sku)} · {quantity(item.quantity)} {item.unit} × {price(item.unit_price)}")
            if item.short:
                _offer_available(left, item)
            st.markdown(f"**{amount(item.net)}**", width="content")
            st.button("", icon=":material/close:", type="tertiary", key=f"remove {item.product_id}",
                      help=_("Remove"), on_click=change, args=(item.product_id, Decimal(0)))  # fmt: skip
    st.divider()
    for column, (label, value) in zip(st.columns(3), _sums(cart), strict=True):
        column.metric(label, amount(value))


def _sums(cart: CartView) -> list[tuple[str, Decimal]]:
    return [(_("Net"), cart.totals.net), (_("VAT"), cart.totals.vat), (_("Total"), cart.totals.gross)]


def _offer_available(place: DeltaGenerator, item: CartItem) -> None:
    rest = max(item.available, Decimal(0)) if item.active else Decimal(0)
    left = _("Available: {available}").format(available=quantity(rest))
    place.markdown(f":red[{left}]")
    if rest:
        label = _("Take {available}").format(available=quantity(rest))
        place.button(label, key=f"take {item.product_id}", on_click=change, args=(item.product_id, rest))


def submit(token: uuid.UUID, shown_total: Decimal) -> None:
    """A callback: place the cart that was shown. What came of it is kept for the page to show."""
    principal = require("partner", "orders.place")
    note = st.session_state.get("order_note", "")
    with refusals("cart_problem"):
        try:
            with transaction(principal) as session:
                placed = place(session, token, clock.now(), note, shown_total)
        except Shortage as shortage:
            st.session_state["cart_problem"] = _shortage_text(shortage)
        else:
            st.session_state["placed"] = placed.order_id
    cart_changed()


def _shortage_text(shortage: Shortage) -> str:
    lines = [
        _("{name}: wanted {wanted}, available {available}").format(
            name=plain(line.name), wanted=quantity(line.wanted), available=quantity(line.available)
        )
        for line in shortage.lines
    ]
    return "\n".join([_(shortage.message), "", *(f"- {line}" for line in lines)])


def change(product_id: int, wanted: Decimal) -> None:
    """A callback: another quantity of one product; 0 takes it out."""
    with refusals("cart_problem"), transaction(require("partner", "orders.place")) as session:
        set_quantities(session, {product_id: wanted})
    cart_changed()


def empty() -> None:
    """A callback: take everything out of the cart."""
    with refusals("cart_problem"), transaction(require("partner", "orders.place")) as session:
        cart = view_cart(session, clock.now())
        set_quantities(session, {item.product_id: Decimal(0) for item in cart.items})
    cart_changed()


def show_outcome(principal: Principal) -> None:
    """Above the catalogue, after an order was placed: its number, until when it waits, and the way to it."""
    order_id = st.session_state.pop("placed", None)
    if order_id is None:
        return
    with transaction(principal) as session:
        order = order_detail(session, order_id).order
    text = _("Order {number} is placed and its goods are held for you. The distributor has been told.")
    if order.claim_deadline:
        text += " " + _("It has until {moment} to claim it.").format(moment=moment(order.claim_deadline))
    st.success(text.format(number=order_id), icon=":material/check_circle:")
    st.page_link("pages/partner/orders.py", label=_("Open the order"), query_params={"order": str(order_id)},
                 icon=":material/arrow_forward:")  # fmt: skip
