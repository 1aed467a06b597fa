"""Recording money from a partner: on several invoices, with what it would pay shown before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.db import transaction
from core.imports import fields
from core.principal import Principal
from core.receivables.accounts import OpenInvoice, open_invoices, require_unchanged, same_payment, spread
from core.receivables.cash import cash_warning
from core.receivables.models import METHODS, Payment
from core.receivables.payments import record_payment
from core.receivables.words import METHOD_NAMES
from pages.ui.errors import refusals
from pages.ui.forms import read
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.receivables_steps import NEWS_KEY, drawer, shown, step_key, take_step
from pages.ui.text import _, amount, language

RECEIVED = tuple(method for method in METHODS if method != "write_off")


@dataclass(frozen=True, slots=True)
class Typed:
    """What is in the fields."""

    amount: str
    method: str
    paid_on: date
    reference: str
    chosen: list[int]


def offer_payment(principal: Principal, partner_id: int, invoices: Sequence[OpenInvoice], mark: str) -> None:
    """The fields, what the amount would pay, and the button. `mark` is the account's, as it is shown."""
    box = drawer("pay", partner_id, _("Record a payment"), "payments", primary=True)
    if box is None:
        return
    with box:
        typed = _fields(partner_id, invoices)
        _show_preview(principal, partner_id, invoices, typed)
        st.button(
            _("Record the payment"), type="primary", key=step_key("pay-record", partner_id),
            on_click=_record, args=(shown(), partner_id, mark),
        )  # fmt: skip


def _fields(partner_id: int, invoices: Sequence[OpenInvoice]) -> Typed:
    # Not a form: what the amount would pay is shown while it is typed.
    left, right = st.columns(2)
    left.text_input(_("Amount received, lei"), key=step_key("pay-amount", partner_id))
    right.date_input(_("Received on"), today(), max_value=today(), format="DD.MM.YYYY",
                     key=step_key("pay-day", partner_id))  # fmt: skip
    left.selectbox(_("How"), RECEIVED, format_func=lambda name: _(METHOD_NAMES[name]),
                   key=step_key("pay-method", partner_id))  # fmt: skip
    right.text_input(_("Reference"), max_chars=200, placeholder=_("As on the bank statement"),
                     key=step_key("pay-reference", partner_id))  # fmt: skip
    numbers = {invoice.id: invoice.number for invoice in invoices}
    st.multiselect(
        _("Pays only these invoices"), list(numbers), format_func=lambda key: numbers[key],
        placeholder=_("All, the oldest due first"), key=step_key("pay-chosen", partner_id), disabled=not numbers,
    )  # fmt: skip
    return _typed(partner_id)


def _typed(partner_id: int) -> Typed:
    got = {
        name: st.session_state[step_key(f"pay-{name}", partner_id)]
        for name in ("amount", "day", "method", "reference", "chosen")
    }
    return Typed(got["amount"], got["method"], got["day"] or today(), got["reference"], got["chosen"])


def _show_preview(principal: Principal, partner_id: int, invoices: Sequence[OpenInvoice], typed: Typed) -> None:
    """What the amount would pay, what is left over, and what speaks against it."""
    if not typed.amount.strip():
        st.caption(_("Type the amount: what it pays is shown here before you record it."))
        return
    with refusals():
        value = read(_("Amount received, lei"), typed.amount, fields.amount)
        shares = spread(invoices, value, typed.chosen)
        lines = [_share(invoice, shares[invoice.id]) for invoice in invoices if invoice.id in shares]
        rest = value - sum(shares.values(), Decimal(0))
        if rest > 0:
            kept = _("{amount} stays as credit").format(amount=plain(amount(rest)))
            lines.append(f"- :material/savings: {kept}")
        # What speaks against it stands first: the list may be long.
        _show_doubts(principal, partner_id, value, typed, list(shares))
        st.markdown("\n".join(lines))


def _share(invoice: OpenInvoice, share: Decimal) -> str:
    words = _("{amount} on {number}, paid in full") if share == invoice.open else _("{amount} on {number}, a part")
    return f"- {words.format(amount=plain(amount(share)), number=plain(invoice.number))}"


def _show_doubts(principal: Principal, partner_id: int, value: Decimal, typed: Typed, documents: list[int]) -> None:
    with transaction(principal) as session:
        twice = same_payment(session, partner_id, value, typed.paid_on)
        cash = cash_warning(session, partner_id, value, typed.paid_on, documents) if typed.method == "cash" else None
    if twice:
        words = _("The same amount of the same day is recorded already. Make sure that it is not the same money.")
        st.warning(words, icon=":material/content_copy:")
    if cash is not None:
        st.warning(plain(cash.text(language())), icon=":material/payments:")


def _record(drawn: int, partner_id: int, mark: str) -> None:
    """A callback."""

    def step(session: Session) -> Payment:
        typed = _typed(partner_id)
        value = read(_("Amount received, lei"), typed.amount, fields.amount)
        return record_payment(
            session, partner_id, value, typed.paid_on, clock.now(),
            pays=_pays(session, partner_id, value, typed, mark), method=typed.method, reference=typed.reference,
        )  # fmt: skip

    def said(payment: Payment) -> str:
        if payment.method == "cash":
            st.session_state[NEWS_KEY] = _("It came in cash: give the receipt under the last payments.")
        return _("{amount} recorded.").format(amount=plain(amount(payment.amount)))

    take_step(drawn, step, said)


def _pays(session: Session, partner_id: int, value: Decimal, typed: Typed, mark: str) -> dict[int, Decimal]:
    """What was shown before: the account is locked, and is as it was."""
    require_unchanged(session, partner_id, mark)
    return spread(open_invoices(session, partner_id, today()), value, typed.chosen)
