"""A new saved list: on the page of the lists, and from the cart."""

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.orders.cart import view_cart
from core.orders.lists import LONGEST_NAME, create_list
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.steps import drawn, say, take_once
from pages.ui.text import _

MADE = "lists_made"
LIST = "list"
"""The name of a list's id in the address of the page of lists."""


def offer_new_list(label: str, problem: str, *, of_cart: bool) -> None:
    """A name for the list; `of_cart`: it is what is in the cart, else that can be chosen. What is refused is kept in
    the session state as `problem`."""
    key = f"new_list {problem}"
    with st.popover(label, icon=":material/bookmark_add:"):
        st.text_input(_("Name of the list"), max_chars=LONGEST_NAME, key=key)
        if not of_cart:
            st.checkbox(_("With what is in the cart now"), key=f"{key} cart")
        st.button(_("Create the list"), type="primary", key=f"{key} create", on_click=_create,
                  args=(drawn(MADE), key, problem, of_cart))  # fmt: skip


def _create(at: int, key: str, problem: str, of_cart: bool) -> None:
    """A callback."""
    name, with_cart = st.session_state[key], of_cart or st.session_state[f"{key} cart"]

    def step(session: Session) -> int:
        items = view_cart(session, clock.now()).items if with_cart else []
        return create_list(session, name, {item.product_id: item.quantity for item in items if item.active})

    def tell(created: int) -> None:
        if not of_cart:
            st.query_params[LIST] = str(created)
        say(_("The list “{name}” is there.").format(name=plain(name)))

    take_once(require("partner", "orders.place"), MADE, at, problem, step, tell)
    if problem not in st.session_state:
        st.session_state[key] = ""
