"""The top of an order's page: its number, how it stands, how long it has, and what goes with it."""

from datetime import datetime

import streamlit as st

from core.orders.queries import OrderDetail, OrderRow
from pages.ui.frame import plain
from pages.ui.orders import COLORS, STATES, remaining
from pages.ui.text import _, amount, day, moment


def show_head(detail: OrderDetail, now: datetime) -> None:
    """Number, state, who placed it, and the time that is left."""
    order = detail.order
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(_("Order {number}").format(number=order.id), anchor=False, width="content")
        st.badge(_(STATES[order.status]), color=COLORS[order.status])  # type: ignore[arg-type]
        if order.proposal:
            st.badge(_("Proposal waits for an answer"), color="violet", icon=":material/swap_horiz:")
        if order.waiting and order.status in ("placed", "claimed"):
            st.badge(_("On backorder"), color="orange", icon=":material/schedule:")
        if order.paid_at:
            st.badge(_("Paid"), color="green", icon=":material/payments:")
    st.caption(" · ".join(filter(None, [_placed(order), _approved(order), _claimed(order)])))
    _show_claim_clock(order, now)
    _show_pay_clock(order, now)
    _show_end(detail)


def _placed(order: OrderRow) -> str:
    told = {"moment": moment(order.placed_at), "name": plain(order.ordered_by), "partner": plain(order.partner)}
    if not order.placed_by_staff:
        return _("Placed on {moment} by {name}, {partner}").format(**told)
    return _("Placed on {moment} by {name}, the distributor's, for {partner}").format(**told)


def _approved(order: OrderRow) -> str:
    return _("Approved by {name}").format(name=plain(order.approved_by)) if order.approved_by else ""


def _claimed(order: OrderRow) -> str:
    if order.status == "placed" and order.assigned_to:
        return _("Held for {name}").format(name=plain(order.assigned_to))
    if not order.claimed_at:
        return ""
    if not order.claimed_by:
        return _("Claimed on {moment}").format(moment=moment(order.claimed_at))
    words = _("Claimed by {name} on {moment}")
    return words.format(name=plain(order.claimed_by), moment=moment(order.claimed_at))


def _show_claim_clock(order: OrderRow, now: datetime) -> None:
    if order.status != "placed" or order.claim_deadline is None:
        return
    if order.claim_deadline <= now:
        st.error(_("The time to claim this order is over: it lapses, and its goods go back to stock."),
                 icon=":material/timer_off:")  # fmt: skip
        return
    text = _("The goods are held. If nobody claims the order until {moment}, it lapses and they go back to stock.")
    left = _left(order.claim_deadline, now)
    st.warning(f"{text.format(moment=moment(order.claim_deadline))} **{left}**", icon=":material/timer:")


def _left(deadline: datetime, now: datetime) -> str:
    """On one line, wherever it breaks."""
    return _("Time left: {time}").format(time=remaining(deadline, now)).replace(" ", "\N{NO-BREAK SPACE}")


def _show_pay_clock(order: OrderRow, now: datetime) -> None:
    if not order.prepay or order.status not in ("placed", "claimed") or order.paid_at or order.invoice_id:
        return
    if order.pay_deadline is None:
        words = _("To be paid before delivery: {amount}.").format(amount=f"**{amount(order.to_pay)}**")
        st.info(words, icon=":material/payments:")
        return
    if order.pay_deadline <= now:
        st.error(_("The time to pay this order is over: it lapses, and its goods go back to stock."),
                 icon=":material/timer_off:")  # fmt: skip
        return
    words = _(
        "To be paid before delivery: {amount} until {moment}, or the order lapses and its goods go back to stock."
    )
    left = _left(order.pay_deadline, now)
    told = words.format(amount=f"**{amount(order.to_pay)}**", moment=moment(order.pay_deadline))
    st.warning(f"{told} **{left}**", icon=":material/payments:")


def _show_end(detail: OrderDetail) -> None:
    order = detail.order
    if order.end_reason:
        st.error(_("Reason: {reason}").format(reason=plain(order.end_reason)), icon=":material/cancel:")
    if order.status != "lapsed":
        return
    ends = [entry.data.get("why") for entry in detail.timeline if entry.kind == "order_lapsed"]
    if ends and ends[-1] == "unpaid":
        st.error(
            _("It was not paid in time, so it lapsed and its goods went back to stock."), icon=":material/timer_off:"
        )
    else:
        st.error(_("Nobody claimed it in time, so it lapsed and its goods went back to stock."),
                 icon=":material/timer_off:")  # fmt: skip


def show_details(order: OrderRow) -> None:
    """What the partner gave with the order: its own number, where to, when, and a note."""
    told = []
    if order.reference:
        told.append((":material/tag:", _("Partner's own number"), plain(order.reference)))
    if order.deliver_to:
        told.append((":material/location_on:", _("Deliver to"), plain(order.deliver_to)))
    if order.wished_on:
        told.append((":material/event:", _("Wished day of delivery"), day(order.wished_on)))
    if order.note:
        told.append((":material/sticky_note_2:", _("Note"), plain(order.note)))
    if told:
        with st.container(border=True):
            st.markdown("  \n".join(f"{icon} {label}: **{value}**" for icon, label, value in told))
