"""Until when an invoice must be at ANAF, and telling people before it is too late.

Five working days, the day of issue not counted (since 1 January 2026, FISCAL 4): Monday to Friday, without Romania's
public holidays, whatever days the distributor works on.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core import clock
from core.company import company
from core.events import record
from core.orders.deadlines import is_holiday

WORKING_DAYS = 5
SOON, LAST_DAY, OVER = 1, 2, 3
"""Stages of being late: two working days are left or one, the last one has come, it has passed."""
SOON_DAYS = 2
MOST_NAMED = 20
"""So many invoices are named in a mail."""


def last_day(issued_on: date) -> date:
    """The last day on which an invoice of that day is in time at ANAF."""
    return _working_days_after(issued_on, WORKING_DAYS)


def days_left(last: date, today: date) -> int:
    """How many working days are left after `today`: 0 on the last day itself, -1 when it has passed."""
    if today > last:
        return -1
    return sum(is_working_day(today + timedelta(days=n)) for n in range(1, (last - today).days + 1))


def is_working_day(day: date) -> bool:
    """Does the law count this day?"""
    return day.isoweekday() <= 5 and not is_holiday(day)


def _working_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def date_new(session: Session) -> int:
    """Give the invoices that have none yet their last day; returns how many."""
    days = session.scalars(_UNDATED).all()
    found = 0
    for issued_on in days:
        dated = session.execute(_DATE, {"issued_on": issued_on, "due_on": last_day(issued_on)})
        found += len(dated.all())
    return found


def warn_late(session: Session, as_of: datetime) -> int:
    """Tell staff of the invoices whose time runs out, each once for each stage; returns how many were told of.

    Records `anaf_late`, one for all invoices of a stage. Where nobody has connected, nobody is told.
    """
    today = clock.local_date(as_of, company(session).time_zone)
    last = _working_days_after(today, SOON_DAYS)
    rows = session.execute(_LATE, {"last": last}).all()
    stages: dict[int, list[Row[tuple[int, str, str, date, str, int]]]] = {}
    for row in rows:
        stage = stage_of(row.due_on, today)
        if stage > row.warned:
            stages.setdefault(stage, []).append(row)
    for stage, late in stages.items():
        session.execute(_WARNED, {"documents": [row.document_id for row in late], "stage": stage})
        record(
            session,
            "anaf_late",
            as_of,
            stage=stage,
            count=len(late),
            documents=_named(late),
            numbers=[row.number for row in late[:MOST_NAMED]],
        )
    return sum(map(len, stages.values()))


def stage_of(last: date, today: date) -> int:
    """How late an invoice is that must be at ANAF by `last`; 0: there is time."""
    left = days_left(last, today)
    return OVER if left < 0 else LAST_DAY if left == 0 else SOON if left <= SOON_DAYS else 0


def _named(late: Sequence[Row[tuple[int, str, str, date, str, int]]]) -> list[dict[str, str | int]]:
    return [
        {"id": row.document_id, "number": row.number, "partner": row.partner, "due_on": row.due_on.isoformat(),
         "state": row.state}
        for row in late[:MOST_NAMED]
    ]  # fmt: skip


_UNDATED = text("""
    select distinct issued_on from anaf_submission join document on document.id = document_id
    where anaf_submission.due_on is null
""")
_DATE = text("""
    update anaf_submission set due_on = cast(:due_on as date) from document
    where document.id = document_id and anaf_submission.due_on is null and issued_on = :issued_on
    returning document_id
""")
# What was sent to ANAF's test environment has not been sent. A refused one that was taken back is settled.
_LATE = text("""
    select submission.document_id, document.series || ' ' || lpad(document.number::text, 5, '0') as number,
           document.buyer->>'name' as partner, submission.due_on, submission.state, submission.warned
    from anaf_submission submission join document on document.id = submission.document_id
    where submission.due_on <= cast(:last as date) and submission.warned < 3
      and (submission.state not in ('accepted', 'held', 'not_needed')
           or submission.state = 'accepted' and submission.environment = 'test')
      and not (submission.state = 'refused'
               and exists (select from document taken where taken.refers_to = document.id and taken.kind = 'storno'))
      and exists (select from anaf_connection where connected_at is not null)
    order by submission.due_on, submission.document_id
    for update of submission skip locked
""")
_WARNED = text("update anaf_submission set warned = :stage where document_id = any(:documents)")
