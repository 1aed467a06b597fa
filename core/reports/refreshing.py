"""Bringing the reports up to date: what changed is made anew, order by order, from the order lines themselves.

An order's change and its mark in `stale_order` are committed together, so that nothing depends on the order in which
ids are given out or transactions end. Marks are taken first, the orders read after: what changes in between has a mark
of its own, and is read again by the next run.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

BATCH = 500
"""Changes of orders at a time."""


def refresh(session: Session, as_of: datetime, limit: int = BATCH) -> int:
    """Bring what up to `limit` changes touched up to date; how many changes that were.

    Below `limit` nothing that was committed before `as_of`, the present instant, is left. 0 also where another
    transaction is at it. Marks go with the transaction that does the work: what fails is done again.
    """
    if not session.execute(_LOCK).scalar_one():
        return 0
    stale = list(session.execute(_TAKE, {"limit": limit}).scalars())
    if stale:
        orders = {"orders": sorted(set(stale))}
        session.execute(_SOLD, orders)
        session.execute(_FATES, orders)
        session.execute(_FATES_OF_PURGED, orders)
    if len(stale) < limit:
        session.execute(_REFRESHED, {"as_of": as_of})
    return len(stale)


def refreshed_at(session: Session) -> datetime | None:
    """Everything up to this instant is in the reports; None while they were never made."""
    found: datetime | None = session.execute(_REFRESHED_AT).scalar_one()
    return found


COUNTS = "orders.status in ('placed', 'claimed', 'shipped') and line.billable > 0"
"""SQL: the line `line` (of `line_state`) of the order `orders` counts as sold, with its `billable` quantity."""
PLACED_ON = "(orders.placed_at at time zone company.time_zone)::date"
"""SQL for the distributor's calendar day on which the order `orders` was placed; with `company` in the statement."""

_LOCK = text("select pg_try_advisory_xact_lock(hashtext('core.reports.refreshing'))")
_TAKE = text("""
    delete from stale_order where id in (select id from stale_order order by id limit :limit) returning order_id
""")
# One statement, one snapshot: the sums change by what the lines change. An order has one partner and one day, so that
# its count can be added up, too.
_SOLD = text(f"""
    with fresh as materialized (
        select line.id, line.order_id, {PLACED_ON} as day, line.partner_id, line.product_id,
               line.billable as quantity, line.net
        from orders join line_state line on line.order_id = orders.id cross join company
        where orders.id = any(:orders) and {COUNTS}
    ), old as materialized (
        select id, order_id, day, partner_id, product_id, quantity, net from sold_line where order_id = any(:orders)
    ), gone as (
        delete from sold_line using old where sold_line.id = old.id and not exists (select from fresh where id = old.id)
    ), kept as (
        insert into sold_line (id, order_id, day, partner_id, product_id, quantity, net)
        select fresh.* from fresh left join old on old.id = fresh.id where old is distinct from fresh
        on conflict (id) do update set day = excluded.day, quantity = excluded.quantity, net = excluded.net
    ), change as (
        select what, span, start, key, count(distinct order_id) filter (where sign = 1)
               - count(distinct order_id) filter (where sign = -1) as orders,
               sum(sign) as lines, sum(sign * quantity) as quantity, sum(sign * net) as net
        from (select 1 as sign, fresh.* from fresh union all select -1, old.* from old) line
        cross join lateral (values ('all', 0), ('partner', partner_id), ('product', product_id)) of_what (what, key)
        cross join lateral (values ('day', day), ('month', date_trunc('month', day)::date)) of_span (span, start)
        group by what, span, start, key
    )
    insert into sales_sum (what, span, start, key, orders, lines, quantity, net)
    select * from change where (orders, lines, quantity, net) is distinct from (0, 0, 0, 0)
    order by what, span, start, key
    on conflict (what, span, start, key) do update set
        orders = sales_sum.orders + excluded.orders, lines = sales_sum.lines + excluded.lines,
        quantity = sales_sum.quantity + excluded.quantity, net = sales_sum.net + excluded.net
""")
_FATES = text(f"""
    insert into order_fate (order_id, day, partner_id, status, claim_seconds, ordered, shipped)
    select orders.id, {PLACED_ON}, orders.partner_id, orders.status,
           case when orders.status <> 'lapsed' then extract(epoch from orders.claimed_at - orders.placed_at)::int end,
           coalesce(sum(line.ordered_net), 0), coalesce(sum(line.shipped_net), 0)
    from orders cross join company left join lateral (
        select round(state.ordered * state.unit_price, 2) as ordered_net,
               round(state.shipped * state.unit_price, 2) as shipped_net
        from line_state state join order_line on order_line.id = state.id
        where state.order_id = orders.id and order_line.replaces is null
    ) line on true
    where orders.id = any(:orders) group by orders.id, company.time_zone
    on conflict (order_id) do update set day = excluded.day, status = excluded.status,
        claim_seconds = excluded.claim_seconds, ordered = excluded.ordered, shipped = excluded.shipped
""")
# What is purged had lapsed; perhaps nobody had looked since it was placed.
_FATES_OF_PURGED = text("""
    insert into order_fate (order_id, day, partner_id, status, ordered, shipped)
    select event.order_id, ((event.data ->> 'placed')::timestamptz at time zone company.time_zone)::date,
           event.partner_id, 'lapsed', 0, 0
    from event cross join company
    where event.order_id = any(:orders) and event.kind = 'order_purged'
      and not exists (select from orders where orders.id = event.order_id)
    on conflict (order_id) do update set status = 'lapsed', claim_seconds = null
""")
_REFRESHED = text("update report_state set refreshed_at = :as_of where refreshed_at < :as_of")
_REFRESHED_AT = text("select nullif(refreshed_at, '-infinity') from report_state")
