"""Ending holds: quantities kept for orders go back to stock, or leave it with the goods."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


def lock(session: Session, order_ids: list[int]) -> None:
    """Lock the stock rows of these orders, always in product order, here as when placing: opposite orders cannot
    deadlock. Comes before `release` and `ship`."""
    session.execute(_LOCK, {"orders": order_ids})


def release(session: Session, order_ids: list[int], as_of: datetime) -> None:
    """Give back all that these orders hold. The caller has just ended the orders by a conditional UPDATE."""
    session.execute(_RELEASE, {"orders": order_ids, "as_of": as_of})


def ship(session: Session, order_ids: list[int], as_of: datetime, user_id: int | None) -> None:
    """Take the held goods of these orders out of stock. The caller has just set the orders to shipped."""
    session.execute(_SHIP, {"orders": order_ids, "as_of": as_of, "user": user_id})


_LOCK = text("""
    select from stock
    where warehouse_id = 1 and product_id in (select product_id from order_line where order_id = any(:orders))
    order by product_id for no key update
""")
_LINES = """
with line as (
    select id, partner_id, product_id, quantity from order_line where order_id = any(:orders)
), per_product as (
    select product_id, sum(quantity) as quantity from line group by product_id
), ended as (
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, -quantity, '{kind}', :as_of from line
)
"""
_RELEASE = text(
    _LINES.format(kind="released")
    + """
update stock set held = held - per_product.quantity
from per_product where stock.product_id = per_product.product_id and warehouse_id = 1
"""
)
_SHIP = text(
    _LINES.format(kind="shipped")
    + """, moved as (
    insert into stock_movement (product_id, quantity, kind, at, user_id, order_line_id)
    select product_id, -quantity, 'shipment', :as_of, :user, id from line
)
update stock set held = held - per_product.quantity, on_hand = on_hand - per_product.quantity
from per_product where stock.product_id = per_product.product_id and warehouse_id = 1
"""
)
