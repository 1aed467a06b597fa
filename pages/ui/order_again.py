"""An order ordered again: into the cart, or, where it lapsed or was cancelled, placed as it was with one click."""

from decimal import Decimal

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.db import transaction
from core.orders.placing import Placed, Shortage
from core.orders.queries import OrderRow
from core.orders.reordering import AgainView, Reordered, place_again, reorder, today
from core.permissions import may
from core.pricing.quoting import prices_shown
from core.principal import Principal
from pages.ui.cart import cart_changed
from pages.ui.cart_lines import short_text, shortage_text
from pages.ui.frame import plain
from pages.ui.order_steps import REFUSED_KEY, drawn, step_key, take_step
from pages.ui.steps import lead_to, pop_told
from pages.ui.text import _, amount, counted, price, quantity

REORDERED_KEY = "order_reordered"


def look_again(principal: Principal, order: OrderRow) -> AgainView | None:
    """What an order that ended unserved would come to today, for who may place it; None for every other."""
    if order.status not in ("lapsed", "cancelled") or not may(principal, "orders.place"):
        return None
    with transaction(principal) as session:
        return today(session, order.id, clock.now()) if prices_shown(session) else None


def offer_again(principal: Principal, order: OrderRow, view: AgainView | None) -> None:
    """The buttons: of an order that ended unserved to place it as it was, of any to put it in the cart."""
    if not may(principal, "orders.place"):
        return
    with transaction(principal) as session:
        if not prices_shown(session):
            return
    if view:
        _offer_one_click(order, view)
    st.button(_("Put it in the cart again"), icon=":material/add_shopping_cart:", key=step_key(order.id, "reorder"),
              help=_("The products at today's prices; what is in the cart already stays."), on_click=_reorder,
              args=(drawn(), order.id))  # fmt: skip


def _offer_one_click(order: OrderRow, view: AgainView) -> None:
    if view.placed_as:
        st.page_link("pages/partner/orders.py", query_params={"order": str(view.placed_as)},
                     label=_("Ordered again: order {number}").format(number=view.placed_as),
                     icon=":material/arrow_forward:")  # fmt: skip
    elif view.may_place and not any(line.gone or line.short for line in view.lines):
        words = _("Order it again for {total}")
        st.button(
            words.format(total=amount(view.totals.gross)),
            type="primary",
            icon=":material/replay:",
            help=_("With VAT, at today's prices; then it was {total}.").format(total=amount(view.gross_then)),
            key=step_key(order.id, "again"),
            on_click=_place,
            args=(drawn(), order.id, view.totals.gross),
        )


def show_missing(view: AgainView | None) -> None:
    """What keeps an order that ended unserved from being placed as it was."""
    missing = [_missing(line) for line in view.lines if line.gone or line.short] if view else []
    if view and view.may_place and missing:
        words = _("It cannot be ordered again just as it was. Put it in the cart, and change there what is missing:")
        listed = "\n".join([words, "", *(f"- {line}" for line in missing)])
        st.info(listed, icon=":material/production_quantity_limits:")


def _missing(line: Reordered) -> str:
    if line.gone:
        return _("{name}: no longer sold").format(name=plain(line.name))
    return short_text(line.name, line.quantity, line.told)


def show_reordered() -> None:
    """After it was put in the cart: what is other than it was then, and the way to the cart."""
    lines: list[Reordered] | None = pop_told(REORDERED_KEY)
    if lines is None:
        return
    there = [line for line in lines if not line.gone]
    changes = [change for line in lines if (change := _change(line))]
    with st.container(border=True):
        words = _("In the cart now, of this order: {count} of {all:product|products}.")
        st.markdown(f":material/shopping_cart: {words.format(count=len(there), all=counted(len(lines)))}")
        if changes:
            st.markdown("\n".join(f"- {change}" for change in changes))
        st.page_link("pages/partner/catalog.py", label=_("To the catalogue and the cart"),
                     icon=":material/storefront:")  # fmt: skip


def _change(line: Reordered) -> str:
    """What a buyer should know of a product before ordering it again; nothing where all is as it was."""
    if line.gone:
        return _missing(line)
    told = []
    if line.short:
        told.append(_not_enough(line.told))
    if line.unit != line.unit_then:
        units = _("sold by “{unit}” now, by “{before}” then")
        told.append(units.format(unit=plain(line.unit), before=plain(line.unit_then)))
    if line.unit_price != line.price_then:
        prices = _("{price} now, {before} then")
        told.append(prices.format(price=price(line.unit_price), before=price(line.price_then)))
    if line.waits:
        words = _("part of it would be on backorder") if line.told is None else _("{quantity} would be on backorder")
        told.append(words.format(quantity=quantity(line.waits)))
    return f"{plain(line.name)}: {', '.join(told)}" if told else ""


def _not_enough(available: Decimal | None) -> str:
    if available is None:
        return _("not that much in stock")
    return _("only {available} available").format(available=quantity(available))


def _reorder(at: int, order_id: int) -> None:
    """A callback."""

    def said(lines: list[Reordered]) -> str:
        st.session_state[REORDERED_KEY] = lines
        cart_changed()
        return _("It is in the cart.")

    take_step(at, "partner", lambda session: reorder(session, order_id, clock.now()), said)


def _place(at: int, order_id: int, shown_total: Decimal) -> None:
    """A callback: go on to the new order, or say what is missing."""
    short: list[Shortage] = []

    def step(session: Session) -> Placed:
        try:
            return place_again(session, order_id, clock.now(), shown_total)
        except Shortage as shortage:
            short.append(shortage)
            raise

    def said(placed: Placed) -> str:
        lead_to("order", str(placed.order_id))
        return _("Order {number} is placed and its goods are held.").format(number=placed.order_id)

    take_step(at, "partner", step, said)
    if short:
        st.session_state[REFUSED_KEY] = shortage_text(short[0])
