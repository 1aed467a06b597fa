"""All invoices, and the payments that arrive for them."""

from collections.abc import Sequence

import streamlit as st

from core import clock
from core.db import transaction
from core.imports import fields
from core.permissions import may
from core.principal import Principal
from core.receivables.balances import balance
from core.receivables.listing import DocumentRow
from core.receivables.payments import record_payment
from pages.ui.errors import refusals
from pages.ui.forms import editable, read
from pages.ui.guard import require
from pages.ui.invoices import show_invoices, show_totals, today
from pages.ui.text import _, amount

RESULT = "payment_result"


def main() -> None:
    principal = require("staff", "documents.see")
    st.title(_("Invoices"), anchor=False)
    with transaction(principal) as session:
        sums = balance(session, today())
    if not sums.invoiced:
        st.info(
            _("There are no invoices yet. Claim an order and issue its invoice on the order's page; then it is here."),
            icon=":material/receipt_long:",
        )
        return
    show_totals(sums)
    rows = show_invoices(principal, _("Number, order, partner or tax number"), with_partner=True)
    if may(principal, "payments.record"):
        show_payments(principal, [row for row in rows if row.open > 0])


def show_payments(principal: Principal, unpaid: Sequence[DocumentRow]) -> None:
    """The choice among the unpaid invoices of the list above, and the form for the chosen one."""
    st.subheader(_("Record a payment"), anchor=False)
    if result := st.session_state.pop(RESULT, None):
        st.success(result, icon=":material/check_circle:")
    by_id = {row.id: row for row in unpaid}
    chosen = st.selectbox(
        _("Invoice"),
        list(by_id),
        index=None,
        # Without the open amount: the browser answers with this text, and it must stay the same after a payment.
        format_func=lambda key: f"{by_id[key].number} · {by_id[key].partner_name}",
        placeholder=_("Choose an unpaid invoice of the list above") if by_id else _("All invoices above are paid"),
        disabled=not by_id,
        key="payment_invoice",
    )
    if chosen is not None:
        payment_form(principal, by_id[chosen])


def payment_form(principal: Principal, row: DocumentRow) -> None:
    """The open amount, received today, unless somebody types otherwise."""
    # All that the fields start from is in the key: after a payment, or midnight, the form is a new one, and a click on
    # the old one does nothing.
    with st.form(f"payment {row.id} {row.open} {today()}", enter_to_submit=False):
        left, middle, right = st.columns([1, 1, 2])
        # Text and not a number field, whose decimal mark would be a point in every language.
        received = left.text_input(_("Amount received, lei"), editable(row.open, 2))
        paid_on = middle.date_input(_("Received on"), value=today(), max_value=today(), format="DD.MM.YYYY")
        reference = right.text_input(_("Reference"), max_chars=200, placeholder=_("As on the bank statement"))
        if st.form_submit_button(_("Record payment"), type="primary", icon=":material/payments:"):
            with refusals():
                value = read(_("Amount received, lei"), received, fields.amount)
                with transaction(principal) as session:
                    record_payment(
                        session, row.partner_id, value, paid_on, clock.now(), pays={row.id: value}, reference=reference
                    )
                text = _("{amount} recorded on invoice {number}.")
                st.session_state[RESULT] = text.format(amount=amount(value), number=row.number)
                st.rerun()


main()
