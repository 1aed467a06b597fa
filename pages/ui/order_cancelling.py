"""Cancelling an order, whole or in parts: the partner while nobody has claimed it, staff what is not invoiced."""

from typing import Literal

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.i18n import N_
from core.orders.cancelling import cancel, cancel_part
from core.orders.contents import LineRow
from core.orders.queries import OrderDetail, OrderRow
from core.permissions import may
from core.principal import Principal
from pages.ui.order_steps import drawer, drawn, step_key, take_step, type_quantities, typed_quantities
from pages.ui.text import _

Side = Literal["partner", "staff"]
EXTENTS = {"whole": N_("All of it"), "part": N_("A part of it")}
WHOLE = {
    "partner": N_("The order ends and its goods go back to stock."),
    "staff": N_("What has not left yet goes back to stock. The partner is told."),
}


def offer_cancelling(principal: Principal, detail: OrderDetail) -> None:
    """The way to cancel the order or parts of it, for who may do so now."""
    order, side = detail.order, _side(principal)
    open_lines = [line for line in detail.lines if line.cancellable]
    if not may(principal, "orders.cancel") or order.status not in _while(side) or not open_lines:
        return
    if box := drawer(order.id, "cancel", _("Cancel the order"), "cancel"):
        with box:
            _show_choice(side, order, open_lines, any(line.cancellable < line.undelivered for line in detail.lines))


def _side(principal: Principal) -> Side:
    return "partner" if principal.kind == "partner" else "staff"


def _while(side: Side) -> tuple[str, ...]:
    return ("placed",) if side == "partner" else ("placed", "claimed")


def _show_choice(side: Side, order: OrderRow, lines: list[LineRow], some_invoiced: bool) -> None:
    # Staff change an order only once they have claimed it.
    extent = "whole"
    if some_invoiced:
        extent = "part"
        st.caption(_("What is invoiced and has not left yet stays: take its invoice back first."))
    elif side == "partner" or order.status == "claimed":
        extent = st.segmented_control(
            _("How much"),
            list(EXTENTS),
            default="whole",
            required=True,
            format_func=lambda name: _(EXTENTS[name]),
            key=step_key(order.id, "cancel-extent"),
        )
    with st.form(step_key(order.id, f"cancel-{extent}"), border=False, enter_to_submit=False):
        if extent == "whole":
            st.write(_(WHOLE[side]))
        else:
            st.write(_("Enter what is to be cancelled of each product."))
            type_quantities(lines, lambda line: line.cancellable, step_key(order.id, "cancel-quantity"))
        label = _("Why (optional)") if side == "partner" else _("Reason (the partner reads it)")
        st.text_input(label, max_chars=200, key=step_key(order.id, "cancel-reason"))
        words = _("Yes, cancel it") if extent == "whole" else _("Cancel these quantities")
        st.form_submit_button(words, type="primary", on_click=_cancel, args=(drawn(), side, order.id, lines, extent))


def _cancel(at: int, side: Side, order_id: int, lines: list[LineRow], extent: str) -> None:
    """A callback: the order is drawn after it, as it is then."""

    def step(session: Session) -> None:
        reason = st.session_state.get(step_key(order_id, "cancel-reason"), "")
        if extent == "whole":
            cancel(session, order_id, reason, clock.now())
        else:
            given = typed_quantities(lines, step_key(order_id, "cancel-quantity"))
            cancel_part(session, order_id, given, reason, clock.now())

    whole, part = _("The order is cancelled."), _("Cancelled. The rest of the order stays as it was.")
    take_step(at, side, step, whole if extent == "whole" else part)
