"""One partner's debts: where it stands, its open invoices, and what can be done about one of them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import clock
from core.db import transaction
from core.orders.limits import standing
from core.partners.models import Partner
from core.partners.queries import partner
from core.permissions import may
from core.principal import Principal
from core.receivables.accounts import OpenInvoice, account_mark, last_payments, open_invoices
from core.receivables.debtors import DebtorRow, debtor
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.partner_status import STATUS_NAMES
from pages.ui.receivables_invoice import show_invoice
from pages.ui.receivables_list import blocked_words
from pages.ui.receivables_mails import offer_mails
from pages.ui.receivables_payment import offer_payment
from pages.ui.receivables_payments import offer_refund, show_payments
from pages.ui.receivables_remind import offer_reminder
from pages.ui.receivables_steps import show_outcome
from pages.ui.receivables_totals import AGES, show_ages
from pages.ui.taking_out import take_out
from pages.ui.text import _, amount, day, language


def show_partner(principal: Principal, partner_id: int) -> None:
    """Everything about one partner's debts. Raises NotFound."""
    now = clock.now()
    with transaction(principal) as session:
        chosen, row = partner(session, partner_id), debtor(session, partner_id, today())
        invoices, payments = open_invoices(session, partner_id, today()), last_payments(session, partner_id)
        limits = [limit.kind for limit in standing(session, partner_id, now) if limit.used >= limit.most]
        mark = account_mark(session, partner_id)
    _show_head(chosen, row, limits)
    show_outcome()
    _show_sums(row)
    with st.container(horizontal=True):
        if may(principal, "payments.record"):
            offer_payment(principal, partner_id, invoices, mark)
            offer_reminder(principal, chosen, row)
            offer_refund(partner_id, row, mark)
            offer_mails(chosen)
        period = f"from={today().replace(month=1, day=1)}&to={today()}"
        address = f"/statement.pdf?{period}&partner={partner_id}"
        st.link_button(_("Statement of this year"), address, icon=":material/list_alt:")
    _show_invoices(principal, row, invoices)
    show_payments(principal, payments)
    if payments:
        take_out(principal, "payments", partner=chosen.code)


def _show_head(chosen: Partner, row: DebtorRow | None, limits: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(f"{plain(chosen.code)} · {plain(chosen.name)}", anchor=False, width="content")
        if chosen.status != "active":
            st.badge(_(STATUS_NAMES[chosen.status]), color="orange")
        for name in limits:
            words = _("May not order: {why}").format(why=blocked_words(name))
            st.badge(words, icon=":material/block:", color="red")
    told = [part for part in (chosen.contact_name, chosen.phone, chosen.email) if part]
    if row and row.paid_on and row.paid:
        last = _("last payment {day}, {amount}")
        told.append(last.format(day=day(row.paid_on), amount=amount(row.paid)))
    if row and row.reminded_on:
        told.append(_("last reminder {day}, step {step}").format(day=day(row.reminded_on), step=row.step))
    if told:
        st.caption(" · ".join(plain(part) for part in told))


def _show_sums(row: DebtorRow | None) -> None:
    if row is None:
        st.info(_("This partner owes nothing and has no credit."), icon=":material/done_all:")
        return
    left, right = st.columns([1, 1], vertical_alignment="center")
    with left.container(horizontal=True):
        st.metric(_("Unpaid total"), amount(row.unpaid), border=True, width="content")
        st.metric(_("Overdue total"), amount(row.overdue), border=True, width="content")
        st.metric(_("Credit"), amount(row.credit), border=True, width="content")
    if row.unpaid:
        with right:
            show_ages({name: getattr(row, name) for name in AGES})


def _show_invoices(principal: Principal, row: DebtorRow | None, invoices: Sequence[OpenInvoice]) -> None:
    if not invoices:
        return
    st.subheader(_("Open invoices"), anchor=False)
    table = st.dataframe(
        pd.DataFrame(_cells(invoice) for invoice in invoices),
        hide_index=True,
        row_height=40,
        height="content" if len(invoices) <= 10 else 10 * 40 + 40,
        on_select="rerun",
        selection_mode="single-row",
        key=f"debts-invoices-{language()}-{hash(tuple((one.id, one.open, one.dispute) for one in invoices))}",
        column_config=_columns(),
        alt=_("Open invoices, due first before the others"),
        placeholder="",
    )
    chosen = [place for place in table.selection.rows if place < len(invoices)]
    if chosen:
        show_invoice(principal, invoices[chosen[0]], row)
    elif may(principal, "payments.record"):
        st.caption(_("Select an invoice to use credit on it, dispute it or write it off."))


def _cells(invoice: OpenInvoice) -> dict[str, object]:
    state = _("Disputed") if invoice.dispute else _("Overdue") if invoice.days else _("Not due yet")
    return {
        "number": invoice.number,
        "pdf": f"/documents/{invoice.id}.pdf" if invoice.has_pdf else None,
        "state": [state],
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "days": invoice.days or None,
        "gross": amount(invoice.gross),
        "open": amount(invoice.open),
        "reminded_on": invoice.reminded_on,
        "step": invoice.step,
        "why": invoice.dispute,
    }


def _columns() -> dict[str, object]:
    column = st.column_config
    states = [_("Disputed"), _("Overdue"), _("Not due yet")]
    return {
        "number": column.TextColumn(_("Number"), pinned=True),
        "pdf": column.LinkColumn(_("PDF"), display_text=_("Open"), help=_("Opens in a new tab")),
        "state": column.MultiselectColumn(_("State"), options=states, color=["orange", "red", "blue"]),
        "issued_on": column.DateColumn(_("Issued on"), format="DD.MM.YYYY"),
        "due_on": column.DateColumn(_("Due on"), format="DD.MM.YYYY"),
        "days": column.NumberColumn(_("Days late"), format="%d", help=_("Days since the due date")),
        "gross": column.TextColumn(_("Total"), alignment="right"),
        "open": column.TextColumn(_("Still open"), alignment="right"),
        "reminded_on": column.DateColumn(_("Last reminder"), format="DD.MM.YYYY"),
        "step": column.NumberColumn(_("Step"), format="%d", help=_("Of the last reminder")),
        "why": column.TextColumn(_("Why disputed"), width="medium"),
    }
