"""One message to partners on the staff's side: what it says, who has read and confirmed it, reminding, withdrawing."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import clock
from core.db import transaction
from core.messages.listing import MessageRow, Written, written
from core.messages.posting import withdraw
from core.messages.receipts import Receipt, receipts, remind
from core.principal import Principal
from pages.ui.frame import plain
from pages.ui.message_card import badge, show_text
from pages.ui.message_form import show_change
from pages.ui.messages_list import COLOURS, STATES, audience, share
from pages.ui.messages_steps import drawn, show_refused, step_key, take_step
from pages.ui.text import _, day, moment


def show_one(staff: Principal, message_id: int) -> None:
    """Everything about a message; its form while no partner has seen it. Raises NotAllowed, NotFound."""
    if st.button(_("All messages"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.session_state["messages_tab"] = _("Messages")
        st.rerun()
    with transaction(staff) as session:
        now = written(session, message_id, clock.now())
        people = receipts(session, message_id)
    st.title(plain(now.row.title), anchor=False)
    show_refused()
    _show_head(now.row)
    _show_actions(now.row, people)
    if now.row.state == "planned":
        show_change(staff, message_id, now)
        return
    _show_receipts(people, now.row)
    with st.container(width=720):
        _show_message(now)


def _show_head(row: MessageRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(_(STATES[row.state]), color=COLOURS[row.state])  # type: ignore[arg-type]
        badge(row.level)
        since = day(row.valid_from)
        days = f"{since} – {day(row.valid_until)}" if row.valid_until else _("from {day}").format(day=since)
        st.markdown(f":small[{plain(days)} · {plain(audience(row))}]", width="content")


def _show_actions(row: MessageRow, people: Sequence[Receipt]) -> None:
    with st.container(horizontal=True):
        if row.state == "shown" and any(not one.done and one.reached for one in people):
            st.button(_("Remind those who have not"), icon=":material/notifications_active:", type="primary",
                      key=step_key("remind", row.id), on_click=_remind, args=(drawn(), row.id))  # fmt: skip
        if row.state in ("shown", "planned"):
            with st.popover(_("Withdraw"), icon=":material/undo:", key=step_key("withdraw", row.id)):
                st.write(_("No partner sees it any more. Who has read or confirmed it stays known."))
                st.button(_("Withdraw the message"), key=step_key("withdraw-now", row.id), on_click=_withdraw,
                          args=(drawn(), row.id))  # fmt: skip


def _show_message(now: Written) -> None:
    with st.container(border=True):
        show_text(now.draft.title, now.draft.body, f"/messages/{now.row.id}/picture" if now.picture else None)


def _show_receipts(people: Sequence[Receipt], row: MessageRow) -> None:
    must = row.level == "confirm"
    with st.container(horizontal=True):
        st.metric(_("Read by"), share(row.read, row.people), width="content")
        if must:
            st.metric(_("Confirmed by"), share(row.confirmed, row.people), width="content")
    if not people:
        st.info(_("It is for nobody who may log in."), icon=":material/person_off:")
        return
    done = sum(one.done for one in people)
    names = {
        False: _("Not confirmed ({count})") if must else _("Not read ({count})"),
        True: _("Confirmed ({count})") if must else _("Read ({count})"),
    }
    counts = {False: len(people) - done, True: done}
    which = st.segmented_control(
        _("Show"), [False, True], default=done == len(people), required=True, label_visibility="collapsed",
        format_func=lambda is_done: names[is_done].format(count=counts[is_done]), key=step_key("receipts", row.id),
    )  # fmt: skip
    shown = [one for one in people if one.done is bool(which)]
    if not shown:
        st.caption(_("Nobody."))
        return
    st.dataframe(pd.DataFrame([_cells(one) for one in shown]), hide_index=True, row_height=40, height="content",
                 column_config=_columns(must, bool(which)), alt=_("Who has read the message, and when"))  # fmt: skip


def _cells(one: Receipt) -> dict[str, object]:
    return {
        "partner": one.partner,
        "name": one.name,
        "email": one.email,
        "read": moment(one.read_at) if one.read_at else "",
        "confirmed": moment(one.confirmed_at) if one.confirmed_at else "",
        "reminded": moment(one.reminded_at) if one.reminded_at else "",
    }


def _columns(must: bool, done: bool) -> dict[str, object]:
    column = st.column_config
    return {
        "partner": column.TextColumn(_("Partner"), width=260),
        "name": column.TextColumn(_("Person"), width=180),
        "email": column.TextColumn(_("E-mail"), width=260),
        "read": column.TextColumn(_("Read"), width=140),
        "confirmed": column.TextColumn(_("Confirmed"), width=140) if must and done else None,
        "reminded": column.TextColumn(_("Reminded"), width=140) if not done else None,
    }


def _remind(at: int, message_id: int) -> None:
    """A callback."""
    words = _("People reminded: {count}")
    take_step("staff", at, lambda session: remind(session, message_id, clock.now()),
              lambda count: words.format(count=count))  # fmt: skip


def _withdraw(at: int, message_id: int) -> None:
    """A callback."""
    take_step("staff", at, lambda session: withdraw(session, message_id, clock.now()), _("The message is withdrawn."))
