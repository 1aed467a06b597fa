"""The cart: kept in the database per user, priced anew each time it is looked at."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import actor
from core.errors import Refusal
from core.i18n import N_
from core.money import Totals, totals
from core.permissions import authorize
from core.pricing.quoting import PRICE_JOINS, UNIT_PRICE

LARGEST_QUANTITY = Decimal(999_999)


class BadQuantity(Refusal):
    message = N_(
        "{quantity} is not a quantity that can be ordered. Enter a number from 0 to 999,999, with at most 3 decimals."
    )


class UnknownProduct(Refusal):
    message = N_("This product is no longer in the catalogue. Reload the page to see what is.")


@dataclass(frozen=True, slots=True)
class CartItem:
    """One product in the cart at the partner's present price; `available` is what can be ordered now."""

    product_id: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    vat_rate: Decimal
    net: Decimal
    available: Decimal
    active: bool

    @property
    def short(self) -> bool:
        return not self.active or self.available < self.quantity


@dataclass(frozen=True, slots=True)
class CartView:
    token: uuid.UUID
    items: list[CartItem]
    totals: Totals


def view_cart(session: Session, as_of: datetime) -> CartView:
    """The signed-in partner user's cart with today's prices, VAT rates and stock; made when it is not there yet."""
    cart_id, token = _own_cart(session)
    rows = session.execute(_ITEMS, {"cart": cart_id, "partner": actor(session).partner_id, "as_of": as_of})
    items = [CartItem(**row) for row in rows.mappings()]
    return CartView(token, items, totals([(item.net, item.vat_rate) for item in items]))


def set_quantities(session: Session, quantities: dict[int, Decimal]) -> None:
    """Put products (by id) in the cart at exactly these quantities; 0 takes one out.

    Raises BadQuantity or UnknownProduct, and then changes nothing.
    """
    for quantity in quantities.values():
        if not _orderable(quantity):
            raise BadQuantity(quantity=quantity)
    cart_id, _ = _own_cart(session)
    # The lock keeps an order that is being placed and this change apart: one sees the other whole or not at all.
    session.execute(text("select from cart where id = :cart for update"), {"cart": cart_id})
    wanted = [{"cart": cart_id, "product": product, "quantity": q} for product, q in quantities.items() if q > 0]
    removed = [product for product, q in quantities.items() if q == 0]
    if removed:
        session.execute(_REMOVE, {"cart": cart_id, "products": removed})
    for line in wanted:
        if session.execute(_UPSERT, line).one_or_none() is None:
            raise UnknownProduct


def _orderable(quantity: Decimal) -> bool:
    return (
        quantity.is_finite() and 0 <= quantity <= LARGEST_QUANTITY and quantity == quantity.quantize(Decimal("0.001"))
    )


def _own_cart(session: Session) -> tuple[int, uuid.UUID]:
    principal = authorize(session, "orders.place")
    who = {"user": principal.user_id, "partner": principal.partner_id}
    found = session.execute(_FIND, who).one_or_none()
    if found is None:
        session.execute(_CREATE, who)
        found = session.execute(_FIND, who).one()
    return found.id, found.token


_FIND = text("select id, token from cart where user_id = :user and partner_id = :partner")
_CREATE = text("insert into cart (user_id, partner_id) values (:user, :partner) on conflict (user_id) do nothing")
_ITEMS = text(f"""
    select product.id as product_id, product.sku, product.name, product.unit, cart_line.quantity,
           {UNIT_PRICE} as unit_price, vat.rate as vat_rate,
           round(cart_line.quantity * {UNIT_PRICE}, 2) as net,
           coalesce(stock.on_hand - stock.held, 0) as available, product.active
    from cart_line
    join product on product.id = cart_line.product_id
    join partner on partner.id = :partner
    {PRICE_JOINS}
    left join stock on stock.product_id = product.id and stock.warehouse_id = 1
    where cart_line.cart_id = :cart
    order by cart_line.added_at, product.id
""")
_REMOVE = text("delete from cart_line where cart_id = :cart and product_id = any(:products)")
_UPSERT = text("""
    insert into cart_line (cart_id, product_id, quantity)
    select :cart, id, :quantity from product where id = :product and active
    on conflict (cart_id, product_id) do update set quantity = excluded.quantity
    returning product_id
""")
