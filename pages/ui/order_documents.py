"""The documents of an order beyond its usual invoice: proforma, advance, what was shipped, delivery notes."""

from collections.abc import Callable

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.db import transaction
from core.documents.advances import issue_advance
from core.documents.delivery_notes import issue_delivery_note
from core.documents.ended_orders import standing_advances
from core.documents.issuing import issue_invoice
from core.documents.models import Document
from core.documents.order_lines import Terms
from core.documents.proformas import issue_proforma
from core.i18n import N_
from core.orders.queries import OrderDetail, OrderRow
from core.permissions import may
from core.principal import Principal
from pages.ui.document_terms import read_terms, show_terms
from pages.ui.frame import plain
from pages.ui.order_shipping import unpaid
from pages.ui.order_steps import drawer, drawn, step_key, take_step
from pages.ui.text import _, day, language

KINDS = {
    "all": N_("Invoice of all that is not invoiced yet"),
    "shipped": N_("Invoice of what was shipped"),
    "advance": N_("Invoice of the money received ahead"),
    "proforma": N_("Proforma"),
}


def offer_documents(staff: Principal, detail: OrderDetail) -> None:
    """The drawer with the kinds of document that the order can have now."""
    order = detail.order
    kinds = _kinds(staff, detail)
    deliveries = detail.deliveries if may(staff, "documents.issue", "orders.ship") else []
    if not kinds and not deliveries:
        return
    if box := drawer(order.id, "documents", _("Documents"), "description"):
        with box:
            if kinds:
                _show_form(staff, order, kinds)
            for delivery in deliveries:
                st.button(
                    _("Delivery note for delivery {number} of {day}").format(
                        number=delivery.number, day=day(delivery.at.date())
                    ),
                    icon=":material/local_shipping:",
                    key=step_key(order.id, f"note-{delivery.id}"),
                    on_click=_note,
                    args=(drawn(), delivery.id),
                )


def show_standing_advances(staff: Principal, order: OrderRow) -> None:
    """Of an order that has ended: the advance invoices that still stand, and what is to be done about them."""
    if order.status not in ("lapsed", "cancelled") or not may(staff, "documents.see"):
        return
    with transaction(staff) as session:
        found = standing_advances(session, order.id)
    for advance in found:
        number = f"[{plain(advance.number)}](/staff-invoices?document={advance.document_id})"
        if advance.why:
            words = _("The advance invoice {number} could not be taken back by itself: {reason}")
            st.warning(words.format(number=number, reason=plain(advance.why[language()])), icon=":material/block:")
        else:
            words = _("The order has ended: its advance invoice {number} is taken back by itself in a few minutes.")
            st.info(words.format(number=number), icon=":material/info:")


def _kinds(staff: Principal, detail: OrderDetail) -> list[str]:
    order = detail.order
    if not may(staff, "documents.issue") or order.status not in ("placed", "claimed", "shipped"):
        return []
    found = []
    if order.invoiced < order.gross or not order.invoice_id:
        invoices = order.status != "placed" and may(staff, "limits.manage" if unpaid(order) else "documents.issue")
        if invoices and not order.waiting:
            found.append("all")
        if invoices and any(line.shipped for line in detail.lines):
            found.append("shipped")
        if order.paid > order.invoiced:
            found.append("advance")
        found.append("proforma")
    return found


def _show_form(staff: Principal, order: OrderRow, kinds: list[str]) -> None:
    chosen = st.radio(
        _("What is issued"), kinds, format_func=lambda name: _(KINDS[name]), key=step_key(order.id, "kind")
    )
    with st.form(step_key(order.id, f"document-{chosen}"), border=False, enter_to_submit=False):
        kind = "proforma" if chosen == "proforma" else "invoice"
        key = _key(order.id, chosen)
        show_terms(staff, kind, key, currencies=chosen in ("all", "shipped", "proforma"))
        st.form_submit_button(
            _("Issue it"),
            type="primary",
            icon=":material/receipt_long:",
            on_click=_issue,
            args=(drawn(), order.id, chosen),
        )


def _key(order_id: int, chosen: str) -> Callable[[str], str]:
    return lambda name: step_key(order_id, f"{chosen}-{name}")


def _issue(at: int, order_id: int, chosen: str) -> None:
    """A callback."""

    def issue(session: Session) -> Document:
        terms, now = read_terms(_key(order_id, chosen)), clock.now()
        match chosen:
            case "proforma":
                return issue_proforma(session, order_id, now, terms)
            case "advance":
                return issue_advance(session, order_id, now, terms)
            case _:
                return issue_invoice(session, order_id, now, shipped_only=chosen == "shipped", terms=terms)

    take_step(at, "staff", issue, _issued)


def _note(at: int, delivery_id: int) -> None:
    """A callback."""
    take_step(at, "staff", lambda session: issue_delivery_note(session, delivery_id, clock.now(), Terms()), _issued)


def _issued(document: Document) -> str:
    return _("{number} is issued.").format(number=plain(document.full_number))
