"""Orders above a buyer's spending limit: the buyer asks, the owner of the company approves or refuses.

Nothing is ordered or held until the owner approves; the cart waits as it is, and any change of it ends the waiting.
"""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.orders.cart import CART_COLUMNS, CartView, priced, view_cart
from core.orders.details import NO_DETAILS, Details
from core.orders.placing import CartChanged, EmptyCart, Placed, lock_cart, place_locked, placed_before
from core.permissions import authorize
from core.pricing.quoting import prices_shown
from core.search import without_nul


class WithinLimit(Refusal):
    message = N_("This order needs no approval: it is within your spending limit. Place it.")


class NobodyApproves(Refusal):
    message = N_("Nobody in your company can approve orders at the moment. Please contact the distributor.")


class NotWaiting(Refusal):
    message = N_(
        "This cart does not wait for approval any more: it was answered, taken back or changed. "
        "Look at what is there now."
    )


@dataclass(frozen=True, slots=True)
class WaitingCart:
    """A colleague's cart that waits for approval; in `cart`: since when, the note, lines, totals, the limit."""

    id: int
    user_id: int
    asked_by: str
    cart: CartView


def ask_approval(
    session: Session,
    cart_token: uuid.UUID,
    as_of: datetime,
    details: Details = NO_DETAILS,
    shown_total: Decimal | None = None,
) -> None:
    """Let the signed-in buyer's cart, as named by its token, wait for the owner's approval. Asking twice asks once.

    `details` go with the order: the owner reads the note, then the distributor. The cart gets a new token, so that what
    was shown before can be neither placed nor approved. Raises NotAllowed, EmptyCart, CartChanged (also where the
    gross is not `shown_total` any more), WithinLimit, NobodyApproves.
    """
    me = authorize(session, "orders.place")
    who = {"user": me.user_id, "partner": me.partner_id}
    session.execute(_LOCK_OWN, who)
    cart = view_cart(session, as_of)
    if cart.asked_at is not None:
        return
    _check_question(cart, cart_token, shown_total)
    if not session.execute(_OWNER_THERE, who).scalar_one():
        raise NobodyApproves
    details = details.checked(local_date(as_of, company(session).time_zone))
    session.execute(_ASK, who | {"as_of": as_of} | asdict(details))
    gross = str(cart.totals.gross)
    record(session, "approval_asked", as_of, partner_id=me.partner_id, user=me.user_id, gross=gross, note=details.note)


def withdraw(session: Session) -> None:
    """The signed-in buyer takes the question back. Raises NotAllowed, and NotWaiting where it was answered already."""
    me = authorize(session, "orders.place")
    if session.execute(_WITHDRAW, {"user": me.user_id, "partner": me.partner_id}).one_or_none() is None:
        raise NotWaiting


def waiting_carts(session: Session, as_of: datetime) -> list[WaitingCart]:
    """The carts that wait for the signed-in owner's approval, the oldest question first, at the prices of `as_of`; none
    where the company sees no prices (any more) and so orders nothing. Raises NotAllowed.
    """
    partner = authorize(session, "orders.approve").partner_id
    rows = session.execute(_WAITING, {"partner": partner}).all() if prices_shown(session) else []
    return [WaitingCart(row.id, row.user_id, row.name, priced(session, row, as_of)) for row in rows]


def approve(
    session: Session, cart_id: int, cart_token: uuid.UUID, shown_total: Decimal | None, as_of: datetime
) -> Placed:
    """The signed-in owner places a colleague's waiting cart, in the colleague's name.

    `cart_token` and `shown_total` (gross) are what the owner was shown. Approving twice gives the same order. Raises
    NotWaiting, and everything that core.orders.placing.place raises but OverSpendingLimit; then it goes on waiting.
    """
    cart = session.execute(_LOCK_ASKED, _named(session, cart_id, cart_token)).one_or_none()
    if cart is not None:
        details = Details(cart.approval_note, cart.reference, cart.deliver_to, cart.wished_on)
        return place_locked(session, cart, as_of, details, shown_total, approved=True)
    try:
        return placed_before(session, cart_token)
    except CartChanged:
        raise NotWaiting from None


def refuse(session: Session, cart_id: int, cart_token: uuid.UUID, reason: str, as_of: datetime) -> None:
    """The signed-in owner refuses; the cart goes back to its buyer unchanged, who is told with the reason (may be "").

    Raises NotAllowed, NotWaiting.
    """
    params = _named(session, cart_id, cart_token)
    user = session.execute(_REFUSE, params).scalar_one_or_none()
    if user is None:
        raise NotWaiting
    reason = without_nul(reason).strip()
    record(session, "approval_refused", as_of, partner_id=params["partner"], user=user, reason=reason)


def _check_question(cart: CartView, cart_token: uuid.UUID, shown_total: Decimal | None) -> None:
    if cart.token != cart_token or shown_total not in (None, cart.totals.gross):
        raise CartChanged
    if not cart.items:
        raise EmptyCart
    if not cart.over:
        raise WithinLimit


def _named(session: Session, cart_id: int, cart_token: uuid.UUID) -> dict[str, Any]:
    return {"cart": cart_id, "token": cart_token, "partner": authorize(session, "orders.approve").partner_id}


_LOCK_OWN = text("select from cart where user_id = :user and partner_id = :partner for update")
_OWNER_THERE = text("select exists (select from app_user where partner_id = :partner and role = 'owner' and active)")
_ASK = text("""
    update cart set approval_asked_at = :as_of, approval_note = :note, token = gen_random_uuid(),
                    reference = :reference, deliver_to = :deliver_to, wished_on = :wished_on
    where user_id = :user and partner_id = :partner
""")
_WITHDRAW = text("""
    update cart set approval_asked_at = null
    where user_id = :user and partner_id = :partner and approval_asked_at is not null returning id
""")
# Somebody who was blocked, or may not order any more, does not get an order in their name.
_MAY_ORDER = "active and role in ('owner', 'buyer')"
_WAITING = text(f"""
    select {CART_COLUMNS}, cart.user_id, app_user.name from cart join app_user on app_user.id = cart.user_id
    where cart.partner_id = :partner and approval_asked_at is not null and {_MAY_ORDER}
    order by approval_asked_at, cart.id
""")
_ASKED = "id = :cart and partner_id = :partner and token = :token and approval_asked_at is not null"
_LOCK_ASKED = lock_cart(f"{_ASKED} and user_id in (select app_user.id from app_user where {_MAY_ORDER})")
_REFUSE = text(f"update cart set approval_asked_at = null where {_ASKED} returning user_id")
