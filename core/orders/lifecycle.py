"""How an order stands, why something cannot be done with it, and claiming: one conditional UPDATE."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_, translate
from core.orders.lapsing import OVERDUE
from core.permissions import authorize


class AlreadyClaimed(Refusal):
    message = N_("{name} has already claimed order {order}.")


class DeadlinePassed(Refusal):
    message = N_("The time of order {order} is over. It lapses and its goods go back to stock.")


class OrderHasEnded(Refusal):
    message = N_("Order {order} is {status}; nothing more can be done with it.")

    def text(self, language: str) -> str:
        status = translate(STATUS_NAMES[self.params["status"]], language)
        return translate(self.message, language).format(order=self.params["order"], status=status)


class NotClaimedYet(Refusal):
    message = N_("Order {order} has not been claimed yet. Claim it first.")


class CannotBeCancelled(Refusal):
    message = N_("Order {order} is being prepared and can no longer be cancelled here. Please contact the distributor.")


class InvoicedOrder(Refusal):
    message = N_("Order {order} is invoiced and can no longer be cancelled.")


class ReasonMissing(Refusal):
    message = N_("Say why the order is cancelled; the partner reads it.")


STATUS_NAMES = {
    "placed": N_("waiting"),
    "claimed": N_("claimed"),
    "shipped": N_("shipped"),
    "cancelled": N_("cancelled"),
    "lapsed": N_("lapsed"),
}


def claim(session: Session, order_id: int, as_of: datetime) -> None:
    """Take the order over. Of two at once one wins; raises AlreadyClaimed (with the winner's name) for the other.

    After the deadline to claim it, or to pay it first, it is refused with DeadlinePassed, whether or not the sweep has
    run.
    """
    staff = authorize(session, "orders.claim").user_id
    params = {"order": order_id, "user": staff, "as_of": as_of}
    won = session.execute(_CLAIM, params).one_or_none()
    if won is None:
        row = look(session, order_id, lock=True)
        # Given back a moment ago: it can be claimed after all.
        won = session.execute(_CLAIM, params).one_or_none()
        if won is None:
            raise why_not(row)
    record(session, "order_claimed", as_of, partner_id=won.partner_id, order_id=order_id)


def look(session: Session, order_id: int, lock: bool = False) -> Row[Any]:
    """The order as the principal may see it: id, partner_id, status, claimed_by (a name), claim_deadline, invoiced,
    prepay, paid_at. With `lock` it stays so until the transaction ends; a partner's transaction locks beyond its wall,
    see core.db.beyond_wall. Raises NotFound."""
    if lock:
        session.execute(_LOCK, {"order": order_id})
    row = session.execute(_LOOK, {"order": order_id}).one_or_none()
    if row is None:
        raise NotFound
    return row


def why_not(row: Row[Any]) -> Refusal:
    """Why an order (a row of `look`) cannot be claimed."""
    if row.status == "claimed":
        return AlreadyClaimed(name=row.claimed_by or "", order=row.id)
    if row.status == "placed":
        return DeadlinePassed(order=row.id)
    return OrderHasEnded(order=row.id, status=row.status)


_CLAIM = text(f"""
    update orders set status = 'claimed', claimed_at = :as_of, claimed_by = :user
    where id = :order and status = 'placed' and not ({OVERDUE})
    returning partner_id
""")
_LOCK = text("select from orders where id = :order for no key update")
_LOOK = text("""
    select orders.id, orders.partner_id, orders.status, app_user.name as claimed_by, orders.claim_deadline,
           orders.invoiced_at is not null as invoiced, orders.prepay, orders.paid_at
    from orders left join app_user on app_user.id = orders.claimed_by
    where orders.id = :order
""")
