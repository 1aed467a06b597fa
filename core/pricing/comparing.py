"""Two price lists beside each other."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.pricing.items import VALID
from core.pricing.selecting import EVERYTHING, Part
from core.search import tsquery

PAGE_SIZE = 50

STATES = ("only_first", "only_second", "dearer", "cheaper", "equal")
"""What the second list is, beside the first."""

ORDERS = {
    "name": "name_folded",
    "percent": "abs(percent) desc nulls last",
    "amount": "abs(difference) desc nulls last",
}


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """What two lists have for a product from a quantity on, both in lei; None: nothing. `difference` and `percent` are
    of the second against the first."""

    sku: str
    name: str
    unit: str
    from_quantity: Decimal
    first: Decimal | None
    second: Decimal | None
    difference: Decimal | None
    percent: Decimal | None
    state: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A page of what was asked for, how much there is of it, and how much of each of STATES."""

    rows: list[ComparedRow]
    total: int
    counts: dict[str, int]


def compare(
    session: Session,
    first: int,
    second: int,
    day: date,
    *,
    search: str = "",
    part: Part = EVERYTHING,
    state: str | None = None,
    order: str = "percent",
    page: int = 1,
) -> Comparison:
    """What two lists give on a local day, beside each other, a page of PAGE_SIZE. `state`: one of STATES; `order`: a
    key of ORDERS. Raises NotAllowed."""
    authorize(session, "prices.see")
    clauses, params = part.clauses()
    if words := tsquery(search):
        clauses, params = [*clauses, "product.words @@ cast(:words as tsquery)"], params | {"words": words}
    params |= {"first": first, "second": second, "day": day}
    compared = _COMPARED.format(where=" and ".join(["true", *clauses]))
    counts: dict[str, int] = dict.fromkeys(STATES, 0)
    counts |= {name: many for name, many in session.execute(text(f"{compared} {_COUNT}"), params)}
    total = counts[state] if state else sum(counts.values())
    taken: dict[str, Any] = params | {"state": state, "offset": (page - 1) * PAGE_SIZE}
    rows = session.execute(text(f"{compared} {_ROWS.format(order=ORDERS[order])}"), taken)
    return Comparison([ComparedRow(**row) for row in rows.mappings()], total, counts)


_SIDE = f"""
    select product_id, from_quantity, min(round(net * price_list.lei_rate, 4)) as net
    from price_list_item item join price_list on price_list.id = item.price_list_id
    where price_list_id = :{{side}} and {VALID.format("item")} group by 1, 2
"""
_COMPARED = f"""
    with compared as (
        select product.sku, product.name, product.name_folded, product.unit, product_id, from_quantity,
               one.net as first, two.net as second, two.net - one.net as difference,
               round((two.net / nullif(one.net, 0) - 1) * 100, 2) as percent,
               case when two.net is null then 'only_first' when one.net is null then 'only_second'
                    when two.net > one.net then 'dearer' when two.net < one.net then 'cheaper' else 'equal' end as state
        from ({_SIDE.format(side="first")}) one full join ({_SIDE.format(side="second")}) two
             using (product_id, from_quantity)
        join product on product.id = product_id
        where {{where}}
    )
"""
_COUNT = "select state, count(*) as count from compared group by state"
_ROWS = f"""
    select sku, name, unit, from_quantity, first, second, difference, percent, state from compared
    where cast(:state as text) is null or state = :state
    order by {{order}}, name_folded, product_id, from_quantity limit {PAGE_SIZE} offset :offset
"""
