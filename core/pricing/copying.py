"""A new list from another one, at its prices or at a percentage above or below them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.events import record
from core.pricing.conditions import LARGEST_PRICE, written
from core.pricing.lists import ListData, added_list, price_list, today
from core.pricing.raising import Raise, TooDear


@dataclass(frozen=True, slots=True)
class Copied:
    """The new list, and how many prices and discounts it began with."""

    id: int
    prices: int
    discounts: int


def copy_list(session: Session, list_id: int, name: str, by: Raise | None, as_of: datetime) -> Copied:
    """A new list of this name with the currency, rate, period, discounts and prices of another one, but for what has
    ended; the prices raised by `by`, if anything. Records 'price_list_copied'.

    Raises NotAllowed, NotFound, ListNameMissing, ListNameTaken, TooDear.
    """
    source = price_list(session, list_id)
    data = source.data
    row = added_list(session, ListData(name, data.currency, data.lei_rate, data.valid_from, data.valid_until).checked())
    given = {"list": row.id, "source": list_id, "day": today(session, as_of)}
    net = by.sql("net") if by else "net"
    raised = by.parameters if by else {}
    if session.scalar(text(_TOO_DEAR.format(net=net)), given | raised | {"most": LARGEST_PRICE}):
        raise TooDear
    prices = session.execute(text(_PRICES.format(net=net)), given | raised).rowcount  # type: ignore[attr-defined]
    discounts = session.execute(text(_DISCOUNTS), given).rowcount  # type: ignore[attr-defined]
    told = written(by.percent) if by and by.percent is not None else written(by.amount if by else Decimal(0))
    record(session, "price_list_copied", as_of, price_list=row.name, source=source.name, raised_by=told, added=prices)
    return Copied(row.id, prices, discounts)


_GOING_ON = "price_list_id = :source and coalesce(valid_until >= :day, true)"
_TOO_DEAR = f"select exists (select from price_list_item where {_GOING_ON} and {{net}} > :most)"
# Nothing costs less than nothing: what would, costs nothing.
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
