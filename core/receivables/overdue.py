"""Who is to be reminded on a day, and of what: never of an advance whose order ended (core.documents.ended_orders)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize
from core.receivables.notices import NamedInvoice


@dataclass(frozen=True, slots=True)
class Overdue:
    """A partner's overdue invoices that are not disputed, the oldest due first, and what keeps it from being reminded.

    `reached` and `reminded` are, by document id, the highest step that an invoice is late enough for, and the highest
    that it was reminded at; 0 for none. `credit` is in lei. `just_paid`: money of this partner was recorded on the day
    or the day before it. `reminded_today`: it was reminded on the day.
    """

    partner_id: int
    partner: str
    invoices: Sequence[NamedInvoice]
    reached: dict[int, int]
    reminded: dict[int, int]
    credit: Decimal
    just_paid: bool
    wanted: bool
    reminded_today: bool

    @property
    def total(self) -> Decimal:
        """What is open on them, in lei."""
        return sum((invoice.open for invoice in self.invoices), Decimal("0.00"))

    @property
    def covered(self) -> bool:
        """Does the partner's credit cover all of it?"""
        return self.credit >= self.total

    @property
    def new_step(self) -> int:
        """The highest step that one of the invoices has reached and was not reminded at, nor later; 0 for none."""
        return max((step for key, step in self.reached.items() if step > self.reminded[key]), default=0)

    @property
    def due(self) -> bool:
        """Is the partner reminded on this day without anybody asking for it?"""
        kept = self.covered or self.just_paid or self.reminded_today or not self.wanted
        return not kept and self.new_step > 0


def due_on(session: Session, day: date) -> list[Overdue]:
    """The partners to be reminded on a local day, by name; for staff. The rules: core.receivables.reminding."""
    authorize(session, "partners.see")
    return [found for found in _found(session.execute(_LATE, {"partner": None, "day": day})) if found.due]


def overdue_of(session: Session, partner_id: int, day: date) -> Overdue | None:
    """What of a partner is overdue on a local day and not disputed; None for nothing; for staff."""
    authorize(session, "partners.see")
    return next(_found(session.execute(_LATE, {"partner": partner_id, "day": day})), None)


def _found(rows: Iterable[Any]) -> Iterator[Overdue]:
    for _, group in groupby(rows, key=lambda row: row.partner_id):
        yield _overdue(list(group))


def _overdue(rows: list[Any]) -> Overdue:
    first = rows[0]
    invoices = [
        NamedInvoice(row.document_id, row.number, row.issued_on, row.due_on, row.days, row.gross, row.open)
        for row in rows
    ]
    return Overdue(
        first.partner_id,
        first.partner,
        invoices,
        {row.document_id: row.reached for row in rows},
        {row.document_id: row.reminded for row in rows},
        first.credit,
        first.just_paid,
        first.wanted,
        first.reminded_today,
    )


_LATE = text(f"""
    with late as (
        select receivable.*, cast(:day as date) - due_on as days from receivable
        where open > 0 and due_on < cast(:day as date) and (cast(:partner as int) is null or partner_id = :partner)
          and not exists (select from dispute where dispute.document_id = receivable.document_id)
          and not exists (select from document join orders on orders.id = document.order_id
                          where document.id = receivable.document_id and document.advance
                            and orders.status in ('lapsed', 'cancelled') and orders.invoiced_at is null)
    ), about as (
        select partner.id, partner.name, partner.reminders as wanted,
               (select coalesce(sum("left"), 0.00) from credit
                where credit.partner_id = partner.id and "left" > 0) as credit,
               exists (select from reminder
                       where reminder.partner_id = partner.id and sent_on = :day) as reminded_today,
               exists (select from payment
                       where payment.partner_id = partner.id and amount > 0 and method <> 'write_off'
                         and (recorded_at at time zone company.time_zone)::date >= cast(:day as date) - 1
                         and not exists (select from payment undo where undo.undoes = payment.id)) as just_paid
        from partner cross join company where partner.id in (select partner_id from late)
    )
    select about.id as partner_id, about.name as partner, wanted, credit, reminded_today, just_paid,
           late.document_id, {DOCUMENT_NUMBER} as number, document.issued_on, late.due_on, late.days,
           document.lei_gross as gross, late.open,
           coalesce((select number from reminder_step where reminder_step.days <= late.days
                     order by reminder_step.days desc limit 1), 0) as reached,
           coalesce((select max(step) from reminded_document
                     where reminded_document.document_id = late.document_id), 0) as reminded
    from late join about on about.id = late.partner_id join document on document.id = late.document_id
    order by about.name, about.id, late.due_on, late.document_id
""")
