"""Lapsing: what nobody claimed in time ends by itself and its goods go back to stock."""

from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.stock import holding

log = structlog.get_logger()


def lapse_due(session: Session, as_of: datetime, limit: int = 100) -> int:
    """Lapse up to `limit` orders whose deadline is not after `as_of`; returns how many.

    Several sweepers at once share the work: each takes rows that no other has locked. An order that the
    database refuses to end (its sums are wrong: see `./rampa check`) is logged and left, and stops no other.
    """
    due = list(session.execute(_DUE, {"as_of": as_of, "limit": limit}).scalars())
    if not due:
        return 0
    try:
        return _lapse(session, due, as_of)
    except IntegrityError:
        return sum(_lapse_alone(session, order_id, as_of) for order_id in due)


def _lapse(session: Session, order_ids: list[int], as_of: datetime) -> int:
    with session.begin_nested():
        ended = list(session.execute(_END, {"orders": order_ids, "as_of": as_of}).scalars())
        holding.release(session, ended, as_of)
    return len(ended)


def _lapse_alone(session: Session, order_id: int, as_of: datetime) -> int:
    try:
        return _lapse(session, [order_id], as_of)
    except IntegrityError as error:
        log.error("order_cannot_lapse", order=order_id, error=str(error.orig))
        return 0


_DUE = text("""
    select id from orders where status = 'placed' and claim_deadline <= :as_of
    order by id limit :limit for update skip locked
""")
_END = text("""
with ended as (
    update orders set status = 'lapsed', ended_at = :as_of
    where id = any(:orders) and status = 'placed' and claim_deadline <= :as_of
    returning id, partner_id
), facts as (
    insert into event (at, kind, partner_id, order_id)
    select :as_of, 'order_lapsed', partner_id, id from ended order by id
    returning id
), waiting as (
    insert into outbox (event_id) select id from facts
)
select id from ended order by id
""")
