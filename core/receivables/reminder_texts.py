"""What reminders say: for each step its texts in each language, which staff may put in their own words."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.receivables.models import ReminderStep
from core.search import without_nul

PLACEHOLDERS = ("partner", "total", "numbers", "days")
"""What may stand in braces: the partner's name, what is open in all, the invoices, and how late the latest is."""

TEXTS = ("subject_ro", "body_ro", "subject_en", "body_en")
LENGTHS = {"subject": 200, "body": 4000}
MOST_DAYS = 365

STANDARD = {
    1: {
        "subject_ro": "Factura {numbers} a ajuns la scadență",
        "body_ro": "Bună ziua,\n\nVă reamintim prietenește că pentru {partner} au ajuns la scadență facturile de mai"
        " jos, în valoare de {total}. Dacă le-ați plătit deja, vă mulțumim și vă rugăm să nu țineți cont de acest"
        " mesaj.",
        "subject_en": "Invoice {numbers} is due",
        "body_en": "Hello,\n\nA friendly reminder that the invoices below of {partner}, {total} in all, are due. If you"
        " have paid them already, thank you, and please disregard this message.",
    },
    2: {
        "subject_ro": "A doua notificare: {total} de plată",
        "body_ro": "Bună ziua,\n\nFacturile de mai jos, în valoare de {total}, sunt restante de până la {days} zile. Vă"
        " rugăm să le plătiți în zilele următoare sau să ne scrieți dacă ceva nu este în regulă cu ele.",
        "subject_en": "Second reminder: {total} to pay",
        "body_en": "Hello,\n\nThe invoices below, {total} in all, are up to {days} days overdue. Please pay them in the"
        " coming days, or write to us if something is wrong with them.",
    },
    3: {
        "subject_ro": "Ultima notificare: {total} de plată",
        "body_ro": "Bună ziua,\n\nFacturile de mai jos, în valoare de {total}, sunt restante de până la {days} zile. Vă"
        " rugăm să le plătiți în 5 zile; după aceea comenzile noi pot fi oprite.",
        "subject_en": "Last reminder: {total} to pay",
        "body_en": "Hello,\n\nThe invoices below, {total} in all, are up to {days} days overdue. Please pay them within"
        " 5 days; after that, new orders may be stopped.",
    },
}
"""The texts that a new portal begins with (migration 0010), to go back to."""


class UnknownPlaceholder(Refusal):
    message = N_("“{found}” cannot stand in a reminder. In braces you can write {known}.")


class TextMissing(Refusal):
    message = N_("A reminder needs a subject and a text, in both languages.")


class TextTooLong(Refusal):
    message = N_("A subject can have {subject} characters at most, a text {body}. Make it shorter.")


class DaysNotRising(Refusal):
    message = N_("Each step comes later than the one before it, and none after more than {most} days.")


def reminder_steps(session: Session) -> list[ReminderStep]:
    """All steps, the first before the later ones; for staff."""
    authorize(session, "partners.see", "settings.edit")
    return list(session.scalars(select(ReminderStep).order_by(ReminderStep.number)))


def change_step(session: Session, number: int, values: Mapping[str, Any], as_of: datetime) -> ReminderStep:
    """Set some of a step's `days` and texts (TEXTS); records `settings_changed` with what differs.

    Raises NotAllowed, NotFound, UnknownPlaceholder, TextMissing, TextTooLong, DaysNotRising; then nothing is changed.
    """
    authorize(session, "settings.edit")
    # All of them, so that two people cannot make the days of two steps cross.
    statement = select(ReminderStep).order_by(ReminderStep.number).with_for_update()
    steps = {step.number: step for step in session.scalars(statement.execution_options(populate_existing=True))}
    if number not in steps:
        raise NotFound
    new = {name: checked_text(name, values[name]) for name in TEXTS if name in values}
    if "days" in values:
        new["days"] = values["days"]
        _check_days([values["days"] if step.number == number else step.days for step in steps.values()])
    step = steps[number]
    changes = {name: [str(getattr(step, name)), str(value)] for name, value in new.items()
               if getattr(step, name) != value}  # fmt: skip
    for name in changes:
        setattr(step, name, new[name])
    if changes:
        session.flush()
        record(session, "settings_changed", as_of, step=number, changes=changes)
    return step


def back_to_standard(session: Session, number: int, as_of: datetime) -> ReminderStep:
    """Give a step its first texts again; its days stay. Raises NotAllowed, NotFound."""
    authorize(session, "settings.edit")
    if number not in STANDARD:
        raise NotFound
    return change_step(session, number, STANDARD[number], as_of)


def checked_text(name: str, typed: str) -> str:
    """A text that can be sent: `name` is one of TEXTS. Raises UnknownPlaceholder, TextMissing, TextTooLong."""
    part = name.partition("_")[0]
    words = without_nul(typed).replace("\r\n", "\n").strip()
    if part == "subject":
        words = " ".join(words.split())
    if not words:
        raise TextMissing
    if len(words) > LENGTHS[part]:
        raise TextTooLong(**LENGTHS)
    known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
    for match in _IN_BRACES.finditer(words):
        if match[1] not in PLACEHOLDERS:
            raise UnknownPlaceholder(found=match[0], known=known)
    return words


def filled(words: str, facts: Mapping[str, str]) -> str:
    """`words` with its placeholders filled, each fact as it is: what stands in braces in a fact stays so."""
    return _IN_BRACES.sub(lambda match: facts.get(match[1] or "", match[0]), words)


def _check_days(days: list[int]) -> None:
    if not all(0 < each <= MOST_DAYS for each in days) or sorted(set(days)) != days:
        raise DaysNotRising(most=MOST_DAYS)


# A brace that is alone counts too: it is a placeholder that somebody did not finish.
_IN_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
