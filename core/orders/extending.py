"""Extending: once, and while nobody else waits for the goods, the partner may give an order as much time again."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.db import beyond_wall
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.orders.awaiting import others_wait
from core.orders.deadlines import Clock
from core.orders.lapsing import UNPAID
from core.orders.lifecycle import OrderHasEnded
from core.permissions import authorize


class AlreadyExtended(Refusal):
    message = N_("Order {order} was given more time already; that can be done once.")


class NothingToExtend(Refusal):
    message = N_("No time runs out for order {order} that could be made longer.")


class TimeIsOver(Refusal):
    message = N_("The time of order {order} is over. It lapses and its goods go back to stock.")


class OthersWait(Refusal):
    message = N_("Others wait for goods of order {order}, so it cannot be given more time.")


def extend(session: Session, order_id: int, as_of: datetime) -> datetime:
    """Give the order of the signed-in partner as much time again: each deadline that still runs moves on by the
    partner's present hours for it, and the warnings come at half and four fifths of what is then left. Once per order.

    Returns the instant (UTC) until which it waits now, the nearer one of two. Raises NotAllowed, NotFound for
    another's, OrderHasEnded, AlreadyExtended, NothingToExtend (also where the hours are 0 now, which means never),
    TimeIsOver, OthersWait.
    """
    _require_own(session, order_id)
    with beyond_wall(session):
        session.execute(_LOCK, {"order": order_id})
        partner, moved, until = _new_times(session, order_id, as_of)
        if session.execute(_EXTEND, {"order": order_id, "as_of": as_of} | moved).one_or_none() is None:
            raise AlreadyExtended(order=order_id)
    record(session, "order_extended", as_of, partner_id=partner, order_id=order_id, until=until.isoformat())
    return until


def extended_until(session: Session, order_id: int, as_of: datetime) -> datetime:
    """Until when (UTC) `extend` would let the order wait; changes nothing. Raises what `extend` raises."""
    _require_own(session, order_id)
    with beyond_wall(session):
        return _new_times(session, order_id, as_of)[2]


def _require_own(session: Session, order_id: int) -> None:
    me = authorize(session, "orders.extend")
    if session.execute(_MINE, {"order": order_id, "partner": me.partner_id}).one_or_none() is None:
        raise NotFound


def _new_times(session: Session, order_id: int, as_of: datetime) -> tuple[int, dict[str, Any], datetime]:
    """The order's partner, the columns of both clocks as they would become, and the nearer deadline of these."""
    order = session.execute(_LOOK, {"order": order_id}).one()
    deadlines = _require_running(order, as_of)
    moved = _moved(order, deadlines, as_of)
    if others_wait(session, order_id):
        raise OthersWait(order=order_id)
    return order.partner_id, moved, min(moved[f"{name}_deadline"] for name in deadlines)


def _require_running(order: Row[Any], as_of: datetime) -> dict[str, datetime]:
    """The deadlines that run, by the names of their clocks."""
    if order.status not in ("placed", "claimed"):
        raise OrderHasEnded(order=order.id, status=order.status)
    if order.extended_at is not None:
        raise AlreadyExtended(order=order.id)
    clocks = {"claim": (order.unclaimed, order.claim_deadline), "pay": (order.unpaid, order.pay_deadline)}
    running = {name: deadline for name, (awaited, deadline) in clocks.items() if awaited and deadline is not None}
    if any(deadline <= as_of for deadline in running.values()):
        raise TimeIsOver(order=order.id)
    return running


def _moved(order: Row[Any], deadlines: dict[str, datetime], as_of: datetime) -> dict[str, Any]:
    """The columns of both clocks as they become."""
    clock = Clock.of(order)
    hours: dict[str, Decimal] = {"claim": order.claim_hours, "pay": order.unpaid_hours}
    columns = {name: order._mapping[name] for name in _COLUMNS}
    moving = [name for name in deadlines if hours[name] > 0]
    if not moving:
        raise NothingToExtend(order=order.id)
    for name in moving:
        until = clock.after(deadlines[name], hours[name])
        columns |= {f"{name}_deadline": until, f"{name}_warnings": clock.marks(as_of, until)}
    return columns


_COLUMNS = ("claim_deadline", "claim_warnings", "pay_deadline", "pay_warnings")
_MINE = text("select id from orders where id = :order and partner_id = :partner")
_LOCK = text("select from orders where id = :order for no key update")
# A statement of its own: what a delivery did a moment ago is seen only after the lock.
_LOOK = text(f"""
    select orders.id, orders.partner_id, orders.status, extended_at, claim_deadline, claim_warnings, pay_deadline,
           pay_warnings, orders.status = 'placed' as unclaimed, {UNPAID} as unpaid,
           coalesce(partner.claim_hours, company.claim_hours) as claim_hours,
           coalesce(partner.unpaid_hours, company.unpaid_hours) as unpaid_hours,
           company.working_clock, company.time_zone, company.work_days, company.work_from, company.work_to
    from orders join partner on partner.id = orders.partner_id cross join company
    where orders.id = :order
""")
_EXTEND = text("""
    update orders set extended_at = :as_of, claim_deadline = :claim_deadline, pay_deadline = :pay_deadline,
                      claim_warnings = cast(:claim_warnings as timestamptz[]),
                      pay_warnings = cast(:pay_warnings as timestamptz[])
    where id = :order and extended_at is null and status in ('placed', 'claimed')
    returning id
""")
