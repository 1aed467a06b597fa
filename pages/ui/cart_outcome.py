"""What came of the cart: said above the catalogue once an order was placed or approval was asked."""

from collections.abc import Iterator

import streamlit as st

from core.db import transaction
from core.orders.queries import OrderRow, order_detail
from core.principal import Principal
from pages.ui.steps import pop_told
from pages.ui.text import _, moment


def show_outcome(principal: Principal) -> None:
    """Above the catalogue, after an order was placed: its number, until when it waits, and the way to it."""
    if question := pop_told("question"):
        st.success(question, icon=":material/how_to_reg:")
    order_id = st.session_state.pop("placed", None)
    if order_id is None:
        return
    with transaction(principal) as session:
        order = order_detail(session, order_id).order
    st.success(" ".join(_placed_words(order)), icon=":material/check_circle:")
    st.page_link("pages/partner/orders.py", label=_("Open the order"), query_params={"order": str(order_id)},
                 icon=":material/arrow_forward:")  # fmt: skip


def _placed_words(order: OrderRow) -> Iterator[str]:
    if order.waiting:
        words = _("Order {number} is placed. What is there is held for you, the rest is on backorder.")
    else:
        words = _("Order {number} is placed and its goods are held for you.")
    yield words.format(number=order.id) + " " + _("The distributor has been told.")
    if order.claim_deadline:
        yield _("It has until {moment} to claim it.").format(moment=moment(order.claim_deadline))
    if order.pay_deadline:
        yield _("It has to be paid until {moment}.").format(moment=moment(order.pay_deadline))
