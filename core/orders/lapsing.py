"""Lapsing: what nobody claimed in time ends by itself and its goods go back to stock."""

from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.stock import holding

log = structlog.get_logger()


def lapse_due(session: Session, as_of: datetime, after: int = 0, limit: int = 100) -> tuple[int, int | None]:
    """Lapse up to `limit` orders with an id above `after` whose deadline is not after `as_of`.

    Returns how many lapsed, and the last id looked at: where the next batch goes on, None when nothing is left.
    Several sweepers at once share the work: each takes rows that no other has locked. An order that the
    database refuses to end (its sums are wrong: see `./rampa check`) is logged and left, and stops no other.
    """
    due = list(session.execute(_DUE, {"as_of": as_of, "after": after, "limit": limit}).scalars())
    if not due:
        return 0, None
    # Once and for all of them: locks taken order by order would not be in product order.
    holding.lock(session, due)
    try:
        return _lapse(session, due, as_of), due[-1]
    except IntegrityError:
        return sum(_lapse_alone(session, order_id, as_of) for order_id in due), due[-1]


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
    select id from orders where status = 'placed' and claim_deadline <= :as_of and id > :after
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
