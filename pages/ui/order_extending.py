"""More time for an order: the partner may give it as much again, once, while nobody else waits for its goods."""

from datetime import datetime

import streamlit as st

from core import clock
from core.db import transaction
from core.orders.extending import extend, extended_until
from core.orders.queries import OrderRow
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.order_shipping import unpaid
from pages.ui.order_steps import drawer, drawn, step_key, take_step
from pages.ui.text import _, moment


def offer_more_time(principal: Principal, order: OrderRow, now: datetime) -> None:
    """The button, where a time runs that was not made longer yet."""
    if not may(principal, "orders.extend") or order.extended_at or not _runs(order, now):
        return
    if box := drawer(order.id, "extend", _("More time"), "more_time"):
        with box:
            _show_more_time(principal, order, now)


def _show_more_time(principal: Principal, order: OrderRow, now: datetime) -> None:
    """The new deadline on the button, or why there is none."""
    with refusals():
        with transaction(principal) as session:
            until = extended_until(session, order.id, now)
        st.write(_("The goods stay held for longer. That can be done once, and only while nobody else waits for them."))
        st.button(
            _("Let it wait until {moment}").format(moment=moment(until)),
            type="primary",
            key=step_key(order.id, "extend-yes"),
            on_click=_extend,
            args=(drawn(), order.id),
        )


def _runs(order: OrderRow, now: datetime) -> bool:
    to_claim = order.claim_deadline if order.status == "placed" else None
    to_pay = order.pay_deadline if order.status in ("placed", "claimed") and unpaid(order) else None
    running = [deadline for deadline in (to_claim, to_pay) if deadline]
    return bool(running) and min(running) > now


def _extend(at: int, order_id: int) -> None:
    """A callback."""
    take_step(at, "partner", lambda session: extend(session, order_id, clock.now()),
              lambda until: _("The order can wait until {moment} now.").format(moment=moment(until)))  # fmt: skip
