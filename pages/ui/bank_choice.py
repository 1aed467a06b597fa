"""Booking an entry as a person says: whose it is, which invoices it pays, and how much of each."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.banking.booking import book_on
from core.banking.listing import EntryRow
from core.banking.proposing import Proposal
from core.db import transaction
from core.imports import fields
from core.partners.queries import partner_page
from core.principal import Principal
from core.receivables.accounts import OpenInvoice, open_invoices, spread
from pages.ui.errors import refusals
from pages.ui.forms import editable, read
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.receivables_steps import shown, step_key, take_step
from pages.ui.text import _, amount, day


def show_choice(principal: Principal, row: EntryRow, proposal: Proposal | None) -> None:
    """The partner, its open invoices, the shares, and the button."""
    partner_id = _partner(principal, row, proposal)
    if partner_id is None:
        return
    with transaction(principal) as session:
        invoices = open_invoices(session, partner_id, today())
    by_id = {invoice.id: invoice for invoice in invoices}
    proposed = (
        [share.document_id for share in proposal.shares] if proposal and proposal.partner_id == partner_id else []
    )
    chosen = st.multiselect(
        _("Pays these invoices"), list(by_id), [one for one in proposed if one in by_id],
        format_func=lambda key: _named(by_id[key]), key=step_key(f"bank-invoices-{partner_id}", row.id),
        placeholder=_("None: all of it is credit"), disabled=not by_id,
    )  # fmt: skip
    shares = _shares(row, [by_id[one] for one in chosen])
    if shares is None:
        return
    rest = row.amount - sum(shares.values(), Decimal(0))
    if rest < 0:
        st.warning(_("More is shared out than came in."), icon=":material/warning:")
    elif rest:
        st.caption(_("{amount} stays as credit").format(amount=plain(amount(rest))))
    st.button(_("Book it so"), type="primary", icon=":material/check:", key=step_key("bank-so", row.id),
              on_click=_book_so, args=(shown(), row.id, partner_id, shares), disabled=rest < 0)  # fmt: skip


def _partner(principal: Principal, row: EntryRow, proposal: Proposal | None) -> int | None:
    search = st.text_input(
        _("Search for the partner"), placeholder=_("Name, code or CUI"), icon=":material/search:",
        key=step_key("bank-partner-search", row.id),
    )  # fmt: skip
    names: dict[int, str] = {}
    if proposal and not search:
        names[proposal.partner_id] = proposal.partner
    with transaction(principal) as session:
        found, _total = partner_page(session, search=search or (row.payer_name if not proposal else ""))
        if not found and not search:
            found, _total = partner_page(session)
    names |= {one.id: f"{one.name} ({one.code})" for one in found}
    chosen: int | None = st.selectbox(
        _("Partner"), list(names), 0 if proposal and not search else None, format_func=names.__getitem__,
        placeholder=_("Choose a partner"), key=step_key(f"bank-partner-{bool(search)}", row.id),
    )  # fmt: skip
    return chosen


def _named(invoice: OpenInvoice) -> str:
    return f"{invoice.number} · {day(invoice.due_on)} · {amount(invoice.open)}"


def _shares(row: EntryRow, invoices: Sequence[OpenInvoice]) -> dict[int, Decimal] | None:
    """How much of each; None where an amount cannot be read."""
    usual = spread(invoices, row.amount)
    shares: dict[int, Decimal] = {}
    for invoice in invoices:
        label = _("On {number}, lei").format(number=invoice.number)
        typed = st.text_input(
            label, editable(usual.get(invoice.id, Decimal(0)), 2), key=step_key(f"bank-share-{invoice.id}", row.id)
        )
        with refusals():
            shares[invoice.id] = read(label, typed, fields.amount)
        if invoice.id not in shares:
            return None
    return {key: share for key, share in shares.items() if share}


def _book_so(drawn: int, entry_id: int, partner_id: int, shares: dict[int, Decimal]) -> None:
    """A callback."""

    def step(session: Session) -> int:
        return book_on(session, entry_id, partner_id, shares, clock.now())

    take_step(drawn, step, _("The payment is booked."))
