"""The partner's orders: what waits, what was claimed, what came of it."""

from datetime import datetime

import streamlit as st

from core import clock
from core.db import transaction
from core.orders.proposing import proposals
from core.orders.queries import OrderDetail, order_detail, orders_page
from core.orders.reordering import AgainView
from core.permissions import may
from core.principal import Principal
from pages.ui.approvals import show_approvals
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.order_again import look_again, offer_again, show_missing, show_reordered
from pages.ui.order_cancelling import offer_cancelling
from pages.ui.order_conversation import show_order_conversation
from pages.ui.order_extending import offer_more_time
from pages.ui.order_head import show_details, show_head
from pages.ui.order_history import show_history
from pages.ui.order_lines import show_deliveries, show_lines, show_money
from pages.ui.order_papers import show_papers
from pages.ui.order_proposals import show_waiting
from pages.ui.order_steps import show_outcome
from pages.ui.orders import STATES, show_orders, show_pages
from pages.ui.taking_out import take_out
from pages.ui.text import _


def main() -> None:
    principal = require("partner", "orders.see")
    show_said()
    chosen = st.query_params.get("order", "")
    if chosen.isdecimal() and len(chosen) < 10:
        show_one(principal, int(chosen))
    else:
        show_list(principal)


def show_list(principal: Principal) -> None:
    head = st.container(horizontal=True, vertical_alignment="center")
    head.title(_("Orders"), anchor=False)
    if may(principal, "orders.approve"):
        show_approvals(principal)
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    hint = _("Order number, or your own number")
    number = left.text_input(_("Search"), placeholder=hint, icon=":material/search:", key="order_search")
    states = right.pills(
        _("Show"), list(STATES), format_func=lambda name: _(STATES[name]), selection_mode="multi", key="order_states"
    )
    key = f"orders_page {number} {states}"
    with transaction(principal) as session:
        rows, total = orders_page(session, statuses=states or None, search=number, page=st.session_state.get(key, 1))
    if not rows:
        show_nothing(principal)
        return
    with head:
        take_out(principal, "orders", words=number, status=states)
    st.caption(_("Choose a row to open the order."))
    show_orders(rows, "own_orders", with_partner=False)
    show_pages(total, key)


def show_nothing(principal: Principal) -> None:
    """Where there are no orders: the way to the first one, for who may place it."""
    if not may(principal, "orders.place"):
        st.info(_("No orders here."), icon=":material/inbox:")
        return
    st.info(_("No orders here. Choose products in the catalogue and place the first one."), icon=":material/inbox:")
    st.page_link("pages/partner/catalog.py", label=_("To the catalogue"), icon=":material/storefront:")


def show_one(principal: Principal, order_id: int) -> None:
    if st.button(_("All orders"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.rerun()
    show_outcome()
    show_reordered()
    now = clock.now()
    with refusals():
        with transaction(principal) as session:
            detail, found = order_detail(session, order_id), proposals(session, order_id)
        show_head(detail, now)
        show_waiting(principal, detail.order, found)
        again = look_again(principal, detail.order)
        show_actions(principal, detail, again, now)
        show_missing(again)
        show_details(detail.order)
        show_lines(detail)
        show_deliveries(detail)
        show_money(detail)
        show_order_conversation(principal, detail.order)
        show_history(detail)


def show_actions(principal: Principal, detail: OrderDetail, again: AgainView | None, now: datetime) -> None:
    """What the principal may do with the order as it stands."""
    with st.container(horizontal=True):
        offer_more_time(principal, detail.order, now)
        offer_cancelling(principal, detail)
        offer_again(principal, detail.order, again)
        show_papers(principal, detail.order)


main()
