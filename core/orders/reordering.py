"""Ordering again what was ordered before: into the cart, or in one step for an order that lapsed or was cancelled."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, RowMapping, text
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.clock import local_date
from core.company import company
from core.db import actor
from core.errors import NotAllowed, NotFound, Refusal
from core.i18n import N_, translate
from core.money import Totals, totals
from core.orders.cart import view_cart
from core.orders.details import Details
from core.orders.filling import raise_quantities
from core.orders.lifecycle import STATUS_NAMES
from core.orders.placing import CartChanged, Placed, lock_cart, place_locked, placed_before
from core.permissions import authorize
from core.pricing.quoting import UNIT_PRICE, PricesHidden, price_joins, prices_shown
from core.principal import Principal
from core.stock.showing import DISPLAY, Display

AGAIN = uuid.UUID("6f0d2c1e-6a0b-4a5e-9d0c-6b2f6f1f7a01")
"""Namespace of the tokens of orders that were placed again: one token per order, so one order again."""

ENDED_UNSERVED = ("lapsed", "cancelled")


class OrderGoesOn(Refusal):
    """Only what lapsed or was cancelled is placed again as it was."""

    message = N_("Order {order} is {status}; put its products in the cart to order them once more.")

    def text(self, language: str) -> str:
        status = translate(STATUS_NAMES[self.params["status"]], language)
        return translate(self.message, language).format(order=self.params["order"], status=status)


@dataclass(frozen=True, slots=True)
class Reordered:
    """A product of an old order as it would be ordered now.

    `quantity` is what was ordered then (of `reorder`: what is in the cart now), `unit_price` and `net` are today's, net
    lei, per `unit`; `price_then` is the old order's, per `unit_then`. What is gone has the old order's
    names. `available` is what can be ordered now, `told` the same where the partner may know it, else None.
    `backorder`: the rest may wait.
    """

    product_id: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    price_then: Decimal
    unit_then: str
    unit_price: Decimal
    vat_rate: Decimal
    net: Decimal
    available: Decimal
    told: Decimal | None
    active: bool
    backorder: bool

    @property
    def gone(self) -> bool:
        """It is not sold any more."""
        return not self.active

    @property
    def short(self) -> bool:
        """It is sold, but there is less than `quantity`, and the rest may not wait."""
        return self.active and self.available < self.quantity and not self.backorder

    @property
    def waits(self) -> Decimal:
        """How much of it would be on backorder."""
        missing = self.quantity - self.available
        return max(missing, Decimal(0)) if self.active and self.backorder else Decimal(0)

    @property
    def dearer(self) -> bool:
        return self.active and self.unit_price > self.price_then

    @property
    def cheaper(self) -> bool:
        return self.active and self.unit_price < self.price_then


@dataclass(frozen=True, slots=True)
class AgainView:
    """An old order of the partner at today's prices. `totals` are of what is still sold; `gross_then` is of the old
    order. `may_place` tells that it can be placed again in one step; `placed_as` is the order that came of that."""

    order_id: int
    lines: list[Reordered]
    totals: Totals
    gross_then: Decimal
    may_place: bool
    placed_as: int | None


def today(session: Session, order_id: int, as_of: datetime) -> AgainView:
    """What ordering the signed-in partner's order again would come to. Quantities are those that were ordered,
    whatever was cancelled or replaced since. Raises NotAllowed, NotFound, PricesHidden."""
    order = _own_order(session, order_id)
    lines = _lines(session, order, as_of)
    sums = totals([(line.net, line.vat_rate) for line in lines if line.active])
    may_place = order.status in ENDED_UNSERVED and order.placed_as is None
    return AgainView(order.id, lines, sums, order.gross, may_place, order.placed_as)


def reorder(session: Session, order_id: int, as_of: datetime) -> list[Reordered]:
    """Put the products of an old order of the partner in the signed-in user's cart, at their old quantities at least.

    What is in the cart already is not added up, so doing it twice does it once. Products that are gone are left out,
    those that are short go in all the same. Returns every product of the order, with the quantity that the cart has now
    (0 for one that is gone). Raises NotAllowed, NotFound, PricesHidden.
    """
    lines = _lines(session, _own_order(session, order_id), as_of)
    raise_quantities(session, {line.product_id: line.quantity for line in lines if line.active})
    there = {item.product_id: item for item in view_cart(session, as_of).items}
    return [
        replace(line, quantity=there[line.product_id].quantity, net=there[line.product_id].net)
        if line.active
        else replace(line, quantity=Decimal(0), net=Decimal(0))
        for line in lines
    ]


def place_again(session: Session, order_id: int, as_of: datetime, shown_total: Decimal | None = None) -> Placed:
    """Order anew, as it was, what lapsed or was cancelled: at today's prices, with the same note, number and address.

    The signed-in user's cart stays as it is. Doing it twice, even at once, gives the same order. `shown_total` is the
    gross that the user saw. Raises NotAllowed, NotFound, OrderGoesOn, and what core.orders.placing.place raises; then
    nothing was ordered. A product that is gone is short, too.
    """
    # Before it is looked at: it may just be coming back (core.orders.reviving).
    one_at_a_time(session, order_id)
    order = _own_order(session, order_id)
    token = again_token(order.id)
    try:
        return placed_before(session, token)
    except CartChanged:
        return _place_anew(session, order, token, as_of, shown_total)


def _place_anew(
    session: Session, order: Row[Any], token: uuid.UUID, as_of: datetime, shown_total: Decimal | None
) -> Placed:
    if order.status not in ENDED_UNSERVED:
        raise OrderGoesOn(order=order.id, status=order.status)
    me = authorize(session, "orders.place")
    mine = {"user": me.user_id, "partner": me.partner_id, "token": token}
    cart = session.execute(_CART, mine).scalar_one()
    session.execute(_CART_LINES, {"cart": cart, "order": order.id, "partner": me.partner_id})
    locked = session.execute(_LOCK, {"cart": cart}).one()
    details = Details(order.note, order.reference, order.deliver_to, _still_to_come(session, order.wished_on, as_of))
    placed = place_locked(session, locked, as_of, details, shown_total)
    session.execute(_REMOVE, {"cart": cart})
    return placed


def _still_to_come(session: Session, day: date | None, as_of: datetime) -> date | None:
    return day if day and day >= local_date(as_of, company(session).time_zone) else None


def _own_order(session: Session, order_id: int) -> Row[Any]:
    partner_id = authorize(session, "orders.place").partner_id
    if partner_id is None:
        raise NotAllowed
    named = {"order": order_id, "partner": partner_id, "token": again_token(order_id)}
    row = session.execute(_ORDER, named).one_or_none()
    if row is None:
        raise NotFound
    if not prices_shown(session):
        raise PricesHidden
    return row


def one_at_a_time(session: Session, order_id: int) -> None:
    """An order is placed again or comes back, one after the other: waits until nobody else does either."""
    session.execute(_ONE_AT_A_TIME, {"order": order_id})


def again_token(order_id: int) -> uuid.UUID:
    """The token of the cart that the order is placed again from."""
    return uuid.uuid5(AGAIN, str(order_id))


def _lines(session: Session, order: Row[Any], as_of: datetime) -> list[Reordered]:
    me = actor(session)
    rows = session.execute(_LINES, {"order": order.id, "partner": order.partner_id, "as_of": as_of})
    return [_line(me, row) for row in rows.mappings()]


def _line(principal: Principal, row: RowMapping) -> Reordered:
    values = dict(row)
    display = Display.of(principal, values.pop("stock_display"), values.pop("stock_cap"))
    return Reordered(**values, told=display.told(row["available"]))


_ORDER = text("""
    select orders.id, orders.partner_id, orders.status, orders.gross, orders.note, orders.reference, orders.deliver_to,
           orders.wished_on, again.id as placed_as
    from orders
    left join orders again on again.cart_token = :token and again.partner_id = orders.partner_id
    where orders.id = :order and orders.partner_id = :partner
""")
# Two clicks at once: a partner's role cannot lock an order that has ended.
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('order placed again'), :order)")
# A substitute stands for what was ordered: it is not ordered besides it.
_ORDERED = """
    select product_id, min(sku) as sku, min(name) as name, min(unit) as unit_then, sum(quantity) as quantity,
           min(unit_price) as price_then, min(position) as position
    from order_line where order_id = :order and partner_id = :partner and replaces is null group by product_id
"""
_LINES = text(f"""
    select product.id as product_id, case when {OFFERED} then product.sku else ordered.sku end as sku,
           case when {OFFERED} then product.name else ordered.name end as name,
           case when {OFFERED} then product.unit else ordered.unit_then end as unit,
           ordered.quantity, ordered.price_then, ordered.unit_then,
           case when {OFFERED} then {UNIT_PRICE} else 0 end as unit_price, vat.rate as vat_rate,
           case when {OFFERED} then round(ordered.quantity * {UNIT_PRICE}, 2) else 0 end as net,
           case when {OFFERED} then greatest(coalesce(stock.on_hand - stock.held, 0), 0) else 0 end as available,
           {OFFERED} as active, product.backorder, {DISPLAY}
    from ({_ORDERED}) ordered
    join product on product.id = ordered.product_id
    join partner on partner.id = :partner cross join company
    {price_joins("ordered.quantity")}
    left join stock on stock.product_id = product.id and stock.warehouse_id = 1
    order by ordered.position
""")
_CART = text("""
    insert into cart (user_id, partner_id, purpose, token) values (:user, :partner, 'again', :token) returning id
""")
_CART_LINES = text(f"""
    insert into cart_line (cart_id, product_id, quantity, added_at)
    select :cart, product_id, quantity, now() + position * interval '1 millisecond' from ({_ORDERED}) ordered
""")
_LOCK = lock_cart("id = :cart")
_REMOVE = text("delete from cart where id = :cart")
