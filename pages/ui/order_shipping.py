"""Goods leave: all that is held, or a part of it, with a word for the rest."""

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.i18n import N_
from core.orders.contents import LineRow
from core.orders.queries import OrderDetail, OrderRow
from core.orders.shipping import Rest, ship, ship_part
from core.permissions import may
from core.principal import Principal
from pages.ui.order_steps import drawer, drawn, step_key, take_step, type_quantities, typed_quantities
from pages.ui.text import _

RESTS: dict[Rest, str] = {
    "keep": N_("stays held for the order"),
    "backorder": N_("is not there: the order waits for it"),
    "cancel": N_("is cancelled and goes back to stock"),
}


def offer_shipping(staff: Principal, detail: OrderDetail) -> bool:
    """The ways to send the goods, where something is held that may leave; tells whether there were any."""
    order, held = detail.order, [line for line in detail.lines if line.held]
    if not may(staff, "orders.ship") or order.status != "claimed" or not held or unpaid(order):
        return False
    st.button(
        _("Goods have left"),
        type="primary",
        icon=":material/local_shipping:",
        help=_("Everything that is held for the order left in one delivery."),
        key=step_key(order.id, "ship-all"),
        on_click=_ship_all,
        args=(drawn(), order.id),
    )
    if box := drawer(order.id, "ship", _("A part has left"), "package_2"):
        with box:
            _show_form(order, held)
    return True


def unpaid(order: OrderRow) -> bool:
    """Must it be paid before it leaves, and is it not?"""
    return order.prepay and order.paid_at is None and order.invoice_id is None


def _show_form(order: OrderRow, held: list[LineRow]) -> None:
    with st.form(step_key(order.id, "ship-form"), border=False, enter_to_submit=False):
        st.write(_("Enter what has left of each product."))
        type_quantities(held, lambda line: line.held, step_key(order.id, "ship-quantity"), filled=True)
        # What an invoice says stays owed: nothing of it is given up here.
        rests = [name for name in RESTS if name == "keep" or all(line.cancellable == line.undelivered for line in held)]
        st.radio(_("What did not leave"), rests, format_func=lambda name: _(RESTS[name]),
                 key=step_key(order.id, "ship-rest"))  # fmt: skip
        st.text_input(_("Note for the partner (optional)"), max_chars=200, key=step_key(order.id, "ship-note"))
        st.form_submit_button(
            _("Record the delivery"), type="primary", icon=":material/local_shipping:", on_click=_ship_part,
            args=(drawn(), order.id, held),
        )  # fmt: skip


def _ship_all(at: int, order_id: int) -> None:
    """A callback."""
    take_step(at, "staff", lambda session: ship(session, order_id, clock.now()),
              _("The delivery is recorded. The partner is told."))  # fmt: skip


def _ship_part(at: int, order_id: int, held: list[LineRow]) -> None:
    """A callback."""

    def step(session: Session) -> None:
        given = typed_quantities(held, step_key(order_id, "ship-quantity"))
        rest, note = (st.session_state[step_key(order_id, f"ship-{name}")] for name in ("rest", "note"))
        ship_part(session, order_id, given, rest, clock.now(), note)

    take_step(at, "staff", step, _("The delivery is recorded. The partner is told."))
