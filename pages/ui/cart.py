"""The cart: its totals at the foot of the catalogue, always in sight, and the drawer where it is placed."""

import uuid
from collections.abc import Callable
from decimal import Decimal

import streamlit as st

from core import clock
from core.db import transaction
from core.orders.approving import ask_approval, withdraw
from core.orders.awaiting import wait_for
from core.orders.cart import CartView, view_cart
from core.orders.filling import set_quantities
from core.orders.placing import Shortage, place
from core.permissions import may
from core.pricing.quoting import prices_shown
from core.principal import Principal
from pages.ui.cart_details import show_details_form, show_given_details, typed_details
from pages.ui.cart_limits import reason_to_stop, show_limits
from pages.ui.cart_lines import short_text, shortage_text, show_lines
from pages.ui.clicks import leave
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.list_new import offer_new_list
from pages.ui.order_grid import show_totals
from pages.ui.steps import drawn, say, take_once
from pages.ui.text import _, amount, moment

CART_FRAGMENT = "cart"
TAKEN_BACK = "cart_taken_back"
VERSION = "cart_version"
"""Counts the changes that the grid did not make itself: it then reads the quantities anew."""


def cart_changed() -> None:
    """Somebody other than the grid changes the cart: said before it does, for after it the run may have ended."""
    st.session_state[VERSION] = st.session_state.get(VERSION, 0) + 1


def put_in_cart(principal: Principal, quantities: dict[int, Decimal]) -> None:
    """Products (by id) at these quantities. That a question for approval ended with it is said beside the cart."""
    with transaction(principal) as session:
        note_question(set_quantities(session, quantities))


def note_question(ended: bool) -> None:
    if ended:
        st.session_state["question_ended"] = True


@st.fragment(key=CART_FRAGMENT)
def show_cart_bar() -> None:
    """Net, VAT and gross of the cart, and the way to place it. Nothing for who sees no prices, and so cannot order."""
    principal = require("partner", "orders.place")
    as_of = clock.now()
    with transaction(principal) as session:
        if not prices_shown(session):
            return
        cart = view_cart(session, as_of)
    if problem := st.session_state.pop("cart_problem", None):
        st.error(problem, icon=":material/block:")
    _show_question(cart)
    if short := [item for item in cart.items if item.short]:
        names = ", ".join(short_text(item.name, item.quantity, item.told) for item in short[:3])
        words = _("Not enough in stock: {products}").format(products=names + (" …" if len(short) > 3 else ""))
        st.warning(words, icon=":material/production_quantity_limits:")
    with st.container(horizontal=True, vertical_alignment="center", key="cart_bar"):
        show_totals(principal, cart, as_of, key="cart_totals")
        label = _("View cart") if cart.asked_at else _("View cart and order")
        # Never disabled: the browser may know of more than this run did. The script of the totals holds a click on it
        # back until what was typed has arrived, and hears the key in every field.
        if st.button(label, type="primary", icon=":material/shopping_cart_checkout:", key="open_cart", shortcut="F9",
                     help=_("Look through the cart and place the order: the key F9.")):  # fmt: skip
            show_drawer()


def _show_question(cart: CartView) -> None:
    if st.session_state.pop("question_ended", False):
        words = _("The cart has changed, so the question for approval was taken back. Ask again when it is ready.")
        st.warning(words, icon=":material/undo:")
    if cart.asked_at:
        words = _("This cart waits for approval since {moment}. Nothing is ordered or held for you yet.")
        st.info(words.format(moment=moment(cart.asked_at)), icon=":material/hourglass_top:")


def show_drawer() -> None:
    """The cart whole, in a drawer at the right; its title is in the user's language."""
    icon = ":material/shopping_cart:"
    st.dialog(_("Cart"), width="medium", position="right", icon=icon, on_dismiss="rerun")(_drawer)()


def _drawer() -> None:
    principal = require("partner", "orders.place")
    if "placed" in st.session_state or "question" in st.session_state:
        st.rerun()
    show_said()
    if problem := st.session_state.pop("cart_problem", None):
        st.error(problem, icon=":material/block:")
    with transaction(principal) as session:
        cart = view_cart(session, clock.now())
    if not cart.items:
        st.info(_("The cart is empty. Type a quantity beside a product first."))
    elif cart.asked_at:
        _show_waiting(cart)
    else:
        _show_open(principal, cart)


def _show_waiting(cart: CartView) -> None:
    _show_question(cart)
    show_lines(cart)
    show_given_details(cart)
    st.caption(_("To change the cart, take it back or just type other quantities: then you can ask again."))
    st.button(_("Take it back"), icon=":material/undo:", width="stretch", on_click=take_back, key="take_back",
              args=(drawn(TAKEN_BACK),))  # fmt: skip


def _show_open(principal: Principal, cart: CartView) -> None:
    show_lines(cart, change, wait_instead if may(principal, "stock.await") else None)
    show_limits(principal, cart)
    if cart.over:
        _offer_question(principal, cart)
    else:
        _offer_order(principal, cart)
    with st.container(horizontal=True, vertical_alignment="center"):
        offer_new_list(_("Save it as a list"), "cart_problem", of_cart=True)
        st.button(_("Empty the cart"), icon=":material/delete:", type="tertiary", on_click=empty, key="empty_cart")


def _offer_order(principal: Principal, cart: CartView) -> None:
    show_details_form(principal, cart, _("Note for the distributor (optional)"))
    if cart.limit is not None:
        st.caption(_("Your limit for an order is {limit}, with VAT.").format(limit=amount(cart.limit)))
    st.caption(_("The goods are held for you at once. The distributor claims the order; until then you can cancel it."))
    label = _("Place the order for {total}").format(total=amount(cart.totals.gross))
    _show_button(label, ":material/check:", "place_order", submit, cart)


def _offer_question(principal: Principal, cart: CartView) -> None:
    words = _(
        "Your limit is {limit}; this order is {over} above it. The owner of your company can approve it. Until then "
        "nothing is ordered and no goods are held for you."
    )
    st.warning(
        words.format(limit=amount(cart.limit or Decimal(0)), over=amount(cart.over)), icon=":material/front_hand:"
    )
    show_details_form(principal, cart, _("Note (optional), for who approves it and for the distributor"))
    label = _("Ask for approval of {total}").format(total=amount(cart.totals.gross))
    _show_button(label, ":material/how_to_reg:", "ask_approval", ask, cart)


def _show_button(
    label: str, icon: str, key: str, on_click: Callable[[uuid.UUID, Decimal], None], cart: CartView
) -> None:
    """What is done with the cart as it is shown; nothing while it is outside the limits.

    The token is bound to the button when it is drawn: a double click sends the same one twice, and makes one order.
    """
    reason = reason_to_stop(cart)
    st.button(label, type="primary", icon=icon, width="stretch", key=key, disabled=reason is not None, help=reason,
              on_click=on_click, args=(cart.token, cart.totals.gross))  # fmt: skip


def submit(token: uuid.UUID, shown_total: Decimal) -> None:
    """A callback: place the cart that was shown. What came of it is kept for the page to show."""
    principal = require("partner", "orders.place")
    cart_changed()
    with refusals("cart_problem"):
        try:
            details = typed_details(token)
            with transaction(principal) as session:
                placed = place(session, token, clock.now(), details, shown_total)
        except Shortage as shortage:
            leave("cart_problem", shortage_text(shortage))
        else:
            leave("placed", placed.order_id)


def ask(token: uuid.UUID, shown_total: Decimal) -> None:
    """A callback: let the cart that was shown wait for approval."""
    with refusals("cart_problem"):
        details = typed_details(token)
        with transaction(require("partner", "orders.place")) as session:
            ask_approval(session, token, clock.now(), details, shown_total)
        leave("question", _("The owner of your company has been asked to approve the cart."))


def take_back(at: int) -> None:
    """A callback: the cart is the buyer's again."""

    def tell(_done: None) -> None:
        st.session_state["question"] = _("The question was taken back. The cart is as it was.")

    cart_changed()
    take_once(require("partner", "orders.place"), TAKEN_BACK, at, "cart_problem", withdraw, tell)


def change(product_id: int, wanted: Decimal) -> None:
    """A callback: another quantity of one product; 0 takes it out."""
    cart_changed()
    with refusals("cart_problem"):
        put_in_cart(require("partner", "orders.place"), {product_id: wanted})


def wait_instead(product_id: int, name: str, wanted: Decimal) -> None:
    """A callback: a product goes from the cart to the waiting list, with its quantity."""
    cart_changed()
    with refusals("cart_problem"), transaction(require("partner", "stock.await")) as session:
        wait_for(session, product_id, wanted, clock.now())
        note_question(set_quantities(session, {product_id: Decimal(0)}))
        say(waiting_words(name))


def waiting_words(name: str) -> str:
    """That somebody waits for a product now, as Markdown."""
    return _("We tell you when it is back: {product}").format(product=plain(name))


def empty() -> None:
    """A callback: take everything out of the cart."""
    principal = require("partner", "orders.place")
    cart_changed()
    with refusals("cart_problem"):
        with transaction(principal) as session:
            cart = view_cart(session, clock.now())
        put_in_cart(principal, {item.product_id: Decimal(0) for item in cart.items})
