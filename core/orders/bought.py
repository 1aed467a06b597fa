"""What a partner bought before: each product once, as it was ordered last."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.successors import HEIR, HEIR_JSON
from core.catalog.visibility import OFFERED
from core.orders.discontinued import Replacement, replacement
from core.permissions import authorize
from core.pricing.quoting import SHOWN, sight
from core.search import folded_sql, word_clauses

PAGE_SIZE = 50
# Nearly always nothing of a line was cancelled: that is asked first, since summing what became of it takes far longer.
CAME = """(orders.status not in ('cancelled', 'lapsed') and (
    not exists (select from stock_hold where order_line_id = order_line.id and kind = 'released')
    and not exists (select from backorder where order_line_id = order_line.id and kind = 'cancelled')
    or exists (select from line_state state where state.id = order_line.id and state.billable > 0)))"""
"""SQL: does a line of an order (`orders`, `order_line`) count as bought? One that was cancelled in full does not."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A product as the partner ordered it last: the local day, the quantity and the net price per `unit` of then (lei;
    None where it sees no prices), and in how many orders it was. `offered`: it still is, and SKU and name are those of
    now; if not, they are those of then, and `replaced_by` is what is offered to the partner instead."""

    product_id: int
    sku: str
    name: str
    unit: str
    on: date
    quantity: Decimal
    unit_price: Decimal | None
    orders: int
    offered: bool
    replaced_by: Replacement | None


def bought_before(session: Session, search: str = "", page: int = 1) -> tuple[list[Bought], int]:
    """A page of what the signed-in partner ordered, the last ordered first, and how many products there are.

    Orders that lapsed or were cancelled do not count, nor lines that were cancelled in full. `search` is words of the
    name and the SKU. Raises NotAllowed.
    """
    me = authorize(session, "catalog.see")
    clauses, words = word_clauses(folded_sql("known.sku || ' ' || known.name"), search)
    found = session.execute(
        text(_BOUGHT.format(words=" and ".join(clauses) or "true")),
        words | sight(me) | {"partner": me.partner_id, "size": PAGE_SIZE, "skip": (max(page, 1) - 1) * PAGE_SIZE},
    ).mappings()
    rows = [dict(row) for row in found]
    total = max((row.pop("total") for row in rows), default=0)
    return [Bought(**row | {"replaced_by": replacement(row["replaced_by"])}) for row in rows], total


_BOUGHT = f"""
    with every as (
        select order_line.product_id, max(order_line.id) as last, count(distinct order_line.order_id) as orders
        from orders join order_line on order_line.order_id = orders.id
        where orders.partner_id = :partner and {CAME}
        group by order_line.product_id
    ), known as (
        select every.*, {OFFERED} as offered, case when {OFFERED} then product.sku else line.sku end as sku,
               case when {OFFERED} then product.name else line.name end as name
        from every join product on product.id = every.product_id join order_line line on line.id = every.last
        join partner on partner.id = :partner
    ), page as (
        select known.*, count(*) over () as total from known where {{words}}
        order by known.last desc limit :size offset :skip
    )
    select page.product_id, page.sku, page.name, line.unit,
           (orders.placed_at at time zone company.time_zone)::date as on, line.quantity,
           case when {SHOWN} then line.unit_price end as unit_price, page.orders, page.offered,
           {HEIR_JSON} as replaced_by, page.total
    from page
    join order_line line on line.id = page.last
    join orders on orders.id = line.order_id
    join product on product.id = page.product_id
    join partner on partner.id = :partner
    cross join company
    left join {HEIR} heir on not page.offered
    order by page.last desc
"""
