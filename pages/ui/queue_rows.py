"""The claim queue as cards: what an order is, how long it may still wait, and what can be done with it or several."""

from datetime import datetime

import streamlit as st

from core.i18n import N_
from core.orders.queue import Queue, QueueRow
from pages.ui.frame import plain
from pages.ui.queue_actions import TICKED, assign, claim, claim_ticked, drawn, give_back, tick, tick_key
from pages.ui.text import _, amount, day, moment, quantity

COLORS = {2: "green", 1: "orange", 0: "red"}
"""By how many of the warnings are still to come."""
ASSIGN = {False: N_("Hold for"), True: N_("Hand on")}


def show_sum(found: Queue, to_claim: bool) -> None:
    """How much there is, and what can be done with several orders at once."""
    if not found.rows:
        return
    shown = [row.id for row in found.rows]
    ticked = sum(bool(st.session_state.get(tick_key(order_id))) for order_id in shown)
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _("Orders: {count}, {value} with VAT").format(count=found.count, value=amount(found.gross))
        st.caption(words, width="content")
        if to_claim:
            st.space("stretch")
            all_ticked = ticked == len(shown)
            label = _("Tick none") if all_ticked else _("Tick all")
            st.button(label, key="tick_all", type="tertiary", on_click=tick, args=(shown, not all_ticked))
            st.button(
                _("Claim the ticked ones ({count})").format(count=ticked), key="claim_ticked",
                icon=":material/front_hand:", disabled=not ticked, on_click=claim_ticked,
                args=(drawn(TICKED), shown),
            )  # fmt: skip


def show_row(row: QueueRow, now: datetime, names: dict[int, str]) -> None:
    """`names` are the colleagues (by id) that it can be given to."""
    mine = row.claimed_at is not None
    with st.container(border=True, key=f"queue_order_{row.id}"):
        who, value, time, actions = st.columns([3.4, 1.6, 1.6, 4.6], vertical_alignment="center")
        with who.container(gap="xxsmall"):
            _show_who(row, mine)
        with value:
            st.markdown(f"**{amount(row.gross, row.currency)}**  \n:small[{_contents(row)}]")
        with time:
            st.markdown(_claimed_since(row) if mine else _time_left(row, now))
        with actions.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="xsmall"
        ):
            _show_actions(row, mine, names)


def _show_who(row: QueueRow, mine: bool) -> None:
    words = _("Order {number}")
    title = f"**{words.format(number=row.id)}** · {plain(row.partner)}"
    if mine:
        st.markdown(title)
    else:
        st.checkbox(title, key=tick_key(row.id), persist_state="page")
    facts = [moment(row.placed_at), plain(row.ordered_by)]
    if row.reference:
        facts.append(_("their number: {reference}").format(reference=plain(row.reference)))
    if row.wished_on:
        facts.append(_("wished on {day}").format(day=day(row.wished_on)))
    if row.note:
        facts.append(f":material/sticky_note_2: {plain(row.note)}")
    badges = "".join(f"  \n{badge}" for badge in _badges(row, mine))
    st.markdown(f":small[{' · '.join(facts)}]{badges}")


def _badges(row: QueueRow, mine: bool) -> list[str]:
    found = []
    if row.held_for and not mine:
        held_for = _("Held for {name}").format(name=plain(row.held_for))
        found.append(f":violet-badge[:material/person: {held_for}]")
    if row.paid:
        paid = _("Paid in advance")
        found.append(f":green-badge[:material/paid: {paid}]")
    elif row.unpaid_until:
        until = _("Pays first: not paid yet, until {moment}").format(moment=moment(row.unpaid_until))
        found.append(f":orange-badge[:material/hourglass_top: {until}]")
    elif row.prepay:
        unpaid = _("Pays first: not paid yet")
        found.append(f":orange-badge[:material/hourglass_top: {unpaid}]")
    return found


def _contents(row: QueueRow) -> str:
    parts = [_("Lines: {count}").format(count=row.lines), _("held: {quantity}").format(quantity=quantity(row.held))]
    if row.awaited:
        parts.append(_("on backorder: {quantity}").format(quantity=quantity(row.awaited)))
    return " · ".join(parts)


def _time_left(row: QueueRow, now: datetime) -> str:
    waits, never = _("waits for {time}"), _("no deadline")
    waited = f":small[{waits.format(time=duration(row.waited_seconds))}]"
    if row.deadline is None:
        return f":gray-badge[{never}]  \n{waited}"
    left = duration(int((row.deadline - now).total_seconds()))
    return f":{COLORS[row.warnings]}-badge[:material/timer: {left}]  \n{waited}"


def _claimed_since(row: QueueRow) -> str:
    since = _("yours since {moment}")
    return f":small[{since.format(moment=moment(row.claimed_at))}]" if row.claimed_at else ""


def duration(seconds: int) -> str:
    """`5 min`, `3 h 20 min`, `2 d 4 h`."""
    minutes = max(seconds, 0) // 60
    if minutes < 60:
        return _("{minutes} min").format(minutes=minutes)
    if minutes < 48 * 60:
        return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
    return _("{days} d {hours} h").format(days=minutes // 1440, hours=minutes % 1440 // 60)


def _show_actions(row: QueueRow, mine: bool, names: dict[int, str]) -> None:
    order = {"order": str(row.id)}
    st.page_link("pages/staff/orders.py", label=_("Open"), query_params=order, icon=":material/open_in_new:")
    others = [user for user in names if user != row.assigned_to or mine]
    key = f"assign_{row.id}"
    if others:
        st.menu_button(
            _(ASSIGN[mine]), others, key=key, icon=":material/person_add:", on_click=assign,
            args=(drawn(row.id), row.id, key, names),
            format_func=lambda user: plain(names[user]),
        )  # fmt: skip
    if mine:
        _show_give_back(row.id)
    else:
        st.button(_("Claim"), key=f"claim {row.id}", type="primary", on_click=claim, args=(drawn(row.id), row.id))


def _show_give_back(order_id: int) -> None:
    with st.popover(_("Give back"), icon=":material/undo:", key=f"give_back_{order_id}"):
        key = f"back_reason_{order_id}"
        st.text_input(_("Reason (may stay empty)"), max_chars=200, key=key)
        label = _("Back to the queue")
        st.button(
            label, key=f"back_{order_id}", type="primary", on_click=give_back, args=(drawn(order_id), order_id, key)
        )
