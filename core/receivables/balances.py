"""What partners owe in sum, and how late it is."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize

AGES = ((1, 30), (31, 60), (61, 90), (91, None))
"""Days past the due day, from and to, of the parts of what is overdue."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Sums in lei. `invoiced` less stornos; `brought`: debts of the program before; `collected` less what went back;
    `credit`: paid too much, brought by a storno or over from that program; `ahead`: paid on orders that have no invoice
    yet. `not_due` to `over_90` are parts of `unpaid` by the days past the due day. `balance` is what the ledger comes
    to: what is unpaid less credit and what was paid ahead."""

    invoiced: Decimal
    brought: Decimal
    this_year: Decimal
    collected: Decimal
    written_off: Decimal
    unpaid: Decimal
    credit: Decimal
    ahead: Decimal
    not_due: Decimal
    to_30: Decimal
    to_60: Decimal
    to_90: Decimal
    over_90: Decimal

    @property
    def overdue(self) -> Decimal:
        """What of the unpaid is past its due day."""
        return self.to_30 + self.to_60 + self.to_90 + self.over_90

    @property
    def balance(self) -> Decimal:
        """What the partner owes when all is set off; below zero if it has money with the distributor."""
        return self.unpaid - self.credit - self.ahead

    @property
    def paid(self) -> Decimal:
        """What of all that was to be paid is no longer open."""
        return self.to_pay - self.unpaid

    @property
    def to_pay(self) -> Decimal:
        """What was to be paid in all: invoiced here, or open when it was brought over."""
        return self.invoiced + self.brought


def balance(session: Session, as_of_date: date, partner_id: int | None = None) -> Balance:
    """How the principal's partner, one partner or (for staff) all stand on the local day `as_of_date`."""
    own = authorize(session, "documents.see").partner_id or partner_id
    row = session.execute(_BALANCE, {"partner": own, "day": as_of_date}).one()
    return Balance(**{field.name: getattr(row, field.name) for field in fields(Balance)})


AGE_SUMS = """
    coalesce(sum(open), 0.00) as unpaid,
    coalesce(sum(open) filter (where due_on >= :day), 0.00) as not_due,
    coalesce(sum(open) filter (where :day - due_on between 1 and 30), 0.00) as to_30,
    coalesce(sum(open) filter (where :day - due_on between 31 and 60), 0.00) as to_60,
    coalesce(sum(open) filter (where :day - due_on between 61 and 90), 0.00) as to_90,
    coalesce(sum(open) filter (where :day - due_on > 90), 0.00) as over_90
""".replace(":day", "cast(:day as date)")
"""SQL for what is open in `receivable`, in all and by age on the parameter :day."""

_MINE = "(cast(:partner as int) is null or {0}.partner_id = :partner)"
_BALANCE = text(f"""
    select * from (
        select coalesce(sum(amount) filter (where kind <> 'opening'), 0.00) as invoiced,
               coalesce(sum(amount) filter (where kind = 'opening' and amount > 0), 0.00) as brought,
               coalesce(sum(amount) filter (where kind <> 'opening'
                                              and day >= date_trunc('year', cast(:day as date))), 0.00) as this_year
        from ledger where kind in ('invoice', 'storno', 'opening') and {_MINE.format("ledger")}
    ) documents cross join (
        select coalesce(sum(amount) filter (where method <> 'write_off'), 0.00) as collected,
               coalesce(sum(amount) filter (where method = 'write_off'), 0.00) as written_off
        from payment where {_MINE.format("payment")}
    ) payments cross join (
        select {AGE_SUMS} from receivable where open > 0 and {_MINE.format("receivable")}
    ) debts cross join (
        select coalesce(sum("left"), 0.00) as credit from credit where "left" > 0 and {_MINE.format("credit")}
    ) credits cross join (
        select coalesce(sum(amount), 0.00) as ahead from allocation
        where order_id is not null and {_MINE.format("allocation")}
    ) orders
""")
