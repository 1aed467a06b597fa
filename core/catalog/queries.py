"""Products as staff see them: the whole assortment, with the stock behind it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.permissions import authorize
from core.search import fold, tsquery

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product with its stock: `list_price` net in lei per `unit`, `vat_rate` in percent on the day asked for.

    `backorder`: it can be ordered before it is there. `max_per_order`, `max_per_period`: see core.catalog.models.
    """

    id: int
    sku: str
    ean: str
    name: str
    brand: str
    category: str
    unit: str
    pack: Decimal
    vat_class: str
    vat_rate: Decimal
    list_price: Decimal
    on_hand: Decimal
    held: Decimal
    active: bool
    backorder: bool
    max_per_order: Decimal | None
    max_per_period: Decimal | None

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.held


def product_page(
    session: Session, on: date, *, search: str = "", category: str | None = None, page: int = 1
) -> tuple[list[ProductRow], int]:
    """A page of PAGE_SIZE products by name, inactive ones too, and how many match in all; for staff only.

    `search`: words or their beginnings in any order, found in SKU, name, brand or EAN, with or without diacritics.
    `category`: a path; products of its sub-categories count too. `on`: the day whose VAT rates are shown.
    """
    authorize(session, "products.see")
    clauses, params = _filters(search, category)
    where = " and ".join(["true", *clauses])
    total = session.scalar(text(f"select count(*) {_SOURCE} where {where}"), params) or 0
    rows = session.execute(
        text(f"{_COLUMNS} {_SOURCE} {_VAT} where {where} order by p.name_folded, p.id limit :limit offset :offset"),
        params | {"on": on, "limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE},
    )
    return [ProductRow(**row) for row in rows.mappings()], total


def product(session: Session, product_id: int, on: date) -> ProductRow:
    """One product, for staff only. Raises NotFound."""
    authorize(session, "products.see")
    found = session.execute(text(f"{_COLUMNS} {_SOURCE} {_VAT} where p.id = :id"), {"id": product_id, "on": on})
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound
    return ProductRow(**row)


def all_category_paths(session: Session) -> list[str]:
    """Every category, in order, whether it has active products or not."""
    paths = session.scalars(text("select path from category"))
    return sorted(paths, key=lambda path: fold(path).split(" > "))


def vat_rates(session: Session, on: date) -> dict[str, Decimal]:
    """VAT class → the rate in percent on a day, the highest rate first."""
    return {vat_class: rate for vat_class, rate in session.execute(_RATES, {"on": on})}


def _filters(search: str, category: str | None) -> tuple[list[str], dict[str, Any]]:
    clauses, params = [], dict[str, Any]()
    if words := tsquery(search):
        clauses.append("p.words @@ cast(:words as tsquery)")
        params["words"] = words
    if category:
        clauses.append("c.lineage && array(select id from category where path = :category)")
        params["category"] = category
    return clauses, params


# The stock tables belong to core.stock, which stands above; a staff list still wants both in one query.
_SOURCE = """
from product p left join category c on c.id = p.category_id
left join stock s on s.product_id = p.id and s.warehouse_id = 1
"""
_VAT = """
left join lateral (select rate from vat_rate v where v.vat_class = p.vat_class and v.valid_from <= :on
                   order by v.valid_from desc limit 1) vat on true
"""
_COLUMNS = """
select p.id, p.sku, p.ean, p.name, p.brand, coalesce(c.path, '') as category, p.unit, p.pack, p.vat_class,
       vat.rate as vat_rate, p.list_price, coalesce(s.on_hand, 0) as on_hand, coalesce(s.held, 0) as held, p.active,
       p.backorder, p.max_per_order, p.max_per_period
"""
_RATES = text("""
    select vat_class, rate from (
        select distinct on (vat_class) vat_class, rate from vat_rate where valid_from <= :on
        order by vat_class, valid_from desc) today
    order by rate desc
""")
