"""How well orders are served: how many lapse, how long they wait for their claim, and how much of them is delivered."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.reports.periods import Period


@dataclass(frozen=True, slots=True)
class Service:
    """Of the orders placed in a period: how many, and how many of them lapsed (also those purged since).

    `median` and `slowest` are seconds until an order was claimed: half, and nine of ten, were claimed in that time;
    None where none was. Of the `over` orders that are shipped or cancelled, `ordered` and `shipped` are net lei.
    """

    placed: int
    lapsed: int
    claimed: int
    median: int | None
    slowest: int | None
    over: int
    ordered: Decimal
    shipped: Decimal

    @property
    def lapse_rate(self) -> Decimal | None:
        """Lapsed of placed, in percent; None without orders."""
        return 100 * Decimal(self.lapsed) / self.placed if self.placed else None

    @property
    def fill_rate(self) -> Decimal | None:
        """Of what was ordered in orders that are over, so much was delivered, in percent by value; None without any."""
        return 100 * self.shipped / self.ordered if self.ordered else None


def service(session: Session, period: Period) -> Service:
    """The figures of the period; substitutes do not count as delivered. Raises NotAllowed."""
    authorize(session, "reports.see")
    row = session.execute(_SERVICE, {"first": period.first, "last": period.last}).one()
    return Service(**{field.name: getattr(row, field.name) for field in fields(Service)})


def by_month(session: Session, period: Period) -> pd.DataFrame:
    """The same by month: `month` (its first day), `placed`, `lapsed`, `median` (hours), `lapse_rate` and `fill_rate`
    (percent). Raises NotAllowed."""
    authorize(session, "reports.see")
    rows = session.execute(_BY_MONTH, {"first": period.first, "last": period.last}).all()
    return pd.DataFrame(
        [(row.month, row.placed, row.lapsed, _hours(row.median), *_rates(row)) for row in rows],
        columns=["month", "placed", "lapsed", "median", "lapse_rate", "fill_rate"],
    )


def lapsing_partners(session: Session, period: Period, limit: int = 50) -> pd.DataFrame:
    """The partners whose orders lapsed, most first: `partner_id`, `name`, `placed`, `lapsed`. Raises NotAllowed."""
    authorize(session, "reports.see")
    asked = {"first": period.first, "last": period.last, "limit": limit}
    return pd.DataFrame(session.execute(_PARTNERS, asked).all(), columns=["partner_id", "name", "placed", "lapsed"])


@dataclass(frozen=True, slots=True)
class FateRow:
    """An order of a period and what became of it; `claim_seconds` until it was claimed, sums in net lei."""

    order_id: int
    day: date
    partner: str
    status: str
    claim_seconds: int | None
    ordered: Decimal
    shipped: Decimal


@dataclass(frozen=True, slots=True)
class Fates:
    """Which orders: of a period, and of a status or partner (an id) if these are given."""

    period: Period
    status: str | None = None
    partner_id: int | None = None


def fates(session: Session, of: Fates, limit: int = 50, offset: int = 0) -> list[FateRow]:
    """Orders and what became of them, the newest first. Raises NotAllowed."""
    authorize(session, "reports.see")
    asked: dict[str, object] = {"first": of.period.first, "last": of.period.last, "limit": limit, "offset": offset}
    asked |= {"status": of.status, "partner": of.partner_id}
    return [FateRow(**row) for row in session.execute(_FATES, asked).mappings()]


def _hours(seconds: int | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 2)


def _rates(row: object) -> tuple[float | None, float | None]:
    placed, lapsed, ordered, shipped = (getattr(row, name) for name in ("placed", "lapsed", "ordered", "shipped"))
    return (100 * lapsed / placed if placed else None, float(100 * shipped / ordered) if ordered else None)


_OVER = "status in ('shipped', 'cancelled')"
_FIGURES = f"""
    count(*) as placed, count(*) filter (where status = 'lapsed') as lapsed, count(claim_seconds) as claimed,
    percentile_disc(0.5) within group (order by claim_seconds) as median,
    percentile_disc(0.9) within group (order by claim_seconds) as slowest,
    count(*) filter (where {_OVER}) as over,
    coalesce(sum(ordered) filter (where {_OVER}), 0.00) as ordered,
    coalesce(sum(shipped) filter (where {_OVER}), 0.00) as shipped
    from order_fate where day between :first and :last
"""
_SERVICE = text(f"select {_FIGURES}")
_BY_MONTH = text(f"select date_trunc('month', day)::date as month, {_FIGURES} group by 1 order by 1")
_PARTNERS = text("""
    select partner.id, partner.name, fate.placed, fate.lapsed from (
        select partner_id, count(*) as placed, count(*) filter (where status = 'lapsed') as lapsed
        from order_fate where day between :first and :last group by partner_id
    ) fate join partner on partner.id = fate.partner_id
    where fate.lapsed > 0 order by fate.lapsed desc, fate.placed, partner.name limit :limit
""")
_FATES = text("""
    select fate.order_id, fate.day, partner.name as partner, fate.status, claim_seconds, ordered, shipped
    from order_fate fate join partner on partner.id = fate.partner_id
    where day between :first and :last and (cast(:status as text) is null or fate.status = :status)
      and (cast(:partner as int) is null or fate.partner_id = :partner)
    order by day desc, order_id desc limit :limit offset :offset
""")
