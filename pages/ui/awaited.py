"""The waiting list: joining it where something is out of stock, and what one waits for."""

from datetime import datetime
from decimal import Decimal

import streamlit as st

from core import clock
from core.clock import local_date
from core.db import transaction
from core.orders.awaiting import Awaited, forget, own, wait_for
from core.orders.browsing import CatalogRow
from core.orders.filling import LARGEST_QUANTITY
from core.permissions import may
from core.pricing.quoting import prices_shown
from core.principal import Principal
from pages.ui.cart import cart_changed, put_in_cart, waiting_words
from pages.ui.errors import refusals
from pages.ui.forms import SAID_KEY, show_said
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.steps import say
from pages.ui.text import _, day, quantity, time_zone

PROBLEM = "awaiting_problem"


def show_awaited(principal: Principal) -> None:
    """What came of the last click, and, where there is something, what the partner waits for."""
    show_said()
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(problem, icon=":material/block:")
    if not may(principal, "stock.await"):
        return
    with transaction(principal) as session:
        wishes, buys = own(session), prices_shown(session)
    if not wishes:
        return
    there = sum(wish.there for wish in wishes)
    title = _("Waiting list: {count}").format(count=len(wishes))
    title += " · " + _("of these in stock now: {count}").format(count=there) if there else ""
    with st.expander(title, icon=":material/notifications:", key="awaited"):
        for wish in wishes:
            _show_wish(wish, buys)


def _show_wish(wish: Awaited, buys: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"awaited_{wish.product_id}"):
        words = st.container(width="stretch", gap=None)
        words.markdown(plain(wish.name))
        words.caption(" · ".join(_facts(wish)))
        if wish.there and buys:
            taken = wish.quantity if wish.available is None else min(wish.quantity, wish.available)
            label = _("Put {quantity} in the cart").format(quantity=quantity(taken))
            words.button(label, icon=":material/add_shopping_cart:", key=f"take_awaited {wish.product_id}",
                      on_click=_take, args=(wish.product_id, taken))  # fmt: skip
        st.button("", icon=":material/close:", type="tertiary", key=f"forget {wish.product_id}",
                  help=_("Do not wait for it any more"), on_click=_forget, args=(wish.product_id,))  # fmt: skip


def _facts(wish: Awaited) -> list[str]:
    wanted = _("wanted: {quantity} {unit}").format(quantity=quantity(wish.quantity), unit=plain(wish.unit))
    facts = [plain(wish.sku), wanted, _("since {day}").format(day=_day(wish.since))]
    if wish.there:
        words = _("in stock") if wish.available is None else _("in stock: {quantity}")
        facts.append(words.format(quantity=quantity(wish.available or Decimal(0))))
    if wish.told_at:
        facts.append(_("you were told on {day}").format(day=_day(wish.told_at)))
    return facts


def _day(instant: datetime) -> str:
    return day(local_date(instant, time_zone().key))


def ask_to_wait(row: CatalogRow) -> None:
    """A dialog: the way into the line for a product that is out of stock."""
    st.dialog(_("Tell me when it is back"), icon=":material/notification_add:")(_ask_to_wait)(row)


def show_waiting_form(row: CatalogRow) -> None:
    """How much of it is wanted, and the button."""
    st.write(_("We tell you by e-mail when it is there again, in the order in which partners asked."))
    label = _("Quantity ({unit})").format(unit=plain(row.unit))
    key = f"await_quantity {row.product_id}"
    st.number_input(label, 0.0, float(LARGEST_QUANTITY), float(row.least or row.pack), format="%g", key=key)
    st.button(_("Tell me when it is back"), type="primary", key="await", on_click=_wait,
              args=(row.product_id, row.name, key))  # fmt: skip


def _ask_to_wait(row: CatalogRow) -> None:
    require("partner", "stock.await")
    if SAID_KEY in st.session_state or PROBLEM in st.session_state:
        st.rerun()
    st.markdown(f"**{plain(row.name)}** :small[{plain(row.sku)}]")
    show_waiting_form(row)


def _wait(product_id: int, name: str, key: str) -> None:
    """A callback."""
    with refusals(PROBLEM), transaction(require("partner", "stock.await")) as session:
        wait_for(session, product_id, Decimal(str(st.session_state[key])), clock.now())
        say(waiting_words(name))


def _take(product_id: int, wanted: Decimal) -> None:
    """A callback: what is there of it goes to the cart; the place in line ends when it is ordered."""
    cart_changed()
    with refusals(PROBLEM):
        put_in_cart(require("partner", "orders.place"), {product_id: wanted})
        say(_("It is in the cart."))


def _forget(product_id: int) -> None:
    """A callback."""
    with refusals(PROBLEM), transaction(require("partner", "stock.await")) as session:
        forget(session, product_id)
