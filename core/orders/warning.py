"""Warning: who ordered, and who should act, hear that half, then four fifths, of an order's time are over."""

from datetime import datetime
from typing import Literal

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from core.orders.lapsing import UNPAID


def warn_due(session: Session, as_of: datetime, limit: int = 100) -> int:
    """Say of up to `limit` orders for each of the two clocks that their time runs out; returns how many were said.

    An order of which both instants are over is told of once, as of the later one; one of which the deadline itself is
    over is not told of: it lapses. Several sweepers at once never warn twice.
    """
    params = {"as_of": as_of, "limit": limit}
    return sum(len(session.execute(statement, params).all()) for statement in (_UNCLAIMED, _UNPAID))


def _warn(clock: Literal["claim", "pay"], condition: str) -> TextClause:
    deadline, instants = f"{clock}_deadline", f"{clock}_warnings"
    due = f"{condition} and orders.{instants}[1] <= :as_of and orders.{deadline} > :as_of"
    return text(f"""
        with due as (
            select id from orders where {due} order by {instants}[1] limit :limit for update skip locked
        ), told as (
            update orders
            set {instants} = array(select instant from unnest({instants}) instant where instant > :as_of order by 1)
            from due where orders.id = due.id and {due}
            returning orders.id, partner_id, {deadline} as until, cardinality({instants}) as still
        ), facts as (
            insert into event (at, kind, partner_id, order_id, data)
            select :as_of, 'order_waiting_long', partner_id, id,
                   jsonb_build_object('percent', case still when 0 then 80 else 50 end,
                                      'clock', '{clock}', 'until', until)
            from told order by id
            returning id
        )
        insert into outbox (event_id) select id from facts returning event_id
    """)


_UNCLAIMED = _warn("claim", "orders.status = 'placed'")
_UNPAID = _warn("pay", UNPAID)
