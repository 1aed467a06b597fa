"""The monthly statement: a mail, on the first working day, that says that last month's statement is ready."""

from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import Company, company
from core.documents import parties
from core.events import record
from core.permissions import authorize
from core.receivables.reminding import is_morning, works_on

GRACE = timedelta(days=4)
"""So many days after the first working day it still goes out, if nothing could be sent on it. Who is put on the list
later in the month gets its first one at the next month's beginning."""


def statements_due(session: Session, as_of: datetime) -> list[int]:
    """The partners (ids) that want a statement, have anything on it, and were not yet told of the one that is due."""
    row = company(session)
    month = month_due(row, as_of)
    if month is None or not is_morning(row, as_of):
        return []
    return list(session.scalars(_DUE, {"partner": None, "month": f"{month:%Y-%m}", "last": last_of(month)}))


def send_statement(session: Session, partner_id: int, as_of: datetime) -> bool:
    """Tell a partner that its statement of last month is ready; False if it was told, or is not to be.

    The partner's ledger is locked while it is asked: once a month, whoever else is at it. Records `statement_sent`.
    Raises NotAllowed.
    """
    authorize(session, "payments.record")
    month = month_due(company(session), as_of)
    if month is None:
        return False
    parties.lock(session, partner_id)
    named = f"{month:%Y-%m}"
    if not session.scalars(_DUE, {"partner": partner_id, "month": named, "last": last_of(month)}).all():
        return False
    record(session, "statement_sent", as_of, partner_id=partner_id, month=named)
    return True


def month_due(row: Company, as_of: datetime) -> date | None:
    """The first day of last month, from the first working day of this one on, for as long as GRACE; else None."""
    today = local_date(as_of, row.time_zone)
    first = today.replace(day=1)
    while not works_on(row, first):
        first += timedelta(days=1)
    if not first <= today <= first + GRACE:
        return None
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_of(named: str) -> date:
    """The first day of a month as the event `statement_sent` names it: `2026-11`."""
    return date.fromisoformat(f"{named}-01")


def last_of(month: date) -> date:
    """The last day of a month given by any of its days."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


_DUE = text("""
    select id from partner
    where monthly_statement and (cast(:partner as int) is null or id = :partner)
      and exists (select from ledger where ledger.partner_id = partner.id and ledger.day <= cast(:last as date))
      and not exists (select from event where event.partner_id = partner.id and kind = 'statement_sent'
                        and data ->> 'month' = :month)
    order by id
""")
