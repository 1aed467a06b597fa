"""The order grid: a product per row, quantities typed as fast as fingers go, kept in the cart as they are typed.

What is typed goes from the browser to the route `/cart/keep` (api/cart.py) and nowhere through Streamlit: no rerun can
be interrupted by it, lose it, or be waited for. Python shows rows, and hears of the clicks that it has to answer.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal, TypedDict

import streamlit as st

from core.orders.browsing import CatalogRow
from core.orders.cart import CartView
from core.orders.keeping import cart_figures, whose
from core.permissions import may
from core.principal import Principal
from pages.ui.guard import require
from pages.ui.order_grid.component import mount
from pages.ui.order_grid.rows import row_data
from pages.ui.order_grid.words import bar_words, grid_words, numbers

What = Literal["why", "favourite", "wait", "open"]


class GridEvent(TypedDict):
    """What was clicked in a row, and the product's id. `wanted`: a star that was clicked is on now."""

    what: What
    id: int
    wanted: bool


def show_grid(
    rows: Sequence[CatalogRow],
    *,
    key: str,
    on_event: Callable[[GridEvent], None],
    gross: bool = False,
    notes: Mapping[int, str] = MappingProxyType({}),
    search: str = "",
) -> None:
    """Products with their prices and stock; who may order types quantities. Columns that nobody needs are left out.

    `on_event` is a callback: "open" for a product's name, "why" for its price, "favourite" for its star (shown as
    changed already), "wait" for its bell. `gross`: prices with VAT. `notes` are words about
    some of the products, by id; `search` the words that found them. Show the cart bar on the same page: the sums are
    its.
    Give the grid a place of its own (a container) that nothing pushes down, so that it stays while a page redraws.
    """
    principal = require("partner", "catalog.see")
    shown = frozenset(row.product_id for row in rows)
    data = {
        "rows": [row_data(row, notes.get(row.product_id, "")) for row in rows],
        "columns": _columns(principal, rows),
        "can": {"favourite": not principal.viewing, "wait": may(principal, "stock.await")},
        "gross": gross,
        "search": search.strip(),
        "whose": whose(principal),
        "words": grid_words(gross),
        **numbers(),
    }
    mount("grid", key, data, on_told_change=lambda: _hear(key, shown, on_event))


def show_totals(principal: Principal, cart: CartView, as_of: datetime, *, key: str) -> None:
    """The sums of the cart, counted in the browser while quantities are typed. `as_of` is before the cart was read.

    When what is short has changed, or a question for approval has ended, the fragment that this stands in runs again.
    """
    data = {"cart": cart_figures(cart, as_of), "whose": whose(principal), "words": bar_words(), **numbers()}
    mount("totals", key, data, on_refresh_change=lambda: None)


def _columns(principal: Principal, rows: Sequence[CatalogRow]) -> list[str]:
    priced = any(row.unit_price is not None for row in rows)
    orders = priced and may(principal, "orders.place")
    wanted = {
        "product": True,
        "price": priced,
        "rrp": any(row.rrp for row in rows),
        "stock": any(row.stock.kind != "nothing" for row in rows),
        "quantity": orders,
        "total": orders,
    }
    return [name for name, there in wanted.items() if there]


def _hear(key: str, shown: frozenset[int], on_event: Callable[[GridEvent], None]) -> None:
    """A callback: the clicks that were not answered yet. The browser numbers them, and tells of the last few again."""
    done = f"{key} answered"
    for click in st.session_state[key].get("told") or []:
        match click:
            case [int(number), "why" | "favourite" | "wait" | "open" as what, int(product), bool(on)]:
                if product in shown and number > st.session_state.get(done, 0):
                    st.session_state[done] = number
                    on_event({"what": what, "id": product, "wanted": on})
