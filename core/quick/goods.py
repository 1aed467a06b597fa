"""The products that a quick order asks for: at the partner's prices, with what is there of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core.catalog.quantities import fitting_sql, fitting_within
from core.catalog.visibility import OFFERED
from core.money import round_amount
from core.orders.browsing import EXPECTED_ON
from core.permissions import authorize
from core.pricing.quoting import UNIT_PRICE, price_joins
from core.principal import Principal
from core.stock.showing import DISPLAY, Display


@dataclass(frozen=True, slots=True)
class Goods:
    """A product that lines ask for, at the partner's price (net, lei per `unit`) for what the cart would hold.

    `asked` is the sum of the lines. `total` is what the cart would hold: what it holds already (`in_cart`) and that,
    brought up to what can be ordered; `added` the difference, `net` the price of it in lei. `told` is what is left
    where the partner may know it, else None; `takeable` what can still be added of it. `waits` comes later, and
    would tell the stock as `told` does. `expected_on` is None for who is told nothing of the stock.
    """

    product_id: int
    sku: str
    name: str
    unit: str
    pack: Decimal
    least: Decimal | None
    multiple: Decimal | None
    asked: Decimal
    in_cart: Decimal
    total: Decimal
    unit_price: Decimal
    told: Decimal | None
    takeable: Decimal | None
    short: bool
    waits: Decimal
    expected_on: date | None

    @property
    def added(self) -> Decimal:
        return self.total - self.in_cart

    @property
    def net(self) -> Decimal:
        return round_amount(self.added * self.unit_price)


def goods_of(session: Session, product_ids: Iterable[int], as_of: datetime) -> dict[int, Goods]:
    """Products offered to the signed-in partner, by id, as if one of each was asked for."""
    return goods_for(session, dict.fromkeys(product_ids, Decimal(0)), as_of)


def goods_for(session: Session, asked: dict[int, Decimal], as_of: datetime) -> dict[int, Goods]:
    """What is asked of products (by id), as far as they are offered to the signed-in partner; 0 as if it was one."""
    me = authorize(session, "orders.place")
    about = {"partner": me.partner_id, "user": me.user_id, "as_of": as_of}
    given = {"products": list(asked), "quantities": list(asked.values())}
    rows = session.execute(_GOODS, about | given).mappings() if asked else ()
    return {row["product_id"]: _of_row(me, row) for row in rows}


def _of_row(me: Principal, row: RowMapping) -> Goods:
    values = dict(row)
    available = max(values.pop("available"), Decimal(0))
    display = Display.of(me, values.pop("stock_display"), values.pop("stock_cap"))
    told, backorder = display.told(available), values.pop("backorder")
    if display.kind == "nothing":
        values["expected_on"] = None
    missing = max(values["total"] - available, Decimal(0))
    left = max(fitting_within(available, row["least"], row["multiple"]) - row["in_cart"], Decimal(0))
    return Goods(
        **values,
        told=told,
        takeable=None if told is None else left,
        short=bool(missing) and not backorder and bool(row["asked"]),
        waits=missing if backorder else Decimal(0),
    )


_ALL_WANTED = "(coalesce(cart_line.quantity, 0) + coalesce(nullif(wanted.asked, 0), 1))"
# `offset 0`: see core.quick.finding.
_GOODS = text(f"""
    select product.id as product_id, product.sku, product.name, product.unit, product.pack,
           product.least_quantity as least, product.multiple, wanted.asked, given.in_cart, given.total,
           {UNIT_PRICE} as unit_price, product.backorder, {EXPECTED_ON} as expected_on,
           coalesce(stock.available, 0) as available, {DISPLAY}
    from unnest(cast(:products as int[]), cast(:quantities as numeric[])) wanted(id, asked)
    cross join lateral (select * from product where product.id = wanted.id offset 0) product
    join partner on partner.id = :partner cross join company
    left join cart on cart.user_id = :user and cart.partner_id = partner.id and cart.purpose = 'cart'
    left join cart_line on cart_line.cart_id = cart.id and cart_line.product_id = product.id
    cross join lateral (
        select coalesce(cart_line.quantity, 0) as in_cart, {fitting_sql(_ALL_WANTED)} as total
    ) given
    {price_joins("given.total")}
    left join lateral (
        select on_hand - held as available from stock
        where stock.product_id = product.id and stock.warehouse_id = 1 offset 0
    ) stock on true
    where {OFFERED}
""")
