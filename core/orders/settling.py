"""After an order's lines changed: what it comes to now, whether it is over, and which proposals still have a sense."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import actor


def settle(session: Session, order_id: int, as_of: datetime) -> str:
    """Bring an order's amounts, and its status where nothing is left to do, in line with `line_state`.

    An open order that neither holds nor awaits anything has been shipped, or, if nothing ever left, is cancelled: its
    amounts then stay what they were. What came in before may be all that is now to be paid, or no longer all of it.
    Returns the status. The order and its stock rows are locked by the caller.
    """
    status: str = session.execute(_SETTLE, {"order": order_id, "as_of": as_of}).scalar_one()
    return status


def withdraw_proposals(
    session: Session, order_ids: Collection[int], as_of: datetime, line_ids: Collection[int] = ()
) -> None:
    """Take back the waiting proposals for these lines, and those of the orders that no longer fit: of an ended order,
    or where as much has left, or been cancelled, as is proposed. The orders are locked by the caller."""
    me = actor(session)
    who = {"user": me.user_id, "address": me.address}
    session.execute(_WITHDRAW, {"orders": list(order_ids), "lines": list(line_ids), "as_of": as_of} | who)


_SETTLE = text("""
with line as materialized (
    select * from line_state where order_id = :order
), amount as (
    select sum(net) as net, sum(vat) as vat
    from (select sum(net) as net, round(sum(net) * vat_rate / 100, 2) as vat from line group by vat_rate) per_rate
), left_over as (
    select sum(held + waiting) > 0 as something, sum(shipped) > 0 as shipped from line
)
update orders set
    status = case when something then status when shipped then 'shipped' else 'cancelled' end,
    ended_at = case when something then ended_at else coalesce(ended_at, :as_of) end,
    net = case when something or shipped then amount.net else orders.net end,
    vat = case when something or shipped then amount.vat else orders.vat end,
    gross = case when something or shipped then amount.net + amount.vat else orders.gross end,
    paid_at = case when not (something or shipped) then paid_at
                   when paid >= amount.net + amount.vat then coalesce(paid_at, :as_of) end
from amount, left_over, (
    select coalesce(sum(amount), 0) as paid from (
        select amount from allocation where order_id = :order
        union all
        select amount from document join allocation on allocation.document_id = document.id
        join credit on credit.id = credit_id where document.order_id = :order and credit.payment_id is not null
    ) either
) received
where id = :order
returning status
""")
_WITHDRAW = text("""
with withdrawn as (
    update proposal set answer = 'withdrawn', answered_at = :as_of, answered_by = :user
    from line_state state join order_line line on line.id = state.id join orders on orders.id = state.order_id
    where proposal.order_id = any(:orders) and answer is null and state.id = proposal.order_line_id
      and (orders.status not in ('placed', 'claimed') or state.id = any(cast(:lines as int[]))
           or keep < shipped or keep >= billable)
    returning proposal.id, proposal.partner_id, proposal.order_id, line.sku, line.name
)
insert into event (at, kind, partner_id, order_id, user_id, address, data)
select :as_of, 'change_withdrawn', partner_id, order_id, :user, :address,
       jsonb_build_object('proposal', id, 'sku', sku, 'name', name)
from withdrawn order by id
""")
