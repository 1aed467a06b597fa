"""What people do to an order after it is placed: claim, cancel, ship. Each is one conditional UPDATE."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_, translate
from core.permissions import authorize
from core.search import without_nul
from core.stock import holding


class AlreadyClaimed(Refusal):
    message = N_("{name} has already claimed order {order}.")


class DeadlinePassed(Refusal):
    message = N_("The time to claim order {order} is over. It lapses and its goods go back to stock.")


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

    After the deadline it is refused with DeadlinePassed, whether or not the sweep has run.
    """
    staff = authorize(session, "orders.claim").user_id
    won = session.execute(_CLAIM, {"order": order_id, "user": staff, "as_of": as_of}).one_or_none()
    if won is None:
        raise _why_not(_look(session, order_id))
    record(session, "order_claimed", as_of, partner_id=won.partner_id, order_id=order_id)


def cancel(session: Session, order_id: int, reason: str, as_of: datetime) -> None:
    """End the order and give its goods back: staff until it is shipped or invoiced, with a reason; the partner
    who placed it only while nobody has claimed it."""
    by_partner = authorize(session, "orders.cancel").kind == "partner"
    reason = without_nul(reason).strip()
    if not by_partner and not reason:
        raise ReasonMissing
    allowed = ["placed"] if by_partner else ["placed", "claimed"]
    params = {"order": order_id, "allowed": allowed, "reason": reason, "as_of": as_of}
    # An invoice issued at the same moment locks the order row first; only then is its absence known.
    row = _look(session, order_id, lock=True)
    if row.invoiced:
        raise InvoicedOrder(order=order_id)
    done = session.execute(_CANCEL, params).one_or_none()
    if done is None:
        raise CannotBeCancelled(order=order_id) if row.status == "claimed" else _why_not(row)
    holding.lock(session, [order_id])
    holding.release(session, [order_id], as_of)
    record(session, "order_cancelled", as_of, partner_id=done.partner_id, order_id=order_id, reason=reason)


def ship(session: Session, order_id: int, as_of: datetime) -> None:
    """The goods of a claimed order leave: held and on hand fall together."""
    staff = authorize(session, "orders.ship").user_id
    done = session.execute(_SHIP, {"order": order_id, "as_of": as_of}).one_or_none()
    if done is None:
        row = _look(session, order_id)
        raise NotClaimedYet(order=order_id) if row.status == "placed" else _why_not(row)
    holding.lock(session, [order_id])
    held = {line: quantity for line, quantity in session.execute(_HELD, {"order": order_id})}
    delivery = session.execute(_DELIVERY, {"order": order_id, "as_of": as_of, "user": staff}).scalar_one()
    holding.ship(session, delivery, held, as_of, staff)
    record(session, "order_shipped", as_of, partner_id=done.partner_id, order_id=order_id)


def _look(session: Session, order_id: int, lock: bool = False) -> Row[Any]:
    if lock:
        session.execute(_LOCK, {"order": order_id})
    row = session.execute(_LOOK, {"order": order_id}).one_or_none()
    if row is None:
        raise NotFound
    return row


def _why_not(row: Row[Any]) -> Refusal:
    if row.status == "claimed":
        return AlreadyClaimed(name=row.claimed_by or "", order=row.id)
    if row.status == "placed":
        return DeadlinePassed(order=row.id)
    return OrderHasEnded(order=row.id, status=row.status)


_CLAIM = text("""
    update orders set status = 'claimed', claimed_at = :as_of, claimed_by = :user
    where id = :order and status = 'placed' and (claim_deadline is null or claim_deadline > :as_of)
    returning partner_id
""")
_CANCEL = text("""
    update orders set status = 'cancelled', ended_at = :as_of, end_reason = :reason
    where id = :order and status = any(:allowed) returning partner_id
""")
_SHIP = text("""
    update orders set status = 'shipped', ended_at = :as_of
    where id = :order and status = 'claimed' returning partner_id
""")
_HELD = text("select id, held from line_state where order_id = :order and held > 0")
_DELIVERY = text("""
    insert into delivery (order_id, partner_id, number, at, user_id)
    select id, partner_id, 1 + (select count(*) from delivery where order_id = :order), :as_of, :user
    from orders where id = :order returning id
""")
_LOCK = text("select from orders where id = :order for no key update")
_LOOK = text("""
    select orders.id, orders.status, app_user.name as claimed_by,
           exists (select from document where document.order_id = orders.id) as invoiced
    from orders left join app_user on app_user.id = orders.claimed_by
    where orders.id = :order
""")
