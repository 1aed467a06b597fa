"""Changes of a list that are planned: prices that begin on a later day, and taking them back."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.pricing.lists import locked_list, today


class NotPlanned(Refusal):
    message = N_("Nothing begins on {day} any more. Perhaps it has begun, or a colleague took it back.")


class OnlyReturns(Refusal):
    message = N_("On {day} prices only return to what they were before. Take back the change that ends then.")


@dataclass(frozen=True, slots=True)
class Planned:
    """`prices` begin on `day`; the other counts are of those that take over from a price that ends the day before.

    `returns` of them go back to the price before that one: the end of a season, and no change of its own.
    """

    day: date
    prices: int
    products: int
    replacing: int
    dearer: int
    cheaper: int
    returns: int


def planned(session: Session, list_id: int, day: date) -> list[Planned]:
    """What begins after a local day, day by day. Raises NotAllowed."""
    authorize(session, "prices.see")
    return [Planned(**row) for row in session.execute(_PLANNED, {"list": list_id, "day": day}).mappings()]


def withdraw(session: Session, list_id: int, day: date, as_of: datetime) -> int:
    """Take back the prices of a list that begin on a later local day: each that they would have replaced holds on, as
    long as its successor would have, and where it comes back after them, as long as it does then. Returns stay: without
    them a season would never end. How many were taken back. Records 'prices_withdrawn'.

    Raises NotAllowed, NotFound, NotPlanned, OnlyReturns.
    """
    row = locked_list(session, list_id)
    begun = day <= today(session, as_of)
    count = 0 if begun else session.scalar(_WITHDRAW, {"list": list_id, "day": day}) or 0
    if not count and not begun and session.scalar(_BEGIN, {"list": list_id, "day": day}):
        raise OnlyReturns(day=f"{day:%d.%m.%Y}")
    if not count:
        raise NotPlanned(day=f"{day:%d.%m.%Y}")
    record(session, "prices_withdrawn", as_of, price_list=row.name, valid_from=str(day), removed=count)
    return count


_BEFORE = """before.price_list_id = item.price_list_id and before.product_id = item.product_id
    and before.from_quantity = item.from_quantity and before.valid_until = item.valid_from - 1"""
_RETURN = f"""exists (
    select from price_list_item before join price_list_item earlier
        on earlier.price_list_id = before.price_list_id and earlier.product_id = before.product_id
           and earlier.from_quantity = before.from_quantity and earlier.valid_until = before.valid_from - 1
    where {_BEFORE} and earlier.net = item.net and before.net <> item.net)"""
_PLANNED = text(f"""
    select item.valid_from as day, count(*) as prices, count(distinct item.product_id) as products,
           count(before.id) as replacing, count(*) filter (where item.net > before.net) as dearer,
           count(*) filter (where item.net < before.net) as cheaper, count(*) filter (where {_RETURN}) as returns
    from price_list_item item left join price_list_item before on {_BEFORE}
    where item.price_list_id = :list and item.valid_from > :day
    group by item.valid_from order by item.valid_from
""")
_BEGIN = text("select exists (select from price_list_item where price_list_id = :list and valid_from = :day)")
_WITHDRAW = text(f"""
    with item as (
        delete from price_list_item item where price_list_id = :list and valid_from = :day and not {_RETURN}
        returning *
    ), pair as (
        select before.id, item.valid_until, back.id as back, back.valid_until as back_until
        from item join price_list_item before on {_BEFORE}
        left join price_list_item back
            on back.price_list_id = item.price_list_id and back.product_id = item.product_id
               and back.from_quantity = item.from_quantity and back.valid_from = item.valid_until + 1
               and back.net = before.net
    ), joined as (
        delete from price_list_item using pair where price_list_item.id = pair.back
    ), kept as (
        update price_list_item before
        set valid_until = case when pair.back is null then pair.valid_until else pair.back_until end
        from pair where before.id = pair.id
    )
    select count(*) from item
""")
