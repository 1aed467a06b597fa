"""Counting: what is really on the shelves replaces what was thought to be there, as movements."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import actor
from core.errors import Refusal
from core.i18n import N_
from core.permissions import authorize
from core.stock import backordering

LARGEST = Decimal("999999999.999")
"""What the columns hold."""


class BadCount(Refusal):
    """A counted quantity that no shelf can hold, or that the books cannot."""

    message = N_("A counted quantity is a number from 0 to {largest}, with three decimals at most.")


class CountBelowHeld(Refusal):
    """Less was counted than is held for open orders; `short` lists (sku, counted, held)."""

    message = N_("{sku}: {counted} is less than the {held} held for orders. Cancel orders first, or check the count.")

    def __init__(self, short: list[tuple[str, Decimal, Decimal]]) -> None:
        self.short = short
        sku, counted, held = short[0]
        super().__init__(sku=sku, counted=counted, held=held)


class StockMoved(Refusal):
    """Goods came or went between looking and counting: the counted quantity would undo that."""

    message = N_("The stock changed to {now} while you counted. Look again, then record the count.")


def lock(session: Session, product_ids: Iterable[int]) -> None:
    """Lock the stock rows of these products until the transaction ends, in product order as everywhere."""
    session.execute(_LOCK, {"products": list(product_ids)})


def count(
    session: Session,
    counted: Mapping[int, Decimal],
    as_of: datetime,
    seen: Mapping[int, Decimal] | None = None,
) -> int:
    """Set `on_hand` of products (id → counted quantity, held goods included); how many of them differed.

    Writes one movement of kind 'count' per difference; what is free then goes to the open orders that wait for it. All
    or nothing: raises CountBelowHeld with every product whose holds do not fit, BadCount for a quantity that is
    negative, above LARGEST, no number or finer than three decimals, NotAllowed. `seen` (id → `on_hand` as the counting
    person was shown it) raises StockMoved where it is not so any more. Unknown ids are a programming error (the foreign
    key refuses them).
    """
    authorize(session, "stock.count")
    if not all(map(_countable, counted.values())):
        raise BadCount(largest=LARGEST)
    params = {"products": list(counted), "quantities": list(counted.values())}
    session.execute(_OPEN, params)
    lock(session, counted)
    _check_seen(session, seen or {})
    short = session.execute(_BELOW_HELD, params).all()
    if short:
        raise CountBelowHeld([(sku, quantity, held) for sku, quantity, held in short])
    written = session.execute(_COUNT, params | {"as_of": as_of, "user": actor(session).user_id})
    differed = len(written.all())
    backordering.fill(session, counted, as_of)
    return differed


def _countable(quantity: Decimal) -> bool:
    return quantity.is_finite() and 0 <= quantity <= LARGEST and quantity == round(quantity, 3)


def _check_seen(session: Session, seen: Mapping[int, Decimal]) -> None:
    for product_id, now in session.execute(_ON_HAND, {"products": list(seen)}):
        if now != seen[product_id]:
            raise StockMoved(now=now)


_COUNTED = """
with counted as (
    select * from unnest(cast(:products as int[]), cast(:quantities as numeric[])) c(product_id, quantity)
)
"""
_OPEN = text("""
    insert into stock (product_id, warehouse_id) select id, 1 from unnest(cast(:products as int[])) p(id)
    where not exists (select from stock s where s.product_id = p.id and s.warehouse_id = 1)
    order by id on conflict do nothing
""")
_LOCK = text("select lock_stock(cast(:products as int[]))")
_ON_HAND = text("select product_id, on_hand from stock where warehouse_id = 1 and product_id = any(:products)")
_BELOW_HELD = text(
    _COUNTED
    + """
select product.sku, quantity, held from counted join stock using (product_id) join product on product.id = product_id
where warehouse_id = 1 and quantity < held order by product.sku
"""
)
# The rows are locked already, so what `before` reads is what the update finds.
_COUNT = text(
    _COUNTED
    + """, before as (
    select product_id, counted.quantity, counted.quantity - stock.on_hand as difference
    from counted join stock using (product_id) where warehouse_id = 1 and counted.quantity <> stock.on_hand
), changed as (
    update stock set on_hand = before.quantity from before
    where stock.product_id = before.product_id and warehouse_id = 1
)
insert into stock_movement (product_id, warehouse_id, quantity, kind, at, user_id)
select product_id, 1, difference, 'count', :as_of, :user from before returning id
"""
)
