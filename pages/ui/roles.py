"""The roles, and what they may do, as people read them."""

from collections.abc import Iterable

import streamlit as st

from core.i18n import N_
from pages.ui.text import _

ROLE_NAMES = {
    "owner": N_("Owner"),
    "buyer": N_("Buyer"),
    "accountant": N_("Accountant"),
    "admin": N_("Administrator"),
    "sales": N_("Sales"),
    "warehouse": N_("Warehouse"),
    "accounting": N_("Accounting"),
    "analyst": N_("Analyst"),
}

ROLE_MEANINGS = {
    "owner": N_(
        "Everything: orders, approves what buyers order above their limit, sees all documents, and says who else of "
        "the company logs in."
    ),
    "buyer": N_(
        "Sees the catalogue and orders, up to the spending limit if there is one; a larger order waits for an owner's "
        "approval. Sees no documents."
    ),
    "accountant": N_("Sees the orders and all documents. Sees no catalogue and orders nothing."),
    "admin": N_("Everything, with the settings, the staff and the audit."),
    "sales": N_(
        "Claims and cancels orders, issues documents, keeps products, prices, partners and their people, imports "
        "files, writes messages to partners, and can see the portal as a partner does."
    ),
    "warehouse": N_("Claims and ships orders, counts the stock, imports files."),
    "accounting": N_("Issues documents and records payments; sees orders, products and partners."),
    "analyst": N_("Sees the reports, orders, documents, products and partners, and changes nothing."),
}

ACTION_NAMES = {
    "account.own": N_("Look after one's own account"),
    "orders.see": N_("See orders"),
    "orders.cancel": N_("Cancel orders"),
    "exports.make": N_("Take data out as files"),
    "documents.see": N_("See documents"),
    "messages.see": N_("See messages and conversations"),
    "threads.write": N_("Write in conversations"),
    "messages.confirm": N_("Read and confirm messages for oneself"),
    "terms.accept": N_("Accept the terms and conditions for oneself"),
    "catalog.see": N_("See the catalogue with one's own prices"),
    "orders.place": N_("Place orders"),
    "orders.extend": N_("Give one's own orders more time"),
    "orders.answer": N_("Answer proposed changes of orders"),
    "stock.await": N_("Wait for what is out of stock"),
    "orders.approve": N_("Approve what buyers order above their limit"),
    "colleagues.manage": N_("Manage one's own colleagues"),
    "orders.claim": N_("Claim orders"),
    "orders.propose": N_("Propose changes of orders"),
    "orders.ship": N_("Ship orders"),
    "orders.revive": N_("Bring back lapsed orders"),
    "orders.place_for": N_("Order for partners"),
    "limits.manage": N_("Set limits and let orders pass them"),
    "documents.issue": N_("Issue documents"),
    "documents.correct": N_("Take back, correct and annul documents"),
    "anaf.send": N_("Send invoices to ANAF again"),
    "payments.record": N_("Record payments"),
    "reports.see": N_("See the reports"),
    "prices.see": N_("See price lists, discounts and promotions"),
    "prices.edit": N_("Change price lists, discounts and promotions"),
    "products.see": N_("See products and stock"),
    "products.edit": N_("Change products and their list prices"),
    "stock.count": N_("Count the stock"),
    "partners.see": N_("See partners"),
    "partners.edit": N_("Change partners"),
    "partners.view_as": N_("See the portal as a partner"),
    "partner_users.manage": N_("Manage partners' people"),
    "imports.run": N_("Import files"),
    "mails.see": N_("See the mails"),
    "messages.post": N_("Write messages to partners"),
    "settings.edit": N_("Change the settings"),
    "staff.manage": N_("Manage the staff"),
    "audit.see": N_("See the audit"),
}
"""The actions of core.permissions.PERMISSIONS."""


def show_role_meanings(roles: Iterable[str]) -> None:
    """What each of these roles may do, in plain words."""
    st.markdown("\n".join(f"- **{_(ROLE_NAMES[role])}**: {_(ROLE_MEANINGS[role])}" for role in roles))
