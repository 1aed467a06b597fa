"""Holds: quantities kept for order lines, given back to stock, or gone with the goods.

Every entry changes `held` by a trigger, and a trigger keeps each line within its bounds (migrations 0004, 0006). The
view `line_state` says how a line stands.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

Quantities = Mapping[int, Decimal]
"""Order line (id) → quantity in its unit, more than 0."""


def lock(session: Session, order_ids: list[int]) -> None:
    """Lock the stock rows of these orders, always in product order, here as when placing: opposite orders cannot
    deadlock. Comes before everything else in this module."""
    session.execute(_LOCK, {"orders": order_ids})


def hold(session: Session, quantities: Quantities, as_of: datetime) -> None:
    """Hold so much for lines. The caller has locked the stock and seen that it is there."""
    _write(session, _HOLD, quantities, as_of)


def release(session: Session, order_ids: list[int], as_of: datetime) -> None:
    """Give back all that these orders hold and end their backorders. The caller has just ended the orders by a
    conditional UPDATE."""
    session.execute(_RELEASE, {"orders": order_ids, "as_of": as_of})
    session.execute(_END_WAITING, {"orders": order_ids, "as_of": as_of})


def release_part(session: Session, quantities: Quantities, as_of: datetime) -> None:
    """Cancel so much of lines: first what is on backorder, then what is held. Never more than both together."""
    _write(session, _CANCEL_PART, quantities, as_of)


def release_held(session: Session, quantities: Quantities, as_of: datetime) -> None:
    """Give back so much of what lines hold, whatever is on backorder."""
    _write(session, _RELEASE_HELD, quantities, as_of)


def ship(session: Session, delivery_id: int, quantities: Quantities, as_of: datetime, user_id: int | None) -> None:
    """Held goods of lines leave the stock with a delivery."""
    # Held falls before on hand: never is more held than there is, not even between two statements.
    _write(session, _SHIP, quantities, as_of, delivery=delivery_id)
    _write(session, _LEAVE, quantities, as_of, user=user_id)


def _write(session: Session, statement: Any, quantities: Quantities, as_of: datetime, **more: Any) -> None:
    given = {"lines": list(quantities), "quantities": list(quantities.values())}
    session.execute(statement, given | {"as_of": as_of} | more)


_GIVEN = """
    select line.id, line.partner_id, line.product_id, given.quantity
    from unnest(cast(:lines as int[]), cast(:quantities as numeric[])) given(id, quantity)
    join order_line line on line.id = given.id
"""
# The database adds every hold to `held` itself, and partners may lock stock only through lock_stock.
_LOCK = text("select lock_stock(array(select product_id from order_line where order_id = any(:orders)))")
_HOLD = text(f"""
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, quantity, 'placed', :as_of from ({_GIVEN}) line
""")
_RELEASE = text("""
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, -held, 'released', :as_of from line_state
    where order_id = any(:orders) and held > 0
""")
_END_WAITING = text("""
    insert into backorder (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, -waiting, 'cancelled', :as_of from line_state
    where order_id = any(:orders) and waiting > 0
""")
_CANCEL_PART = text(f"""
with line as (
    select given.*, least(given.quantity, state.waiting) as from_waiting
    from ({_GIVEN}) given join line_state state on state.id = given.id
), cancelled as (
    insert into backorder (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, -from_waiting, 'cancelled', :as_of from line where from_waiting > 0
)
insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
select id, partner_id, product_id, from_waiting - quantity, 'released', :as_of from line where quantity > from_waiting
""")
_RELEASE_HELD = text(f"""
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, -quantity, 'released', :as_of from ({_GIVEN}) line
""")
_SHIP = text(f"""
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at, delivery_id)
    select id, partner_id, product_id, -quantity, 'shipped', :as_of, :delivery from ({_GIVEN}) line
""")
_LEAVE = text(f"""
with line as ({_GIVEN}), moved as (
    insert into stock_movement (product_id, quantity, kind, at, user_id, order_line_id)
    select product_id, -quantity, 'shipment', :as_of, :user, id from line
)
update stock set on_hand = on_hand - gone.quantity
from (select product_id, sum(quantity) as quantity from line group by product_id) gone
where stock.product_id = gone.product_id and warehouse_id = 1
""")
