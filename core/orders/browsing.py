"""The catalogue as one partner sees it: own price beside the list price, stock, and what its cart holds."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.pricing.quoting import PRICE_JOINS, UNIT_PRICE
from core.search import fold, word_clauses

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """A product at the signed-in partner's price: net lei per `unit`; `available` is what can be ordered now, and
    with `backorder` the rest can be ordered too and is held when it comes."""

    product_id: int
    sku: str
    name: str
    brand: str
    category: str
    unit: str
    pack: Decimal
    list_price: Decimal
    unit_price: Decimal
    vat_rate: Decimal
    available: Decimal
    backorder: bool
    in_cart: Decimal


def catalog_page(
    session: Session, as_of: datetime, *, search: str = "", category: str | None = None,
    in_stock: bool = False, page: int = 1,
) -> tuple[list[CatalogRow], int]:  # fmt: skip
    """A page of active products by name, and how many match in all.

    `search`: words in any order, each found in SKU, name, brand or EAN, with or without diacritics.
    `category`: a path; products of its sub-categories count too.
    """
    clauses, params = _filters(search, category, in_stock)
    me = authorize(session, "catalog.see")
    params |= {"partner": me.partner_id, "user": me.user_id, "as_of": as_of}
    where = " and ".join(["product.active", *clauses])
    total = session.execute(text(f"select count(*) {_PRODUCTS} where {where}"), params).scalar_one()
    rows = session.execute(
        text(f"{_COLUMNS} {_PRODUCTS} {_PARTNER} where {where} {_ORDER}"),
        params | {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE},
    )
    return [CatalogRow(**row) for row in rows.mappings()], total


def category_paths(session: Session) -> list[str]:
    """The categories that have active products, with every level above them, in order."""
    authorize(session, "catalog.see")
    paths = session.execute(_CATEGORIES).scalars()
    levels = {" > ".join(parts[:n]) for path in paths if (parts := path.split(" > ")) for n in range(1, len(parts) + 1)}
    return sorted(levels, key=lambda path: fold(path).split(" > "))


def _filters(search: str, category: str | None, in_stock: bool) -> tuple[list[str], dict[str, Any]]:
    clauses, params = word_clauses("product.search_text", search)
    if category:
        clauses.append("(category.path = :category or starts_with(category.path, :category || ' > '))")
        params["category"] = category
    if in_stock:
        clauses.append("stock.on_hand > stock.held")
    return clauses, params


_COLUMNS = f"""
    select product.id as product_id, product.sku, product.name, product.brand, coalesce(category.path, '') as category,
           product.unit, product.pack, product.list_price, {UNIT_PRICE} as unit_price, vat.rate as vat_rate,
           coalesce(stock.on_hand - stock.held, 0) as available, product.backorder,
           coalesce(cart_line.quantity, 0) as in_cart
"""
_PRODUCTS = """
    from product
    left join category on category.id = product.category_id
    left join stock on stock.product_id = product.id and stock.warehouse_id = 1
"""
_PARTNER = f"""
    join partner on partner.id = :partner
    {PRICE_JOINS}
    left join cart on cart.user_id = :user and cart.partner_id = :partner and cart.purpose = 'cart'
    left join cart_line on cart_line.cart_id = cart.id and cart_line.product_id = product.id
"""
_ORDER = "order by product.name_folded, product.id limit :limit offset :offset"
_CATEGORIES = text("""
    select path from category where exists (select from product where category_id = category.id and active)
""")
