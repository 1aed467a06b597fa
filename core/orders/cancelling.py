"""Orders are cancelled, whole or in parts: holds and backorders end, and the goods go to who waits for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.db import beyond_wall
from core.events import record
from core.i18n import N_
from core.orders.lapsing import is_overdue
from core.orders.lifecycle import (
    CannotBeCancelled,
    DeadlinePassed,
    InvoicedOrder,
    NotClaimedYet,
    ReasonMissing,
    look,
    why_not,
)
from core.orders.limits import lock_partner, require_within
from core.orders.parts import Parts, WrongPart, parts, require_fit, told
from core.orders.settling import settle, withdraw_proposals
from core.permissions import authorize
from core.principal import Principal
from core.search import without_nul
from core.stock import backordering, holding
from core.stock.holding import Quantities


class NotLeftToCancel(WrongPart):
    message = N_(
        "{name}: {quantity} {unit} cannot be cancelled. Enter more than 0 and at most the {most} {unit} that are "
        "neither delivered nor invoiced."
    )


def cancel(session: Session, order_id: int, reason: str, as_of: datetime) -> None:
    """End the order: what is held goes back to stock, what is on backorder is awaited no more.

    Staff with a reason, as long as nothing of it is invoiced that has not left; what has left stays delivered, and the
    order then counts as shipped. The partner who placed it only while nobody has claimed it. Raises NotAllowed,
    NotFound, ReasonMissing, InvoicedOrder, CannotBeCancelled, OrderHasEnded.
    """
    me, reason = _who_and_why(session, reason)
    look(session, order_id)
    with beyond_wall(session):
        order = _lock_order(session, order_id, me)
        holding.lock(session, [order_id])
        lines = parts(session, order_id)
        if any(line.cancellable < line.undelivered for line in lines.values()):
            raise InvoicedOrder(order=order_id)
        holding.release(session, [order_id], as_of)
        undelivered = {line.id: line.undelivered for line in lines.values() if line.undelivered > 0}
        _finish(session, order, lines, undelivered, reason, as_of)


def cancel_part(session: Session, order_id: int, quantities: Quantities, reason: str, as_of: datetime) -> None:
    """Of these lines so much is not wanted or not to be had: first what is on backorder ends, then what is held.

    The partner until somebody claims the order or its deadline passes, as long as the least order value is kept; staff
    once they claimed it, with a reason. What is invoiced stays. Cancelling all there is cancels the order. Raises what
    `cancel` raises, NotLeftToCancel, NothingChosen, DeadlinePassed, OverLimits, NotClaimedYet.
    """
    me, reason = _who_and_why(session, reason)
    look(session, order_id)
    with beyond_wall(session):
        order = _lock_order(session, order_id, me)
        if me.kind != "partner" and order.status == "placed":
            raise NotClaimedYet(order=order_id)
        if is_overdue(session, order_id, as_of):
            raise DeadlinePassed(order=order_id)
        lock_partner(session, order.partner_id)
        holding.lock(session, [order_id])
        lines = parts(session, order_id)
        if not any(line.cancellable > 0 for line in lines.values()):
            raise InvoicedOrder(order=order_id)
        require_fit(lines, quantities, lambda line: line.cancellable, NotLeftToCancel)
        holding.release_part(session, quantities, as_of)
        status = _finish(session, order, lines, quantities, reason, as_of)
        if me.kind == "partner" and status == "placed":
            _require_least_value(session, order, as_of)


def _who_and_why(session: Session, reason: str) -> tuple[Principal, str]:
    me = authorize(session, "orders.cancel")
    reason = without_nul(reason).strip()
    if me.kind != "partner" and not reason:
        raise ReasonMissing
    return me, reason


def _lock_order(session: Session, order_id: int, me: Principal) -> Row[Any]:
    """The order as it stays until the transaction ends, if it is open and may be cancelled by `me`."""
    # An invoice issued at the same moment locks the order row first; only then is known what it says.
    order = look(session, order_id, lock=True)
    if order.invoiced and (me.kind == "partner" or order.status not in ("placed", "claimed")):
        raise InvoicedOrder(order=order_id)
    if order.status not in ("placed", "claimed"):
        raise why_not(order)
    if me.kind == "partner" and order.status == "claimed":
        raise CannotBeCancelled(order=order_id)
    return order


def _finish(
    session: Session, order: Row[Any], lines: Parts, cancelled: Quantities, reason: str, as_of: datetime
) -> str:
    """Settle and write down what was cancelled, and let who waits for the goods have them. Returns the status."""
    status = settle(session, order.id, as_of)
    about = {"partner_id": order.partner_id, "order_id": order.id}
    if status == "cancelled":
        session.execute(_END_REASON, {"order": order.id, "reason": reason})
        record(session, "order_cancelled", as_of, **about, reason=reason)
    else:
        record(session, "order_part_cancelled", as_of, **about, lines=told(lines, cancelled), reason=reason)
    withdraw_proposals(session, [order.id], as_of, line_ids=list(cancelled))
    backordering.fill(session, [lines[line].product_id for line in cancelled], as_of)
    return status


def _require_least_value(session: Session, order: Row[Any], as_of: datetime) -> None:
    gross = session.execute(_GROSS, {"order": order.id}).scalar_one()
    require_within(session, order.partner_id, gross, {}, as_of, order_id=order.id, kinds=("min_order",))


_END_REASON = text("update orders set end_reason = :reason where id = :order")
_GROSS = text("select gross from orders where id = :order")
