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
    session.execute(_END, {"orders": order_ids, "kind": "released", "as_of": as_of})


def ship(session: Session, order_ids: list[int], as_of: datetime, user_id: int | None) -> None:
    """Take the held goods of these orders out of stock. The caller has just set the orders to shipped."""
    # Held falls before on hand: never is more held than there is, not even between two statements.
    session.execute(_END, {"orders": order_ids, "kind": "shipped", "as_of": as_of})
    session.execute(_LEAVE, {"orders": order_ids, "as_of": as_of, "user": user_id})


# The database adds every hold to `held` itself (migration 0004), and partners may lock stock only through lock_stock.
_LOCK = text("select lock_stock(array(select product_id from order_line where order_id = any(:orders)))")
_END = text("""
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, -quantity, :kind, :as_of from order_line where order_id = any(:orders)
""")
_LEAVE = text("""
with line as (
    select id, product_id, quantity from order_line where order_id = any(:orders)
), moved as (
    insert into stock_movement (product_id, quantity, kind, at, user_id, order_line_id)
    select product_id, -quantity, 'shipment', :as_of, :user, id from line
)
update stock set on_hand = on_hand - gone.quantity
from (select product_id, sum(quantity) as quantity from line group by product_id) gone
where stock.product_id = gone.product_id and warehouse_id = 1
""")
