"""Putting many products in a list at once, each with a price to begin with."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.pricing.conditions import LARGEST_PRICE, check_percent, written
from core.pricing.lists import locked_list, price_list, today
from core.pricing.raising import TooDear
from core.pricing.rounding import TO_CENTS, Rounding
from core.pricing.selecting import Part

EXAMPLES = 50


class DownToNothing(Refusal):
    message = N_(
        "{count:price|prices} would be zero, the first of {sku}, though what they start from is not. Take off less, or "
        "round them otherwise."
    )


class NothingToAdd(Refusal):
    message = N_("No product would be added: all of them have prices in this list, or there are none.")


class SameList(Refusal):
    message = N_("A list cannot be filled from itself. Choose another one.")


@dataclass(frozen=True, slots=True)
class Start:
    """The price a product begins with: the base list price less `less` percent; or with `source` (a price list) what
    that one has for it, with its quantities and days, less `less` percent."""

    less: Decimal = Decimal(0)
    rounding: Rounding = TO_CENTS
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Beginning:
    """A product with its base list price (lei) and the price that it gets (in the list's currency)."""

    sku: str
    name: str
    from_quantity: Decimal
    list_price: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class Filled:
    """`products` were added with `prices`; `there` of the part have prices in the list and were left alone."""

    products: int
    prices: int
    there: int
    largest: Decimal | None
    examples: list[Beginning]


def fill_list(session: Session, list_id: int, part: Part, start: Start, as_of: datetime) -> Filled:
    """Add the active products of a part of the assortment that have no price in the list; what is there stays.

    Records 'prices_added'. Raises NotAllowed, NotFound, SameList, BadPercent, NothingToAdd,
    DownToNothing, TooDear.
    """
    row = locked_list(session, list_id)
    check_percent(start.less)
    if start.source == list_id:
        raise SameList
    source = price_list(session, start.source) if start.source else None
    clauses, given = part.clauses()
    where = " and ".join(["product.active", *clauses])
    given |= {"list": list_id, "source": start.source, "less": start.less, "day": today(session, as_of)}
    _stage(session, where, start, given)
    there = session.scalar(text(_THERE.format(where=where)), given) or 0
    filled = _filled(session, there)
    session.execute(_ADD, {"list": list_id})
    told: dict[str, Any] = {"source": source.name} if source else {}
    told |= {name: value for name in ("category", "brand") if (value := getattr(part, name))}
    record(
        session, "prices_added", as_of, price_list=row.name, added=filled.prices, less=written(start.less),
        rounding=f"{start.rounding.to} {start.rounding.way}", **told,
    )  # fmt: skip
    return filled


def _stage(session: Session, where: str, start: Start, given: dict[str, Any]) -> None:
    session.execute(text("drop table if exists pg_temp.beginning_price"))
    net = start.rounding.sql("(worth.value * (100 - cast(:less as numeric)) * 0.01)")
    select = (_FROM_LIST if start.source else _FROM_BASE).format(net=net)
    session.execute(text(_STAGE.format(select=select, where=where)), given | start.rounding.parameters)


def _filled(session: Session, there: int) -> Filled:
    counted = session.execute(_COUNTS).one()
    if not counted.prices:
        raise NothingToAdd
    if counted.to_zero:
        raise DownToNothing(count=counted.to_zero, sku=counted.first_to_zero)
    if counted.largest > LARGEST_PRICE:
        raise TooDear
    examples = [Beginning(**row) for row in session.execute(_EXAMPLES).mappings()]
    return Filled(counted.products, counted.prices, there, counted.largest, examples)


_FROM_BASE = """
    select product.id as product_id, {net} as net, worth.value, 0::numeric(12, 3) as from_quantity,
           null::date as valid_from, null::date as valid_until
    from price_list target cross join product
    cross join lateral (select product.list_price / target.lei_rate as value) worth
"""
_FROM_LIST = """
    select product.id as product_id, {net} as net, worth.value, item.from_quantity, item.valid_from, item.valid_until
    from price_list target cross join product
    join price_list_item item on item.product_id = product.id and item.price_list_id = :source
         and coalesce(item.valid_until >= :day, true)
    join price_list source on source.id = item.price_list_id
    cross join lateral (select item.net * source.lei_rate / target.lei_rate as value) worth
"""
_STAGE = """
    create temp table beginning_price on commit drop as {select}
    where target.id = :list and {where} and not exists (
        select from price_list_item own where own.price_list_id = target.id and own.product_id = product.id)
"""
_THERE = """
    select count(*) from product
    where {where} and exists (
        select from price_list_item own where own.price_list_id = :list and own.product_id = product.id)
"""
_COUNTS = text("""
    select count(distinct product_id) as products, count(*) as prices, max(net) as largest,
           count(*) filter (where net <= 0 and value > 0) as to_zero,
           min(sku) filter (where net <= 0 and value > 0) as first_to_zero
    from beginning_price join product on product.id = product_id
""")
_EXAMPLES = text(f"""
    select sku, name, from_quantity, list_price, net from beginning_price join product on product.id = product_id
    order by name_folded, id, from_quantity limit {EXAMPLES}
""")
_ADD = text("""
    insert into price_list_item (price_list_id, product_id, from_quantity, net, valid_from, valid_until)
    select :list, product_id, from_quantity, net, valid_from, valid_until from beginning_price
""")
