"""Sales: in all, over time, and by category, brand, partner, product or region, beside those of the year before.

What counts as sold: the lines of orders that are not cancelled and have not lapsed, with what of them is not cancelled
(held, on backorder or shipped), at the net price in lei of the order, on the calendar day on which the order was placed
where the distributor is. Whether it is invoiced or paid makes no difference; stornos do not lessen it.
Categories, brands and regions are those that products and partners have today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.reports.periods import Period, one_year_after, sums

By = Literal["category", "brand", "partner", "region", "product"]
Step = Literal["day", "week", "month"]
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Totals:
    """`net` in lei, of so many orders and order lines."""

    net: Decimal
    orders: int
    lines: int

    @property
    def per_order(self) -> Decimal | None:
        """Lei per order, to the ban; None without orders."""
        return round(self.net / self.orders, 2) if self.orders else None


def totals(session: Session, period: Period) -> Totals:
    """What was sold in the period. Raises NotAllowed."""
    authorize(session, "reports.see")
    row = session.execute(_TOTALS, period.params()).one()
    return Totals(row.net, row.orders, row.lines)


def over_time(session: Session, period: Period, step: Step) -> pd.DataFrame:
    """A row for each step of the period, also where nothing was sold: `start` and `end` (its days within the period),
    `net` and `before` (lei; of the same days a year before) and `orders`. Raises NotAllowed."""
    authorize(session, "reports.see")
    steps: dict[date, list[Any]] = {}
    for n in range(period.days):
        day = period.first + timedelta(days=n)
        steps.setdefault(_begin(day, step), [day, day, ZERO, ZERO, 0])[1] = day
    for sold in _daily(session, period):
        row = steps[_begin(sold.start, step)]
        row[2], row[4] = row[2] + sold.net, row[4] + sold.orders
    for sold in _daily(session, period.year_before):
        row = steps[_begin(max(one_year_after(sold.start), period.first), step)]
        row[3] += sold.net
    return pd.DataFrame(steps.values(), columns=["start", "end", "net", "before", "orders"])


def breakdown(session: Session, period: Period, by: By) -> pd.DataFrame:
    """A row for each category of the first level, brand, partner, region (county) or product with sales in the period
    or a year before it, most sold first: `key` (for core.reports.rows), `name`, `net` and `before` (lei), `lines`.

    The name is empty for what has none. Raises NotAllowed.
    """
    authorize(session, "reports.see")
    params = _prefixed(period.params()) | _prefixed(period.year_before.params(), "b_")
    found = session.execute(_BREAKDOWNS[by], params).all()
    return pd.DataFrame(found, columns=["key", "name", "net", "before", "lines"])


def _daily(session: Session, period: Period) -> Sequence[Row[Any]]:
    return session.execute(_DAILY, {"first": period.first, "last": period.last}).all()


def _begin(day: date, step: Step) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day


def _prefixed(params: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    return {prefix + name: value for name, value in params.items()}


def _before(statement: str) -> str:
    """The same statement with the parameters of the year before."""
    for name in ("first", "last", "whole", "rest"):
        statement = statement.replace(f":{name}", f":b_{name}")
    return statement


_TOTALS = text(f"""
    select coalesce(sum(net), 0.00) as net, coalesce(sum(orders), 0) as orders, coalesce(sum(lines), 0) as lines
    from ({sums("all")}) part
""")
_DAILY = text("""
    select start, net, orders from sales_sum
    where what = 'all' and span = 'day' and start between :first and :last
""")
_SUMS = """
    select key, sum(now) as now, sum(before) as before, sum(lines)::bigint as lines from (
        select key, net as now, 0.00 as before, lines from ({now}) part
        union all select key, 0.00, net, 0 from ({before}) part
    ) either group by key
"""
TOP = "coalesce(place.top, '')"
"""SQL for the category of the first level that a product of PRODUCTS is in; empty for none."""
# Found once for each category, not for each product: `offset 0` keeps the planner from it.
PRODUCTS = """product left join (
    select category.id, first.path as top
    from category join category first on first.id = category.lineage[cardinality(category.lineage)] offset 0
) place on place.id = product.category_id"""
GROUPS: dict[By, tuple[str, str, str, str]] = {
    "category": ("product", PRODUCTS, TOP, TOP),
    "brand": ("product", "product", "product.brand", "product.brand"),
    "product": ("product", "product", "product.id::text", "product.sku || ' · ' || product.name"),
    "partner": ("partner", "partner", "partner.id::text", "partner.name"),
    "region": ("partner", "partner", "partner.county", "partner.county"),
}
"""What a breakdown is of: what it sums, the tables that say more of it, its key and its name."""


def _breakdown(by: By) -> str:
    what, tables, key, name = GROUPS[by]
    of = _SUMS.format(now=sums(what, "lines, net"), before=_before(sums(what, "lines, net")))
    return f"""
        with of as ({of}), named as (select {what}.id, {key} as key, {name} as name from {tables})
        select named.key, named.name, sum(of.now) as net, sum(of.before) as before, sum(of.lines)::bigint as lines
        from of join named on named.id = of.key
        group by named.key, named.name having (sum(of.now), sum(of.before), sum(of.lines)) <> (0, 0, 0)
        order by net desc, before desc, named.name, named.key
    """


_BREAKDOWNS = {by: text(_breakdown(by)) for by in GROUPS}
