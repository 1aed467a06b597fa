"""What reminders say and when: on or off, and of each step its days and its texts in both languages."""

from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.company import change_company, company
from core.db import transaction
from core.i18n import LANGUAGES
from core.principal import Principal
from core.receivables.models import ReminderStep
from core.receivables.reminder_texts import (
    LENGTHS,
    MOST_DAYS,
    PLACEHOLDERS,
    STANDARD,
    TEXTS,
    back_to_standard,
    change_step,
    reminder_steps,
)
from pages.ui.forms import as_shown, touched
from pages.ui.receivables_steps import show_outcome, shown, step_key, take_step
from pages.ui.text import _, counted


def show_texts(principal: Principal) -> None:
    """The switch, and each step."""
    with transaction(principal) as session:
        on, steps = company(session).reminders, reminder_steps(session)
    show_outcome()
    st.toggle(
        _("Send reminders by themselves, in the morning of each working day"), on, key=step_key("reminders-on"),
        on_change=_switch, args=(shown(), not on),
    )  # fmt: skip
    names = {"partner": _("the partner's name"), "total": _("what is open in all"), "numbers": _("the invoices"),
             "days": _("how late the latest is")}  # fmt: skip
    told = ", ".join(f"`{{{name}}}` {names[name]}" for name in PLACEHOLDERS)
    st.caption(_("In the texts you can write: {known}. The table of the invoices and your bank account follow by "
                 "themselves.").format(known=told))  # fmt: skip
    for step in steps:
        _show_step(step)


def _show_step(step: ReminderStep) -> None:
    words = _("Step {number} (from {days:day|days} late)").format(number=step.number, days=counted(step.days))
    with st.expander(words, icon=":material/mail:"):
        seen = as_shown(step_key("text-days", step.number), step)
        with st.form(step_key("text-form", step.number), border=False, enter_to_submit=False):
            st.number_input(_("Days late"), 1, MOST_DAYS, seen.days, key=step_key("text-days", step.number), width=200)
            for place, code in zip(st.columns(2), LANGUAGES, strict=True):
                with place:
                    _fields(seen, code)
            st.form_submit_button(_("Save"), type="primary", on_click=_save, args=(shown(), seen, step))
        if step.number in STANDARD and any(getattr(step, name) != STANDARD[step.number][name] for name in TEXTS):
            st.button(
                _("Back to the standard texts"), icon=":material/restart_alt:", key=step_key("text-back", step.number),
                on_click=_back, args=(shown(), step.number),
            )  # fmt: skip


def _fields(step: ReminderStep, code: str) -> None:
    subject, body = f"subject_{code}", f"body_{code}"
    labels = _("Subject, {language}"), _("Text, {language}")
    st.text_input(labels[0].format(language=LANGUAGES[code]), getattr(step, subject), max_chars=LENGTHS["subject"],
                  key=step_key(f"text-{subject}", step.number))  # fmt: skip
    st.text_area(labels[1].format(language=LANGUAGES[code]), getattr(step, body), max_chars=LENGTHS["body"],
                 height=240, key=step_key(f"text-{body}", step.number))  # fmt: skip


def _switch(drawn: int, on: bool) -> None:
    """A callback."""
    words = (
        _("Reminders go out by themselves from the next working day on.") if on
        else _("No reminder goes out by itself any more.")
    )  # fmt: skip
    take_step(drawn, lambda session: change_company(session, reminders=on), words)


def _save(drawn: int, seen: ReminderStep, now: ReminderStep) -> None:
    """A callback: what was left as it was shown stays as a colleague may have made it."""

    def step(session: Session) -> None:
        fields = ("days", *TEXTS)
        typed: dict[str, Any] = {name: st.session_state[step_key(f"text-{name}", now.number)] for name in fields}
        change_step(session, now.number, touched(typed, seen, now), clock.now())

    take_step(drawn, step, _("The texts of step {number} are saved.").format(number=now.number))


def _back(drawn: int, number: int) -> None:
    """A callback."""
    take_step(drawn, lambda session: back_to_standard(session, number, clock.now()),
              _("Step {number} has its standard texts again.").format(number=number))  # fmt: skip
