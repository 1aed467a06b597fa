"""Purging: orders that lapsed long ago are removed. What stays is an event that says what they were."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


def purge_due(session: Session, as_of: datetime, limit: int = 100) -> int:
    """Remove up to `limit` orders that lapsed at least the company's `purge_days` (of 24 hours) before `as_of`; 0 days
    mean never. Returns how many: with fewer than `limit` nothing was left that nobody else is removing.

    Orders with a document, a payment, a delivery or a conversation stay, and those of which somebody still has to
    hear: the mail needs the order. Several workers at once share the work.
    """
    due = list(session.execute(_DUE, {"as_of": as_of, "limit": limit}).scalars())
    gone = list(session.execute(_TOMBSTONE, {"orders": due, "as_of": as_of}).scalars())
    for statement in _DELETE:
        session.execute(statement, {"orders": gone})
    return len(gone)


_OVER = """
    orders.status = 'lapsed'
    and not exists (select from document where document.order_id = orders.id)
    and not exists (select from allocation where allocation.order_id = orders.id)
    and not exists (select from delivery where delivery.order_id = orders.id)
    and not exists (select from thread where thread.order_id = orders.id)
    and not exists (select from event join outbox on outbox.event_id = event.id
                    where event.order_id = orders.id and handled_at is null)
"""
_DUE = text(f"""
    select id from orders
    where {_OVER} and exists (select from company where purge_days > 0)
      and ended_at <= (select cast(:as_of as timestamptz) - purge_days * interval '24 hours' from company)
    order by ended_at, id limit :limit for update skip locked
""")
# Asked again under the lock: a payment may have come just before it.
_TOMBSTONE = text(f"""
    insert into event (at, kind, partner_id, order_id, data)
    select :as_of, 'order_purged', orders.partner_id, orders.id,
           jsonb_build_object('number', orders.id, 'partner', partner.name, 'placed', placed_at, 'lapsed', ended_at,
                              'gross', gross::text, 'lines', line.lines)
    from orders join partner on partner.id = orders.partner_id
    cross join lateral (
        select jsonb_agg(jsonb_build_object('sku', sku, 'name', order_line.name, 'unit', unit,
                                            'quantity', quantity::text) order by position) as lines
        from order_line where order_id = orders.id
    ) line
    where orders.id = any(:orders) and {_OVER}
    order by orders.id
    returning order_id
""")
_OF_LINES = "where order_line_id in (select id from order_line where order_id = any(:orders))"
_DELETE = [
    text(f"delete from stock_hold {_OF_LINES}"),
    text(f"delete from backorder {_OF_LINES}"),
    text("delete from proposal where order_id = any(:orders)"),
    text("delete from limit_pass where order_id = any(:orders)"),
    text("delete from order_line where order_id = any(:orders)"),
    text("delete from orders where id = any(:orders)"),
]
