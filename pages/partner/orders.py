"""The partner's orders: what waits, what was claimed, what came of it."""

import streamlit as st

from core import clock
from core.db import transaction
from core.orders import lifecycle
from core.orders.queries import OrderRow, order_detail, orders_page
from core.permissions import may
from core.principal import Principal
from pages.ui.approvals import show_approvals
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.orders import STATES, show_order, show_orders, show_pages
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
    st.title(_("Orders"), anchor=False)
    if may(principal, "orders.approve"):
        show_approvals(principal)
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    number = left.text_input(_("Search"), placeholder=_("Order number"), icon=":material/search:", key="order_search")
    states = right.pills(
        _("Show"), list(STATES), format_func=lambda name: _(STATES[name]), selection_mode="multi", key="order_states"
    )
    key = f"orders_page {number} {states}"
    with transaction(principal) as session:
        rows, total = orders_page(session, statuses=states or None, search=number, page=st.session_state.get(key, 1))
    if not rows:
        show_nothing(principal)
        return
    st.caption(_("Choose a row to open the order."))
    opened = show_orders(rows, "own_orders", with_partner=False)
    show_pages(total, key)
    if opened:
        st.query_params["order"] = str(opened)
        st.rerun()


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
    with refusals():
        with transaction(principal) as session:
            detail = order_detail(session, order_id)
        show_order(detail, clock.now())
        show_actions(principal, detail.order)


def show_actions(principal: Principal, order: OrderRow) -> None:
    """What the principal may do with the order as it stands."""
    if order.invoice_id and may(principal, "documents.see"):
        label = _("Invoice {number} (PDF)").format(number=order.invoice)
        st.link_button(label, f"/documents/{order.invoice_id}.pdf", icon=":material/picture_as_pdf:")
    if order.status == "placed" and may(principal, "orders.cancel"):
        ask_to_cancel(order.id)


def ask_to_cancel(order_id: int) -> None:
    with st.popover(_("Cancel the order"), icon=":material/cancel:"):
        st.write(_("The order ends and its goods go back to stock."))
        reason = st.text_input(_("Why (optional)"), max_chars=200, key="cancel_reason")
        if st.button(_("Yes, cancel it"), type="primary", key="cancel_yes"):
            with refusals():
                with transaction(require("partner", "orders.cancel")) as session:
                    lifecycle.cancel(session, order_id, reason, clock.now())
                st.rerun()


main()
