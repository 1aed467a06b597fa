"""Stock: quantities counted on hand, by SKU, of products that are there already."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.i18n import N_
from core.imports import counting
from core.imports.columns import STOCK
from core.imports.problems import Problem
from core.imports.staging import Kind, as_object, problems_from

UNKNOWN_SKU = N_("There is no product with the SKU {sku}. Letter case counts.")
UNKNOWN_SKUS = """
    select i.line, i.sku from incoming i where not exists (select from product p where p.sku = i.sku) order by i.line
"""

_BESIDE = """
    from incoming i join product p on p.sku = i.sku left join stock s on s.product_id = p.id and s.warehouse_id = 1
"""
_CHANGED = "i.stock <> coalesce(s.on_hand, 0)"
COUNT = f"select 0, count(*) filter (where {_CHANGED}) {_BESIDE}"
COMPARE = f"""
    select i.line, i.sku as name, {as_object({"stock": "coalesce(s.on_hand, 0)"})} as old,
           {as_object({"stock": "i.stock"})} as new {_BESIDE} where {_CHANGED}
"""


def _check(session: Session) -> list[Problem]:
    return problems_from(session, UNKNOWN_SKUS, "sku", UNKNOWN_SKU) + counting.below_held(session)


def _nothing(session: Session, as_of: datetime | None = None) -> None:
    """The count is all there is to write, and locks the rows itself."""


TYPES = {"sku": "text", "stock": "numeric"}
KIND = Kind(STOCK, ("sku",), TYPES, _nothing, _check, COUNT, _nothing, (), COMPARE, counts=True, undo=counting.undo)
