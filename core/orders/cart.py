"""The cart: kept in the database per user, priced anew each time it is looked at."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.db import actor
from core.errors import Refusal
from core.i18n import N_
from core.money import Totals, totals
from core.orders.limits import LIMIT_ROWS, RULES, LimitState, states
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
    backorder: bool

    @property
    def short(self) -> bool:
        """It cannot be ordered so: there is less, and it is not one that may be ordered before it comes."""
        return not self.active or (self.available < self.quantity and not self.backorder)

    @property
    def waits(self) -> Decimal:
        """How much of it would be on backorder."""
        return max(self.quantity - max(self.available, Decimal(0)), Decimal(0)) if self.backorder else Decimal(0)


@dataclass(frozen=True, slots=True)
class CartView:
    """`limit` is the largest order (gross, lei) that its user places without approval, None for no limit.

    `asked_at` is set (UTC) while the cart waits for the owner's approval; `note`, `reference` (its own number),
    `deliver_to` (empty: its seat) and `wished_on` (a local day) are what was said when it was asked.
    `limits` are those of the partner that hold, with what this cart makes of them; `waived` tells that the distributor
    lets this one order pass them.
    """

    token: uuid.UUID
    items: list[CartItem]
    totals: Totals
    limit: Decimal | None
    asked_at: datetime | None
    note: str
    reference: str
    deliver_to: str
    wished_on: date | None
    limits: list[LimitState]
    waived: bool

    @property
    def over(self) -> Decimal:
        """By how much it is above the limit, in lei; 0 where it is not."""
        return Decimal(0) if self.limit is None else max(self.totals.gross - self.limit, Decimal(0))

    @property
    def exceeded(self) -> list[LimitState]:
        """The limits that stop this cart; none where the distributor lets it pass."""
        return [] if self.waived else [limit for limit in self.limits if limit.exceeded]


def view_cart(session: Session, as_of: datetime) -> CartView:
    """The signed-in partner user's cart with today's prices, VAT rates and stock; made when it is not there yet."""
    return priced(session, _own_cart(session), as_of)


def priced(session: Session, cart: Row[Any], as_of: datetime) -> CartView:
    """A cart of the acting partner, given as a row with CART_COLUMNS, with the prices, rates and stock of `as_of`."""
    who = {"cart": cart.id, "partner": actor(session).partner_id}
    rows = session.execute(_ITEMS, who | {"as_of": as_of})
    items = [CartItem(**row) for row in rows.mappings()]
    sums = totals([(item.net, item.vat_rate) for item in items])
    found = session.execute(
        _LIMITS, who | {"as_of": as_of, "gross": sums.gross if items else None, "order": None}
    ).one()
    question = cart.spending_limit, cart.approval_asked_at, cart.approval_note
    details = cart.reference, cart.deliver_to, cart.wished_on
    return CartView(cart.token, items, sums, *question, *details, states(found.limits), found.waived)


def set_quantities(session: Session, quantities: dict[int, Decimal]) -> bool:
    """Put products (by id) in the cart at exactly these quantities; 0 takes one out.

    A cart that waits for approval waits no more: the owner approves what was asked or nothing. Returns whether that
    was so. Raises BadQuantity or UnknownProduct, and then changes nothing.
    """
    for quantity in quantities.values():
        if not orderable(quantity):
            raise BadQuantity(quantity=quantity)
    cart = _own_cart(session).id
    # The lock keeps an order that is being placed and this change apart: one sees the other whole or not at all.
    waited = session.execute(_LOCK, {"cart": cart}).scalar_one() is not None
    if waited and quantities:
        session.execute(_ASK_NO_MORE, {"cart": cart})
    wanted = [{"cart": cart, "product": product, "quantity": q} for product, q in quantities.items() if q > 0]
    removed = [product for product, q in quantities.items() if q == 0]
    if removed:
        session.execute(_REMOVE, {"cart": cart, "products": removed})
    for line in wanted:
        if session.execute(_UPSERT, line).one_or_none() is None:
            raise UnknownProduct
    return waited and bool(quantities)


def raise_quantities(session: Session, quantities: dict[int, Decimal]) -> bool:
    """Put products (by id) in the cart at these quantities at least: what is there already and is more stays.

    Returns and raises what `set_quantities` does.
    """
    cart = _own_cart(session).id
    session.execute(_LOCK, {"cart": cart})
    there = {row.product_id: row.quantity for row in session.execute(_QUANTITIES, {"cart": cart})}
    return set_quantities(session, {product: q for product, q in quantities.items() if q > there.get(product, 0)})


def orderable(quantity: Decimal) -> bool:
    """Is it a quantity that an order can have, or 0: at most LARGEST_QUANTITY, with at most three decimals?"""
    return (
        quantity.is_finite() and 0 <= quantity <= LARGEST_QUANTITY and quantity == quantity.quantize(Decimal("0.001"))
    )


def _own_cart(session: Session) -> Row[Any]:
    principal = authorize(session, "orders.place")
    who = {"user": principal.user_id, "partner": principal.partner_id}
    found = session.execute(_FIND, who).one_or_none()
    if found is None:
        session.execute(_CREATE, who)
        found = session.execute(_FIND, who).one()
    return found


CART_COLUMNS = """cart.id, cart.token, cart.approval_asked_at, cart.approval_note, cart.reference, cart.deliver_to,
                  cart.wished_on, app_user.spending_limit"""
"""Of `cart` joined with `app_user`, whose cart it is: what `priced` needs."""
_FIND = text(f"""
    select {CART_COLUMNS} from cart join app_user on app_user.id = cart.user_id
    where cart.user_id = :user and cart.partner_id = :partner and cart.purpose = 'cart'
""")
_CREATE = text("insert into cart (user_id, partner_id) values (:user, :partner) on conflict do nothing")
_LOCK = text("select approval_asked_at from cart where id = :cart for update")
_QUANTITIES = text("select product_id, quantity from cart_line where cart_id = :cart")
_ASK_NO_MORE = text("update cart set approval_asked_at = null where id = :cart")
_ITEMS = text(f"""
    select product.id as product_id, product.sku, product.name, product.unit, cart_line.quantity,
           {UNIT_PRICE} as unit_price, vat.rate as vat_rate,
           round(cart_line.quantity * {UNIT_PRICE}, 2) as net,
           coalesce(stock.on_hand - stock.held, 0) as available, product.active, product.backorder
    from cart_line
    join product on product.id = cart_line.product_id
    join partner on partner.id = :partner
    {PRICE_JOINS}
    left join stock on stock.product_id = product.id and stock.warehouse_id = 1
    where cart_line.cart_id = :cart
    order by cart_line.added_at, product.id
""")
_LIMITS = text(f"""
with head as (select {RULES} from partner, company where partner.id = :partner),
amount as (select cast(:gross as numeric) as gross),
line as (select product_id, quantity from cart_line where cart_id = :cart),
{LIMIT_ROWS}
select (select jsonb_agg(to_jsonb(limit_row)) from limit_row) as limits,
       exists (select from limit_pass where partner_id = :partner and order_id is null and expires_at > :as_of
               and up_to >= cast(:gross as numeric)) as waived
""")
_REMOVE = text("delete from cart_line where cart_id = :cart and product_id = any(:products)")
_UPSERT = text("""
    insert into cart_line (cart_id, product_id, quantity)
    select :cart, id, :quantity from product where id = :product and active
    on conflict (cart_id, product_id) do update set quantity = excluded.quantity
    returning product_id
""")
