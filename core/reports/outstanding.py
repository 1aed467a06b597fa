"""Days sales outstanding (DSO), month by month, and the documents that it is made of.

    DSO = what is unpaid on a day / what was invoiced in the DSO_DAYS days up to it * DSO_DAYS

as https://www.vcalc.com/wiki/days-sales-outstanding has it (receivables / credit sales * days in the period), in lei
with VAT on both sides, less stornos; a debt of the program before counts on both sides, too, with what was open of it.
What was unpaid on an earlier day is what is open now, and what was paid since, less what was invoiced since; money
counts from the day it came, however late it was recorded (core.receivables.statement).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize
from core.receivables.statement import EFFECTIVE
from core.reports.money import DSO_DAYS, OpenInvoice
from core.reports.periods import ONE_DAY

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What was `unpaid` at the end of the local `day`, and `invoiced` in the DSO_DAYS days up to and with it (lei)."""

    day: date
    unpaid: Decimal
    invoiced: Decimal

    @property
    def days(self) -> Decimal | None:
        """Days sales outstanding; None where nothing was invoiced."""
        return self.unpaid * DSO_DAYS / self.invoiced if self.invoiced > 0 else None


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice (also of the program before) or a storno; `gross` in lei with VAT, below 0 for a storno."""

    document_id: int
    number: str
    partner: str
    issued_on: date
    due_on: date
    gross: Decimal


def month_ends(today: date) -> list[date]:
    """The last days of the MONTHS - 1 months before, and `today`."""
    ends = [today]
    for _month in range(MONTHS - 1):
        ends.append(ends[-1].replace(day=1) - ONE_DAY)
    return ends[::-1]


def outstanding(session: Session, days: Sequence[date]) -> list[Outstanding]:
    """How it stood at the end of each of these local days, in their order. Raises NotAllowed."""
    authorize(session, "reports.see")
    asked = {"days": list(days), "first": min(days), "window": DSO_DAYS}
    return [Outstanding(**row) for row in session.execute(_OUTSTANDING, asked).mappings()]


def open_then(session: Session, day: date, limit: int = 50, offset: int = 0) -> list[OpenInvoice]:
    """The debts that were not wholly paid at the end of the local `day`, with what was open of them and their days
    past the due day then: the latest first, then the largest. Raises NotAllowed."""
    authorize(session, "reports.see")
    asked = {"first": day, "limit": limit, "offset": offset}
    return [OpenInvoice(**row) for row in session.execute(_OPEN_THEN, asked).mappings()]


def invoiced_before(session: Session, day: date, limit: int = 50, offset: int = 0) -> list[Issued]:
    """What was invoiced in the DSO_DAYS days up to and with the local `day`, the newest first. Raises NotAllowed."""
    authorize(session, "reports.see")
    asked: dict[str, Any] = {"last": day, "since": day - timedelta(days=DSO_DAYS - 1), "limit": limit, "offset": offset}
    return [Issued(**row) for row in session.execute(_INVOICED, asked).mappings()]


STANDS = "not exists (select from annulment where annulment.document_id = document.id)"
# What was paid on an invoice after the day :first. Nothing is paid before it is invoiced, nor on a later day than it is
# written down: so the index of `allocation.at`, with a day more for where midnight is, leaves out the older ones. Few
# credits are brought by a storno: it is looked for where there is one (`offset 0` keeps the planner from reading all).
_PAID = f"""
    select document.id as document_id, allocation.amount, greatest({EFFECTIVE}, document.issued_on) as day
    from allocation join credit on credit.id = allocation.credit_id
    join document on document.id = allocation.document_id and document.kind in ('invoice', 'storno', 'opening')
    left join payment on payment.id = credit.payment_id
    left join lateral (
        select issued_on, issued_at from document where document.id = credit.document_id offset 0
    ) storno on true
    where allocation.at >= cast(:first as date) - 1 and {STANDS}
"""
# A debt is above 0, a storno below. A debt of the program before counts from its own day on, in what is unpaid and in
# what was invoiced: so the one is a part of the other. What is below 0 of it is money, and was never invoiced.
_OUTSTANDING = text(f"""
    with paid as materialized (select day, sum(amount) as amount from ({_PAID}) part where day > :first group by day),
    sold as materialized (
        select issued_on as day, sum(lei_gross) filter (where kind <> 'opening' or lei_gross > 0) as net,
               sum(greatest(lei_gross, 0)) as debts
        from document
        where kind in ('invoice', 'storno', 'opening') and {STANDS}
          and issued_on > cast(:first as date) - cast(:window as int)
        group by issued_on
    )
    select point.day,
           (select coalesce(sum(open), 0.00) from receivable where open > 0)
           + (select coalesce(sum(amount), 0.00) from paid where paid.day > point.day)
           - (select coalesce(sum(debts), 0.00) from sold where sold.day > point.day) as unpaid,
           (select coalesce(sum(net), 0.00) from sold
            where sold.day <= point.day and sold.day > point.day - cast(:window as int)) as invoiced
    from unnest(cast(:days as date[])) with ordinality point (day, number) order by number
""")
_OPEN_THEN = text(f"""
    with paid as (
        select document_id, sum(amount) as amount from ({_PAID}) part where day > :first group by document_id
    ), unpaid as (
        select receivable.document_id, receivable.partner_id, due_on, open + coalesce(paid.amount, 0) as open
        from receivable left join paid on paid.document_id = receivable.document_id
        where open > 0 or paid.amount > 0
    )
    select document.id as document_id, {DOCUMENT_NUMBER} as number, partner.name as partner, document.issued_on,
           unpaid.due_on, cast(:first as date) - unpaid.due_on as days, document.lei_gross as gross, unpaid.open
    from unpaid join document on document.id = unpaid.document_id join partner on partner.id = unpaid.partner_id
    where document.issued_on <= :first and unpaid.open > 0
    order by unpaid.due_on, unpaid.open desc, document.id limit :limit offset :offset
""")
_INVOICED = text(f"""
    select document.id as document_id, {DOCUMENT_NUMBER} as number, partner.name as partner, document.issued_on,
           document.due_on, document.lei_gross as gross
    from document join partner on partner.id = document.partner_id
    where kind in ('invoice', 'storno', 'opening') and (kind <> 'opening' or lei_gross > 0)
      and issued_on between :since and :last and {STANDS}
    order by issued_on desc, document.id desc limit :limit offset :offset
""")
