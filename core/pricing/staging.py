"""Wanted prices in a temporary table, and what is wrong with them."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_, fill
from core.pricing.conditions import Condition, check_net
from core.search import without_nul

UNKNOWN_SKU = N_("There is no product with the SKU {sku}. Letter case counts.")
SKU_STAYS = N_("A price stays with its product, {sku}. Add a row for the other one, and remove this row.")
GONE = N_("{sku}: a colleague has removed this price since you looked. Load the prices anew.")
CHANGED = N_(
    "{sku}: a colleague has changed this price to {now} since you looked. Load the prices anew, or save once more to "
    "put yours in its place."
)
SAME_DAYS = N_("{sku}: row {other} is for the same quantity, on some of the same days. Keep one of them.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one of the rows, as they are numbered for who typed them."""

    row: int
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The reason in `language` ('ro' or 'en')."""
        return fill(self.message, language, self.params)


@dataclass(frozen=True, slots=True)
class Seen:
    """A price as it was when somebody looked at it."""

    net: Decimal
    from_quantity: Decimal
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A price as it is to be: net in the list's currency, from a quantity on, on local days.

    With `id` it is that price which gets these values, or is `removed`; `seen` is how it looked. Without `id` and days
    it takes the place of the price that holds today, on the days of that one. Without `id` it holds on its days,
    without a last one until the next price begins.
    """

    row: int
    sku: str
    net: Decimal = Decimal(0)
    from_quantity: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_until: date | None = None
    id: int | None = None
    seen: Seen | None = None
    removed: bool = False


def unreadable(want: Wanted) -> list[Fault]:
    """What is wrong with the numbers and days of a price."""
    try:
        check_net(want.net)
        Condition(want.from_quantity, want.valid_from, want.valid_until).check()
    except Refusal as refusal:
        return [Fault(want.row, refusal.message)]
    return []


def stage(session: Session, list_id: int, wanted: list[Wanted]) -> None:
    """Put the wanted prices of one list in the temporary table `wanted_price`, which lasts for the transaction."""
    make_tables(session)
    rows = [_staged(want) for want in wanted]
    session.execute(_STAGE, {"list": list_id, "rows": json.dumps(rows, default=str)})


def make_tables(session: Session) -> None:
    """The empty temporary tables that core.pricing.setting writes from."""
    session.execute(text("drop table if exists pg_temp.wanted_price, pg_temp.price_piece"))
    for name, columns in (("wanted_price", f"open_ended bool, {_COLUMNS}"), ("price_piece", _PIECE)):
        session.execute(text(f"create temp table {name} (price_list_id int, product_id int, {columns}) on commit drop"))


def resolve(session: Session, day: date) -> None:
    """Find what the staged prices are about and on which days they hold, `day` being today. The lists are locked."""
    session.execute(_PRODUCTS)
    session.execute(text("create index on wanted_price (product_id, from_quantity)"))
    session.execute(text("analyze wanted_price"))
    for statement in (_IN_FORCE, _AFTER_THE_LAST, _UNTIL_THE_NEXT):
        session.execute(statement, {"day": day})
    session.execute(_SAME_FIRST_DAY)


def leave_out_unchanged(session: Session) -> int:
    """Want no longer what is so already; how many there were."""
    return session.scalar(_SO_ALREADY) or 0


def faults_of(session: Session) -> list[Fault]:
    """What is wrong with the staged prices, once for each row, in their order."""
    found = [
        Fault(row["row"], message, {name: value for name, value in row.items() if name != "row"})
        for message, query in _FAULTS.items()
        for row in session.execute(query).mappings()
    ]
    return sorted({fault.row: fault for fault in reversed(found)}.values(), key=lambda fault: fault.row)


def _staged(want: Wanted) -> dict[str, Any]:
    values = asdict(want) | {"sku": without_nul(want.sku).strip()}
    seen = values.pop("seen") or {}
    return values | {f"seen_{name}": value for name, value in seen.items()}


_VALUES = "from_quantity numeric(12, 3), net numeric(14, 4), valid_from date, valid_until date"
_SEEN = "seen_from_quantity numeric, seen_net numeric, seen_valid_from date, seen_valid_until date"
_COLUMNS = f"row int, id int, sku text, {_VALUES}, removed bool, {_SEEN}"
_PIECE = f"id int, {_VALUES}, nth int"
_STAGE = text(f"""
    insert into wanted_price
    select :list, null, id is null and valid_until is null, r.*
    from jsonb_to_recordset(cast(:rows as jsonb)) as r({_COLUMNS})
""")
_PRODUCTS = text("""
    update wanted_price want set product_id = product.id from product where product.sku = want.sku
""")
_PLACE = """item.price_list_id = want.price_list_id and item.product_id = want.product_id
    and item.from_quantity = want.from_quantity"""
_IN_FORCE = text(f"""
    update wanted_price want set id = item.id, valid_from = item.valid_from, valid_until = item.valid_until
    from (select distinct on (want.row) want.row, item.* from wanted_price want join price_list_item item on {_PLACE}
          where coalesce(item.valid_from <= :day, true) and coalesce(item.valid_until >= :day, true)
          order by want.row, item.net, item.id) item
    where item.row = want.row and open_ended and want.valid_from is null
""")
_AFTER_THE_LAST = text(f"""
    update wanted_price want
    set valid_from = (select max(valid_until) + 1 from price_list_item item where {_PLACE} and valid_until < :day)
    where open_ended and id is null and valid_from is null
""")
_UNTIL_THE_NEXT = text(f"""
    update wanted_price want
    set valid_until = least(want.valid_until, (
        select min(day) - 1 from (
            select item.valid_from as day from price_list_item item where {_PLACE} and want.id is null
            union all
            select item.valid_from from wanted_price item where {_PLACE}
        ) beginning where day > coalesce(want.valid_from, :day)))
    where open_ended
""")
_SAME_FIRST_DAY = text(f"""
    update wanted_price want set id = item.id from price_list_item item
    where {_PLACE} and want.id is null and item.valid_from is not distinct from want.valid_from
      and not exists (select from wanted_price other where other.id = item.id)
""")
_SO_ALREADY = text("""
    with so_already as (
        delete from wanted_price want using price_list_item item
        where item.id = want.id and not want.removed and item.product_id = want.product_id
          and (item.from_quantity, item.net) = (want.from_quantity, want.net)
          and (item.valid_from, item.valid_until) is not distinct from (want.valid_from, want.valid_until)
        returning want.id
    )
    select count(*) from so_already
""")
_FAULTS = {
    UNKNOWN_SKU: text("select row, sku from wanted_price where product_id is null and not removed"),
    GONE: text("""
        select row, sku from wanted_price want
        where id is not null
          and not exists (select from price_list_item item
                          where item.id = want.id and item.price_list_id = want.price_list_id)
    """),
    SKU_STAYS: text("""
        select want.row, product.sku
        from wanted_price want join price_list_item item on item.id = want.id
        join product on product.id = item.product_id
        where item.product_id <> want.product_id
    """),
    CHANGED: text("""
        select want.row, want.sku, trim_scale(item.net) as now, item.from_quantity, item.valid_from, item.valid_until
        from wanted_price want join price_list_item item on item.id = want.id
        where seen_net is not null
          and (want.removed or (item.from_quantity, item.net, item.valid_from, item.valid_until)
               is distinct from (want.from_quantity, want.net, want.valid_from, want.valid_until))
          and (item.from_quantity, item.net, item.valid_from, item.valid_until)
              is distinct from (seen_from_quantity, seen_net, seen_valid_from, seen_valid_until)
    """),
    SAME_DAYS: text("""
        select distinct on (want.row) want.row, want.sku, other.row as other
        from wanted_price want join wanted_price other using (price_list_id, product_id, from_quantity)
        where other.row < want.row and not want.removed and not other.removed
          and daterange(want.valid_from, want.valid_until, '[]')
              && daterange(other.valid_from, other.valid_until, '[]')
        order by want.row, other.row
    """),
}
"""What can be wrong → the rows where it is, with what the sentence needs."""
