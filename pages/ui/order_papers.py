"""The papers of an order, as PDF: what the partner ordered, what is to be picked, what it is to pay."""

import streamlit as st

from core.orders.queries import OrderRow
from core.permissions import may
from core.principal import Principal
from pages.ui.text import _


def show_papers(principal: Principal, order: OrderRow) -> None:
    """Links that each open in a tab of their own, for a row of buttons."""
    _link(_("Confirmation (PDF)"), f"/orders/{order.id}/confirmation.pdf", "picture_as_pdf")
    if order.status == "claimed" and may(principal, "orders.claim", "orders.ship"):
        _link(_("Picking list (PDF)"), f"/orders/{order.id}/picking-list.pdf", "checklist")
    if order.invoice_id and may(principal, "documents.see"):
        label = _("Invoice {number} (PDF)").format(number=order.invoice)
        _link(label, f"/documents/{order.invoice_id}.pdf", "receipt_long")


def _link(label: str, address: str, icon: str) -> None:
    st.link_button(label, address, icon=f":material/{icon}:", type="tertiary")
