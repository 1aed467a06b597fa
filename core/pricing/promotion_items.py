"""The prices of a promotion, and for how many partners they change anything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.quantities import fitting_sql
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.pricing.conditions import Condition, TypedTwice, check_net, check_percent, product_ids, written
from core.pricing.promotions import locked_promotion
from core.pricing.seen import check_seen

PAGE_SIZE = 50


class NetOrPercent(Refusal):
    message = N_("{sku}: enter either a net price or a percentage off the list price.")


class NothingThere(Refusal):
    message = N_("There is no active product in it that is not in the promotion already.")


@dataclass(frozen=True, slots=True)
class Offer:
    """A price for the product with exactly this SKU: net, in lei per unit, or `percent` off the list price."""

    sku: str
    net: Decimal | None = None
    percent: Decimal | None = None
    from_quantity: Decimal = Decimal(0)

    def check(self) -> None:
        """Raises NetOrPercent, BadPrice, BadPercent, BadFromQuantity."""
        if (self.net is None) == (self.percent is None):
            raise NetOrPercent(sku=self.sku)
        if self.net is not None:
            check_net(self.net)
        if self.percent is not None:
            check_percent(self.percent)
        Condition(self.from_quantity).check()

    def said(self) -> str:
        """The price as an event keeps it: `3.1` or `10 %`."""
        return written(self.net) if self.net is not None else f"{written(self.percent)} %"


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A price of a promotion; `price` is what it comes to (net lei per `unit`).

    `for_nothing` of the `partners` that it is for pay as little anyway, on the promotion's first day from today on: for
    them it changes nothing.
    """

    id: int
    product_id: int
    sku: str
    name: str
    unit: str
    list_price: Decimal
    net: Decimal | None
    percent: Decimal | None
    from_quantity: Decimal
    price: Decimal
    partners: int
    for_nothing: int


def offers(session: Session, promotion_id: int, on: date, page: int = 1) -> tuple[list[OfferRow], int]:
    """A page of PAGE_SIZE prices of a promotion by product name, and how many it has; for staff only.

    `on` is the local day of today. The partners are those that are not closed.
    """
    authorize(session, "prices.see")
    about = {"promotion": promotion_id, "on": on, "limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE}
    total = session.scalar(text("select count(*) from promotion_item where promotion_id = :promotion"), about) or 0
    return [OfferRow(**row) for row in session.execute(_OFFERS, about).mappings()], total


def set_offers(
    session: Session, promotion_id: int, given: Sequence[Offer], as_of: datetime, instead_of: Collection[OfferRow] = ()
) -> int:
    """Put prices in a promotion; each takes the place of one for the same product and quantity.

    `instead_of` are prices, as they were seen, that end. Records 'promotion_prices_set' with what differs; tells how
    many do. Raises NotAllowed, NotFound, UnknownSku, TypedTwice, SeenOtherwise, and what Offer.check raises.
    """
    _check(given)
    row = locked_promotion(session, promotion_id)
    products = product_ids(session, [offer.sku for offer in given])
    kept = {(item.sku, item.from_quantity): item for item in session.execute(_KEPT, {"promotion": row.id})}
    check_seen(instead_of, {item.id: item for item in kept.values()}, _all_of, _price)
    ended = {item.id for item in instead_of}
    new = {(offer.sku, offer.from_quantity): offer for offer in given}
    gone = {place: item.id for place, item in kept.items() if item.id in ended and place not in new}
    before = {place: Offer(item.sku, item.net, item.percent, item.from_quantity) for place, item in kept.items()}
    changed = [offer for place, offer in new.items() if before.get(place) != offer]
    session.execute(_END, {"ids": list(gone.values())})
    if changed:
        session.execute(_SET, [_values(row.id, products[offer.sku], offer) for offer in changed])
    told = {_place(*place): [before[place].said(), ""] for place in gone}
    for offer in changed:
        place = offer.sku, offer.from_quantity
        told[_place(*place)] = [before[place].said() if place in before else "", offer.said()]
    if told:
        record(session, "promotion_prices_set", as_of, partner_id=row.partner_id, promotion=row.name, changes=told)
    return len(told)


def add_bulk(
    session: Session,
    promotion_id: int,
    percent: Decimal,
    as_of: datetime,
    *,
    brand: str | None = None,
    category_id: int | None = None,
    from_quantity: Decimal = Decimal(0),
) -> int:
    """Put every active product of a brand, or of a category with what is below it (or of both at once), in a promotion
    with this percentage off the list price; prices that it has already for the quantity stay. Tells how many came in.

    Records 'promotion_filled'. Raises NotAllowed, NotFound, BadPercent, BadFromQuantity, NothingThere.
    """
    check_percent(percent)
    Condition(from_quantity).check()
    row = locked_promotion(session, promotion_id)
    about = {"brand": brand, "category": category_id, "percent": percent, "from_quantity": from_quantity}
    added: Any = session.execute(_BULK, about | {"promotion": row.id})
    if not added.rowcount:
        raise NothingThere
    path = session.scalar(text("select path from category where id = :id"), {"id": category_id})
    told = {"brand": brand, "category": path, "discount": written(percent), "from_quantity": written(from_quantity)}
    given: dict[str, Any] = {name: value for name, value in told.items() if value not in (None, "0")}
    given["items"] = str(added.rowcount)
    record(session, "promotion_filled", as_of, partner_id=row.partner_id, promotion=row.name, **given)
    return int(added.rowcount)


def _check(given: Sequence[Offer]) -> None:
    seen = set()
    for offer in given:
        offer.check()
        if (offer.sku, offer.from_quantity) in seen:
            raise TypedTwice(sku=offer.sku)
        seen.add((offer.sku, offer.from_quantity))


def _values(promotion_id: int, product_id: int, offer: Offer) -> Mapping[str, Any]:
    prices = {"net": offer.net, "percent": offer.percent, "from_quantity": offer.from_quantity}
    return {"promotion": promotion_id, "product": product_id} | prices


def _all_of(item: OfferRow) -> tuple[Any, ...]:
    return item.net, item.percent, item.from_quantity


def _price(item: OfferRow) -> Decimal | str:
    return item.net if item.net is not None else f"{written(item.percent)} %"


def _place(sku: str, from_quantity: Decimal) -> str:
    return f"{sku} ≥ {written(from_quantity)}" if from_quantity else sku


_KEPT = text("""
    select item.id, product.sku, item.net, item.percent, item.from_quantity
    from promotion_item item join product on product.id = item.product_id where promotion_id = :promotion
""")
_END = text("delete from promotion_item where id = any(:ids)")
_SET = text("""
    insert into promotion_item (promotion_id, product_id, from_quantity, net, percent)
    values (:promotion, :product, :from_quantity, :net, :percent)
    on conflict (promotion_id, product_id, from_quantity) do update set net = excluded.net, percent = excluded.percent
""")
_BULK = text("""
    insert into promotion_item (promotion_id, product_id, from_quantity, percent)
    select :promotion, product.id, :from_quantity, :percent
    from product left join category on category.id = product.category_id
    where product.active and num_nonnulls(cast(:brand as text), cast(:category as int)) > 0
      and (cast(:brand as text) is null or product.brand = :brand)
      and (cast(:category as int) is null or :category = any(category.lineage))
    on conflict (promotion_id, product_id, from_quantity) do nothing
""")
# Partners with the same list and group and without rules of their own about the product pay the same: one of each kind
# is asked, and counts for all of them.
_OFFERS = text(f"""
    with item as materialized (
        select item.*, product.sku, product.name, product.name_folded, product.unit, product.list_price,
               coalesce(item.net, round(product.list_price * (100 - item.percent) / 100, 4)) as price,
               {fitting_sql("greatest(item.from_quantity, 1)")} as quantity
        from promotion_item item join product on product.id = item.product_id
        where promotion_id = :promotion
        order by product.name_folded, item.product_id, item.from_quantity limit :limit offset :offset
    ), buyer as materialized (
        select partner.id, partner.price_list_id, partner.group_id,
               partner.discount > 0 or exists (select from discount where discount.partner_id = partner.id) as special
        from partner join promotion on promotion.id = :promotion
        where partner.status <> 'closed' and (promotion.partner_id is null or promotion.partner_id = partner.id)
          and (promotion.group_id is null or promotion.group_id = partner.group_id)
    ), kind as materialized (
        select item.id as item, min(buyer.id) as buyer, count(*) as partners
        from item cross join buyer
        left join (select distinct partner_id, product_id from partner_price) own
               on own.partner_id = buyer.id and own.product_id = item.product_id
        group by item.id, buyer.price_list_id, buyer.group_id,
                 case when buyer.special or own.partner_id is not null then buyer.id end
    ), asked as (
        select kind.item, kind.partners,
               quote(kind.buyer, item.product_id, item.quantity, greatest(promotion.valid_from, :on)) as rule
        from kind join item on item.id = kind.item join promotion on promotion.id = :promotion
    ), counted as (
        select item.id, sum(partners) as partners,
               sum(partners) filter (where not (rule[2] = 9 and rule[3] = item.id)) as for_nothing
        from asked join item on item.id = asked.item group by item.id
    )
    select item.id, item.product_id, item.sku, item.name, item.unit, item.list_price, item.net, item.percent,
           item.from_quantity, item.price, coalesce(counted.partners, 0)::int as partners,
           coalesce(counted.for_nothing, 0)::int as for_nothing
    from item left join counted on counted.id = item.id
    order by item.name_folded, item.product_id, item.from_quantity
""")
