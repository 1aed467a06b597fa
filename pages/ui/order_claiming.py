"""Who has an order: claim it, give it back, hold it for a colleague or hand it over."""

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.db import transaction
from core.orders.claiming import assign, colleagues, give_back
from core.orders.lifecycle import claim
from core.orders.queries import OrderRow
from core.permissions import may
from core.principal import Principal
from pages.ui.order_steps import drawer, drawn, step_key, take_step
from pages.ui.text import _


def offer_claim(staff: Principal, order: OrderRow) -> bool:
    """The button that takes the order over; tells whether there was one."""
    if order.status != "placed" or not may(staff, "orders.claim"):
        return False
    st.button(_("Claim"), type="primary", icon=":material/front_hand:", key=step_key(order.id, "claim"),
              on_click=_claim, args=(drawn(), order.id))  # fmt: skip
    return True


def offer_handing_on(staff: Principal, order: OrderRow) -> None:
    """Giving back and handing over: a claimed order's by who claimed it, or by who manages the staff."""
    if order.status not in ("placed", "claimed") or not may(staff, "orders.claim"):
        return
    if order.status == "claimed" and order.claimed_by_id != staff.user_id and not may(staff, "staff.manage"):
        return
    label = _("Hold for a colleague") if order.status == "placed" else _("Hand on")
    if box := drawer(order.id, "hand", label, "group"):
        with box:
            _show_colleagues(staff, order)
            if order.status == "claimed":
                st.divider()
                _show_giving_back(order)


def _show_colleagues(staff: Principal, order: OrderRow) -> None:
    with transaction(staff) as session:
        names = dict(colleagues(session))
    present = order.assigned_to_id if order.status == "placed" else order.claimed_by_id
    names.pop(present or 0, None)
    if not names:
        st.write(_("There is no colleague who claims orders."))
        return
    with st.form(step_key(order.id, "assign-form"), border=False):
        st.selectbox(_("Colleague"), list(names), format_func=lambda user: names[user],
                     key=step_key(order.id, "assign-user"))  # fmt: skip
        words = _("Hold it for them") if order.status == "placed" else _("Hand it over")
        st.form_submit_button(words, type="primary", on_click=_assign, args=(drawn(), order.id))


def _show_giving_back(order: OrderRow) -> None:
    with st.form(step_key(order.id, "back-form"), border=False):
        st.write(_("The order waits in the queue again, with the time that was left."))
        st.text_input(_("Reason, for colleagues (optional)"), max_chars=200, key=step_key(order.id, "back-reason"))
        st.form_submit_button(_("Give it back"), icon=":material/undo:", on_click=_give_back,
                              args=(drawn(), order.id))  # fmt: skip


def _claim(at: int, order_id: int) -> None:
    """A callback."""
    take_step(at, "staff", lambda session: claim(session, order_id, clock.now()), _("The order is yours."))


def _assign(at: int, order_id: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        assign(session, order_id, st.session_state[step_key(order_id, "assign-user")], clock.now())

    take_step(at, "staff", step, _("Your colleague is told."))


def _give_back(at: int, order_id: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        give_back(session, order_id, clock.now(), st.session_state[step_key(order_id, "back-reason")])

    take_step(at, "staff", step, _("The order is in the queue again."))
