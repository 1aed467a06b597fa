"""The cart: kept in the database per user, priced anew each time it is looked at."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.catalog.quantities import fitting_within
from core.catalog.visibility import OFFERED
from core.db import actor
from core.money import Totals, totals
from core.orders.known_names import LAST_NAMES, NAMES
from core.orders.limits import LIMIT_ROWS, RULES, LimitState, states
from core.permissions import AGENT, authorize
from core.pricing.quoting import UNIT_PRICE, PricesHidden, price_joins
from core.principal import Principal
from core.stock.showing import DISPLAY, Display


@dataclass(frozen=True, slots=True)
class CartItem:
    """One product in the cart at the partner's present price; `available` is what can be ordered now, `told` the same
    where the partner may know it, else None. `active`: it is offered to the partner; of what is not, nothing is said:
    nothing is there, it costs nothing, and the names are those of core.orders.known_names. `takeable` is the most that
    its least quantity and multiples let one take of what is available."""

    product_id: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    vat_rate: Decimal
    net: Decimal
    least: Decimal | None
    multiple: Decimal | None
    available: Decimal
    told: Decimal | None
    active: bool
    backorder: bool

    @property
    def takeable(self) -> Decimal:
        return fitting_within(max(self.available, Decimal(0)), self.least, self.multiple) if self.active else Decimal(0)

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
    return priced(session, own_cart(session), as_of)


def priced(session: Session, cart: Row[Any], as_of: datetime) -> CartView:
    """A cart of the acting partner, given as a row with CART_COLUMNS, with the prices, rates and stock of `as_of`."""
    who = {"cart": cart.id, "partner": actor(session).partner_id}
    lines = session.execute(_ITEMS, who | {"as_of": as_of})
    names = tuple(lines.keys())  # once: a mapping of each row would make them anew
    items = [_item(actor(session), dict(zip(names, row, strict=True))) for row in lines]
    sums = totals([(item.net, item.vat_rate) for item in items])
    found = session.execute(
        _LIMITS, who | {"as_of": as_of, "gross": sums.gross if items else None, "order": None}
    ).one()
    question = cart.spending_limit, cart.approval_asked_at, cart.approval_note
    details = cart.reference, cart.deliver_to, cart.wished_on
    return CartView(cart.token, items, sums, *question, *details, states(found.limits), found.waived)


def own_cart(session: Session) -> Row[Any]:
    """The acting partner user's cart, with CART_COLUMNS and `partner_id`; made when it is not there yet.

    Raises NotAllowed, or PricesHidden: who sees no prices orders nothing.
    """
    principal = authorize(session, "orders.place")
    who = {"user": principal.user_id, "partner": principal.partner_id}
    found = session.execute(_FIND, who).one_or_none()
    if found is None:
        session.execute(_CREATE, who)
        found = session.execute(_FIND, who).one()
    if found.prices_hidden and principal.role != AGENT:
        raise PricesHidden
    return found


def _item(principal: Principal, values: dict[str, Any]) -> CartItem:
    display = Display.of(principal, values.pop("stock_display"), values.pop("stock_cap"))
    return CartItem(**values, told=display.told(values["available"]))


CART_COLUMNS = """cart.id, cart.token, cart.approval_asked_at, cart.approval_note, cart.reference, cart.deliver_to,
                  cart.wished_on, app_user.spending_limit"""
"""Of `cart` joined with `app_user`, whose cart it is: what `priced` needs."""
_FIND = text(f"""
    select {CART_COLUMNS}, cart.partner_id, partner.prices_hidden
    from cart join app_user on app_user.id = cart.user_id join partner on partner.id = cart.partner_id
    where cart.user_id = :user and cart.partner_id = :partner and cart.purpose = 'cart'
""")
_CREATE = text("insert into cart (user_id, partner_id) values (:user, :partner) on conflict do nothing")
_ITEMS = text(f"""
    select product.id as product_id, {NAMES}, cart_line.quantity,
           case when {OFFERED} then {UNIT_PRICE} else 0 end as unit_price, vat.rate as vat_rate,
           case when {OFFERED} then round(cart_line.quantity * {UNIT_PRICE}, 2) else 0 end as net,
           product.least_quantity as least, product.multiple, {OFFERED} as active, product.backorder,
           case when {OFFERED} then coalesce(stock.on_hand - stock.held, 0) else 0 end as available, {DISPLAY}
    from cart_line
    join product on product.id = cart_line.product_id
    join partner on partner.id = :partner cross join company
    {LAST_NAMES}
    {price_joins("cart_line.quantity")}
    left join stock on stock.product_id = product.id and stock.warehouse_id = 1
    where cart_line.cart_id = :cart
    order by cart_line.added_at, product.id
""")
_LIMITS = text(f"""
with head as (select {RULES} from partner, company where partner.id = :partner),
amount as (select cast(:gross as numeric) as gross),
line as (
    select product.id as product_id, quantity from cart_line
    join product on product.id = cart_line.product_id join partner on partner.id = :partner
    where cart_id = :cart and {OFFERED}
),
{LIMIT_ROWS}
select (select jsonb_agg(to_jsonb(limit_row)) from limit_row) as limits,
       exists (select from limit_pass where partner_id = :partner and order_id is null and expires_at > :as_of
               and up_to >= cast(:gross as numeric)) as waived
""")
