"""The owner's part of an order above a colleague's spending limit: what waits, approve, refuse."""

import uuid
from decimal import Decimal

import pandas as pd
import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.db import transaction
from core.orders.approving import WaitingCart, approve, refuse, waiting_carts
from core.orders.cart import CartItem, CartView
from core.orders.placing import Shortage
from core.principal import Principal
from pages.ui import steps
from pages.ui.cart_details import show_given_details
from pages.ui.cart_limits import reason_to_stop, show_exceeded
from pages.ui.cart_lines import short_text, sums
from pages.ui.clicks import leave
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, amount, moment, price, quantity

APPROVED, PROBLEM, COUNT = "approved_order", "approval_problem", "approval_steps"


def show_approvals(owner: Principal) -> None:
    """What came of the last answer, and a card for each cart that waits for one."""
    if approved := st.session_state.pop(APPROVED, None):
        words = _("Order {number} is placed and its goods are held. The distributor has been told.")
        st.success(words.format(number=approved), icon=":material/check_circle:")
        st.page_link("pages/partner/orders.py", label=_("Open the order"), query_params={"order": str(approved)},
                     icon=":material/arrow_forward:")  # fmt: skip
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(problem, icon=":material/block:")
    with transaction(owner) as session:
        waiting = waiting_carts(session, clock.now())
    if not waiting:
        return
    st.subheader(_("Waiting for your approval"), anchor=False)
    st.caption(_("Carts above a colleague's limit. Nothing is ordered and no goods are held until you approve it."))
    for shown in waiting:
        with st.container(border=True, key=f"waiting_{shown.id}"):
            _show_card(owner, shown)
    st.subheader(_("All orders"), anchor=False)


def _show_card(owner: Principal, shown: WaitingCart) -> None:
    cart = shown.cart
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = moment(cart.asked_at) if cart.asked_at else ""
        st.markdown(f":material/hourglass_top: **{plain(shown.asked_by)}** · {asked}", width="stretch")
        for label, value in sums(cart):
            st.markdown(f"{label} **{amount(value)}**", width="content")
    if cart.limit is not None:
        words = _("The limit of {name} is {limit}; this order is {over} above it.")
        st.caption(words.format(name=plain(shown.asked_by), limit=amount(cart.limit), over=amount(cart.over)))
    show_given_details(cart)
    show_exceeded(owner, cart)
    _show_short(cart)
    _show_items(cart)
    with st.container(horizontal=True):
        named = (shown.id, cart.token)
        label = _("Approve the order for {total}").format(total=amount(cart.totals.gross))
        reason = reason_to_stop(cart)
        st.button(label, type="primary", icon=":material/check:", key=f"approve {shown.id} {cart.token}", help=reason,
                  disabled=reason is not None, on_click=say_yes, args=(*named, cart.totals.gross))  # fmt: skip
        with st.popover(_("Refuse"), icon=":material/close:"):
            name = plain(shown.asked_by)
            st.write(_("The cart goes back to {name}, who is told by e-mail.").format(name=name))
            key = f"refusal {shown.id} {cart.token}"
            st.text_input(_("Why (optional)"), max_chars=200, key=key)
            st.button(_("Refuse the order"), type="primary", key=f"refuse {key}", on_click=say_no,
                      args=(steps.drawn(f"{COUNT} {shown.id}"), *named, key))  # fmt: skip


def _show_short(cart: CartView) -> None:
    short = [short_text(item.name, item.quantity, item.told) for item in cart.items if item.short]
    if short:
        words = _("Not enough in stock: {products}").format(products="\n".join(["", "", *(f"- {s}" for s in short)]))
        st.warning(words, icon=":material/production_quantity_limits:")


def _show_items(cart: CartView) -> None:
    frame = pd.DataFrame(
        {
            "name": item.name,
            "quantity": f"{quantity(item.quantity)} {item.unit}",
            "price": price(item.unit_price),
            "net": amount(item.net),
            "available": _stock(item),
            "sku": item.sku,
        }
        for item in cart.items
    )
    column = st.column_config
    st.dataframe(
        frame,
        hide_index=True,
        row_height=38,
        height="content" if len(frame) <= 10 else 10 * 38 + 40,
        column_config={
            # Narrow enough for a phone to show the quantity beside it; the others grow where there is room.
            "name": column.TextColumn(_("Product"), width=215),
            "quantity": column.TextColumn(_("Quantity"), alignment="right"),
            "price": column.TextColumn(_("Price"), alignment="right"),
            "net": column.TextColumn(_("Net"), alignment="right"),
            "available": column.TextColumn(_("In stock"), alignment="right"),
            "sku": column.TextColumn(_("SKU")),
        },
        alt=_("What the order would contain"),
    )


def _stock(item: CartItem) -> str:
    """How much there is, or, where the partner may not know it, whether it is enough."""
    if item.told is not None:
        return quantity(max(item.told, Decimal(0)))
    return _("Enough") if item.available >= item.quantity else _("Not enough")


def say_yes(cart_id: int, token: uuid.UUID, shown_total: Decimal) -> None:
    """A callback: place the cart that was shown. A second click gets the same order."""
    with refusals(PROBLEM):
        try:
            with transaction(require("partner", "orders.approve")) as session:
                placed = approve(session, cart_id, token, shown_total, clock.now())
        except Shortage:
            # The card, drawn after this, says what is short.
            st.session_state[PROBLEM] = _(
                "Not everything is in stock any more, so nothing was ordered. Refuse it, or approve it when there is."
            )
        else:
            leave(APPROVED, placed.order_id)


def say_no(at: int, cart_id: int, token: uuid.UUID, reason_key: str) -> None:
    """A callback: the cart goes back, with the reason that was typed."""

    def step(session: Session) -> None:
        refuse(session, cart_id, token, st.session_state.get(reason_key, ""), clock.now())

    def tell(_done: None) -> None:
        steps.say(_("Refused. The cart went back to its buyer."))

    steps.take_once(require("partner", "orders.approve"), f"{COUNT} {cart_id}", at, PROBLEM, step, tell)
