"""Who has an order: claimed orders that go back to the queue or to a colleague, waiting ones held for somebody."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import Row, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.company import company
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.orders.deadlines import Clock
from core.orders.lapsing import OVERDUE
from core.orders.lifecycle import DeadlinePassed, NotClaimedYet, OrderHasEnded, claim
from core.orders.settling import withdraw_proposals
from core.permissions import PERMISSIONS, authorize, may
from core.principal import Principal
from core.search import without_nul


class ClaimedByAnother(Refusal):
    message = N_("{name} has claimed order {order}: only {name} or an administrator can hand it on.")


class GivenBackTooLate(Refusal):
    message = N_(
        "Order {order} is invoiced, or part of it has left: it cannot go back to the queue. Hand it on instead."
    )


class OrderInUse(Refusal):
    message = N_("Somebody is working on order {order} just now. Try again.")


class NoColleague(Refusal):
    message = N_("This colleague does not claim orders, or is blocked. Choose somebody else.")


def give_back(session: Session, order_id: int, as_of: datetime, reason: str = "") -> None:
    """A claimed order waits in the queue again, with the time that was left when it was claimed.

    By who claimed it, or an administrator. Nothing changes for the partner's limits: the order was open and stays so.
    Raises NotAllowed, NotFound, NotClaimedYet, DeadlinePassed, OrderHasEnded, ClaimedByAnother, GivenBackTooLate.
    """
    me = authorize(session, "orders.claim")
    row = _locked(session, order_id, as_of)
    if row.status == "placed":
        raise NotClaimedYet(order=order_id)
    _require_own(me, row)
    if row.invoiced_at is not None or row.begun:
        raise GivenBackTooLate(order=order_id)
    _reopen(session, row, as_of)
    withdraw_proposals(session, [order_id], as_of, line_ids=row.lines)
    reason = without_nul(reason).strip()
    record(session, "order_given_back", as_of, partner_id=row.partner_id, order_id=order_id, reason=reason)


def assign(session: Session, order_id: int, user_id: int, as_of: datetime) -> None:
    """Hold a waiting order for a colleague (others may still claim it), or hand a claimed one over to them.

    A claimed order is handed on by who claimed it, or an administrator. Nothing happens where it is so already.
    Raises NotAllowed, NotFound, NoColleague, DeadlinePassed, OrderHasEnded, ClaimedByAnother.
    """
    me = authorize(session, "orders.claim")
    names = dict(colleagues(session))
    if user_id not in names:
        raise NoColleague
    row = _locked(session, order_id, as_of)
    if row.status == "claimed":
        _require_own(me, row)
    if session.execute(_ASSIGN, {"order": order_id, "user": user_id}).one_or_none():
        subject = {"partner_id": row.partner_id, "order_id": order_id}
        record(session, "order_assigned", as_of, **subject, user=user_id, person=names[user_id])


def claim_many(session: Session, order_ids: Iterable[int], as_of: datetime) -> list[tuple[int, Refusal | None]]:
    """Claim each of the orders, whatever becomes of the others; per id None, or why not (OrderInUse for one that
    somebody else keeps locked for longer than core.db.LOCK_TIMEOUT). Raises NotAllowed."""
    authorize(session, "orders.claim")
    # In one order for everybody: two who tick the same orders wait for each other, and never in a circle.
    return [(order_id, _claim_one(session, order_id, as_of)) for order_id in sorted(set(order_ids))]


def colleagues(session: Session) -> list[tuple[int, str]]:
    """Id and name of the active members of staff who may claim orders, by name; namesakes with their addresses.

    Raises NotAllowed.
    """
    authorize(session, "orders.claim")
    rows = session.execute(_COLLEAGUES, {"roles": sorted(PERMISSIONS["orders.claim"])})
    return [(row.id, row.name) for row in rows]


def _claim_one(session: Session, order_id: int, as_of: datetime) -> Refusal | None:
    try:
        with session.begin_nested():
            claim(session, order_id, as_of)
    except Refusal as refusal:
        return refusal
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return OrderInUse(order=order_id)
        raise
    return None


def _locked(session: Session, order_id: int, as_of: datetime) -> Row[Any]:
    """The open order as it is, kept so: what an invoice or a delivery did a moment ago is seen only after the lock."""
    session.execute(_LOCK, {"order": order_id})
    row = session.execute(_LOOK, {"order": order_id, "as_of": as_of}).one_or_none()
    if row is None:
        raise NotFound
    if row.status not in ("placed", "claimed"):
        raise OrderHasEnded(order=order_id, status=row.status)
    if row.overdue:
        raise DeadlinePassed(order=order_id)
    return row


def _require_own(me: Principal, row: Row[Any]) -> None:
    """Who manages the staff may hand on for somebody who is ill."""
    if row.claimed_by != me.user_id and not may(me, "staff.manage"):
        raise ClaimedByAnother(name=row.claimer, order=row.id)


def _reopen(session: Session, row: Row[Any], as_of: datetime) -> None:
    """While the order was claimed, the time to claim it stood still."""
    clock = Clock.of(company(session))
    deadline = row.claim_deadline and clock.later(row.claim_deadline, row.claimed_at, as_of)
    warnings = [clock.later(instant, row.claimed_at, as_of) for instant in row.claim_warnings]
    params = {"order": row.id, "claimed_at": row.claimed_at, "deadline": deadline, "warnings": warnings}
    session.execute(_GIVE_BACK, params).one()


_LOCK = text("select from orders where id = :order for no key update")
_LOOK = text(f"""
    select orders.id, orders.partner_id, orders.status, orders.claimed_at, orders.claimed_by, app_user.name as claimer,
           orders.claim_deadline, orders.claim_warnings, orders.invoiced_at,
           exists (select from delivery where delivery.order_id = orders.id) as begun, {OVERDUE} as overdue,
           array(select id from order_line where order_line.order_id = orders.id) as lines
    from orders left join app_user on app_user.id = orders.claimed_by
    where orders.id = :order
""")
# It is no longer held for who had it: a colleague for whom it was held before goes on being named.
_GIVE_BACK = text("""
    update orders set status = 'placed', claimed_at = null, claimed_by = null,
                      claim_deadline = :deadline, claim_warnings = cast(:warnings as timestamptz[]),
                      assigned_to = nullif(assigned_to, claimed_by)
    where id = :order and status = 'claimed' and claimed_at = :claimed_at and invoiced_at is null
    returning id
""")
_ASSIGN = text("""
    update orders set assigned_to = case status when 'placed' then :user else assigned_to end,
                      claimed_by = case status when 'claimed' then :user end
    where id = :order and status in ('placed', 'claimed')
      and :user is distinct from case status when 'placed' then assigned_to else claimed_by end
    returning id
""")
_COLLEAGUES = text("""
    select id, case when count(*) over (partition by name) > 1 then name || ' (' || email || ')' else name end as name
    from app_user where kind = 'staff' and active and role = any(:roles) order by name, id
""")
