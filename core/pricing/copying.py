"""A new list from another one, at its prices or at a percentage above or below them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.events import record
from core.pricing.conditions import LARGEST_PRICE, written
from core.pricing.filling import DownToNothing
from core.pricing.lists import ListData, added_list, price_list, today
from core.pricing.raising import Raise, TooDear
from core.pricing.rounding import Rounding


@dataclass(frozen=True, slots=True)
class Copied:
    """The new list, and how many prices and discounts it began with."""

    id: int
    prices: int
    discounts: int


def copy_list(session: Session, list_id: int, name: str, by: Raise | Rounding | None, as_of: datetime) -> Copied:
    """A new list of this name with the currency, rate, period, discounts and prices of another one, but for what has
    ended; the prices raised by `by` or only rounded, if anything. Records 'price_list_copied'.

    Raises NotAllowed, NotFound, ListNameMissing, ListNameTaken, DownToNothing, TooDear.
    """
    source = price_list(session, list_id)
    data = source.data
    row = added_list(session, ListData(name, data.currency, data.lei_rate, data.valid_from, data.valid_until).checked())
    given = {"list": row.id, "source": list_id, "day": today(session, as_of)}
    net = by.sql("net") if by else "net"
    raised = by.parameters if by else {}
    if session.scalar(text(_TOO_DEAR.format(net=net)), given | raised | {"most": LARGEST_PRICE}):
        raise TooDear
    free = session.execute(text(_TO_ZERO.format(net=net)), given | raised).one()
    if free.prices:
        raise DownToNothing(count=free.prices, sku=free.sku)
    prices = session.execute(text(_PRICES.format(net=net)), given | raised).rowcount  # type: ignore[attr-defined]
    discounts = session.execute(text(_DISCOUNTS), given).rowcount  # type: ignore[attr-defined]
    record(
        session, "price_list_copied", as_of, price_list=row.name, source=source.name, added=prices, **_told(by)
    )  # fmt: skip
    return Copied(row.id, prices, discounts)


def _told(by: Raise | Rounding | None) -> dict[str, Any]:
    if isinstance(by, Raise):
        rounding, raised = by.rounding, by.percent if by.percent is not None else by.amount
        return {"raised_by": written(raised), "rounding": f"{rounding.to} {rounding.way}"}
    return {"raised_by": "0"} | ({"rounding": f"{by.to} {by.way}"} if by else {})


_GOING_ON = "price_list_id = :source and coalesce(valid_until >= :day, true)"
_TOO_DEAR = f"select exists (select from price_list_item where {_GOING_ON} and {{net}} > :most)"
_TO_ZERO = f"""
    select count(*) as prices, min(sku) as sku from price_list_item join product on product.id = product_id
    where {_GOING_ON} and net > 0 and {{net}} <= 0
"""
# What costs nothing does not cost less.
_PRICES = f"""
    insert into price_list_item (price_list_id, product_id, from_quantity, net, valid_from, valid_until)
    select :list, product_id, from_quantity, greatest({{net}}, 0), valid_from, valid_until
    from price_list_item where {_GOING_ON}
"""
_DISCOUNTS = f"""
    insert into discount (price_list_id, product_id, brand, category_id, percent, from_quantity, valid_from,
                          valid_until)
    select :list, product_id, brand, category_id, percent, from_quantity, valid_from, valid_until
    from discount where {_GOING_ON}
"""
