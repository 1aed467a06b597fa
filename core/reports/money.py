"""What is unpaid, how old it is, and how long partners take to pay."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize
from core.receivables.balances import AGE_SUMS

Age = Literal["not_due", "to_30", "to_60", "to_90", "over_90"]
DSO_DAYS = 90
AGES: dict[Age, str] = {
    "not_due": "receivable.due_on >= cast(:day as date)",
    "to_30": "cast(:day as date) - receivable.due_on between 1 and 30",
    "to_60": "cast(:day as date) - receivable.due_on between 31 and 60",
    "to_90": "cast(:day as date) - receivable.due_on between 61 and 90",
    "over_90": "cast(:day as date) - receivable.due_on > 90",
}


@dataclass(frozen=True, slots=True)
class Ageing:
    """Open invoices in lei with VAT: in all, by days past the due day; and what was `invoiced`, less stornos, in the
    last DSO_DAYS days, here or, as far as it was open, in the program before."""

    unpaid: Decimal
    not_due: Decimal
    to_30: Decimal
    to_60: Decimal
    to_90: Decimal
    over_90: Decimal
    invoiced: Decimal

    @property
    def overdue(self) -> Decimal:
        return self.unpaid - self.not_due

    @property
    def days_outstanding(self) -> Decimal | None:
        """Days sales outstanding: what is unpaid, as days of what was invoiced; None where nothing was."""
        return self.unpaid * DSO_DAYS / self.invoiced if self.invoiced > 0 else None


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """`open` and `gross` in lei with VAT; `days` past the due day, 0 or less before it."""

    document_id: int
    number: str
    partner: str
    issued_on: date
    due_on: date
    days: int
    gross: Decimal
    open: Decimal


def ageing(session: Session, today: date) -> Ageing:
    """How the open invoices stand on the local day `today`. Raises NotAllowed."""
    authorize(session, "reports.see")
    since = today - timedelta(days=DSO_DAYS - 1)
    return Ageing(**session.execute(_AGEING, {"day": today, "since": since}).mappings().one())


def open_invoices(
    session: Session, today: date, age: Age | None, limit: int = 50, offset: int = 0
) -> list[OpenInvoice]:
    """The open invoices of an age, or all: the latest first, then the largest. Raises NotAllowed."""
    authorize(session, "reports.see")
    statement = text(_OPEN.format(where=AGES[age] if age else "true"))
    rows = session.execute(statement, {"day": today, "limit": limit, "offset": offset})
    return [OpenInvoice(**row) for row in rows.mappings()]


_AGEING = text(f"""
    select * from (select {AGE_SUMS} from receivable where open > 0) debts cross join (
        select coalesce(sum(lei_gross), 0.00) as invoiced from document
        where kind in ('invoice', 'storno', 'opening') and (kind <> 'opening' or lei_gross > 0)
          and issued_on between :since and :day
          and not exists (select from annulment where annulment.document_id = document.id)
    ) sales
""")
_OPEN = f"""
    select document.id as document_id, {DOCUMENT_NUMBER} as number, partner.name as partner, document.issued_on,
           receivable.due_on, cast(:day as date) - receivable.due_on as days, document.lei_gross as gross,
           receivable.open
    from receivable join document on document.id = receivable.document_id
    join partner on partner.id = receivable.partner_id
    where open > 0 and {{where}}
    order by receivable.due_on, receivable.open desc, document.id limit :limit offset :offset
"""
