"""What every rule of prices has: the quantity from which it holds, its days, and the numbers that it may be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.i18n import N_
from core.search import without_nul

LARGEST_PRICE = Decimal("9999999999.9999")
LARGEST_QUANTITY = Decimal("999999999.999")


class BadPrice(Refusal):
    message = N_("A net price cannot be negative and has at most 4 decimals.")


class BadPercent(Refusal):
    message = N_("A discount is 0 to 100 % with at most 2 decimals.")


class BadFromQuantity(Refusal):
    message = N_("The quantity from which a price holds is 0 or more, with at most 3 decimals.")


class NoDays(Refusal):
    message = N_("The last day is before the first, so it would never hold. Change one of the days.")


class UnknownSku(Refusal):
    message = N_("There is no product with the SKU {sku}. Letter case counts.")


class TypedTwice(Refusal):
    message = N_("{sku} is there twice for the same quantity and first day. Keep one of the two.")


@dataclass(frozen=True, slots=True)
class Condition:
    """From which quantity on (in the product's unit; 0: always), and on which local days, both included; None: open."""

    from_quantity: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_until: date | None = None

    def check(self) -> None:
        """Raises BadFromQuantity, NoDays."""
        if not _fits(self.from_quantity, LARGEST_QUANTITY, 3):
            raise BadFromQuantity
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise NoDays


ALWAYS = Condition()


def check_net(net: Decimal) -> None:
    """Raises BadPrice."""
    if not _fits(net, LARGEST_PRICE, 4):
        raise BadPrice


def check_percent(percent: Decimal) -> None:
    """Raises BadPercent."""
    if not _fits(percent, Decimal(100), 2):
        raise BadPercent


def product_ids(session: Session, skus: Iterable[str]) -> dict[str, int]:
    """The products with exactly these SKUs. Raises UnknownSku for the first that is none."""
    wanted = list(dict.fromkeys(skus))
    found = {sku: product for sku, product in session.execute(_PRODUCTS, {"skus": [without_nul(s) for s in wanted]})}
    for sku in wanted:
        if sku not in found:
            raise UnknownSku(sku=sku)
    return found


def category_id(session: Session, path: str) -> int:
    """The category with this path. Raises NotFound."""
    found: int | None = session.scalar(text("select id from category where path = :path"), {"path": path})
    if found is None:
        raise NotFound
    return found


def written(value: object) -> str:
    """A value as events keep it: a number without the noughts at its end."""
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return "" if value is None else str(value)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[str]]:
    """Name → the old and the new value, of what differs."""
    return {name: [written(old[name]), written(value)] for name, value in new.items() if old[name] != value}


def _fits(value: Decimal, largest: Decimal, decimals: int) -> bool:
    return value.is_finite() and 0 <= value <= largest and value == round(value, decimals)


_PRODUCTS = text("select sku, id from product where sku = any(:skus)")
