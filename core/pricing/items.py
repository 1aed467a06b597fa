"""The prices of a list as staff look through them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.pricing.selecting import EVERYTHING, Part
from core.search import tsquery

PAGE_SIZE = 50

VALID = "coalesce({0}.valid_from <= :day, true) and coalesce({0}.valid_until >= :day, true)"
"""SQL: does a row of price_list_item hold on the parameter :day?"""

BEATEN = """exists (
    select from price_list_item lower where lower.price_list_id = item.price_list_id
      and lower.product_id = item.product_id and lower.from_quantity < item.from_quantity and lower.net <= item.net
      and daterange(lower.valid_from, lower.valid_until, '[]') && daterange(item.valid_from, item.valid_until, '[]'))"""
"""SQL: is the price `item` from a quantity on no lower than one from a smaller quantity on, and so of no use?"""

STATES = {
    "valid": VALID.format("item"),
    "later": "item.valid_from > :day",
    "ended": "item.valid_until < :day",
    "beaten": BEATEN,
}
ORDERS = {
    "name": "product.name_folded, product.id",
    "sku": "product.sku_folded, product.id",
    "net": "item.net, product.id",
    "percent": "item.net * price_list.lei_rate / nullif(product.list_price, 0), product.id",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """`search`: words or beginnings of words, in SKU, name, brand or EAN. `state`: a key of STATES; None for all."""

    search: str = ""
    part: Part = EVERYTHING
    state: str | None = None
    order: str = "name"


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A price of a list: `net` and `in_force` are in the list's currency, `list_price` in lei.

    `in_force`: what the list gives for this quantity on the day that was asked for; None where it gives nothing.
    `percent`: how much `net` is above (below: negative) the base list price; None where that is 0. `beaten`: see
    BEATEN.
    """

    id: int
    product_id: int
    sku: str
    name: str
    unit: str
    from_quantity: Decimal
    net: Decimal
    valid_from: date | None
    valid_until: date | None
    list_price: Decimal
    in_force: Decimal | None
    percent: Decimal | None
    beaten: bool


def item_page(
    session: Session, list_id: int, day: date, filters: Filters = NO_FILTERS, page: int = 1
) -> tuple[list[ItemRow], int]:
    """A page of PAGE_SIZE prices of a list, and how many match in all. `day` is local. Raises NotAllowed."""
    authorize(session, "prices.see")
    clauses, params = _clauses(filters)
    params |= {"list": list_id, "day": day}
    where = " and ".join(["item.price_list_id = :list", *clauses])
    total = session.scalar(text(f"select count(*) {_SOURCE} where {where}"), params) or 0
    chosen = f"""
        select item.* {_SOURCE} where {where}
        order by {ORDERS[filters.order]}, item.from_quantity, item.valid_from nulls first
        limit {PAGE_SIZE} offset :offset
    """
    rows = session.execute(
        text(f"""
            select item.id, product.id as product_id, product.sku, product.name, product.unit, item.from_quantity,
                   item.net, item.valid_from, item.valid_until, product.list_price, today.net as in_force,
                   round((item.net * price_list.lei_rate / nullif(product.list_price, 0) - 1) * 100, 2) as percent,
                   {BEATEN} as beaten
            from ({chosen}) item join price_list on price_list.id = item.price_list_id
            join product on product.id = item.product_id
            left join lateral (
                select min(rule.net) as net from price_list_item rule
                where rule.price_list_id = item.price_list_id and rule.product_id = item.product_id
                  and rule.from_quantity <= item.from_quantity and {VALID.format("rule")}
            ) today on true
            order by {ORDERS[filters.order]}, item.from_quantity, item.valid_from nulls first
        """),
        params | {"offset": (page - 1) * PAGE_SIZE},
    )
    return [ItemRow(**row) for row in rows.mappings()], total


def _clauses(filters: Filters) -> tuple[list[str], dict[str, Any]]:
    clauses, params = filters.part.clauses("item.net")
    if words := tsquery(filters.search):
        clauses, params = [*clauses, "product.words @@ cast(:words as tsquery)"], params | {"words": words}
    if filters.state:
        clauses = [*clauses, f"({STATES[filters.state]})"]
    return clauses, params


_SOURCE = """
from price_list_item item join price_list on price_list.id = item.price_list_id
join product on product.id = item.product_id
"""
