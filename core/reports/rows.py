"""What a figure of sales is made of: its order lines, a page at a time or all of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.reports.periods import Period, sums
from core.reports.sales import GROUPS, By, Totals

PAGE_SIZE = 50
MOST_EXPORTED = 200_000
"""Lines of one file."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A figure: a period, and of it one category, brand, partner, region or product (a `key` of breakdown), or all."""

    period: Period
    by: By | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class SoldRow:
    """An order line (`id`) with what of it counts as sold; `net` and `unit_price` in lei. `day` is the local one."""

    id: int
    day: date
    order_id: int
    partner_code: str
    partner: str
    sku: str
    name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: Decimal


def slice_totals(session: Session, of: Slice) -> Totals:
    """What the figure comes to, and how many lines it has. `orders` is 0 unless it is all or one partner or product: an
    order can have lines of several. Raises NotAllowed."""
    authorize(session, "reports.see")
    what = GROUPS[of.by][0] if of.by else "all"
    whose = f"where {_key(of.by)}" if of.by else ""
    one = of.by in (None, "partner", "product")
    row = session.execute(
        text(_TOTALS.format(part=sums(what), whose=whose)), of.period.params() | {"key": of.key}
    ).one()
    return Totals(row.net, row.orders if one else 0, row.lines)


def sold_rows(session: Session, of: Slice, page: int = 1) -> list[SoldRow]:
    """A page (from 1) of the order lines that a figure is made of, the newest first. Raises NotAllowed."""
    return _rows(session, of, {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE})


def next_sold_rows(session: Session, of: Slice, last: SoldRow | None, limit: int) -> list[SoldRow]:
    """For a file: the lines that come after `last`, or the first ones. Raises NotAllowed."""
    after = {"after_day": last.day, "after_id": last.id} if last else {}
    return _rows(session, of, {"limit": limit, "offset": 0} | after)


def _rows(session: Session, of: Slice, part: dict[str, Any]) -> list[SoldRow]:
    authorize(session, "reports.see")
    after = " and (day, id) < (:after_day, :after_id)" if "after_id" in part else ""
    statement = text(_LINES.format(where=_where(of.by) + after))
    return [SoldRow(**row) for row in session.execute(statement, _params(of) | part).mappings()]


def _params(of: Slice) -> dict[str, Any]:
    return {"first": of.period.first, "last": of.period.last, "key": of.key}


def _key(by: By) -> str:
    """SQL: the sum of that key belongs to the group."""
    what, tables, key, _name = GROUPS[by]
    if by in ("partner", "product"):
        return "key = cast(:key as int)"
    return f"key in (select {what}.id from {tables} where {key} = :key)"


def _where(by: By | None) -> str:
    if by is None:
        return "true"
    return _key(by).replace("key ", f"sold.{GROUPS[by][0]}_id ", 1)


_TOTALS = """
    select coalesce(sum(net), 0.00) as net, coalesce(sum(orders), 0) as orders, coalesce(sum(lines), 0) as lines
    from ({part}) part {whose}
"""
# The page is chosen before anything is joined to it.
_LINES = """
    with page as (
        select id, day, quantity, net from sold_line sold
        where day between :first and :last and {where} order by day desc, id desc limit :limit offset :offset
    )
    select page.id, page.day, line.order_id, partner.code as partner_code, partner.name as partner, line.sku, line.name,
           page.quantity, line.unit, line.unit_price, page.net
    from page join order_line line on line.id = page.id
    join partner on partner.id = line.partner_id order by page.day desc, page.id desc
"""
