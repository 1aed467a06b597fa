"""Raising and lowering the prices of a list: all of it or a part, at once or from a day on."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.pricing.conditions import LARGEST_PRICE, written
from core.pricing.items import VALID
from core.pricing.lists import locked_list, today
from core.pricing.rounding import TO_CENTS, Rounding
from core.pricing.selecting import Part
from core.pricing.setting import PricesMoved, place_of

EXAMPLES = 50
LARGEST_PERCENT = Decimal(1000)


class BadRaise(Refusal):
    message = N_(
        "Say by how much: a percentage from -100 to {largest} with 2 decimals at most, or an amount with 4 decimals at "
        "most, and not 0."
    )


class NothingToRaise(Refusal):
    message = N_("No price would change. Choose another part of the list, another amount or another rounding.")


class DownToZero(Refusal):
    message = N_(
        "{count:price|prices} would be zero or less, the first of {sku}. Leave them out by their price, or lower by "
        "less."
    )


class TooDear(Refusal):
    message = N_("Some prices would be larger than can be kept. Raise by less.")


class NotALaterDay(Refusal):
    message = N_("A change can be planned from tomorrow on. For today, apply it at once.")


@dataclass(frozen=True, slots=True)
class Raise:
    """By a percentage or by an amount in the list's currency (one of them; below 0 lowers), then rounded."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    rounding: Rounding = TO_CENTS

    def __post_init__(self) -> None:
        by_percent = self.amount is None
        value = self.percent if by_percent else self.amount
        least, largest, decimals = (-100, LARGEST_PERCENT, 2) if by_percent else (-LARGEST_PRICE, LARGEST_PRICE, 4)
        both = self.percent is not None and self.amount is not None
        if both or not value or not least <= value <= largest or value != round(value, decimals):
            raise BadRaise(largest=LARGEST_PERCENT)

    def sql(self, net: str) -> str:
        """SQL for an SQL price raised so; uses `parameters`."""
        return self.rounding.sql(f"({net} * cast(:factor as numeric) + cast(:plus as numeric))")

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of `sql`."""
        factor = 1 + (self.percent or 0) / Decimal(100)
        return self.rounding.parameters | {"factor": factor, "plus": self.amount or 0}


@dataclass(frozen=True, slots=True)
class Example:
    """A price as it is and as it would be, net in the list's currency; `base` is the product's list price in that."""

    sku: str
    name: str
    from_quantity: Decimal
    old: Decimal
    new: Decimal
    base: Decimal


@dataclass(frozen=True, slots=True)
class Outlook:
    """What raising would do: of `prices` that hold on the day, `changed` would. Smallest and largest are of the new
    prices; `least` and `most` of the differences.

    `above` prices would be dearer than the base list price and are not now, `below` would be under it and are not now.
    `to_zero` would be zero or less: then it is refused. `later` prices of the same part begin after the day; they stay.
    """

    prices: int
    changed: int
    products: int
    smallest: Decimal | None
    largest: Decimal | None
    least: Decimal | None
    most: Decimal | None
    above: int
    below: int
    to_zero: int
    first_to_zero: str | None
    later: int
    examples: list[Example]
    digest: str


def outlook(session: Session, list_id: int, part: Part, by: Raise, day: date) -> Outlook:
    """What raising the prices that hold on a local day would do; changes nothing. Raises NotAllowed, NotFound."""
    authorize(session, "prices.see")
    given = _stage(session, list_id, part, by, day)
    found = Outlook(**session.execute(_OUTLOOK).mappings().one(), later=0, examples=[])
    examples = [Example(**row) for row in session.execute(_EXAMPLES).mappings()]
    later = session.scalar(_later(part), given) or 0
    return replace(found, examples=examples, later=later)


def raise_prices(
    session: Session,
    list_id: int,
    part: Part,
    by: Raise,
    as_of: datetime,
    first_day: date | None = None,
    expected: Outlook | None = None,
) -> int:
    """Raise the prices of a part of a list that hold today; or, with a later local day, those that hold on it: they
    end the day before, and the raised ones begin. How many changed. Placed orders keep theirs.

    `expected`: what `outlook` showed; if prices have changed since, nothing is done. Records 'prices_raised'.
    Raises NotAllowed, NotFound, NotALaterDay, PricesMoved, NothingToRaise, DownToZero, TooDear.
    """
    row = locked_list(session, list_id)
    now = today(session, as_of)
    if first_day and first_day <= now:
        raise NotALaterDay
    found = outlook(session, list_id, part, by, first_day or now)
    if expected and expected.digest != found.digest:
        raise PricesMoved
    _check(found)
    for statement in _PLANNED if first_day else (_AT_ONCE,):
        session.execute(statement, {"day": first_day} if first_day else {})
    told: dict[str, Any] = {
        name: written(value)
        for name in ("category", "brand", "least", "most")
        if (value := getattr(part, name)) not in (None, "")
    }
    record(
        session, "prices_raised", as_of, price_list=row.name, changed=found.changed,
        raised_by=f"{written(by.percent)} %" if by.amount is None else written(by.amount),
        rounding=f"{by.rounding.to} {by.rounding.way}", valid_from=written(first_day),
        changes=_told(found), **told,
    )  # fmt: skip
    return found.changed


def _check(found: Outlook) -> None:
    if found.to_zero:
        raise DownToZero(count=found.to_zero, sku=found.first_to_zero)
    if found.largest is not None and found.largest > LARGEST_PRICE:
        raise TooDear
    if not found.changed:
        raise NothingToRaise


def _told(found: Outlook) -> dict[str, list[str]]:
    """Old and new prices, where there are few enough to read."""
    if found.changed > len(found.examples):
        return {}
    return {place_of(e.sku, e.from_quantity): [written(e.old), written(e.new)] for e in found.examples}


def _stage(session: Session, list_id: int, part: Part, by: Raise, day: date) -> dict[str, Any]:
    """Put what it is about in the temporary table `raised_price`. The parameters of the part."""
    clauses, given = part.clauses("item.net")
    where = " and ".join(["item.price_list_id = :list", f"({VALID.format('item')})", *clauses])
    given |= {"list": list_id, "day": day}
    session.execute(text("drop table if exists pg_temp.raised_price"))
    session.execute(
        text(f"""
            create temp table raised_price on commit drop as
            select item.id, item.product_id, item.from_quantity, item.net as old, {by.sql("item.net")} as new,
                   item.valid_from, item.valid_until, product.list_price / price_list.lei_rate as base
            from price_list_item item join product on product.id = item.product_id
            join price_list on price_list.id = item.price_list_id where {where}
        """),
        given | by.parameters,
    )
    return given


def _later(part: Part) -> Any:
    clauses, _ = part.clauses("item.net")
    where = " and ".join(["item.price_list_id = :list", "item.valid_from > :day", *clauses])
    return text(f"select count(*) from price_list_item item join product on product.id = item.product_id where {where}")


_OUTLOOK = text("""
    select count(*) as prices, count(*) filter (where new <> old) as changed,
           count(distinct product_id) filter (where new <> old) as products,
           min(new) filter (where new <> old) as smallest, max(new) filter (where new <> old) as largest,
           min(new - old) filter (where new <> old) as least, max(new - old) filter (where new <> old) as most,
           count(*) filter (where new > base and old <= base) as above,
           count(*) filter (where new < base and old >= base) as below,
           count(*) filter (where new <= 0 and new <> old) as to_zero,
           (select min(sku) from raised_price join product on product.id = product_id where new <= 0 and new <> old)
           as first_to_zero,
           coalesce(md5(string_agg(id || '|' || old || '|' || new, ';' order by id)), '') as digest
    from raised_price
""")
_EXAMPLES = text(f"""
    select sku, name, from_quantity, old, new, round(base, 4) as base
    from raised_price join product on product.id = product_id where new <> old
    order by new <= 0 desc, abs(new - old) / greatest(old, 0.0001) desc, sku, from_quantity limit {EXAMPLES}
""")
_AT_ONCE = text("""
    update price_list_item item set net = new from raised_price raised where raised.id = item.id and new <> old
""")
# Prices that begin on the very day are changed where they are; where several held for one quantity, the lowest counts.
_PLANNED = (
    text("""
        update price_list_item item set net = new from raised_price raised
        where raised.id = item.id and new <> old and item.valid_from = :day
    """),
    text("""
        insert into price_list_item as item (price_list_id, product_id, from_quantity, net, valid_from, valid_until)
        select distinct on (product_id, from_quantity)
               price_list_id, product_id, from_quantity, new, cast(:day as date), raised.valid_until
        from raised_price raised join price_list_item old_row using (id, product_id, from_quantity)
        where new <> old and old_row.valid_from is distinct from :day
        order by product_id, from_quantity, new
        on conflict on constraint uq_price_list_item_place do update set net = least(item.net, excluded.net)
    """),
    text("""
        update price_list_item item set valid_until = cast(:day as date) - 1 from raised_price raised
        where raised.id = item.id and new <> old and item.valid_from is distinct from :day
    """),
)
