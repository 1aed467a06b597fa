"""Stock against what is sold: how fast it turns, and what lies dead.

There is no purchase price here: goods are valued at their list price of today. Turnover is what was sold in the last
365 days, in pieces at that price, against the average stock of these days. That average is the mean of what was there
when each of their months began, and of what is there today: twelve months give the 13 points of the usual average for a
year (https://www.accountingcoach.com/blog/13-point-average-inventory). What was there then is what is there now less
what came and left since (`stock_month`). Months that began before the first movement say nothing and are left out.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.reports.periods import Period, sums
from core.reports.sales import PRODUCTS, TOP

YEAR = 365


@dataclass(frozen=True, slots=True)
class Turnover:
    """`stock` is on hand today, `average` in the 365 days up to today, `sold` in them; all in net lei at list price."""

    stock: Decimal
    average: Decimal
    sold: Decimal

    @property
    def turns(self) -> Decimal | None:
        """How many times a year the average stock is sold; None without stock."""
        return self.sold / self.average if self.average > 0 else None

    @property
    def days(self) -> int | None:
        """In how many days the average stock is sold; None where nothing is sold."""
        return round(self.average * YEAR / self.sold) if self.sold else None


def turnover(session: Session, today: date) -> Turnover:
    """How fast the stock turns, up to and with the local day `today`. Raises NotAllowed."""
    return whole(turnover_by_category(session, today))


def whole(frame: pd.DataFrame) -> Turnover:
    """What the rows of `turnover_by_category` come to."""
    return Turnover(*(sum(frame[name], Decimal(0)) for name in ("stock", "average", "sold")))


def turnover_by_category(session: Session, today: date) -> pd.DataFrame:
    """By category of the first level, most stock first: `name`, `stock`, `average` and `sold` (lei at list price),
    `turns` a year and `days` (in how many the average stock is sold; both empty where they say nothing). Raises
    NotAllowed."""
    authorize(session, "reports.see")
    rows = session.execute(_TURNOVER, _asked(today)).all()
    found = [(row.name, row.stock, row.average, row.sold, Turnover(row.stock, row.average, row.sold)) for row in rows]
    return pd.DataFrame(
        [(*row, one.turns and float(one.turns), one.days) for *row, one in found],
        columns=["name", "stock", "average", "sold", "turns", "days"],
    )


@dataclass(frozen=True, slots=True)
class ProductTurnover:
    """A product's part of the turnover of its category: as Turnover, with `on_hand` in its unit."""

    product_id: int
    sku: str
    name: str
    on_hand: Decimal
    unit: str
    stock: Decimal
    average: Decimal
    sold: Decimal

    @property
    def turns(self) -> Decimal | None:
        """How many times a year the average stock is sold, to a hundredth; None without stock."""
        turns = Turnover(self.stock, self.average, self.sold).turns
        return None if turns is None else round(turns, 2)

    @property
    def days(self) -> int | None:
        """In how many days the average stock is sold; None where nothing is sold."""
        return Turnover(self.stock, self.average, self.sold).days


def turnover_of_products(
    session: Session, today: date, category: str, limit: int = 50, offset: int = 0
) -> list[ProductTurnover]:
    """The products that the turnover of a category of the first level is made of (empty: of those that have none), most
    average stock first. Raises NotAllowed."""
    authorize(session, "reports.see")
    asked = _asked(today) | {"category": category, "limit": limit, "offset": offset}
    return [ProductTurnover(**row) for row in session.execute(_OF_PRODUCTS, asked).mappings()]


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


def _asked(today: date) -> dict[str, Any]:
    """The parameters of _OF: the period, and the first days of the months that began in it."""
    period = Period(today - timedelta(days=YEAR - 1), today)
    days = (period.first + timedelta(days=n) for n in range(period.days))
    return period.params() | {"starts": [day for day in days if day.day == 1]}


# What came or left in a month was not yet there, or still was, at the beginning of it and of every month before.
_OF = f"""
    sold as (select key, sum(quantity) as quantity from ({sums("product", "quantity")}) part group by key),
    point as (
        select start, row_number() over (order by start) as number from unnest(cast(:starts as date[])) start
        where start > (select min(month) from stock_month)
    ), later as (
        select product_id, sum(quantity * coalesce(number, (select count(*) from point))) as quantity
        from stock_month left join point on start = month where month >= (select min(start) from point)
        group by product_id
    ), held as (
        select product_id, sum(on_hand) as on_hand from stock group by product_id
    ), part as (
        select held.product_id, on_hand, coalesce(sold.quantity, 0) as sold,
               on_hand - coalesce(later.quantity, 0) / (select count(*) + 1 from point) as average
        from held left join later on later.product_id = held.product_id left join sold on sold.key = held.product_id
        union all
        select key, 0, quantity, 0 from sold where not exists (select from held where held.product_id = key)
    )
"""
_VALUES = """
    {0}(round(on_hand * list_price, 2)) as stock, {0}(round(average * list_price, 2)) as average,
    {0}(round(sold * list_price, 2)) as sold
"""
_TURNOVER = text(f"""
    with {_OF}
    select {TOP} as name, {_VALUES.format("sum")}
    from {PRODUCTS} join part on part.product_id = product.id
    where on_hand > 0 or average > 0 or sold > 0
    group by 1 order by stock desc, name
""")
_OF_PRODUCTS = text(f"""
    with {_OF}
    select product.id as product_id, product.sku, product.name, on_hand, product.unit, {_VALUES.format("")}
    from {PRODUCTS} join part on part.product_id = product.id
    where {TOP} = :category and (on_hand > 0 or average > 0 or sold > 0)
    order by average desc, product.sku limit :limit offset :offset
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
