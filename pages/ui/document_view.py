"""One document on the distributor's page: what it says, how it stands, what hangs on it."""

import pandas as pd
import streamlit as st

from core.documents.models import KIND_NAMES, OPENING
from core.documents.viewing import DocumentView
from pages.ui.frame import plain
from pages.ui.text import _, amount, day, language, price, quantity

OPENING_ICON = ":material/history:"


def show_head(view: DocumentView) -> None:
    """Kind and number, who and when, the sums, and a word where it does not stand as it was issued."""
    document = view.document
    st.title(f"{_(KIND_NAMES[document.kind])} {plain(document.full_number)}", anchor=False)
    words = _("Issued on {day} by {name}") if document.kind != OPENING else _("Issued on {day}, loaded by {name}")
    issued = words.format(day=day(document.issued_on), name=plain(document.issuer_name))
    st.caption(f"{plain(document.buyer['name'])} · {issued}")
    if view.annulled:
        st.error(_("Annulled: {reason}").format(reason=plain(view.annulled)), icon=":material/block:")
    if view.disputed:
        st.warning(_("Disputed: {reason}").format(reason=plain(view.disputed)), icon=":material/gavel:")
    with st.container(horizontal=True):
        if document.kind == OPENING:
            words = _("Open when it was loaded") if document.is_debt else _("Credit when it was loaded")
            st.metric(words, amount(abs(document.lei_gross)), border=True, width="content")
        else:
            st.metric(_("Net"), amount(document.net, document.currency), border=True, width="content")
            st.metric(_("VAT"), amount(document.vat, document.currency), border=True, width="content")
            st.metric(_("Total"), amount(document.gross, document.currency), border=True, width="content")
        if document.currency != "RON":
            st.metric(_("Total in lei"), amount(document.lei_gross), border=True, width="content")
        if document.kind == OPENING and not document.is_debt:
            st.metric(_("Credit that is left"), amount(view.credit), border=True, width="content")
        if document.is_debt:
            st.metric(_("Still open"), amount(view.open), border=True, width="content")
            st.metric(_("Due on"), day(document.due_on), border=True, width="content")


def show_lines(view: DocumentView) -> None:
    """The lines as they are printed, and what of them was taken back; of the program before there are none."""
    if view.document.kind == OPENING:
        st.info(_("This document is from the previous program: its lines and its PDF are there."), icon=OPENING_ICON)
        _show_note(view)
        return
    currency = view.document.currency
    taken = any(view.returned.values())
    rows = [
        {
            "position": line.position,
            "name": line.name,
            "sku": line.sku,
            "quantity": f"{quantity(line.quantity)} {line.unit}",
            "price": price(line.unit_price, currency),
            "net": amount(line.net, currency),
            "rate": f"{quantity(line.vat_rate)} %" + ("" if line.vat_category == "S" else f" ({line.vat_category})"),
            "taken": quantity(-view.returned[line.position]) if view.returned.get(line.position) else "",
        }
        for line in view.lines
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height="content" if len(rows) <= 15 else 560,
        key=f"document lines {language()} {view.document.id}",
        column_order=["position", "name", "sku", "quantity", "price", "net", "rate", *(["taken"] if taken else [])],
        column_config={
            "position": column.NumberColumn(_("No."), format="%d", width="small"),
            "name": column.TextColumn(_("Product"), width=220),
            "sku": column.TextColumn(_("SKU")),
            "quantity": column.Column(_("Quantity"), alignment="right"),
            "price": column.Column(_("Unit price"), alignment="right"),
            "net": column.Column(_("Net"), alignment="right"),
            "rate": column.Column(_("VAT"), alignment="right"),
            "taken": column.Column(_("Taken back"), alignment="right"),
        },
        alt=_("Lines of the document"),
    )
    for part in view.rates:
        if part.reason:
            st.caption(plain(part.reason))
    _show_note(view)


def _show_note(view: DocumentView) -> None:
    if view.document.note:
        st.caption(_("Note: {note}").format(note=plain(view.document.note)))


def show_related(view: DocumentView) -> None:
    """Links to what it takes back, or what takes it back or the place of it, and to its order."""
    if not view.related and view.document.order_id is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if view.document.order_id is not None:
            label = _("Order {number}").format(number=view.document.order_id)
            st.link_button(
                label, f"/staff-orders?order={view.document.order_id}", icon=":material/shopping_cart:", type="tertiary"
            )
        for other in view.related:
            label = f"{_(KIND_NAMES[other.kind])} {other.number}, {amount(other.gross)}"
            label += f" ({_('annulled')})" if other.annulled else ""
            st.link_button(
                plain(label), f"/staff-invoices?document={other.id}", icon=":material/link:", type="tertiary"
            )
