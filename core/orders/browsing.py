"""Products as one partner sees them: own price beside the list price, stock as far as shown, what its cart holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core.catalog.quantities import fitting
from core.catalog.visibility import OFFERED
from core.orders.bought import CAME
from core.permissions import authorize
from core.pricing.quoting import DAY, LEAST_QUANTITY, PROMOTION, SHOWN, STEPS, VAT_RATES, PriceStep, price_steps, sight
from core.principal import Principal
from core.search import fold
from core.stock.showing import DISPLAY, Display, ShownStock

NEW_DAYS = 30
"""For so many days a product counts as new."""
EXPECTED_ON = f"case when product.expected_on >= {DAY} then product.expected_on end"
"""SQL for the local day when `product` is expected; one that has passed says nothing any more."""


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """A product for the signed-in partner. Prices are net, in lei per `unit`, and None where it sees none.

    `unit_price` is for one, or the least that can be ordered; `breaks` are what other quantities cost, and begin with
    the smallest that can be ordered where less than one costs something else. `rrp` is the recommended retail price.
    `out`: nothing is there now, where the partner may know it; with `backorder` it can be ordered all the same.
    `bought_on` (a local day) and `bought_price` are of the partner's last order of it.
    """

    product_id: int
    sku: str
    ean: str
    name: str
    brand: str
    category: str
    unit: str
    pack: Decimal
    least: Decimal | None
    multiple: Decimal | None
    list_price: Decimal | None
    rrp: Decimal | None
    unit_price: Decimal | None
    vat_rate: Decimal
    promotion: bool
    breaks: list[PriceStep]
    stock: ShownStock
    out: bool
    backorder: bool
    expected_on: date | None
    image_id: int | None
    is_new: bool
    bought_on: date | None
    bought_price: Decimal | None
    favourite: bool
    in_cart: Decimal

    @property
    def discount(self) -> Decimal | None:
        """Off the list price, in percent; None where there is none."""
        if not self.list_price or self.unit_price is None or self.unit_price >= self.list_price:
            return None
        return (1 - self.unit_price / self.list_price) * 100

    @property
    def more(self) -> list[PriceStep]:
        """The breaks beyond what `unit_price` is for."""
        first = fitting(Decimal(1), self.least, self.multiple)
        return [step for step in self.breaks if step.from_quantity > first]

    @property
    def margin(self) -> Decimal | None:
        """What selling at the recommended price leaves of it, in percent (net of VAT)."""
        return (1 - self.unit_price / self.rrp) * 100 if self.rrp and self.unit_price is not None else None


def rows_of(session: Session, product_ids: Sequence[int], as_of: datetime) -> list[CatalogRow]:
    """These products (each once) in this order; those that are not offered to the partner are left out.

    What is shown here is what the order charges: the prices are quoted, never read from sort keys.
    """
    me = authorize(session, "catalog.see")
    about = {"ids": list(product_ids), "partner": me.partner_id, "user": me.user_id, "as_of": as_of} | sight(me)
    return [_row(me, row) for row in session.execute(_ROWS, about).mappings()] if product_ids else []


def offer_key(session: Session) -> tuple[int | None, ...]:
    """What `category_paths` and `brand_names` depend on for the signed-in partner: while it is the same, so are they.
    Partners of a group share it, but for those that know of some product by themselves. Raises NotAllowed."""
    me = authorize(session, "catalog.see")
    return tuple(session.execute(_OFFER_KEY, {"partner": me.partner_id}).one())


def category_paths(session: Session) -> list[str]:
    """The categories that have products offered to the partner, with every level above them, in order."""
    me = authorize(session, "catalog.see")
    paths = session.execute(_CATEGORIES, {"partner": me.partner_id}).scalars()
    return sorted(paths, key=lambda path: fold(path).split(" > "))


def brand_names(session: Session) -> list[str]:
    """The brands of the products offered to the partner, in order."""
    me = authorize(session, "catalog.see")
    return sorted(session.execute(_BRANDS, {"partner": me.partner_id}).scalars(), key=fold)


def _row(principal: Principal, row: RowMapping) -> CatalogRow:
    values: dict[str, Any] = dict(row)
    display = Display.of(principal, values.pop("stock_display"), values.pop("stock_cap"))
    available = values.pop("available")
    steps = price_steps(values.pop("steps"))
    first = fitting(Decimal(1), values["least"], values["multiple"])
    shown_step = next((step for step in reversed(steps) if step.from_quantity <= first), None)
    shown = display.show(available)
    if shown.kind == "nothing":
        values["expected_on"] = None  # it would say that there is none
    return CatalogRow(
        **values,
        unit_price=shown_step.unit_price if shown_step else None,
        promotion=shown_step is not None and shown_step.name == STEPS[PROMOTION],
        breaks=steps[1:] if steps[:1] == [shown_step] else steps,
        stock=shown,
        out=available <= 0 and shown.kind != "nothing",
    )


_ROWS = text(f"""
    with asked as materialized (
        select product.*, at
        from unnest(cast(:ids as int[])) with ordinality wanted(id, at)
        join product using (id) join partner on partner.id = :partner
        where {OFFERED}
    )
    select product.id as product_id, product.sku, product.ean, product.name, product.brand,
           coalesce(category.path, '') as category, product.unit, product.pack, product.least_quantity as least,
           product.multiple, vat.rate as vat_rate, product.backorder, {EXPECTED_ON} as expected_on,
           case when {SHOWN} and company.show_list_price then product.list_price end as list_price,
           case when {SHOWN} and company.show_rrp then product.rrp end as rrp,
           case when {SHOWN} then priced.steps end as steps,
           coalesce(stock.on_hand - stock.held, 0) as available, {DISPLAY},
           (select image.id from product_image image where image.product_id = product.id order by position limit 1)
               as image_id,
           product.created_at > cast(:as_of as timestamptz) - {NEW_DAYS} * interval '1 day' as is_new,
           bought.bought_on, case when {SHOWN} then bought.unit_price end as bought_price,
           exists (select from favourite where favourite.user_id = :user and favourite.partner_id = :partner
                   and favourite.product_id = product.id) as favourite,
           coalesce(cart_line.quantity, 0) as in_cart
    from asked product
    join price_steps(:partner, array(select id from asked order by at),
                     array(select {LEAST_QUANTITY} from asked product order by at), {DAY}) priced
      on priced.product_id = product.id
    join partner on partner.id = :partner
    cross join company
    left join category on category.id = product.category_id
    join ({VAT_RATES}) vat using (vat_class)
    left join lateral (
        select (orders.placed_at at time zone company.time_zone)::date as bought_on, order_line.unit_price
        from order_line join orders on orders.id = order_line.order_id
        where order_line.product_id = product.id and order_line.partner_id = partner.id
          and {CAME}
        order by order_line.id desc limit 1
    ) bought on true
    left join stock on stock.product_id = product.id and stock.warehouse_id = 1
    left join cart on cart.user_id = :user and cart.partner_id = partner.id and cart.purpose = 'cart'
    left join cart_line on cart_line.cart_id = cart.id and cart_line.product_id = product.id
    order by product.at
""")
_OFFER_KEY = text("""
    select number, group_id,
           case when exists (select from product_audience own where own.partner_id = partner.id) then partner.id end
    from partner, offer_version where partner.id = :partner
""")
_CATEGORIES = text(f"""
    select path from category where id in (
        select distinct unnest(lineage) from partner, category place
        where partner.id = :partner and exists (
            select from product where product.category_id = place.id and {OFFERED}))
""")
# Brand after brand through the index: there are a few hundred among all products.
_BRANDS = text(f"""
    with recursive every(brand) as (
        (select min(brand) from product where brand > '')
        union all
        select (select min(brand) from product where product.brand > every.brand) from every where brand is not null
    )
    select brand from every, partner
    where partner.id = :partner and exists (select from product where product.brand = every.brand and {OFFERED})
""")
