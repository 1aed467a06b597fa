"""The waiting list: joining it where something is out of stock, and what one waits for."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import streamlit as st

from core import clock
from core.clock import local_date
from core.db import transaction
from core.orders.awaiting import Awaited, forget, own, wait_for
from core.orders.browsing import CatalogRow
from core.orders.cart import LARGEST_QUANTITY
from core.permissions import may
from core.principal import Principal
from pages.ui.cart import cart_changed, put_in_cart, waiting_words
from pages.ui.errors import refusals
from pages.ui.forms import SAID_KEY, say_and_rerun, show_said
from pages.ui.frame import plain
from pages.ui.guard import require
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
        wishes = own(session)
    if not wishes:
        return
    there = sum(wish.available > 0 for wish in wishes)
    title = _("Waiting list: {count}").format(count=len(wishes))
    title += " · " + _("of these in stock now: {count}").format(count=there) if there else ""
    with st.expander(title, icon=":material/notifications:", key="awaited"):
        for wish in wishes:
            _show_wish(wish)


def _show_wish(wish: Awaited) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"awaited_{wish.product_id}"):
        words = st.container(width="stretch", gap=None)
        words.markdown(plain(wish.name))
        words.caption(" · ".join(_facts(wish)))
        if wish.available > 0:
            taken = min(wish.quantity, wish.available)
            label = _("Put {quantity} in the cart").format(quantity=quantity(taken))
            words.button(label, icon=":material/add_shopping_cart:", key=f"take_awaited {wish.product_id}",
                      on_click=_take, args=(wish.product_id, taken))  # fmt: skip
        st.button("", icon=":material/close:", type="tertiary", key=f"forget {wish.product_id}",
                  help=_("Do not wait for it any more"), on_click=_forget, args=(wish.product_id,))  # fmt: skip


def _facts(wish: Awaited) -> list[str]:
    wanted = _("wanted: {quantity} {unit}").format(quantity=quantity(wish.quantity), unit=plain(wish.unit))
    facts = [plain(wish.sku), wanted, _("since {day}").format(day=_day(wish.since))]
    if wish.available > 0:
        facts.append(_("in stock: {quantity}").format(quantity=quantity(wish.available)))
    if wish.told_at:
        facts.append(_("you were told on {day}").format(day=_day(wish.told_at)))
    return facts


def _day(instant: datetime) -> str:
    return day(local_date(instant, time_zone().key))


def offer_to_wait(rows: Sequence[CatalogRow]) -> None:
    """Under the table of products: those of this page that are out of stock, and the way into the line."""
    missing = {row.product_id: row for row in rows if row.available <= 0 and not row.backorder}
    if not missing:
        return
    with st.popover(_("Out of stock and wanted?"), icon=":material/notification_add:", type="tertiary"):
        st.write(_("We tell you by e-mail when it is there again, in the order in which partners asked."))
        chosen = st.selectbox(
            _("Product"),
            list(missing),
            key="await_product",
            format_func=lambda product: f"{missing[product].name} · {missing[product].sku}",
        )
        row = missing[chosen]
        label = _("Quantity ({unit})").format(unit=row.unit)
        key = f"await_quantity {chosen}"
        wanted = st.number_input(label, 0.0, float(LARGEST_QUANTITY), float(row.pack), format="%g", key=key)
        if st.button(_("Tell me when it is back"), type="primary", key="await"):
            with refusals():
                with transaction(require("partner", "stock.await")) as session:
                    wait_for(session, chosen, Decimal(str(wanted)), clock.now())
                say_and_rerun(waiting_words(row.name))


def _take(product_id: int, wanted: Decimal) -> None:
    """A callback: what is there of it goes to the cart; the place in line ends when it is ordered."""
    with refusals(PROBLEM):
        put_in_cart(require("partner", "orders.place"), {product_id: wanted})
        st.session_state[SAID_KEY] = _("It is in the cart.")
    cart_changed()


def _forget(product_id: int) -> None:
    """A callback."""
    with refusals(PROBLEM), transaction(require("partner", "stock.await")) as session:
        forget(session, product_id)
