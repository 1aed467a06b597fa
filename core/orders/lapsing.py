"""Lapsing: what nobody claimed, or what was not paid, in time ends by itself and its goods go back to stock."""

from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.orders.settling import withdraw_proposals
from core.stock import backordering, holding

log = structlog.get_logger()

UNPAID = """
    orders.status in ('placed', 'claimed') and orders.prepay and orders.paid_at is null and orders.invoiced_at is null
    and not exists (select from delivery where delivery.order_id = orders.id)
"""
"""SQL: the payment of the order `orders` is awaited, and its `pay_deadline`, if it has one, runs."""

# Whose money is here does not lose the goods because nobody had time.
_UNCLAIMED = "orders.status = 'placed' and orders.claim_deadline <= :as_of and orders.paid_at is null"
_TOO_LATE = f"{UNPAID} and orders.pay_deadline <= :as_of"
OVERDUE = f"(({_UNCLAIMED}) or ({_TOO_LATE})) is true"
"""SQL: the order `orders` is open and its time was over at :as_of: it lapses as soon as the sweep comes by."""


def is_overdue(session: Session, order_id: int, as_of: datetime) -> bool:
    """Is a time of the order over, so that it counts as lapsed although the sweep has not come by?

    False for none. The caller has locked the order.
    """
    found = session.execute(_IS_OVERDUE, {"order": order_id, "as_of": as_of}).scalar_one_or_none()
    return bool(found)


def lapse_due(session: Session, as_of: datetime, after: int = 0, limit: int = 100) -> tuple[int, int | None]:
    """Lapse up to `limit` orders with an id above `after` of which a deadline that still runs is not after `as_of`:
    that to claim a waiting order, or that to pay one that is paid first. What comes free goes to who waits for it.

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
        ended = _lapse(session, due, as_of)
    except IntegrityError:
        ended = [order_id for order_id in due if _lapse_alone(session, order_id, as_of)]
    _hand_on(session, ended, as_of)
    return len(ended), due[-1]


def _lapse(session: Session, order_ids: list[int], as_of: datetime) -> list[int]:
    with session.begin_nested():
        ended = list(session.execute(_END, {"orders": order_ids, "as_of": as_of}).scalars())
        holding.release(session, ended, as_of)
        withdraw_proposals(session, ended, as_of)
    return ended


def _lapse_alone(session: Session, order_id: int, as_of: datetime) -> list[int]:
    try:
        return _lapse(session, [order_id], as_of)
    except IntegrityError as error:
        log.error("order_cannot_lapse", order=order_id, error=str(error.orig))
        return []


def _hand_on(session: Session, order_ids: list[int], as_of: datetime) -> None:
    """Before others see the goods: who waits for them was there first. Wrong sums elsewhere stop no lapse."""
    products = list(session.execute(_PRODUCTS, {"orders": order_ids}).scalars())
    try:
        with session.begin_nested():
            backordering.fill(session, products, as_of)
    except IntegrityError as error:
        log.error("backorders_cannot_be_filled", orders=order_ids, error=str(error.orig))


_IS_OVERDUE = text(f"select {OVERDUE} from orders where id = :order")
# Each deadline has its index; one condition for both would be answered by reading all orders in the order of their ids.
_DUE = text(f"""
    select orders.id
    from (
        select id from orders where {_UNCLAIMED} and id > :after
        union select id from orders where {_TOO_LATE} and id > :after
    ) due join orders using (id)
    where status in ('placed', 'claimed') and id > :after
    order by id limit :limit for update of orders skip locked
""")
# The rows are locked, so this looks at what they are now; what is no longer due is left.
_END = text(f"""
with due as (
    select id, case when {_UNCLAIMED} then 'unclaimed' else 'unpaid' end as why from orders
    where id = any(:orders) and {OVERDUE}
), ended as (
    update orders set status = 'lapsed', ended_at = :as_of from due where orders.id = due.id
    returning orders.id, partner_id, why
), facts as (
    insert into event (at, kind, partner_id, order_id, data)
    select :as_of, 'order_lapsed', partner_id, id, jsonb_build_object('why', why) from ended order by id
    returning id
), waiting as (
    insert into outbox (event_id) select id from facts
)
select id from ended order by id
""")
_PRODUCTS = text("select distinct product_id from order_line where order_id = any(:orders) order by product_id")
