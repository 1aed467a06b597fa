"""Products that are no longer sold but were meant for the partner: SKU, name and what is sold instead, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.successors import HEIR, HEIR_JSON
from core.catalog.visibility import MEANT
from core.permissions import authorize
from core.search import fold


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is sold instead; it is offered to the partner."""

    id: int
    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class Discontinued:
    """A product that is no longer sold; `replaced_by` is None where the partner is offered nothing instead."""

    product_id: int
    sku: str
    name: str
    replaced_by: Replacement | None


def discontinued(session: Session, product_id: int) -> Discontinued | None:
    """A product by its id, if it is one that is no longer sold. Raises NotAllowed, here and below."""
    return next(iter(_found(session, "product.id = :product", {"product": product_id})), None)


def discontinued_by_code(session: Session, code: str) -> list[Discontinued]:
    """Those that have this very SKU (in whatever letter case) or EAN."""
    return _found(session, _OF_CODE, {"code": fold(code).strip()})


def discontinued_favourites(session: Session) -> list[Discontinued]:
    """Those among the signed-in user's favourites, by name."""
    return _found(session, _STARRED, {})


def discontinued_on_list(session: Session, list_id: int) -> list[Discontinued]:
    """Those on a saved list of the signed-in user's company, by name; none of another company's."""
    return _found(session, _ON_LIST, {"list": list_id})


def replacement(found: dict[str, Any] | None) -> Replacement | None:
    """What HEIR_JSON says."""
    return Replacement(**found) if found else None


def _found(session: Session, condition: str, params: Mapping[str, Any]) -> list[Discontinued]:
    me = authorize(session, "catalog.see")
    rows = session.execute(
        text(_FIND.format(condition=condition)), {"partner": me.partner_id, "user": me.user_id, **params}
    )
    return [Discontinued(row.id, row.sku, row.name, replacement(row.replaced_by)) for row in rows]


_OF_CODE = "(product.sku_folded = :code or product.ean = :code and product.ean <> '')"
_STARRED = """product.id in (
    select product_id from favourite where favourite.user_id = :user and favourite.partner_id = :partner)"""
_ON_LIST = """product.id in (
    select product_id from saved_list_line line where line.list_id = :list and line.partner_id = :partner)"""
_FIND = f"""
    select product.id, product.sku, product.name, {HEIR_JSON} as replaced_by
    from product join partner on partner.id = :partner left join {HEIR} heir on true
    where not product.active and {MEANT} and {{condition}} order by product.name_folded, product.id
"""
