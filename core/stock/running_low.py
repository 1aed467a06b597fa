"""Goods that run low: the distributor hears of each product once, and again only after there was enough of it."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.events import record

MOST_NAMED = 100
"""In one event; the next run names the rest."""


def tell(session: Session, as_of: datetime) -> int:
    """Record `stock_low` for the products of which less is free than their `low_stock`, if any; returns how many.

    A product is named once. When there is enough of it again, or nobody wants to know any more, that is forgotten.
    Two at once name none twice: the second waits for the first one's rows, and then has nothing to say of them.
    """
    session.execute(_FORGET)
    lines = [dict(row) for row in session.execute(_LOW, {"as_of": as_of, "most": MOST_NAMED}).mappings()]
    if lines:
        lines.sort(key=lambda line: line["name"])
        figures = ("free", "low_stock")
        told = [{name: str(value) if name in figures else value for name, value in line.items()} for line in lines]
        record(session, "stock_low", as_of, lines=told)
    return len(lines)


_FREE = "coalesce((select sum(on_hand - held) from stock where stock.product_id = product.id), 0)"
_FORGET = text(f"""
delete from low_stock_told using product
where product.id = product_id and (not active or low_stock is null or {_FREE} >= low_stock)
""")
_LOW = text(f"""
with low as (
    select id from product
    where low_stock is not null and active and {_FREE} < low_stock
      and not exists (select from low_stock_told where product_id = product.id)
    order by id limit :most
), told as (
    insert into low_stock_told (product_id, told_at) select id, :as_of from low
    on conflict do nothing returning product_id
)
select sku, name, unit, brand, low_stock, {_FREE} as free from product join told on product_id = product.id
""")
