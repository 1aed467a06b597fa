"""All orders, and one of them whole with what can be done with it."""

import streamlit as st

from core import clock
from core.db import transaction
from core.orders.proposing import ProposalRow, proposals
from core.orders.queries import OrderDetail, order_detail, orders_page
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.order_cancelling import offer_cancelling
from pages.ui.order_claiming import offer_claim, offer_handing_on
from pages.ui.order_conversation import show_order_conversation
from pages.ui.order_documents import offer_documents, show_standing_advances
from pages.ui.order_head import show_details, show_head
from pages.ui.order_history import show_history
from pages.ui.order_lines import show_deliveries, show_lines, show_money
from pages.ui.order_money import offer_invoice, offer_payment, offer_revival, show_short
from pages.ui.order_papers import show_papers
from pages.ui.order_proposals import offer_proposing, show_waiting
from pages.ui.order_shipping import offer_shipping, unpaid
from pages.ui.order_steps import show_outcome
from pages.ui.orders import STATES, show_orders, show_pages
from pages.ui.taking_out import take_out
from pages.ui.text import _


def main() -> None:
    staff = require("staff", "orders.see")
    show_said()
    chosen = st.query_params.get("order", "")
    if chosen.isdecimal() and len(chosen) < 10:
        show_one(staff, int(chosen))
    else:
        show_list(staff)


def show_list(staff: Principal) -> None:
    head = st.container(horizontal=True, vertical_alignment="center")
    head.title(_("Orders"), anchor=False)
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    hint = _("Number, partner, code, own number")
    search = left.text_input(_("Search"), placeholder=hint, icon=":material/search:", key="order_search")
    with right.container(horizontal=True, vertical_alignment="bottom"):
        states = st.pills(
            _("Show"), list(STATES), format_func=lambda name: _(STATES[name]), selection_mode="multi",
            key="order_states",
        )  # fmt: skip
        mine = may(staff, "orders.claim") and st.toggle(
            _("Only mine"), key="order_mine", help=_("What you have claimed, and what is held for you")
        )
    key = f"orders_page {search} {states} {mine}"
    with transaction(staff) as session:
        rows, total = orders_page(
            session, statuses=states or None, search=search, mine=mine, page=st.session_state.get(key, 1)
        )
    if not rows:
        show_nothing(filtered=bool(search or states or mine))
        return
    with head:
        take_out(staff, "orders", words=search, status=states, claimed_by=staff.email if mine else None)
    st.caption(_("Choose a row to open the order."))
    show_orders(rows, "all_orders", with_partner=True)
    show_pages(total, key)


def show_nothing(filtered: bool) -> None:
    if filtered:
        st.info(_("No order matches. Clear the search or choose other states."), icon=":material/search_off:")
    else:
        words = _("No orders yet. Partners place them from the catalogue; you hear of each by mail.")
        st.info(words, icon=":material/inbox:")


def show_one(staff: Principal, order_id: int) -> None:
    if st.button(_("All orders"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.rerun()
    show_outcome()
    with refusals():
        with transaction(staff) as session:
            detail, found = order_detail(session, order_id), proposals(session, order_id)
        show_head(detail, clock.now())
        show_short(staff, detail.order)
        show_standing_advances(staff, detail.order)
        show_actions(staff, detail, found)
        show_waiting(staff, detail.order, found)
        show_details(detail.order)
        show_lines(detail)
        show_deliveries(detail)
        show_money(detail)
        show_order_conversation(staff, detail.order)
        show_history(detail)


def show_actions(staff: Principal, detail: OrderDetail, found: list[ProposalRow]) -> None:
    """What the member of staff may do with the order as it stands, the next thing first."""
    order = detail.order
    with st.container(horizontal=True):
        begun = offer_claim(staff, order) or offer_revival(staff, order) or offer_shipping(staff, detail)
        if unpaid(order):
            begun = offer_payment(staff, order, primary=not begun) or begun
            offer_invoice(staff, order, primary=not begun)
        else:
            offer_invoice(staff, order, primary=not begun)
            offer_payment(staff, order, primary=False)
        offer_proposing(staff, detail, found)
        offer_documents(staff, detail)
        offer_handing_on(staff, order)
        offer_cancelling(staff, detail)
        show_papers(staff, detail.order)


main()
