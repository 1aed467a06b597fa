"""Changes that staff propose for an order's lines: what is shown of them, the partner's answer, staff's form."""

from decimal import Decimal

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.orders.contents import LineRow
from core.orders.proposing import ProposalRow, answer, propose, withdraw
from core.orders.queries import OrderDetail, OrderRow
from core.permissions import may
from core.principal import Principal
from pages.ui.frame import plain
from pages.ui.order_steps import as_decimal, drawer, drawn, goods, step_key, take_step
from pages.ui.text import _, amount, moment, price, quantity


def show_waiting(principal: Principal, order: OrderRow, found: list[ProposalRow]) -> None:
    """A card for each proposal that waits, with what may be done about it."""
    waiting = [proposal for proposal in found if proposal.answer is None]
    if order.status != "claimed" or not waiting:
        return
    partners = principal.kind == "partner"
    title = _("The distributor proposes a change") if partners else _("Proposed to the partner, who has not answered")
    st.markdown(f":violet[:material/swap_horiz:] **{title}**")
    for proposal in waiting:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"proposal-{proposal.id}"):
            st.markdown(_told(order, proposal), width="stretch")
            _show_buttons(principal, order, proposal)


def _told(order: OrderRow, proposal: ProposalRow) -> str:
    """What it would change, and why, line by line."""
    had, kept, unit = quantity(proposal.billable), quantity(proposal.keep), plain(proposal.unit)
    words = _("{keep} instead of {ordered} {unit}") if proposal.keep else _("none instead of {ordered} {unit}")
    lines = [f"**{plain(proposal.name)}** ({plain(proposal.sku)}): {words.format(keep=kept, ordered=had, unit=unit)}"]
    if proposal.quantity and proposal.unit_price is not None:
        other = goods(proposal.other_name or "", proposal.quantity, proposal.other_unit or "")
        words = _("In their place **{goods}** ({sku}) at {price}")
        lines.append(words.format(goods=other, sku=plain(proposal.other_sku or ""), price=price(proposal.unit_price)))
    totals = _("Net total of the order: **{after}** instead of {before}")
    lines.append(totals.format(after=amount(order.net + proposal.net_change), before=amount(order.net)))
    if proposal.reason:
        lines.append(_("Reason: {reason}").format(reason=plain(proposal.reason)))
    proposed = _("Proposed on {moment}").format(moment=moment(proposal.proposed_at))
    return "  \n".join([*lines, f":small[:gray[{proposed}]]"])


def _show_buttons(principal: Principal, order: OrderRow, proposal: ProposalRow) -> None:
    key = step_key(order.id, f"answer-{proposal.id}")
    if principal.kind == "partner" and may(principal, "orders.answer"):
        st.button(_("Accept"), type="primary", icon=":material/check:", key=f"{key}-yes",
                  on_click=_answer, args=(drawn(), proposal.id, True))  # fmt: skip
        st.button(_("Refuse"), icon=":material/close:", key=f"{key}-no",
                  help=_("The order stays as it is; the distributor is told."),
                  on_click=_answer, args=(drawn(), proposal.id, False))  # fmt: skip
    if principal.kind == "staff" and may(principal, "orders.propose"):
        st.button(_("Withdraw"), icon=":material/undo:", key=f"{key}-back", on_click=_withdraw,
                  args=(drawn(), proposal.id))  # fmt: skip


def offer_proposing(staff: Principal, detail: OrderDetail, found: list[ProposalRow]) -> None:
    """The form for a proposal, for lines of which none waits."""
    order = detail.order
    if order.status != "claimed" or order.invoice_id or not may(staff, "orders.propose"):
        return
    taken = {proposal.order_line_id for proposal in found if proposal.answer is None}
    lines = [line for line in detail.lines if line.undelivered and line.id not in taken]
    if not lines:
        return
    if box := drawer(order.id, "propose", _("Propose a change"), "swap_horiz"):
        with box:
            _show_form(order, lines)


def _show_form(order: OrderRow, lines: list[LineRow]) -> None:
    st.write(_("The order changes only when the partner accepts."))
    chosen = st.selectbox(
        _("Product"), lines, format_func=lambda line: f"{line.name} ({line.sku})",
        key=step_key(order.id, "propose-line"),
    )  # fmt: skip
    with st.form(step_key(order.id, f"propose-form-{chosen.id}"), border=False, enter_to_submit=False):
        words = _("How much stays, of {quantity} {unit}")
        st.number_input(
            words.format(quantity=quantity(chosen.billable), unit=plain(chosen.unit)),
            min_value=float(chosen.shipped), max_value=float(chosen.billable), value=float(chosen.shipped), step=1.0,
            format="%g", key=step_key(order.id, f"propose-keep-{chosen.id}"),
        )  # fmt: skip
        left, right = st.columns([2, 1])
        left.text_input(_("Substitute: SKU (optional)"), max_chars=64, key=step_key(order.id, "propose-sku"))
        right.number_input(_("Its quantity"), min_value=0.0, value=None, step=1.0, format="%g",
                           key=step_key(order.id, "propose-quantity"))  # fmt: skip
        st.text_input(_("Reason (the partner reads it)"), max_chars=200, key=step_key(order.id, "propose-reason"))
        st.form_submit_button(_("Propose it"), type="primary", on_click=_propose,
                              args=(drawn(), order.id, chosen.id))  # fmt: skip


def _propose(at: int, order_id: int, line_id: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        fields = (f"keep-{line_id}", "sku", "quantity", "reason")
        keep, sku, number, reason = (st.session_state.get(step_key(order_id, f"propose-{name}")) for name in fields)
        other: tuple[str | None, Decimal | None] = (None, None)
        if (sku or "").strip():
            other = sku, as_decimal(number)
        propose(session, order_id, line_id, as_decimal(keep), clock.now(), *other, reason or "")

    take_step(at, "staff", step, _("The partner is asked."))


def _withdraw(at: int, proposal_id: int) -> None:
    """A callback."""
    take_step(at, "staff", lambda session: withdraw(session, proposal_id, clock.now()),
              _("The proposal is withdrawn."))  # fmt: skip


def _answer(at: int, proposal_id: int, accept: bool) -> None:
    """A callback."""
    said = _("The order is changed as proposed.") if accept else _("Refused: the order stays as it is.")
    take_step(at, "partner", lambda session: answer(session, proposal_id, accept, clock.now()), said)
