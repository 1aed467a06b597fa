"""What products are looked for, as SQL conditions about `product` and `partner`."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.orders.bought import CAME
from core.orders.browsing import NEW_DAYS
from core.permissions import authorize
from core.pricing.quoting import DAY, SHOWN, sight
from core.search import LONGEST, fold, one_code, tsquery
from core.stock.showing import TOLD, stock_told

MOST_COUNTED = 10_000
A_LOT = 1_000
"""So many are counted where nothing but the stock tells the products apart: then the first of them are soon found by
following any order, however many there are. What words or a category choose may all stand at an order's end."""


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
class Conditions:
    """SQL conditions and their parameters: `words` of the search, `rest` for everything else, and `exact` for what has
    the very SKU or EAN that was typed. `most`: so many are counted."""

    words: str
    rest: str
    exact: str
    most: int
    params: dict[str, Any]

    def where(self, words: str = "") -> str:
        """All of it, maybe with other words."""
        return f"{self.rest} and {words or self.words}"


def allowed(session: Session, filters: Filters) -> Filters:
    """The filters without those that would tell the signed-in partner of the stock what it is not told. Raises
    NotAllowed."""
    return replace(filters, in_stock=False) if filters.in_stock and not stock_told(session) else filters


def conditions(session: Session, filters: Filters, as_of: datetime) -> Conditions:
    """The conditions of the filters for the signed-in partner. Where it sees no prices, it finds no promotions; where
    it is told nothing of the stock, everything counts as there. Raises NotAllowed."""
    me = authorize(session, "catalog.see")
    words = tsquery(filters.search)
    chosen = [sql for name, sql in _CHOICES.items() if getattr(filters, name)]
    about = {"partner": me.partner_id, "user": me.user_id, "as_of": as_of, "words": words} | sight(me)
    params = about | {name: getattr(filters, name) for name in ("category", "brand")}
    params["typed"] = fold(one_code(filters.search[:LONGEST])).strip()
    wide = not words and set(chosen) <= {_CHOICES["in_stock"]}
    rest = " and ".join([OFFERED, *chosen])
    return Conditions(
        WORDS if words else "true", rest, _EXACT if words else "false", A_LOT if wide else MOST_COUNTED, params
    )


SOURCE = "from product join partner on partner.id = :partner"
_IN_STOCK = "on_hand > held and warehouse_id = 1"
_TOLD = f"(select {TOLD} from partner buyer, company where buyer.id = :partner)"
WORDS = "product.words @@ cast(:words as tsquery)"
_EXACT = "(product.sku_folded = :typed or product.ean = :typed and product.ean <> '')"
_CHOICES = {
    "category": """product.category_id = any(array(
        select id from category where lineage && array(select id from category where path = :category)))""",
    "brand": "product.brand = :brand",
    # Not `exists`, which would make a join and hash all products before the first is counted.
    "in_stock": f"(not {_TOLD} or (select true from stock where product_id = product.id and {_IN_STOCK}))",
    "mine": f"""product.id in (
        select order_line.product_id from orders join order_line on order_line.order_id = orders.id
        where orders.partner_id = :partner and {CAME})""",
    "promotions": f"""({SHOWN} and product.id in (
        select product_id from own_promotion where {DAY} between valid_from and valid_until))""",
    "new": f"product.created_at > cast(:as_of as timestamptz) - {NEW_DAYS} * interval '1 day'",
    "favourites": """product.id in (
        select product_id from favourite where favourite.user_id = :user and favourite.partner_id = :partner)""",
}
