"""What a discount meets: rules that go before it or come after it for some of the same products."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize

MOST = 20


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another discount of the same owner, on a day in common, for some of the same products.

    `first`: the other one goes before. `same`: it is for exactly the same; then the higher one holds where both do.
    `sku`, `brand` or `category` says what it is for, none of them: everything. `id` is None for a partner's own
    discount on everything, which stands among its terms.
    """

    id: int | None
    percent: Decimal
    sku: str | None
    brand: str | None
    category: str | None
    from_quantity: Decimal
    valid_from: date | None
    valid_until: date | None
    first: bool
    same: bool


@dataclass(frozen=True, slots=True)
class Met:
    """`own_prices`: net prices of the same owner (a partner's own, or those in the list) that go before the discount.

    `above`: partners that have a discount of their own on everything, so that one for a list or for everybody never
    reaches them.
    """

    overlaps: list[Overlap]
    own_prices: int
    above: int


def met_by(session: Session, discount_id: int) -> Met:
    """What stands beside a discount, the narrower first, at most MOST; for staff only. Raises NotAllowed."""
    authorize(session, "prices.see")
    rows = session.execute(_OVERLAPS, {"id": discount_id, "most": MOST}).mappings()
    counts = session.execute(_COUNTS, {"id": discount_id}).one()
    return Met([Overlap(**row) for row in rows], counts.own_prices, counts.above)


# As the rule of prices has it: a product goes before a brand, that before a category, a deep one before those above it.
_RANK = """case left({0}.target, 1) when 'p' then 0 when 'b' then 1 when 'c' then 1000 - cardinality({0}.lineage)
                else 2000 end"""
_SIDES = """
    sides as (
        select discount.id, owner, target, percent, from_quantity, valid_from, valid_until, product_id, brand,
               category_id, lineage, path
        from discount left join category on category.id = discount.category_id
        union all
        select null, id, '*', discount, 0, null, null, null, null, null, null, null from partner where discount > 0
    ), mine as (select * from sides where id = :id)
"""
_AIMS = """(({0}.product_id is null or product.id = {0}.product_id) and ({0}.brand is null or product.brand = {0}.brand)
            and ({0}.category_id is null or {0}.category_id = any(category.lineage)))"""
# Is there a product that both are for? Looked up by the narrower of the two, so that an index finds it.
_SEEDED = f"""exists (select from product left join category on category.id = product.category_id
                      where {{0}} and {_AIMS.format("mine")} and {_AIMS.format("other")})"""
_MEETS = f"""
    case when '*' in (mine.target, other.target) or mine.target = other.target then true
         when coalesce(mine.product_id, other.product_id) is not null
         then {_SEEDED.format("product.id = coalesce(mine.product_id, other.product_id)")}
         when coalesce(mine.brand, other.brand) is not null
         then {_SEEDED.format("product.brand = coalesce(mine.brand, other.brand)")}
         else other.category_id = any(mine.lineage) or mine.category_id = any(other.lineage) end
"""
_OVERLAPS = text(f"""
    with {_SIDES}
    select other.id, other.percent, product.sku, other.brand, other.path as category, other.from_quantity,
           other.valid_from, other.valid_until,
           {_RANK.format("other")} < {_RANK.format("mine")} as first, other.target = mine.target as same
    from mine join sides other on other.owner = mine.owner and other.id is distinct from mine.id
    left join product on product.id = other.product_id
    where coalesce(other.valid_from <= mine.valid_until, true) and coalesce(mine.valid_from <= other.valid_until, true)
      and {_MEETS}
    order by {_RANK.format("other")}, other.target, other.from_quantity, other.id
    limit :most
""")
_COUNTS = text(f"""
    with {_SIDES}
    select (select count(distinct partner_price.product_id)
            from mine join partner_price on partner_price.partner_id = mine.owner
            join product on product.id = partner_price.product_id
            left join category on category.id = product.category_id where {_AIMS.format("mine")})
           + (select count(distinct price_list_item.product_id)
              from mine join price_list_item on price_list_item.price_list_id = -mine.owner
              join product on product.id = price_list_item.product_id
              left join category on category.id = product.category_id where {_AIMS.format("mine")}) as own_prices,
           (select count(*) from mine join partner on partner.discount > 0
            left join partner_group on partner_group.id = partner.group_id
            where mine.owner = 0
                  or (mine.owner < 0 and -mine.owner in (partner.price_list_id, partner_group.price_list_id))
           ) as above
""")
