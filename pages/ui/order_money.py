"""Money and time run out: the invoice, payments before there is one, going out without them, lapsed orders revived."""

from datetime import date

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.documents.issuing import issue_invoice
from core.imports import fields
from core.orders.limits import OverLimits
from core.orders.placing import Short
from core.orders.queries import OrderRow
from core.orders.reviving import revive
from core.permissions import may
from core.principal import Principal
from core.receivables.prepaying import PaidOutcome, record_order_payment, waive_prepayment
from pages.ui.cart_lines import short_text
from pages.ui.forms import editable, read
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.order_shipping import unpaid
from pages.ui.order_steps import NEWS_KEY, drawer, drawn, step_key, take_step
from pages.ui.text import _, language


def offer_invoice(staff: Principal, order: OrderRow, primary: bool) -> bool:
    """The button that issues the invoice: of a claimed or shipped order that waits for no goods; was there one?"""
    if order.status not in ("claimed", "shipped") or order.invoice_id or order.waiting:
        return False
    if not may(staff, "limits.manage" if unpaid(order) else "documents.issue"):
        return False
    st.button(
        _("Issue the invoice"),
        type="primary" if primary else "secondary",
        icon=":material/receipt_long:",
        key=step_key(order.id, "invoice"),
        on_click=_invoice,
        args=(drawn(), order.id),
    )
    return True


def offer_payment(staff: Principal, order: OrderRow, primary: bool) -> bool:
    """Recording money on an order without an invoice, and letting one go that is to be paid first; was it offered?"""
    pays = may(staff, "payments.record") and order.status != "cancelled" and not order.invoice_id and order.to_pay > 0
    waives = may(staff, "limits.manage") and order.status in ("placed", "claimed") and unpaid(order)
    if not pays and not waives:
        return False
    if box := drawer(order.id, "pay", _("Payment"), "payments", primary):
        with box:
            if pays:
                _show_payment(order)
            if pays and waives:
                st.divider()
            if waives:
                _show_waiving(order)
    return True


def _show_payment(order: OrderRow) -> None:
    with st.form(step_key(order.id, "pay-form"), border=False, enter_to_submit=False):
        left, right = st.columns(2)
        left.text_input(_("Amount received, lei"), editable(order.to_pay, 2),
                        key=step_key(order.id, "pay-amount"))  # fmt: skip
        right.date_input(_("Received on"), today(), max_value=today(), format="DD.MM.YYYY",
                         key=step_key(order.id, "pay-day"))  # fmt: skip
        st.text_input(_("Bank reference (optional)"), max_chars=200, key=step_key(order.id, "pay-reference"))
        st.form_submit_button(_("Record the payment"), type="primary", on_click=_pay,
                              args=(drawn(), order))  # fmt: skip


def _show_waiving(order: OrderRow) -> None:
    with st.form(step_key(order.id, "waive-form"), border=False, enter_to_submit=False):
        st.write(_("The order may also leave before it is paid. It then lapses no more for want of a payment."))
        st.text_input(_("Reason, for the audit"), max_chars=200, key=step_key(order.id, "waive-reason"))
        st.form_submit_button(_("Let it go without payment"), on_click=_waive, args=(drawn(), order.id))


def offer_revival(staff: Principal, order: OrderRow) -> bool:
    """A lapsed order opened again: whole, or, where not all is there any more, with what is; was it offered?"""
    if order.status != "lapsed" or not may(staff, "orders.revive"):
        return False
    st.button(_("Open it again"), type="primary", icon=":material/restart_alt:", key=step_key(order.id, "revive"),
              help=_("Its goods are held again, if they are still there."), on_click=_revive,
              args=(drawn(), order.id, False))  # fmt: skip
    return True


def show_short(staff: Principal, order: OrderRow) -> None:
    """What of a lapsed order can no longer be had, once somebody tried, and the way to do without it."""
    short: list[Short] | None = st.session_state.get(_short_key(order.id))
    if not short or order.status != "lapsed" or not may(staff, "orders.revive"):
        return
    with st.container(border=True):
        st.markdown("\n".join([_("The order is still lapsed. Not everything is there any more:"), "", *_listed(short)]))
        st.button(_("Open it with what is there"), icon=":material/restart_alt:",
                  key=step_key(order.id, "revive-partly"), on_click=_revive,
                  args=(drawn(), order.id, True))  # fmt: skip


def _short_key(order_id: int) -> str:
    return f"order_short {order_id}"


def _listed(short: list[Short]) -> list[str]:
    return [f"- {short_text(line.name, line.wanted, line.available)}" for line in short]


def _invoice(at: int, order_id: int) -> None:
    """A callback."""
    take_step(at, "staff", lambda session: issue_invoice(session, order_id, clock.now()).full_number,
              lambda number: _("Invoice {number} is issued.").format(number=plain(number)))  # fmt: skip


def _pay(at: int, order: OrderRow) -> None:
    """A callback."""

    def step(session: Session) -> PaidOutcome:
        names = ("amount", "day", "reference")
        typed, day, reference = (st.session_state[step_key(order.id, f"pay-{name}")] for name in names)
        amount = read(_("Amount received, lei"), typed, fields.amount)
        return record_order_payment(session, order.id, amount, _day(day), reference, clock.now())

    def said(outcome: PaidOutcome) -> str:
        _tell(order, outcome)
        return _("The payment is recorded.")

    take_step(at, "staff", step, said)


def _day(typed: date | None) -> date:
    return typed or today()


def _tell(order: OrderRow, outcome: PaidOutcome) -> None:
    """What else came of a payment: one that came too late opens the order again, if it can."""
    late = order.status == "lapsed" or outcome.status == "lapsed"
    if not late:
        return
    if outcome.status != "lapsed":
        st.session_state[NEWS_KEY] = _("The order is paid and open again: its goods are held.")
    elif outcome.short:
        st.session_state[_short_key(order.id)] = outcome.short
    elif outcome.blocked:
        words = _("The payment is recorded, but the order stays lapsed: {reason}")
        blocked = outcome.blocked
        reason = blocked.sentences(language()) if isinstance(blocked, OverLimits) else blocked.text(language())
        st.session_state[NEWS_KEY] = words.format(reason=plain(reason))


def _waive(at: int, order_id: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        waive_prepayment(session, order_id, st.session_state[step_key(order_id, "waive-reason")], clock.now())

    take_step(at, "staff", step, _("The order may leave before it is paid."))


def _revive(at: int, order_id: int, partly: bool) -> None:
    """A callback."""

    def said(short: list[Short]) -> str:
        if short and not partly:
            st.session_state[_short_key(order_id)] = short
            return _("Not everything is there any more.")
        st.session_state.pop(_short_key(order_id), None)
        return _("The order is open again, its goods are held.")

    take_step(at, "staff", lambda session: revive(session, order_id, clock.now(), partly), said)
