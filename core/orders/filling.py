"""Filling the cart: quantities that were typed, each brought to one that can be ordered."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.catalog.quantities import fitting_sql, fitting_within
from core.catalog.visibility import OFFERED
from core.db import actor
from core.errors import Refusal
from core.i18n import N_
from core.orders.cart import own_cart
from core.pricing.quoting import UNIT_PRICE, price_joins
from core.principal import Principal
from core.stock.showing import DISPLAY, Display

LARGEST_QUANTITY = Decimal(999_999)


class BadQuantity(Refusal):
    message = N_(
        "{quantity} is not a quantity that can be ordered. Enter a number from 0 to 999,999, with at most 3 decimals."
    )


class UnknownProduct(Refusal):
    message = N_("This product is no longer in the catalogue. Reload the page to see what is.")


AnswerKind = Literal["ok", "rounded", "short", "gone", "bad", "sent"]


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What became of a quantity that was typed. `quantity` is what stands in the cart now.

    'rounded': it was brought up to the `least` quantity or a `multiple`. 'short': there is less; `available`, and what
    of it can be taken (`takeable`), are None where the partner may not know it. 'gone': not offered any more. 'bad': no
    quantity at all; the cart is as it was. 'sent': it was typed into a cart that was ordered, or sent for approval,
    meanwhile; the present one is as it was. `unit_price` is the net price at the quantity, in lei.
    """

    product_id: int
    quantity: Decimal
    kind: AnswerKind
    least: Decimal | None = None
    multiple: Decimal | None = None
    available: Decimal | None = None
    takeable: Decimal | None = None
    unit_price: Decimal | None = None


def set_quantities(session: Session, quantities: dict[int, Decimal]) -> bool:
    """Put products (by id) in the cart at these quantities, or the next ones that can be ordered (their least quantity
    and multiples); 0 takes one out.

    A cart that waits for approval waits no more: the owner approves what was asked or nothing. Returns whether that
    was so. Raises BadQuantity, UnknownProduct or PricesHidden, and then changes nothing.
    """
    for quantity in quantities.values():
        if not orderable(quantity):
            raise BadQuantity(quantity=quantity)
    written, waited = _write(session, quantities)
    if len(written) < sum(quantity > 0 for quantity in quantities.values()):
        raise UnknownProduct
    return waited


def put(session: Session, quantities: dict[int, Decimal], as_of: datetime) -> tuple[list[LineAnswer], bool]:
    """As `set_quantities`, but each product has an answer of its own: what is wrong with one stops no other.

    Returns also whether the cart waited for approval until now. Raises PricesHidden.
    """
    good = {product: quantity for product, quantity in quantities.items() if orderable(quantity)}
    written, waited = _write(session, good)
    asked = {"products": list(written), "quantities": list(written.values())}
    about = {"partner": actor(session).partner_id, "as_of": as_of}
    there = {row.product_id: row for row in session.execute(_ANSWERS, asked | about)} if written else {}
    answers = []
    for product, quantity in quantities.items():
        if product not in good:
            answers.append(LineAnswer(product, quantity, "bad"))
        elif quantity == 0:
            answers.append(LineAnswer(product, quantity, "ok"))
        elif product not in there:
            answers.append(LineAnswer(product, Decimal(0), "gone"))
        else:
            answers.append(_answer(actor(session), there[product], quantity))
    return answers, waited


def add(session: Session, quantities: dict[int, Decimal], as_of: datetime) -> tuple[list[LineAnswer], bool]:
    """As `put`, on top of what the cart holds already."""
    there = _quantities(session)
    return put(session, {product: q + there.get(product, 0) for product, q in quantities.items()}, as_of)


def _answer(principal: Principal, row: Row[Any], typed: Decimal) -> LineAnswer:
    display = Display.of(principal, row.stock_display, row.stock_cap)
    kind: AnswerKind = "ok" if row.quantity == typed else "rounded"
    if row.available < row.quantity and not row.backorder:
        kind = "short"
    takeable = fitting_within(max(row.available, Decimal(0)), row.least, row.multiple)
    told = display.told(row.available)
    return LineAnswer(
        row.product_id, row.quantity, kind, row.least, row.multiple, told, None if told is None else takeable,
        row.unit_price,
    )  # fmt: skip


def _write(session: Session, quantities: dict[int, Decimal]) -> tuple[dict[int, Decimal], bool]:
    """What stands in the cart now of these products, and whether it waited for approval until now."""
    cart = own_cart(session)
    # The lock keeps an order that is being placed and this change apart: one sees the other whole or not at all.
    waited = session.execute(_LOCK, {"cart": cart.id}).scalar_one() is not None
    if not quantities:
        return {}, False
    if waited:
        session.execute(_ASK_NO_MORE, {"cart": cart.id})
    if removed := [product for product, quantity in quantities.items() if quantity == 0]:
        session.execute(_REMOVE, {"cart": cart.id, "products": removed})
    wanted = {product: quantity for product, quantity in quantities.items() if quantity > 0}
    given = {"products": list(wanted), "quantities": list(wanted.values())}
    rows = session.execute(_UPSERT, given | {"cart": cart.id, "partner": cart.partner_id}) if wanted else ()
    return {row.product_id: row.quantity for row in rows}, waited


def raise_quantities(session: Session, quantities: dict[int, Decimal]) -> bool:
    """Put products (by id) in the cart at these quantities at least: what is there already and is more stays.

    Returns and raises what `set_quantities` does.
    """
    there = _quantities(session)
    return set_quantities(session, {product: q for product, q in quantities.items() if q > there.get(product, 0)})


def _quantities(session: Session) -> dict[int, Decimal]:
    """What the cart holds, locked."""
    cart = own_cart(session).id
    session.execute(_LOCK, {"cart": cart})
    return {row.product_id: row.quantity for row in session.execute(_QUANTITIES, {"cart": cart})}


def orderable(quantity: Decimal) -> bool:
    """Is it a quantity that an order can have, or 0: at most LARGEST_QUANTITY, with at most three decimals?"""
    return (
        quantity.is_finite() and 0 <= quantity <= LARGEST_QUANTITY and quantity == quantity.quantize(Decimal("0.001"))
    )


_LOCK = text("select approval_asked_at from cart where id = :cart for update")
_QUANTITIES = text("select product_id, quantity from cart_line where cart_id = :cart")
_ASK_NO_MORE = text("update cart set approval_asked_at = null where id = :cart")
_REMOVE = text("delete from cart_line where cart_id = :cart and product_id = any(:products)")
_UPSERT = text(f"""
    insert into cart_line (cart_id, product_id, quantity)
    select :cart, product.id, {fitting_sql("given.quantity")}
    from unnest(cast(:products as int[]), cast(:quantities as numeric[])) with ordinality given(id, quantity, at)
    join product on product.id = given.id join partner on partner.id = :partner
    where {OFFERED} order by given.at
    on conflict (cart_id, product_id) do update set quantity = excluded.quantity
    returning product_id, quantity
""")
_ANSWERS = text(f"""
    select product.id as product_id, given.quantity, {UNIT_PRICE} as unit_price, product.backorder,
           product.least_quantity as least, product.multiple, coalesce(stock.on_hand - stock.held, 0) as available,
           {DISPLAY}
    from unnest(cast(:products as int[]), cast(:quantities as numeric[])) given(id, quantity)
    join product on product.id = given.id
    join partner on partner.id = :partner cross join company
    {price_joins("given.quantity")}
    left join stock on stock.product_id = product.id and stock.warehouse_id = 1
""")
