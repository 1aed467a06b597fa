"""Products in the order grid, wherever the partner's pages show some, and what a click in a row does."""

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

import streamlit as st

from core.auth.account import set_show_gross, shows_gross
from core.db import transaction
from core.orders.browsing import CatalogRow
from core.orders.lists import set_favourite
from pages.ui.awaited import ask_to_wait
from pages.ui.errors import refusals
from pages.ui.guard import require
from pages.ui.order_grid import GridEvent, show_grid
from pages.ui.price_why import show_why
from pages.ui.text import _

PRODUCT_PAGE = "pages/partner/product.py"
GROSS = "show_gross"
SWITCH = "gross_switch"
PROBLEM = "catalog_problem"


def show_products(
    rows: Sequence[CatalogRow], key: str, notes: Mapping[int, str] = MappingProxyType({}), search: str = ""
) -> None:
    """The grid with these products, and a note on some of them (by id). What is clicked in it is answered here.
    `search` are the words that found them: a key in the search field leads to their first quantity.

    Show the cart bar on the same page, and call `show_problem` above.
    """
    show_grid(rows, key=key, on_event=partial(_hear, key), gross=gross_shown(), notes=notes, search=search)
    event: GridEvent | None = st.session_state.pop(_event(key), None)
    row = next((row for row in rows if event and row.product_id == event["id"]), None)
    if event is None or row is None:
        return
    match event["what"]:
        case "open":
            st.switch_page(PRODUCT_PAGE, query_params={"product": str(row.product_id)})
        case "why":
            show_why(row)
        case "wait":
            ask_to_wait(row)


def show_problem() -> None:
    """What the last click was refused."""
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(problem, icon=":material/block:")


def show_gross_switch() -> None:
    """Prices net or with VAT: remembered for the user, and by staff in a partner's place for this visit only."""
    st.session_state.setdefault(SWITCH, gross_shown())
    st.toggle(_("Prices with VAT"), key=SWITCH, on_change=_switch, width="content")


def gross_shown() -> bool:
    """Does the user want prices with VAT? Asked once in a tab."""
    if GROSS not in st.session_state:
        with transaction(require("partner", "catalog.see"), wall=False) as session:
            st.session_state[GROSS] = shows_gross(session)
    return bool(st.session_state[GROSS])


def star(product_id: int, wanted: bool) -> None:
    """A callback: a product is a favourite from now on, or none; as it was shown when it was clicked, whatever another
    tab has made of it since."""
    with refusals(PROBLEM), transaction(require("partner", "orders.place")) as session:
        set_favourite(session, product_id, wanted)


def _hear(key: str, event: GridEvent) -> None:
    """A callback."""
    if event["what"] == "favourite":
        star(event["id"], event["wanted"])
    else:
        st.session_state[_event(key)] = event


def _switch() -> None:
    """A callback."""
    principal = require("partner", "catalog.see")
    st.session_state[GROSS] = st.session_state[SWITCH]
    if not principal.in_place:
        with refusals(PROBLEM), transaction(principal, wall=False) as session:
            set_show_gross(session, st.session_state[GROSS])


def _event(key: str) -> str:
    return f"{key} event"
