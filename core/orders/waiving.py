"""Passes: the distributor lets one order of a partner through although it is above the limits.

Placing uses a waiting pass by itself (core.orders.placing), and writes its reason into the order's first event.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import actor
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.editing import locked_partner
from core.permissions import authorize
from core.search import without_nul

LIFE = timedelta(days=7)
LONGEST_REASON = 500
LARGEST = Decimal("999999999999.99")


class ReasonMissing(Refusal):
    message = N_("Say why the order may be above the limits: the reason is kept with the order.")


class ReasonTooLong(Refusal):
    message = N_("The reason has {length} characters; {largest} are allowed.")


class BadPassAmount(Refusal):
    message = N_("Enter up to which amount the order may come: more than 0, with two decimals at most.")


@dataclass(frozen=True, slots=True)
class LimitPassRow:
    """A pass for one order of up to `up_to` (lei, VAT included), until `expires_at` (UTC). `granted_by` is a name.

    `order_id` is the order that used it; None while it waits.
    """

    id: int
    up_to: Decimal
    reason: str
    granted_by: str
    granted_at: datetime
    expires_at: datetime
    order_id: int | None


def grant(session: Session, partner_id: int, up_to: Decimal, reason: str, as_of: datetime) -> int:
    """Let the partner's next order that passes a limit through, if it comes to `up_to` (lei, VAT included) at most.

    It waits until LIFE after `as_of`; a pass that waits already gives way to it. Returns its id; records
    'limit_pass_granted'. Raises NotAllowed, NotFound, ReasonMissing, ReasonTooLong, BadPassAmount.
    """
    locked_partner(session, partner_id, "limits.manage")
    reason = " ".join(without_nul(reason).split())
    if not reason:
        raise ReasonMissing
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong(length=len(reason), largest=LONGEST_REASON)
    if not up_to.is_finite() or not 0 < up_to <= LARGEST or up_to != round(up_to, 2):
        raise BadPassAmount
    _take_back(session, "partner_id = :partner", as_of, partner=partner_id)
    who = {"partner": partner_id, "user": actor(session).user_id, "reason": reason, "up_to": up_to}
    granted: int = session.scalars(_GRANT, who | {"as_of": as_of, "expires": as_of + LIFE}).one()
    record(session, "limit_pass_granted", as_of, partner_id=partner_id, up_to=f"{up_to:.2f}", reason=reason)
    return granted


def withdraw(session: Session, pass_id: int, as_of: datetime) -> None:
    """Take back a pass that no order has used. Records 'limit_pass_withdrawn' unless its time was over.

    Raises NotAllowed, and NotFound also for one that was used meanwhile.
    """
    authorize(session, "limits.manage")
    partner_id = session.scalars(_WHOSE, {"id": pass_id}).one_or_none()
    if partner_id is None:
        raise NotFound
    # An order that is being placed has the partner locked: it finds the pass, and uses it, or does not find it.
    locked_partner(session, partner_id, "limits.manage")
    if not _take_back(session, "id = :id", as_of, id=pass_id):
        raise NotFound


def passes(session: Session, partner_id: int, as_of: datetime) -> list[LimitPassRow]:
    """The partner's passes that wait and those that were used, the waiting first, then the newest, for staff."""
    authorize(session, "partners.see")
    rows = session.execute(_PASSES, {"partner": partner_id, "as_of": as_of})
    return [LimitPassRow(**row) for row in rows.mappings()]


def _take_back(session: Session, condition: str, as_of: datetime, **params: int) -> int:
    taken = session.execute(text(f"{_TAKE_BACK} and {condition} returning partner_id, up_to, expires_at"), params).all()
    for row in taken:
        if row.expires_at > as_of:
            record(session, "limit_pass_withdrawn", as_of, partner_id=row.partner_id, up_to=str(row.up_to))
    return len(taken)


_TAKE_BACK = "delete from limit_pass where order_id is null"
_WHOSE = text("select partner_id from limit_pass where id = :id")
_GRANT = text("""
    insert into limit_pass (partner_id, up_to, reason, granted_by, granted_at, expires_at)
    values (:partner, :up_to, :reason, :user, :as_of, :expires) returning id
""")
_PASSES = text("""
    select limit_pass.id, up_to, reason, coalesce(app_user.name, '') as granted_by, granted_at, expires_at, order_id
    from limit_pass left join app_user on app_user.id = granted_by
    where limit_pass.partner_id = :partner and (order_id is not null or expires_at > :as_of)
    order by order_id is not null, limit_pass.id desc limit 20
""")
