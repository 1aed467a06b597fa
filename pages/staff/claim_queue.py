"""Orders to claim: what waits, the nearest deadline first, each with its countdown."""

from decimal import Decimal

import streamlit as st

from core import clock
from core.db import transaction
from core.orders import lifecycle
from core.orders.queries import OrderRow, waiting_orders
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.orders import remaining
from pages.ui.text import _, amount, moment

REFRESH_SECONDS = 10
SHOWN = 50


def main() -> None:
    require("staff", "orders.claim")
    st.title(_("Orders to claim"), anchor=False)
    with st.expander(_("How this works"), icon=":material/help:"):
        st.write(
            _(
                "An order holds its goods from the moment it is placed. Claim it, and it is yours to prepare. What "
                "nobody claims until its deadline lapses by itself, and the goods go back to stock. The list "
                "refreshes itself."
            )
        )
    show_queue()


@st.fragment(run_every=REFRESH_SECONDS)
def show_queue() -> None:
    staff = require("staff", "orders.claim")
    if claimed := st.session_state.pop("claimed_order", None):
        st.success(_("Order {number} is yours.").format(number=claimed), icon=":material/check_circle:")
        st.page_link(
            "pages/staff/orders.py",
            label=_("Open the order"),
            query_params={"order": str(claimed)},
            icon=":material/arrow_forward:",
        )
    if refused := st.session_state.pop("claim_refused", None):
        st.warning(refused, icon=":material/block:")
    with transaction(staff) as session:
        orders = waiting_orders(session, clock.now())
    if not orders:
        st.info(_("Nothing waits. New orders appear here by themselves."), icon=":material/done_all:")
        return
    total = sum((order.gross for order in orders), Decimal(0))
    st.caption(_("Waiting: {count}, {value} with VAT").format(count=len(orders), value=amount(total)))
    for order in orders[:SHOWN]:
        show_waiting(order)
    if len(orders) > SHOWN:
        st.caption(_("The {count} with the nearest deadline are shown.").format(count=SHOWN))


def show_waiting(order: OrderRow) -> None:
    now = clock.now()
    with st.container(border=True):
        who, value, time, actions = st.columns([3, 2, 2, 2], vertical_alignment="center")
        title = _("Order {number}").format(number=order.id)
        who.markdown(f"**{title}** · {plain(order.partner)}  \n"
                     f":small[{moment(order.placed_at)} · {plain(order.ordered_by)}]")  # fmt: skip
        lines = _("Lines: {count}").format(count=order.lines)
        value.markdown(f"**{amount(order.gross)}**  \n:small[{lines}]")
        if order.claim_deadline is None:
            time.markdown(remaining(None, now))
        else:
            used = (now - order.placed_at) / (order.claim_deadline - order.placed_at)
            color = "red" if used > 0.8 else "orange" if used > 0.5 else "green"
            time.markdown(f":{color}[:material/timer: **{remaining(order.claim_deadline, now)}**]")
            time.progress(min(max(1 - used, 0.0), 1.0))
        with actions.container(horizontal=True, horizontal_alignment="right"):
            st.button(_("Claim"), key=f"claim {order.id}", type="primary", on_click=claim, args=(order.id,))
            if st.button(_("Open"), key=f"open {order.id}"):
                st.switch_page("pages/staff/orders.py", query_params={"order": str(order.id)})


def claim(order_id: int) -> None:
    """A callback: it runs before the list is drawn again, so that the list is right."""
    with refusals("claim_refused"):
        with transaction(require("staff", "orders.claim")) as session:
            lifecycle.claim(session, order_id, clock.now())
        st.session_state["claimed_order"] = order_id


main()
