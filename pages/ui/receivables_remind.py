"""Reminders: one partner by hand, with what it will read shown before, and all that are due on a day."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import clock
from core.company import company
from core.db import transaction
from core.i18n import LANGUAGES
from core.notifications.rules import money_readers
from core.partners.models import Partner
from core.permissions import may
from core.principal import Principal
from core.receivables.debtors import DebtorRow
from core.receivables.notices import Notice
from core.receivables.overdue import Overdue, due_on, overdue_of
from core.receivables.reminder_texts import reminder_steps
from core.receivables.reminding import preview, remind_due, remind_now, require_remindable, usual_step
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.invoices import today
from pages.ui.receivables_steps import (
    COUNT_KEY,
    NEWS_KEY,
    REFUSED_KEY,
    drawer,
    show_outcome,
    shown,
    step_key,
    take_step,
)
from pages.ui.steps import is_answered, note_done
from pages.ui.text import _, amount, counted, quantity


def offer_reminder(principal: Principal, partner: Partner, row: DebtorRow | None) -> None:
    """A reminder by hand: the step, who gets it and what it says."""
    if row is None or row.overdue <= 0:
        return
    if box := drawer("remind", partner.id, _("Remind now"), "notifications_active"):
        with box, refusals():
            _choose_step(principal, partner.id)


def _choose_step(principal: Principal, partner_id: int) -> None:
    with transaction(principal) as session:
        found = require_remindable(overdue_of(session, partner_id, today()))
        steps = reminder_steps(session)
        readers = money_readers(session, partner_id, "reminder_sent")
    numbers = [step.number for step in steps]
    days = {step.number: step.days for step in steps}
    words = _("Step {number} (from {days:day|days} late)")
    step = st.selectbox(
        _("In the words of"),
        numbers,
        numbers.index(usual_step(found)) if usual_step(found) in numbers else 0,
        format_func=lambda number: words.format(number=number, days=counted(days[number])),
        key=step_key("remind-step", partner_id),
    )
    if not readers:
        st.warning(_("Nobody would get it: the partner has no user who sees documents, and no e-mail address."))
        return
    told = ", ".join(f"{reader.address} ({LANGUAGES[reader.language]})" for reader in readers)
    st.caption(_("To: {addresses}").format(addresses=plain(told)))
    with transaction(principal) as session:
        notice = preview(session, partner_id, step, today())
    _show_notice(notice, sorted({reader.language for reader in readers}, reverse=True))
    st.button(_("Send the reminder"), type="primary", icon=":material/send:", key=step_key("remind-send", partner_id),
              on_click=_remind, args=(shown(), partner_id, step))  # fmt: skip


def _show_notice(notice: Notice, languages: Sequence[str]) -> None:
    """What its readers will read, in each of their languages, and the invoices."""
    for language in languages:
        with st.container(border=True):
            st.markdown(f"**{plain(notice.subject(language))}**")
            for words in notice.paragraphs(language):
                st.markdown("  \n".join(plain(line) for line in words.splitlines()))
    words = _("{number}: {open}, {days} days late")
    lines = [
        "- " + words.format(number=plain(row.number), open=plain(amount(row.open)), days=row.days)
        for row in notice.invoices
    ]
    st.markdown("\n".join(lines))


def _remind(drawn: int, partner_id: int, step: int) -> None:
    """A callback."""
    take_step(drawn, lambda session: remind_now(session, partner_id, step, clock.now()),
              _("The reminder goes out within a minute."))  # fmt: skip


def show_due(principal: Principal) -> None:
    """Who is due today, and the button that reminds them all."""
    with transaction(principal) as session:
        found, by_itself = due_on(session, today()), company(session).reminders
    show_outcome()
    st.caption(
        _("Reminders go out by themselves in the morning of each working day. These have not gone out yet.")
        if by_itself else
        _("Reminders do not go out by themselves: send them here, or switch that on under the texts of reminders.")
    )  # fmt: skip
    if not found:
        st.info(_("Nobody is to be reminded today."), icon=":material/done_all:")
        return
    st.dataframe(pd.DataFrame(_cells(one) for one in found), hide_index=True, row_height=40, column_config=_columns(),
                 alt=_("Partners to be reminded today"))  # fmt: skip
    if may(principal, "payments.record"):
        label = _("Send all reminders: {count}").format(count=quantity(len(found)))
        st.button(label, type="primary", icon=":material/send:", key=step_key("remind-all"), on_click=_remind_all,
                  args=(shown(), [one.partner_id for one in found]))  # fmt: skip


def _cells(found: Overdue) -> dict[str, object]:
    return {
        "partner": found.partner,
        "step": found.new_step,
        "invoices": len(found.invoices),
        "days": max(invoice.days for invoice in found.invoices),
        "total": amount(found.total),
    }


def _columns() -> dict[str, object]:
    column = st.column_config
    return {
        "partner": column.TextColumn(_("Partner"), width=200),
        "step": column.NumberColumn(_("Step"), format="%d"),
        "invoices": column.NumberColumn(_("Invoices"), format="%d"),
        "days": column.NumberColumn(_("Days late"), format="%d", help=_("Of the invoice that is due longest")),
        "total": column.TextColumn(_("Overdue"), alignment="right"),
    }


def _remind_all(drawn: int, partners: list[int]) -> None:
    """A callback: each partner in a transaction of its own, so that one that is refused stops no other.

    A second click ends this run after the last one and goes over them again: what both sent is counted together.
    """
    if is_answered(COUNT_KEY, drawn, _remind_all):
        return
    staff = require("staff", "payments.record")
    sent: set[int] = st.session_state.setdefault(f"debts_reminded {drawn}", set())
    for partner_id in partners:
        with refusals(REFUSED_KEY), transaction(staff) as session:
            if remind_due(session, partner_id, clock.now()):
                sent.add(partner_id)
    words = _("Reminders sent: {sent}.").format(sent=quantity(len(sent)))
    if left := len(partners) - len(sent):
        words += " " + _("No longer due, so left out: {count}.").format(count=quantity(left))
    st.session_state[NEWS_KEY] = words
    note_done(COUNT_KEY, _remind_all)
