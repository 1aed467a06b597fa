"""All orders, and one of them whole with what can be done with it."""

import streamlit as st

from core import clock
from core.db import transaction
from core.documents.issuing import issue_invoice
from core.orders import lifecycle
from core.orders.queries import OrderRow, order_detail, orders_page
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.guard import require
from pages.ui.orders import STATES, show_order, show_orders, show_pages
from pages.ui.text import _


def main() -> None:
    staff = require("staff", "orders.see")
    chosen = st.query_params.get("order", "")
    if chosen.isdecimal() and len(chosen) < 10:
        show_one(staff, int(chosen))
    else:
        show_list(staff)


def show_list(staff: Principal) -> None:
    st.title(_("Orders"), anchor=False)
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    search = left.text_input(
        _("Search"), placeholder=_("Order number, partner's name or code"), icon=":material/search:", key="order_search"
    )
    states = right.pills(
        _("Show"), list(STATES), format_func=lambda name: _(STATES[name]), selection_mode="multi", key="order_states"
    )
    key = f"orders_page {search} {states}"
    with transaction(staff) as session:
        rows, total = orders_page(session, statuses=states or None, search=search, page=st.session_state.get(key, 1))
    if not rows:
        st.info(_("No order matches. Clear the search or choose other states."), icon=":material/search_off:")
        return
    st.caption(_("Choose a row to open the order."))
    opened = show_orders(rows, "all_orders", with_partner=True)
    show_pages(total, key)
    if opened:
        st.query_params["order"] = str(opened)
        st.rerun()


def show_one(staff: Principal, order_id: int) -> None:
    if st.button(_("All orders"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.rerun()
    if refused := st.session_state.pop("order_refused", None):
        st.warning(refused, icon=":material/block:")
    with refusals():
        with transaction(staff) as session:
            detail = order_detail(session, order_id)
        with st.container(horizontal=True):
            show_actions(staff, detail.order)
        show_order(detail, clock.now())


def show_actions(staff: Principal, order: OrderRow) -> None:
    """What the member of staff may do with the order as it stands."""
    invoiced, open_ = order.invoice_id is not None, order.status in ("placed", "claimed")
    if order.status == "placed" and may(staff, "orders.claim"):
        st.button(_("Claim"), type="primary", icon=":material/front_hand:", on_click=act, args=("claim", order.id))
    if order.status in ("claimed", "shipped") and not invoiced and may(staff, "documents.issue"):
        st.button(
            _("Issue the invoice"),
            type="primary",
            icon=":material/receipt_long:",
            on_click=act,
            args=("invoice", order.id),
        )
    if order.status == "claimed" and may(staff, "orders.ship"):
        st.button(_("Goods have left"), icon=":material/local_shipping:", on_click=act, args=("ship", order.id))
    if invoiced and may(staff, "documents.see"):
        label = _("Invoice {number} (PDF)").format(number=order.invoice)
        st.link_button(label, f"/documents/{order.invoice_id}.pdf", icon=":material/picture_as_pdf:")
    if open_ and not invoiced and may(staff, "orders.cancel"):
        with st.popover(_("Cancel"), icon=":material/cancel:"):
            st.text_input(_("Reason (the partner reads it)"), max_chars=200, key="cancel_reason")
            st.button(_("Cancel the order"), on_click=act, args=("cancel", order.id))


def act(verb: str, order_id: int) -> None:
    """A callback: the order is drawn after it, in its new state, or with the sentence that says why not."""
    with refusals("order_refused"), transaction(require("staff", "orders.see")) as session:
        match verb:
            case "claim":
                lifecycle.claim(session, order_id, clock.now())
            case "ship":
                lifecycle.ship(session, order_id, clock.now())
            case "invoice":
                issue_invoice(session, order_id, clock.now())
            case "cancel":
                lifecycle.cancel(session, order_id, st.session_state["cancel_reason"], clock.now())


main()
