"""The history of an order in sentences."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from core.audit_fields import FIELDS
from core.audit_words import KINDS, details
from core.i18n import N_
from core.orders.contents import TimelineEntry
from core.orders.queries import OrderDetail, OrderRow
from pages.ui.frame import plain
from pages.ui.order_steps import goods
from pages.ui.text import _, amount, language, moment, price, quantity

Data = dict[str, Any]
PLAIN_STEPS = {
    "order_placed": N_("Order placed, goods held"),
    "order_claimed": N_("Order claimed"),
    "order_given_back": N_("Order given back, so that somebody else can claim it"),
    "order_cancelled": N_("Order cancelled, goods back in stock"),
    "prepayment_waived": N_("The order may be delivered before it is paid"),
}
LAPSED = {
    "unclaimed": N_("Nobody claimed it in time: lapsed, goods back in stock"),
    "unpaid": N_("It was not paid in time: lapsed, goods back in stock"),
}
RESTS = {
    "keep": N_("Still held: {goods}."),
    "backorder": N_("On backorder: {goods}."),
    "cancel": N_("Cancelled: {goods}."),
}
CLOCKS = {
    "claim": N_("{percent} % of the time to claim the order are over; it ends on {moment}"),
    "pay": N_("{percent} % of the time to pay the order are over; it ends on {moment}"),
}


def show_history(detail: OrderDetail) -> None:
    """Who did what and when, the oldest first."""
    with st.expander(_("History"), icon=":material/history:"):
        for entry in detail.timeline:
            words = what_happened(detail.order, entry)
            if reason := entry.data.get("reason"):
                words += "  \n" + _("Reason: {reason}").format(reason=plain(str(reason)))
            st.markdown(f"**{moment(entry.at)}**{_who(entry)}  \n{words}")


def _who(entry: TimelineEntry) -> str:
    who = plain(entry.by) if entry.by else _("the distributor") if entry.by_staff else ""
    return f", {who}" if who else ""


def what_happened(order: OrderRow, entry: TimelineEntry) -> str:
    """One event of an order as a sentence, in Markdown."""
    if entry.kind == "order_placed" and order.approved_by:
        words = _("Approved and placed in the name of {name}, goods held")
        return words.format(name=plain(order.ordered_by))
    if entry.kind == "order_placed" and order.placed_by_staff:
        return _("Placed by the distributor for {partner}, goods held").format(partner=plain(order.partner))
    if entry.kind in PLAIN_STEPS:
        return _(PLAIN_STEPS[entry.kind])
    if entry.kind in SENTENCES:
        return SENTENCES[entry.kind](entry.data)
    return _in_general(entry)


def _in_general(entry: TimelineEntry) -> str:
    """What has no sentence of its own: what the audit says of it."""
    told = [detail for detail in details(entry.kind, entry.data) if detail.field != "reason"]
    facts = ", ".join(f"{_(FIELDS.get(field, field))}: {plain(new)}" for field, _old, new in told)
    return ": ".join(filter(None, [_(KINDS.get(entry.kind, entry.kind)), facts]))


def _listed(data: Data) -> str:
    return ", ".join(
        goods(str(line["name"]), Decimal(line["quantity"]), str(line["unit"])) for line in data.get("lines", [])
    )


def _assigned(data: Data) -> str:
    return _("Held for {name}, who is to claim it").format(name=plain(str(data.get("person", ""))))


def _extended(data: Data) -> str:
    return _("More time: it can be claimed until {moment}").format(moment=_instant(data))


def _waiting_long(data: Data) -> str:
    return _(CLOCKS[data["clock"]]).format(percent=data["percent"], moment=_instant(data))


def _instant(data: Data) -> str:
    return moment(datetime.fromisoformat(data["until"]))


def _lapsed(data: Data) -> str:
    return _(LAPSED.get(data.get("why", ""), LAPSED["unclaimed"]))


def _shipped(data: Data) -> str:
    if not data.get("lines"):
        return _("Goods shipped")
    words = [_("Shipped: {goods}.").format(goods=_listed(data))]
    if data.get("rest_lines"):  # else there was no rest to do something with
        words.append(_(RESTS[data["rest"]]).format(goods=_listed({"lines": data["rest_lines"]})))
    if data.get("note"):
        words.append(_("Note: {note}").format(note=plain(str(data["note"]))))
    return " ".join(words)


def _part_cancelled(data: Data) -> str:
    return _("Cancelled: {goods}.").format(goods=_listed(data))


def _filled(data: Data) -> str:
    return _("Goods on backorder have come and are held: {goods}").format(goods=_listed(data))


def _proposed(data: Data) -> str:
    kept = {name: quantity(Decimal(data[name])) for name in ("keep", "ordered")}
    words = _("Proposed for {name}: {keep} instead of {ordered} {unit}")
    if not Decimal(data["keep"]):
        words = _("Proposed for {name}: none instead of {ordered} {unit}")
    words = words.format(name=plain(data["name"]), unit=plain(data["unit"]), **kept)
    if data.get("substitute"):
        other = _("and in their place {quantity} of {name} at {price}").format(
            quantity=quantity(Decimal(data["quantity"])),
            name=plain(data["substitute"]),
            price=price(Decimal(data["unit_price"])),
        )
        words += f", {other}"
    return words + "."


def _answered(data: Data) -> str:
    words = (
        N_("Accepted: the change of {name}") if data["answer"] == "accepted" else N_("Refused: the change of {name}")
    )
    return _(words).format(name=plain(data["name"])) + "."


def _withdrawn(data: Data) -> str:
    return _("Proposal for {name} withdrawn").format(name=plain(str(data.get("name") or data.get("sku", ""))))


def _revived(data: Data) -> str:
    words = [_("Order open again, its goods are held.")]
    if data.get("short"):
        names = ", ".join(
            _("{name} (wanted {wanted}, there are {available})").format(
                name=plain(line["name"]),
                wanted=quantity(Decimal(line["wanted"])),
                available=quantity(Decimal(line["available"])),
            )
            for line in data["short"]
        )
        words.append(_("No longer to be had: {products}").format(products=names))
    return " ".join(words)


def _invoiced(data: Data) -> str:
    return _("Invoice {number} issued").format(number=plain(str(data.get("number", ""))))


def _advance_kept(data: Data) -> str:
    words = _("Advance invoice {number} could not be taken back by itself: {reason}")
    return words.format(number=plain(str(data["number"])), reason=plain(str(data[f"why_{language()}"])))


def _paid(data: Data) -> str:
    words = (
        _("Payment of {amount} on invoice {number}") if data.get("number") else _("Payment of {amount} on the order")
    )
    return words.format(amount=amount(Decimal(data["amount"])), number=plain(str(data.get("number", ""))))


SENTENCES: dict[str, Callable[[Data], str]] = {
    "order_assigned": _assigned,
    "order_extended": _extended,
    "order_waiting_long": _waiting_long,
    "order_lapsed": _lapsed,
    "order_shipped": _shipped,
    "order_part_shipped": _shipped,
    "order_part_cancelled": _part_cancelled,
    "backorder_filled": _filled,
    "change_proposed": _proposed,
    "change_answered": _answered,
    "change_withdrawn": _withdrawn,
    "order_revived": _revived,
    "invoice_issued": _invoiced,
    "advance_kept": _advance_kept,
    "payment_recorded": _paid,
}
