"""The last payments of a partner with what they paid: taking one back, giving a receipt, paying credit back."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.documents.models import Document
from core.imports import fields
from core.permissions import may
from core.principal import Principal
from core.receivables.accounts import PaymentRow, require_unchanged
from core.receivables.crediting import refund
from core.receivables.debtors import DebtorRow
from core.receivables.receipts import issue_receipt
from core.receivables.undoing import undo_payment
from core.receivables.words import ENTRY_NAMES, METHOD_NAMES
from pages.ui.forms import editable, read
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.receivables_steps import NEWS_KEY, drawer, shown, step_key, take_step
from pages.ui.text import _, amount, day


def show_payments(principal: Principal, payments: Sequence[PaymentRow]) -> None:
    """The list, newest first, each with its buttons for who may."""
    if not payments:
        return
    st.subheader(_("Last payments"), anchor=False)
    for row in payments:
        with st.container(border=True, key=f"debts-payment-{row.id}"):
            _show_payment(principal, row)


def _show_payment(principal: Principal, row: PaymentRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(amount(row.amount))}** · {plain(_kind(row))}  \n:small[{_told(row)}]", width="stretch")
        if row.receipt_id:
            label = _("Receipt {number}").format(number=row.receipt)
            st.link_button(label, f"/documents/{row.receipt_id}.pdf", icon=":material/receipt:")
        if not row.can_be_undone or not may(principal, "payments.record"):
            return
        if row.method == "cash" and not row.receipt_id:
            st.button(_("Give a receipt"), icon=":material/receipt:", key=step_key("receipt", row.id),
                      on_click=_receipt, args=(shown(), row.id))  # fmt: skip
        if box := drawer("undo", row.id, _("Take back"), "undo"):
            with box, st.form(step_key("undo-form", row.id), border=False, enter_to_submit=False):
                st.write(_("What it paid is open again. The entry stays, with a counter-entry of today."))
                st.text_input(_("Reason"), max_chars=200, key=step_key("undo-reason", row.id))
                st.form_submit_button(_("Take it back"), type="primary", on_click=_undo, args=(shown(), row.id))


def _kind(row: PaymentRow) -> str:
    if row.amount < 0:
        kind = ENTRY_NAMES["refund" if row.undoes is None else "undone"]
        return _(kind)
    name = _(METHOD_NAMES[row.method])
    return _("{how}, taken back later").format(how=name) if row.undone else name


def _told(row: PaymentRow) -> str:
    """The day, the reference, the reason, and what it pays, in one line of Markdown."""
    parts = [day(row.paid_on), row.reference, row.reason]
    for part in row.parts:
        words = _("{amount} on {number}") if part.number else _("{amount} on order {number}")
        parts.append(words.format(amount=amount(part.amount), number=part.number or part.order_id))
    if row.left:
        parts.append(_("{amount} credit").format(amount=amount(row.left)))
    return " · ".join(plain(part) for part in parts if part)


def offer_refund(partner_id: int, row: DebtorRow | None, mark: str) -> None:
    """Paying back what is in credit. `mark` is the account's, as it is shown."""
    if row is None or row.credit <= 0:
        return
    if box := drawer("refund", partner_id, _("Pay credit back"), "currency_exchange"):
        with box, st.form(step_key("refund-form", partner_id), border=False, enter_to_submit=False):
            st.write(_("Note here what you have sent back to the partner: the portal moves no money."))
            left, right = st.columns(2)
            left.text_input(_("Amount, lei"), editable(row.credit, 2), key=step_key("refund-amount", partner_id))
            right.date_input(_("Paid back on"), today(), max_value=today(), format="DD.MM.YYYY",
                             key=step_key("refund-day", partner_id))  # fmt: skip
            left.text_input(_("Reason"), max_chars=200, key=step_key("refund-reason", partner_id))
            right.text_input(_("Reference"), max_chars=200, key=step_key("refund-reference", partner_id))
            st.form_submit_button(_("Note it as paid back"), type="primary", on_click=_refund,
                                  args=(shown(), partner_id, mark))  # fmt: skip


def _refund(drawn: int, partner_id: int, mark: str) -> None:
    """A callback."""

    def pay_back(session: Session) -> Decimal:
        names = ("amount", "day", "reason", "reference")
        typed, paid_on, reason, reference = (st.session_state[step_key(f"refund-{n}", partner_id)] for n in names)
        value = read(_("Amount, lei"), typed, fields.amount)
        require_unchanged(session, partner_id, mark)
        refund(session, partner_id, value, paid_on or today(), reason, clock.now(), reference)
        return value

    take_step(drawn, pay_back, lambda value: _("{amount} noted as paid back.").format(amount=plain(amount(value))))


def _undo(drawn: int, payment_id: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        undo_payment(session, payment_id, st.session_state[step_key("undo-reason", payment_id)], clock.now())

    take_step(drawn, step, _("The payment is taken back."))


def _receipt(drawn: int, payment_id: int) -> None:
    """A callback."""

    def said(receipt: Document) -> str:
        words = _("Receipt {number} is issued. Open it beside its payment to print it.")
        st.session_state[NEWS_KEY] = words.format(number=plain(receipt.full_number))
        return _("The receipt is issued.")

    take_step(drawn, lambda session: issue_receipt(session, payment_id, clock.now()), said)
