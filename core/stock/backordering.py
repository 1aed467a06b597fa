"""Backorders: goods that came go to the orders that wait for them; goods that are missing make an order wait."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import beyond_wall
from core.stock import holding
from core.stock.holding import Quantities


def fill(session: Session, product_ids: Iterable[int], as_of: datetime) -> int:
    """Hold what is free of these products for the open orders that wait for it, the oldest order first, as far as it
    goes; how many orders got something.

    Locks the stock rows in product order. One event `backorder_filled` per order, which is nobody's doing: the goods
    may have come free by what another partner cancelled.
    """
    products = sorted(set(product_ids))
    if not products:
        return 0
    with beyond_wall(session):
        session.execute(_LOCK, {"products": products})
        filled: int = session.execute(_FILL, {"products": products, "as_of": as_of}).scalar_one()
    return filled


def fill_all(session: Session, as_of: datetime) -> int:
    """`fill` for every product that open orders wait for and of which something is free; how many orders got some."""
    return fill(session, session.execute(_FILLABLE).scalars(), as_of)


def miss(session: Session, quantities: Quantities, as_of: datetime, user_id: int | None) -> None:
    """Held goods of lines (id → quantity) are not on the shelf: they are no longer counted, and the order waits for
    them. The caller has locked order and stock."""
    given = {"lines": list(quantities), "quantities": list(quantities.values()), "as_of": as_of, "user": user_id}
    # Held falls before on hand: never is more held than there is, not even between two statements.
    holding.release_held(session, quantities, as_of)
    session.execute(_COUNT_MISSING, given)
    session.execute(_AWAIT_MISSING, given)


_LOCK = text("select lock_stock(cast(:products as int[]))")
# Few lines ever wait: from `backorder` they are found at once, from the open orders only by reading all their lines.
# The rows are locked already, in a statement before: this one sees what others wrote until they let go of them. An
# order that is just being cancelled may still be filled; whoever cancels it waits for the lock, then releases that too.
_FILL = text("""
with awaited as (
    select line.id, line.order_id, line.partner_id, line.product_id, line.position, line.sku, line.name, line.unit,
           back.waiting, orders.placed_at
    from (
        select order_line_id as id, sum(quantity) as waiting from backorder where product_id = any(:products)
        group by order_line_id having sum(quantity) > 0
    ) back join order_line line using (id) join orders on orders.id = line.order_id
    where orders.status in ('placed', 'claimed')
), reached as (
    select awaited.*, least(waiting, on_hand - held - sum(waiting) over up_to_here + waiting) as quantity
    from awaited join stock on stock.product_id = awaited.product_id and warehouse_id = 1
    window up_to_here as (partition by awaited.product_id order by placed_at, order_id, position)
), filled as (
    select * from reached where quantity > 0
), ended as (
    insert into backorder (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, -quantity, 'filled', :as_of from filled
), held as (
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, quantity, 'placed', :as_of from filled
), fact as (
    insert into event (at, kind, partner_id, order_id, data)
    select :as_of, 'backorder_filled', partner_id, order_id, jsonb_build_object('lines', jsonb_agg(jsonb_build_object(
               'sku', sku, 'name', name, 'unit', unit, 'quantity', quantity::text) order by position))
    from filled group by partner_id, order_id order by order_id
    returning id
), told as (
    insert into outbox (event_id) select id from fact
)
select count(*) from fact
""")
_FILLABLE = text("""
    select product_id from stock
    where warehouse_id = 1 and on_hand > held
      and product_id in (select product_id from backorder group by product_id having sum(quantity) > 0)
""")
_GIVEN = """
    select line.id, line.partner_id, line.product_id, given.quantity
    from unnest(cast(:lines as int[]), cast(:quantities as numeric[])) given(id, quantity)
    join order_line line on line.id = given.id
"""
_COUNT_MISSING = text(f"""
with line as ({_GIVEN}), moved as (
    insert into stock_movement (product_id, quantity, kind, at, user_id, order_line_id)
    select product_id, -quantity, 'count', :as_of, :user, id from line
)
update stock set on_hand = on_hand - missing.quantity
from (select product_id, sum(quantity) as quantity from line group by product_id) missing
where stock.product_id = missing.product_id and warehouse_id = 1
""")
_AWAIT_MISSING = text(f"""
    insert into backorder (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, quantity, 'placed', :as_of from ({_GIVEN}) line
""")
