"""What tests of price lists do again and again."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.models import Product
from core.db import transaction
from core.pricing.models import PriceList
from core.pricing.setting import Saved, save
from core.pricing.staging import Wanted
from core.principal import SYSTEM, Principal

NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
NEW_YEAR = date(2027, 1, 1)
NEW_YEARS_EVE = date(2026, 12, 31)


def opened(who: Principal = SYSTEM) -> AbstractContextManager[Session]:
    return transaction(who)


def prices(price_list: PriceList, product: Product | None = None) -> list[tuple[Any, ...]]:
    """(SKU or, of one product, nothing; from quantity, net, first and last day) of all prices of a list."""
    query = """
        select sku, from_quantity, net, i.valid_from, i.valid_until
        from price_list_item i join product p on p.id = product_id
        where price_list_id = :list and (cast(:product as int) is null or product_id = :product)
        order by sku, from_quantity, i.valid_from nulls first
    """
    with opened() as session:
        rows = session.execute(text(query), {"list": price_list.id, "product": product.id if product else None}).all()
    return [tuple(row)[1 if product else 0 :] for row in rows]


def put(price_list: PriceList, *wanted: Wanted, who: Principal = SYSTEM, at: datetime = NOON) -> Saved:
    with opened(who) as session:
        return save(session, price_list.id, list(wanted), at)


def want(sku: str, net: str, from_quantity: int = 0, row: int = 1, **values: Any) -> Wanted:
    return Wanted(row, sku, Decimal(net), Decimal(from_quantity), **values)


def events(kind: str) -> list[dict[str, Any]]:
    """The data of the events of a kind, the oldest first."""
    with opened() as session:
        return list(session.scalars(text("select data from event where kind = :kind order by id"), {"kind": kind}))


def scalar(query: str, **given: Any) -> Any:
    with opened() as session:
        return session.scalar(text(query), given)
