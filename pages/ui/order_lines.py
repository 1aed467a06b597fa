"""What is in an order, what became of it, and the papers about it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.documents.models import KIND_NAMES
from core.i18n import N_
from core.orders.contents import LineRow, OrderDocument
from core.orders.queries import OrderDetail
from core.pricing.quoting import kept_explanation
from pages.ui.frame import plain
from pages.ui.order_steps import goods
from pages.ui.price_why import show_explanation
from pages.ui.text import _, amount, day, language, moment, price, quantity

FATES = {
    "held": N_("Held"),
    "shipped": N_("Shipped"),
    "waiting": N_("On backorder"),
    "cancelled": N_("Cancelled"),
}


def show_lines(detail: OrderDetail) -> None:
    """The lines, with what became of them where that is not the same for all of the order, and the sums."""
    fates = [name for name in FATES if any(getattr(line, name) for line in detail.lines)]
    if len(fates) == 1 and all(getattr(line, fates[0]) == line.quantity for line in detail.lines):
        fates = []
    skus = {line.id: line.sku for line in detail.lines}
    # No room for both beside each other; and a partner that sees no prices is told only what was agreed.
    listed = not fates and all(line.list_price is not None for line in detail.lines)
    frame = pd.DataFrame([_row(line, fates, skus, listed) for line in detail.lines])
    st.dataframe(
        frame,
        hide_index=True,
        row_height=38,
        height="content",
        key=f"order_lines {language()} {' '.join(fates)}",  # the browser keeps the widths of the columns
        column_config=_columns(fates),
        alt=_("Lines of the order"),
    )
    _show_sums(detail)
    _show_rules(detail)


def _show_rules(detail: OrderDetail) -> None:
    """What led to each price when the order was placed; nothing for orders of before that was kept."""
    told = {line.id: line for line in detail.lines if line.price_rule}
    if not told:
        return
    with st.expander(_("Why these prices"), icon=":material/help:"):
        chosen = st.selectbox(
            _("Line"), list(told), format_func=lambda key: f"{told[key].sku} · {told[key].name}",
            key=f"why_line {detail.order.id}",
        )  # fmt: skip
        line = told[chosen]
        if line.price_rule:
            show_explanation(kept_explanation(line.price_rule), line.unit, line.vat_rate)
            st.caption(_("The rules as they were when this was ordered, whatever has become of them since."))


def _row(line: LineRow, fates: Sequence[str], skus: dict[int, str], listed: bool) -> dict[str, str]:
    name = line.name
    if line.replaces:
        name += " " + _("(instead of {sku})").format(sku=skus.get(line.replaces, ""))
    return {
        "sku": line.sku,
        "name": name,
        "quantity": f"{quantity(line.quantity)} {line.unit}",
        **{fate: quantity(getattr(line, fate)) if getattr(line, fate) else "" for fate in fates},
        **({"list_price": price(line.list_price)} if listed else {}),
        "unit_price": price(line.unit_price),
        "vat": f"{quantity(line.vat_rate)} %",
        "net": amount(line.net),
    }


def _columns(fates: Sequence[str]) -> dict[str, object]:
    column = st.column_config
    return {
        "sku": column.TextColumn(_("SKU")),
        "name": column.TextColumn(_("Product"), width="medium"),
        "quantity": column.TextColumn(_("Ordered") if fates else _("Quantity"), alignment="right"),
        **{fate: column.TextColumn(_(FATES[fate]), alignment="right") for fate in fates},
        "list_price": column.TextColumn(_("List price"), alignment="right"),
        "unit_price": column.TextColumn(_("Price"), alignment="right"),
        "vat": column.TextColumn(_("VAT"), alignment="right"),
        "net": column.TextColumn(_("Net"), alignment="right"),
    }


def _show_sums(detail: OrderDetail) -> None:
    order = detail.order
    with st.container(horizontal=True):
        st.metric(_("Net"), amount(order.net), border=True, width="content")
        st.metric(_("VAT"), amount(order.vat), border=True, width="content")
        st.metric(_("Total with VAT"), amount(order.gross), border=True, width="content")
        if order.paid:
            st.metric(_("Paid so far"), amount(order.paid), border=True, width="content")
        if (order.paid or order.prepay) and not order.invoice_id and order.status in ("placed", "claimed", "shipped"):
            st.metric(_("Still to pay"), amount(order.to_pay), border=True, width="content")


def show_deliveries(detail: OrderDetail) -> None:
    """What left, and when."""
    if not detail.deliveries:
        return
    title = _("Deliveries: {count}").format(count=len(detail.deliveries))
    with st.expander(title, icon=":material/local_shipping:", expanded=detail.order.status == "claimed"):
        for delivery in detail.deliveries:
            head = _("Delivery {number}").format(number=delivery.number)
            by = f", {plain(delivery.by)}" if delivery.by else ""
            lines = [f"- {goods(line.name, line.quantity, line.unit)}" for line in delivery.lines]
            st.markdown("\n".join([f"**{head}** · {moment(delivery.at)}{by}", "", *lines]))
            if delivery.note:
                st.caption(_("Note: {note}").format(note=plain(delivery.note)))


def show_money(detail: OrderDetail) -> None:
    """The invoice with what is open on it, and payments made before it."""
    if not detail.documents and not detail.payments:
        return
    with st.expander(_("Documents and payments"), icon=":material/receipt_long:"):
        for document in detail.documents:
            st.markdown(f"- {_told(document)}")
        for payment in detail.payments:
            words = _("Paid on {day}: {amount}").format(day=day(payment.paid_on), amount=amount(payment.amount))
            st.markdown(f"- {' · '.join(filter(None, [words, plain(payment.reference)]))}")


def _told(document: OrderDocument) -> str:
    """One document in a line, with a link to it."""
    number = f"[{plain(document.number)}](/documents/{document.id}.pdf)"
    words = _("{kind} {number} of {day}, {amount}").format(
        kind=_(KIND_NAMES[document.kind]), number=number, day=day(document.issued_on), amount=amount(document.gross)
    )
    if document.annulled:
        gone = _("annulled")
        return f"~~{words}~~ · {gone}"
    if document.kind != "invoice":
        return words
    if not document.open:
        state = _("paid in full")
    else:
        state = _("still open: {amount}, due on {day}")
        state = state.format(amount=amount(document.open), day=day(document.due_on))
    return f"{words}: {state}"
