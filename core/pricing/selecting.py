"""Which part of a price list, or of the assortment, a change is about."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize


@dataclass(frozen=True, slots=True)
class Part:
    """Products of a category (a path; with what is below it), of a brand, both, or all of them; of the prices in a
    list those from `least` to `most` (net, in the list's currency)."""

    category: str | None = None
    brand: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None

    def clauses(self, net: str | None = None) -> tuple[list[str], dict[str, Any]]:
        """SQL conditions on `product` and an SQL price, and their parameters."""
        found: list[tuple[str, str, Any]] = [
            (_IN_CATEGORY, "category", self.category),
            ("product.brand = :brand", "brand", self.brand),
            (f"{net} >= :least", "least", self.least if net else None),
            (f"{net} <= :most", "most", self.most if net else None),
        ]
        taken = [(clause, name, value) for clause, name, value in found if value not in (None, "")]
        return [clause for clause, _, _ in taken], {name: value for _, name, value in taken}


EVERYTHING = Part()


def brands(session: Session) -> list[str]:
    """Every brand of the assortment, in order. Raises NotAllowed."""
    authorize(session, "prices.see")
    return list(session.scalars(text("select distinct brand from product where brand <> '' order by brand")))


_IN_CATEGORY = """product.category_id in (
    select id from category where lineage && array(select id from category where path = :category))"""
