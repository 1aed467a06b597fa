"""A partner's own purchases, and what it could save with larger quantities.

What was bought is what core.reports.sales counts as sold, of the signed-in partner: row-level security lets it see no
other's. What was agreed on is shown also to a partner that sees no prices on offer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.catalog.quantities import fitting
from core.catalog.visibility import OFFERED
from core.errors import NotAllowed
from core.permissions import authorize
from core.pricing.quoting import PriceStep, price_steps, prices_shown
from core.reports.periods import Period, one_year_after
from core.reports.sales import PRODUCTS, TOP

MOST_PRODUCTS = 50
LOOKED_AT = 200
"""Products, those on which most was spent, that are looked at for savings."""
YEAR = 365
OFTEN = 2
"""A larger quantity makes sense if it is used up in half a year: it is ordered at least so many times a year."""


def bought_by_month(session: Session, period: Period) -> pd.DataFrame:
    """A row for each month of the period: `month` (its first day), `net` and `before` (lei, of the same days a year
    before). Raises NotAllowed."""
    now, before = _daily(session, period), _daily(session, period.year_before)
    months = pd.period_range(period.first, period.last, freq="M")
    sums = {month.start_time.date(): [Decimal("0.00"), Decimal("0.00")] for month in months}
    for day, net in now.items():
        sums[day.replace(day=1)][0] += net
    for day, net in before.items():
        sums[max(one_year_after(day), period.first).replace(day=1)][1] += net
    return pd.DataFrame([(month, *values) for month, values in sums.items()], columns=["month", "net", "before"])


def bought_by_category(session: Session, period: Period) -> pd.DataFrame:
    """By category of the first level, most first: `name` (empty for none), `net` (lei), `lines`. Raises NotAllowed."""
    rows = session.execute(_BY_CATEGORY, _asked(session, period)).all()
    return pd.DataFrame(rows, columns=["name", "net", "lines"])


def bought_products(session: Session, period: Period) -> pd.DataFrame:
    """Up to MOST_PRODUCTS products, most lei first: `sku` and `name` as last ordered, `quantity`, `unit`, `net` (lei),
    `times` (order lines), `last` (day). Raises NotAllowed."""
    rows = session.execute(_PRODUCTS, _asked(session, period) | {"limit": MOST_PRODUCTS}).all()
    return pd.DataFrame(rows, columns=["sku", "name", "quantity", "unit", "net", "times", "last"])


@dataclass(frozen=True, slots=True)
class Saving:
    """Of a product `bought` in so many orders at `usual` (the middle one) a time, orders of `quantity` and more cost
    `price` each: what was bought in smaller ones would have cost `saving` less. In net lei, at the prices of today."""

    product_id: int
    sku: str
    name: str
    unit: str
    bought: Decimal
    times: int
    usual: Decimal
    usual_price: Decimal
    quantity: Decimal
    price: Decimal
    saving: Decimal


def savings(session: Session, today: date) -> list[Saving]:
    """What the partner could have saved in the 365 days up to and with `today` by ordering larger quantities, none of
    them more than it used in half a year; the most first. Only of what is offered to it, among the LOOKED_AT products
    on which it spent most. Empty where it may not see prices. Raises NotAllowed.
    """
    asked = _asked(session, Period(today - timedelta(days=YEAR - 1), today))
    if not prices_shown(session):
        return []
    rows = session.execute(_STEPS, asked | {"day": today, "limit": LOOKED_AT}).all()
    found = [saving for row in rows if (saving := _best(row, price_steps(row.steps)))]
    return sorted(found, key=lambda saving: (-saving.saving, saving.sku))


def _best(row: Row[Any], steps: list[PriceStep]) -> Saving | None:
    """The step that saves most, the smaller one of two that save the same."""
    quantities: list[Decimal] = row.quantities
    bought, usual = sum(quantities, Decimal(0)), quantities[len(quantities) // 2]
    best: Saving | None = None
    for step in steps[1:]:
        wanted = fitting(step.from_quantity, row.least_quantity, row.multiple)
        saved = _saved(quantities, wanted, steps)
        if wanted * OFTEN <= bought and saved > (best.saving if best else 0):
            best = Saving(
                row.product_id, row.sku, row.name, row.unit, bought, len(quantities), usual, _price(steps, usual),
                wanted, _price(steps, wanted), saved,
            )  # fmt: skip
    return best


def _saved(quantities: Sequence[Decimal], wanted: Decimal, steps: list[PriceStep]) -> Decimal:
    """What those below the wanted quantity would have cost less at its price; none that is cheaper as it is."""
    price = _price(steps, wanted)
    less = (
        round(quantity * (dearer - price), 2)
        for quantity in quantities
        if quantity < wanted and (dearer := _price(steps, quantity)) > price
    )
    return sum(less, Decimal(0))


def _price(steps: list[PriceStep], quantity: Decimal) -> Decimal:
    """The unit price at a quantity."""
    return [step.unit_price for step in steps if step.from_quantity <= quantity][-1]


def _asked(session: Session, period: Period) -> dict[str, object]:
    me = authorize(session, "orders.see")
    if me.partner_id is None:
        raise NotAllowed
    return {"partner": me.partner_id, "first": period.first, "last": period.last}


def _daily(session: Session, period: Period) -> dict[date, Decimal]:
    return {row.day: row.net for row in session.execute(_DAILY, _asked(session, period))}


_MINE = "sold.partner_id = :partner and sold.day between :first and :last"
_DAILY = text(f"select day, sum(net) as net from sold_line sold where {_MINE} group by day")
_BY_CATEGORY = text(f"""
    select {TOP} as name, sum(of.net) as net, sum(of.lines)::bigint as lines from (
        select product_id, sum(net) as net, count(*) as lines from sold_line sold where {_MINE} group by product_id
    ) of
    join ({PRODUCTS}) on product.id = of.product_id
    group by 1 order by net desc, name
""")
# Named as it was on its last order line: the product may be hidden or called otherwise by now.
_PRODUCTS = text(f"""
    select line.sku, line.name, of.quantity, line.unit, of.net, of.times, of.last from (
        select product_id, sum(quantity) as quantity, sum(net) as net, count(*) as times, max(day) as last,
               max(id) as line_id
        from sold_line sold where {_MINE} group by product_id order by net desc, product_id limit :limit
    ) of join order_line line on line.id = of.line_id order by of.net desc, line.sku
""")
_STEPS = text(f"""
    with bought as materialized (
        select product.id as product_id, product.sku, product.name, product.unit, product.least_quantity,
               product.multiple, of.quantities
        from (
            select product_id, array_agg(quantity order by quantity) as quantities, sum(net) as net
            from sold_line sold where {_MINE} group by product_id order by net desc, product_id limit :limit
        ) of join product on product.id = of.product_id join partner on partner.id = :partner
        where {OFFERED}
    )
    select bought.*, priced.steps from bought
    join price_steps(:partner, array(select product_id from bought order by product_id),
                     array(select 0::numeric from bought), :day) priced on priced.product_id = bought.product_id
""")
