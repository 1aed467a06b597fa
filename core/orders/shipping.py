"""Goods of a claimed order leave, all at once or in parts; what stays behind of them is kept, awaited or given up."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.db import actor
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.orders.details import LONGEST_TEXT, TextTooLong
from core.orders.lifecycle import InvoicedOrder, NotClaimedYet, look, why_not
from core.orders.parts import Parts, WrongPart, parts, require_fit, told
from core.orders.settling import settle, withdraw_proposals
from core.permissions import authorize
from core.search import without_nul
from core.stock import backordering, holding
from core.stock.holding import Quantities

Rest = Literal["keep", "backorder", "cancel"]
"""What becomes of held goods that do not leave with a delivery: they stay held; or they are not on the shelf and the
order waits for them; or they go back to stock and the order does without."""


class NotPaidYet(Refusal):
    message = N_(
        "Order {order} is to be paid before it leaves, and it is not. Record the payment first, or let the order go "
        "without."
    )


class NothingToShip(Refusal):
    message = N_("Everything that order {order} still waits for is on backorder. Nothing can leave until it comes.")


class CannotLeave(WrongPart):
    message = N_(
        "{name}: {quantity} {unit} cannot leave. Enter more than 0 and at most the {most} {unit} that are held for "
        "this order."
    )


class CannotWait(Refusal):
    message = N_("{name} is not sold on backorder, so the order cannot wait for it. Keep the rest, or cancel it.")


def ship(session: Session, order_id: int, as_of: datetime) -> int:
    """Everything that is held for a claimed order leaves in one delivery; returns the delivery's id.

    What is on backorder keeps the order open. Raises NotAllowed, NotFound, NotClaimedYet, OrderHasEnded, NotPaidYet,
    NothingToShip.
    """
    order, lines = _lock(session, order_id)
    everything = {line.id: line.held for line in lines.values() if line.held > 0}
    return _send(session, order, lines, everything, "keep", "", as_of)


def ship_part(
    session: Session, order_id: int, quantities: Quantities, rest: Rest, as_of: datetime, note: str = ""
) -> int:
    """These quantities of lines leave in one delivery; `rest` is for all else that is held for the order.

    Returns the delivery's id. Raises what `ship` raises, CannotLeave for a quantity that is not held, NothingChosen,
    CannotWait where the rest is of goods not sold on backorder, InvoicedOrder where it is invoiced and would not stay
    held, TextTooLong for the note.
    """
    order, lines = _lock(session, order_id)
    require_fit(lines, quantities, lambda line: line.held, CannotLeave)
    note = without_nul(note).strip()
    if len(note) > LONGEST_TEXT:
        raise TextTooLong(most=LONGEST_TEXT)
    return _send(session, order, lines, quantities, rest, note, as_of)


def _lock(session: Session, order_id: int) -> tuple[Row[Any], Parts]:
    """The order, if goods of it may leave, and its lines: both stay as they are until the transaction ends."""
    authorize(session, "orders.ship")
    order = look(session, order_id, lock=True)
    if order.status != "claimed":
        raise NotClaimedYet(order=order_id) if order.status == "placed" else why_not(order)
    if order.prepay and order.paid_at is None and not order.invoiced:
        raise NotPaidYet(order=order_id)
    holding.lock(session, [order_id])
    lines = parts(session, order_id)
    if not any(line.held for line in lines.values()):
        raise NothingToShip(order=order_id)
    return order, lines


def _send(
    session: Session, order: Row[Any], lines: Parts, goods: Quantities, rest: Rest, note: str, as_of: datetime
) -> int:
    left = {line.id: line.held - goods.get(line.id, Decimal(0)) for line in lines.values()}
    left = {line: quantity for line, quantity in left.items() if quantity > 0}
    _require_rest(order, lines, goods, left, rest)
    user = actor(session).user_id
    new = {"order": order.id, "as_of": as_of, "user": user, "note": note}
    delivery: int = session.execute(_DELIVERY, new).scalar_one()
    holding.ship(session, delivery, goods, as_of, user)
    if rest == "backorder":
        backordering.miss(session, left, as_of, user)
    elif rest == "cancel":
        holding.release_held(session, left, as_of)
    kind = "order_shipped" if settle(session, order.id, as_of) == "shipped" else "order_part_shipped"
    data: dict[str, Any] = {"lines": told(lines, goods), "rest": rest if left else "keep"}
    data |= {"rest_lines": told(lines, left), "note": note}
    record(session, kind, as_of, partner_id=order.partner_id, order_id=order.id, delivery=delivery, **data)
    withdraw_proposals(session, [order.id], as_of)
    if rest == "cancel":
        backordering.fill(session, [lines[line].product_id for line in left], as_of)
    return delivery


def _require_rest(order: Row[Any], lines: Parts, goods: Quantities, left: Quantities, rest: Rest) -> None:
    if rest == "keep":
        return
    for line_id, quantity in left.items():
        line, gone = lines[line_id], lines[line_id].shipped + goods.get(line_id, Decimal(0))
        if rest == "backorder" and not line.may_wait:
            raise CannotWait(name=line.name)
        # What an invoice says beyond what has left stays owed, and held.
        if quantity > line.shipped + line.undelivered - max(gone, line.invoiced):
            raise InvoicedOrder(order=order.id)


_DELIVERY = text("""
    insert into delivery (order_id, partner_id, number, at, user_id, note)
    select id, partner_id, 1 + (select count(*) from delivery where order_id = :order), :as_of, :user, :note
    from orders where id = :order returning id
""")
