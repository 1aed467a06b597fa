"""What can be done about one open invoice: use credit on it, dispute it, write it off."""

from decimal import Decimal

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.permissions import may
from core.principal import Principal
from core.receivables.accounts import OpenInvoice
from core.receivables.crediting import use_credit
from core.receivables.debtors import DebtorRow
from core.receivables.writing_off import dispute, end_dispute, write_off
from pages.ui.frame import plain
from pages.ui.receivables_steps import drawer, shown, step_key, take_step
from pages.ui.text import _, amount


def show_invoice(principal: Principal, invoice: OpenInvoice, row: DebtorRow | None) -> None:
    """The chosen invoice, and for who may the buttons."""
    with st.container(border=True):
        words = _("Invoice {number}: {open} open of {total}")
        told = {"open": amount(invoice.open), "total": amount(invoice.gross)}
        st.markdown("**" + words.format(number=plain(invoice.number), **told) + "**")
        if invoice.dispute:
            st.markdown(_("Disputed, so nobody is reminded of it: {reason}").format(reason=plain(invoice.dispute)))
        if not may(principal, "payments.record"):
            return
        with st.container(horizontal=True):
            _offer_credit(invoice, row.credit if row else Decimal(0))
            _offer_dispute(invoice)
            _offer_write_off(invoice)


def _offer_credit(invoice: OpenInvoice, credit: Decimal) -> None:
    if credit <= 0:
        return
    used = amount(min(credit, invoice.open))
    st.button(
        _("Use {amount} of the credit").format(amount=used),
        icon=":material/savings:",
        key=step_key("credit", invoice.id),
        on_click=_use_credit,
        args=(shown(), invoice),
    )


def _offer_dispute(invoice: OpenInvoice) -> None:
    if invoice.dispute:
        st.button(
            _("End the dispute"), icon=":material/handshake:", key=step_key("end-dispute", invoice.id),
            on_click=_end_dispute, args=(shown(), invoice),
        )  # fmt: skip
    elif box := drawer("dispute", invoice.id, _("Dispute"), "gavel"):
        with box:
            st.write(_("The partner does not accept the invoice. It stays open, and nobody is reminded of it."))
            _reason_form("dispute", invoice, _("Note the dispute"), _dispute)


def _offer_write_off(invoice: OpenInvoice) -> None:
    if box := drawer("write-off", invoice.id, _("Write off"), "money_off"):
        with box:
            words = _("{amount} will not be paid and are given up. This can be taken back under the last payments.")
            st.write(words.format(amount=plain(amount(invoice.open))))
            _reason_form("write-off", invoice, _("Write it off"), _write_off)


def _reason_form(name: str, invoice: OpenInvoice, label: str, step: object) -> None:
    with st.form(step_key(f"{name}-form", invoice.id), border=False, enter_to_submit=False):
        st.text_input(_("Reason"), max_chars=200, key=step_key(f"{name}-reason", invoice.id))
        st.form_submit_button(label, type="primary", on_click=step, args=(shown(), invoice))  # type: ignore[arg-type]


def _use_credit(drawn: int, invoice: OpenInvoice) -> None:
    """A callback."""

    def said(used: Decimal) -> str:
        words = _("{amount} of the credit paid invoice {number}.")
        return words.format(amount=plain(amount(used)), number=plain(invoice.number))

    take_step(drawn, lambda session: use_credit(session, invoice.id, clock.now()), said)


def _dispute(drawn: int, invoice: OpenInvoice) -> None:
    """A callback."""

    def step(session: Session) -> None:
        dispute(session, invoice.id, st.session_state[step_key("dispute-reason", invoice.id)], clock.now())

    take_step(drawn, step, _("The dispute is noted."))


def _end_dispute(drawn: int, invoice: OpenInvoice) -> None:
    """A callback."""
    take_step(drawn, lambda session: end_dispute(session, invoice.id, clock.now()), _("The dispute is over."))


def _write_off(drawn: int, invoice: OpenInvoice) -> None:
    """A callback."""

    def step(session: Session) -> None:
        write_off(session, invoice.id, st.session_state[step_key("write-off-reason", invoice.id)], clock.now())

    take_step(drawn, step, _("The debt is written off."))
