"""Where a page of the catalogue begins: the sort key of a product, as a text for the address."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core.search import without_nul

LARGEST_ID = 2**31 - 1
_LARGEST_PRICE = Decimal(10) ** 11
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class PageKey:
    """A product's place in an order (its name): `exact` for what is the very SKU or EAN that was typed and so stands
    first, `value` by what is sorted (a text, a price or an instant), and the product's id."""

    order: str
    exact: bool
    value: Any
    id: int

    def text(self) -> str:
        """For the address."""
        raw = json.dumps([self.order, self.exact, str(self.value), self.id], ensure_ascii=False)
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def read_key(text: str | None, order: str, kind: type) -> PageKey | None:
    """The key that `text` stands for, with a value of this kind; None where it was mangled or is of another order."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        of, exact, value, product_id = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
        key = PageKey(order, bool(exact), _READERS[kind](value), product_id)
    except (binascii.Error, ValueError, TypeError, InvalidOperation, RecursionError):
        return None
    known = of == order and type(product_id) is int and 0 < product_id <= LARGEST_ID
    return key if known else None


def _words(value: str) -> str:
    value.encode()  # half a surrogate pair is no text
    if without_nul(value) != value:
        raise ValueError("NUL in a text")
    return value


def _price(value: str) -> Decimal:
    price = Decimal(value)
    if not (price.is_finite() and 0 <= price < _LARGEST_PRICE) or price != round(price, 8):
        raise ValueError("no price")
    return price


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return instant


_READERS: dict[type, Any] = {str: _words, Decimal: _price, datetime: _instant}
