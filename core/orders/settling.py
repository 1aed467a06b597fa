"""After an order's lines changed: what it comes to now, and whether it is over."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


def settle(session: Session, order_id: int, as_of: datetime) -> str:
    """Bring an order's amounts, and its status where nothing is left to do, in line with `line_state`.

    An open order that neither holds nor awaits anything has been shipped, or, if nothing ever left, is cancelled: its
    amounts then stay what they were. Returns the status. The order and its stock rows are locked by the caller.
    """
    status: str = session.execute(_SETTLE, {"order": order_id, "as_of": as_of}).scalar_one()
    return status


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
    gross = case when something or shipped then amount.net + amount.vat else orders.gross end
from amount, left_over where id = :order
returning status
""")
