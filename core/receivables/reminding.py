"""Reminding partners of what they have not paid: at steps of lateness, never twice, never of what is in dispute.

The highest step that an invoice is late enough for is its step, and it brings one reminder at each step. A partner gets
at most one a day: it names all overdue invoices, in the words of the highest step that is new for one of them, so that
an old debt does not make every friendly first reminder a last one. What is disputed, annulled or paid is never named.

Left out altogether, also by hand: a partner whose reminders are off; one of which money was recorded on the day or the
day before (more may be on its way through the bank, and who has just paid is not to be dunned); one whose credit covers
all that is overdue (it has paid; the credit is only to be used). A credit that covers a part keeps nobody out: what is
open stands in the reminder.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import Company, company
from core.db import actor
from core.documents import parties
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.orders.deadlines import is_holiday
from core.permissions import authorize
from core.receivables.models import RemindedDocument, Reminder, ReminderStep
from core.receivables.notices import Notice
from core.receivables.overdue import Overdue, due_on, overdue_of

MORNING = timedelta(hours=3)
"""So long after work begins reminders go out by themselves; what could not by then waits for the next working day."""


class NothingOverdue(Refusal):
    message = N_("Nothing of this partner is overdue, or all of it is disputed. There is nothing to remind it of.")


class RemindersOff(Refusal):
    message = N_("Reminders are off for {partner}. Turn them on first if it is to be reminded all the same.")


class JustPaid(Refusal):
    message = N_("A payment of {partner} was recorded today or yesterday. Wait a day before you remind it.")


class CreditCovers(Refusal):
    message = N_("The credit of {partner} covers what is overdue. Use the credit on its invoices instead.")


class RemindedToday(Refusal):
    message = N_("{partner} was reminded today already, and once a day is enough.")


def remind_due(session: Session, partner_id: int, as_of: datetime) -> Reminder | None:
    """Remind a partner if it is due on the local day of `as_of`; None if it is not, or not any more.

    Its ledger is locked before anything is read: what was paid until then is not named. Records `reminder_sent`, which
    becomes mails. Raises NotAllowed.
    """
    authorize(session, "payments.record")
    day = _locked_day(session, partner_id, as_of)
    found = overdue_of(session, partner_id, day)
    if found is None or not found.due:
        return None
    return _write(session, found, found.new_step, found.reached, day, as_of)


def remind_now(session: Session, partner_id: int, step: int, as_of: datetime) -> Reminder:
    """Remind a partner by hand, in the words of a step, also of what it was reminded of before.

    Records `reminder_sent`. Raises NotAllowed, NotFound (of the step), NothingOverdue, RemindersOff, JustPaid,
    CreditCovers, RemindedToday.
    """
    authorize(session, "payments.record")
    if session.get(ReminderStep, step) is None:
        raise NotFound
    day = _locked_day(session, partner_id, as_of)
    found = require_remindable(overdue_of(session, partner_id, day))
    # Who is reminded by hand of what is a day late is not reminded of it again two days later.
    reached = {key: max(own, 1) for key, own in found.reached.items()}
    reminder = _write(session, found, step, reached, day, as_of)
    if reminder is None:
        raise RemindedToday(partner=found.partner)
    return reminder


def preview(session: Session, partner_id: int, step: int, day: date) -> Notice:
    """What the partner would be told at a step on a local day. Raises what remind_now raises, but for races."""
    authorize(session, "payments.record")
    text = session.get(ReminderStep, step)
    if text is None:
        raise NotFound
    found = require_remindable(overdue_of(session, partner_id, day))
    return Notice(found.partner, text, found.invoices)


def usual_step(found: Overdue) -> int:
    """The step that fits the latest of the invoices: what is offered to who reminds by hand."""
    return max([1, *found.reached.values()])


def require_remindable(found: Overdue | None) -> Overdue:
    """Raises NothingOverdue, RemindersOff, RemindedToday, JustPaid, CreditCovers."""
    if found is None:
        raise NothingOverdue
    for keeps, refusal in (
        (not found.wanted, RemindersOff), (found.reminded_today, RemindedToday), (found.just_paid, JustPaid),
        (found.covered, CreditCovers),
    ):  # fmt: skip
        if keeps:
            raise refusal(partner=found.partner)
    return found


def due_by_itself(session: Session, as_of: datetime) -> list[int]:
    """The partners (ids) to be reminded now without anybody asking: none unless the company's reminders are on and it
    is the morning of a working day."""
    row = company(session)
    if not row.reminders or not is_morning(row, as_of):
        return []
    return [found.partner_id for found in due_on(session, local_date(as_of, row.time_zone))]


def is_morning(row: Company, as_of: datetime) -> bool:
    """Are these the first hours (MORNING) of a working day where the distributor is?"""
    zone = ZoneInfo(row.time_zone)
    day = local_date(as_of, row.time_zone)
    begins = datetime.combine(day, row.work_from, zone)
    return works_on(row, day) and begins <= as_of < min(begins + MORNING, datetime.combine(day, time.max, zone))


def works_on(row: Company, day: date) -> bool:
    """Is it one of the distributor's working days, and no public holiday?"""
    return day.isoweekday() in row.work_days and not is_holiday(day)


def _locked_day(session: Session, partner_id: int, as_of: datetime) -> date:
    parties.lock(session, partner_id)
    return local_date(as_of, company(session).time_zone)


def _write(
    session: Session, found: Overdue, step: int, reached: Mapping[int, int], day: date, as_of: datetime
) -> Reminder | None:
    """None if the partner was reminded on this day already: the unique constraint says so, whoever else is at it."""
    row = {"partner_id": found.partner_id, "step": step, "sent_on": day, "at": as_of, "by": actor(session).user_id}
    statement = insert(Reminder).values(row).on_conflict_do_nothing().returning(Reminder)
    reminder = session.scalars(statement).one_or_none()
    if reminder is None:
        return None
    session.add_all(
        RemindedDocument(
            reminder_id=reminder.id, document_id=invoice.document_id, partner_id=found.partner_id,
            step=reached[invoice.document_id], open=invoice.open,
        )
        for invoice in found.invoices
    )  # fmt: skip
    session.flush()
    record(
        session, "reminder_sent", as_of, partner_id=found.partner_id, reminder=reminder.id, step=step,
        amount=str(found.total), number=", ".join(invoice.number for invoice in found.invoices),
    )  # fmt: skip
    return reminder
