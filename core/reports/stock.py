"""Stock against what is sold: how fast it turns, and what lies dead.

There is no purchase price here: goods are valued at their list price of today. Turnover is what was sold in the last
365 days, in pieces at that price, against what is on stock today.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.reports.periods import Period, sums
from core.reports.sales import PRODUCTS, TOP

YEAR = 365


@dataclass(frozen=True, slots=True)
class Turnover:
    """`stock` is on hand today, `sold` in the 365 days up to today, both in net lei at list price."""

    stock: Decimal
    sold: Decimal

    @property
    def turns(self) -> Decimal | None:
        """How many times a year the stock of today is sold; None without stock."""
        return self.sold / self.stock if self.stock else None

    @property
    def days(self) -> int | None:
        """For how many days the stock of today lasts; None where nothing is sold."""
        return round(self.stock * YEAR / self.sold) if self.sold else None


def turnover(session: Session, today: date) -> Turnover:
    """How fast the stock turns, up to and with the local day `today`. Raises NotAllowed."""
    found = turnover_by_category(session, today)
    return Turnover(sum(found["stock"], Decimal(0)), sum(found["sold"], Decimal(0)))


def turnover_by_category(session: Session, today: date) -> pd.DataFrame:
    """By category of the first level, most stock first: `name`, `stock` and `sold` (lei at list price), `turns` a year
    and `days` (for how long the stock lasts; both empty where they say nothing). Raises NotAllowed."""
    authorize(session, "reports.see")
    rows = session.execute(_TURNOVER, Period(today - timedelta(days=YEAR - 1), today).params()).all()
    found = [(row.name, row.stock, row.sold, Turnover(row.stock, row.sold)) for row in rows]
    return pd.DataFrame(
        [(name, stock, sold, one.turns and float(one.turns), one.days) for name, stock, sold, one in found],
        columns=["name", "stock", "sold", "turns", "days"],
    )


@dataclass(frozen=True, slots=True)
class DeadRow:
    """A product that is on stock and was not sold; `value` in net lei at list price, `last_sold` empty for never."""

    product_id: int
    sku: str
    name: str
    unit: str
    on_hand: Decimal
    value: Decimal
    last_sold: date | None


@dataclass(frozen=True, slots=True)
class DeadStock:
    """A page of dead stock; how many products there are in all, and what they are worth (lei at list price)."""

    rows: list[DeadRow]
    count: int
    value: Decimal


def dead_stock(session: Session, today: date, days: int, limit: int = 50, offset: int = 0) -> DeadStock:
    """What is on stock and was not sold in the `days` up to and with the local day `today`, the dearest first. What
    came to the catalogue in that time is left out: it has had no chance yet. Raises NotAllowed."""
    authorize(session, "reports.see")
    asked = {"since": today - timedelta(days=days - 1), "limit": limit, "offset": offset}
    sums_of = session.execute(_DEAD_SUMS, asked).one()
    rows = [DeadRow(**row) for row in session.execute(_DEAD, asked).mappings()]
    return DeadStock(rows, sums_of.products, sums_of.value)


_TURNOVER = text(f"""
    with sold as (select key, sum(quantity) as quantity from ({sums("product", "quantity")}) part group by key),
    held as (select product_id, sum(on_hand) as quantity from stock group by product_id having sum(on_hand) > 0)
    select {TOP} as name, round(coalesce(sum(held.quantity * product.list_price), 0), 2) as stock,
           round(coalesce(sum(sold.quantity * product.list_price), 0), 2) as sold
    from {PRODUCTS}
    left join held on held.product_id = product.id left join sold on sold.key = product.id
    where held.quantity > 0 or sold.quantity > 0
    group by 1 order by stock desc, name
""")
_DEAD_PRODUCTS = """
    select product.id, product.sku, product.name, product.unit, held.on_hand,
           round(held.on_hand * product.list_price, 2) as value
    from (select product_id, sum(on_hand) as on_hand from stock group by product_id having sum(on_hand) > 0) held
    join product on product.id = held.product_id
    where (product.created_at at time zone (select time_zone from company))::date < :since
      and not exists (
        select from sales_sum where what = 'product' and span = 'day' and key = product.id and start >= :since
                                and lines > 0)
"""
_DEAD_SUMS = text(f"select count(*) as products, coalesce(sum(value), 0.00) as value from ({_DEAD_PRODUCTS}) dead")
_DEAD = text(f"""
    select dead.id as product_id, dead.sku, dead.name, dead.unit, dead.on_hand, dead.value,
           (select max(start) from sales_sum
            where what = 'product' and span = 'day' and key = dead.id and lines > 0) as last_sold
    from ({_DEAD_PRODUCTS}) dead order by value desc, sku limit :limit offset :offset
""")
