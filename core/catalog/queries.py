"""Products as staff see them: the whole assortment, with the stock behind it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.facts import Facts
from core.errors import NotFound
from core.permissions import authorize
from core.search import fold, tsquery

PAGE_SIZE = 50
MOST_FOUND = 10_000
"""Nobody turns more pages: a list that finds more says so, and is narrowed down."""

SORTS = {
    "name": "p.name_folded, p.id",
    "sku": "p.sku_folded, p.id",
    "newest": "p.created_at desc, p.id desc",
    "cheapest": "p.list_price, p.id",
    "dearest": "p.list_price desc, p.id",
    "least": "coalesce(s.on_hand - s.held, 0), p.id",
    "most": "coalesce(s.on_hand - s.held, 0) desc, p.id",
}
"""What a list can be sorted by → SQL; 'least' and 'most' are of what is available."""

ONLY = {
    "active": "p.active",
    "inactive": "not p.active",
    "out_of_stock": "coalesce(s.on_hand - s.held, 0) <= 0",
    "without_picture": "not exists (select from product_image i where i.product_id = p.id)",
    "without_ean": "p.ean = ''",
    "restricted": "p.restricted",
}
"""What a list can be narrowed down to → SQL."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products, and how sorted.

    `search`: words or their beginnings in any order, found in SKU, name, brand or EAN, with or without diacritics.
    `category`: a path; products of its sub-categories count too. `only`: keys of ONLY, all of which hold. `sort`: a
    key of SORTS.
    """

    search: str = ""
    category: str | None = None
    brand: str | None = None
    only: tuple[str, ...] = ()
    sort: str = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow(Facts):
    """A product with its stock: `list_price` net in lei per `unit`, `vat_rate` in percent on the day asked for.

    `picture`: the id of the first one. `replaces`: the SKUs that this one stands for. `same_ean`: SKUs of others with
    its EAN, some of them.
    """

    id: int
    sku: str
    vat_rate: Decimal
    on_hand: Decimal
    held: Decimal
    restricted: bool
    picture: int | None
    replaces: list[str]
    same_ean: list[str]

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.held


def product_page(
    session: Session, on: date, wanted: Wanted | None = None, page: int = 1
) -> tuple[list[ProductRow], int]:
    """A page of PAGE_SIZE products, and how many match in all (more than MOST_FOUND are not counted on); for staff.

    `on`: the day whose VAT rates are shown. Raises NotAllowed.
    """
    authorize(session, "products.see")
    wanted = wanted or Wanted()
    matching, params = matching_products(wanted)
    counted = text(f"select count(*) from (select {matching} limit {MOST_FOUND + 1}) found")
    total = session.scalar(counted, params) or 0
    order = SORTS[wanted.sort]
    found = f"(select p.id as found_id {matching} order by {order} limit {PAGE_SIZE} offset :offset)"
    params |= {"on": on, "offset": min(page - 1, MOST_FOUND // PAGE_SIZE) * PAGE_SIZE}
    rows = session.execute(text(f"{_SHOWN.format(products=found)} order by {order}"), params)
    return [ProductRow(**row) for row in rows.mappings()], total


def matching_products(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """SQL from `from` on whose rows (`p`) are the products that match, and its parameters."""
    where, params = _filters(wanted)
    return f"{_SOURCE} where {where}", params


def product(session: Session, product_id: int, on: date) -> ProductRow:
    """One product, for staff only. Raises NotFound."""
    authorize(session, "products.see")
    one = _SHOWN.format(products="(select cast(:id as int) as found_id)")
    row = session.execute(text(one), {"id": product_id, "on": on}).mappings().one_or_none()
    if row is None:
        raise NotFound
    return ProductRow(**row)


def all_category_paths(session: Session) -> list[str]:
    """Every category, in order, whether it has active products or not."""
    paths = session.scalars(text("select path from category"))
    return sorted(paths, key=lambda path: fold(path).split(" > "))


def all_brands(session: Session) -> list[str]:
    """Every brand that a product has, in order."""
    return sorted(session.scalars(_BRANDS), key=fold)


def vat_rates(session: Session, on: date) -> dict[str, Decimal]:
    """VAT class → the rate in percent on a day, the highest rate first."""
    return {vat_class: rate for vat_class, rate in session.execute(_RATES, {"on": on})}


def _filters(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    clauses, params = ["true", *(ONLY[name] for name in wanted.only)], dict[str, Any]()
    if words := tsquery(wanted.search):
        clauses.append("p.words @@ cast(:words as tsquery)")
        params["words"] = words
    if wanted.category:
        clauses.append("c.lineage && array(select id from category where path = :category)")
        params["category"] = wanted.category
    if wanted.brand:
        clauses.append("p.brand = :brand")
        params["brand"] = wanted.brand
    return " and ".join(clauses), params


# The stock tables belong to core.stock, which stands above; a staff list still wants both in one query.
_SOURCE = """
from product p left join category c on c.id = p.category_id
left join stock s on s.product_id = p.id and s.warehouse_id = 1
"""
# The page is cut first: what is only shown is looked up for its rows and no others.
_SHOWN = f"""
select p.id, p.sku, p.ean, p.name, p.description, p.brand, coalesce(c.path, '') as category, p.unit, p.pack,
       p.least_quantity, p.multiple, p.vat_class, vat.rate as vat_rate, p.weight, p.nc_code, p.list_price, p.rrp,
       coalesce(s.on_hand, 0) as on_hand, coalesce(s.held, 0) as held, p.active, p.backorder, p.max_per_order,
       p.max_per_period, p.low_stock, p.expected_on, p.restricted, coalesce(other.sku, '') as replaced_by,
       (select id from product_image where product_id = p.id order by position limit 1) as picture,
       array(select sku from product o where o.replaced_by = p.id order by sku) as replaces,
       array(select sku from product o where o.ean = p.ean and p.ean <> '' and o.ean <> '' and o.id <> p.id
             order by sku limit 5) as same_ean
{_SOURCE} join {{products}} found on found.found_id = p.id
left join product other on other.id = p.replaced_by
left join lateral (select rate from vat_rate v where v.vat_class = p.vat_class and v.valid_from <= :on
                   order by v.valid_from desc limit 1) vat on true
"""
# From brand to brand over the index: of 100,000 products only as many rows are read as there are brands.
_BRANDS = text("""
    with recursive brands as (
        select min(brand) as brand from product where brand > ''
        union all select (select min(brand) from product where brand > brands.brand) from brands
        where brands.brand is not null
    )
    select brand from brands where brand is not null
""")
_RATES = text("""
    select vat_class, rate from (
        select distinct on (vat_class) vat_class, rate from vat_rate where valid_from <= :on
        order by vat_class, valid_from desc) today
    order by rate desc
""")
