"""What staff decide about a product, and what of it cannot be."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from core.catalog.codes import check_ean, check_nc_code
from core.catalog.models import VAT_CLASSES
from core.catalog.units import counted
from core.errors import Refusal
from core.i18n import N_
from core.search import without_nul

LARGEST_QUANTITY = Decimal("999999999.999")
LARGEST_PRICE = Decimal("9999999999.9999")
LARGEST_SKU = 64
LARGEST_DESCRIPTION = 4000
LONGEST = {"name": 200, "brand": 200, "category": 200, "unit": 64, "description": LARGEST_DESCRIPTION}
"""Texts by name → the characters that they may have; as many as the import of products takes."""


class NameMissing(Refusal):
    message = N_("A product needs a name.")


class UnitMissing(Refusal):
    message = N_("A product needs a unit of measure, as “buc” or “m”.")


class TextTooLong(Refusal):
    message = N_("The text “{start}…” has {length} characters; {largest} are allowed.")


class BadListPrice(Refusal):
    message = N_("A list price cannot be negative and has at most 4 decimals.")


class BadRrp(Refusal):
    message = N_("A recommended price cannot be negative and has at most 4 decimals, or it is empty.")


class BadWeight(Refusal):
    message = N_("A weight, in kg, cannot be negative and has at most 3 decimals, or it is empty.")


class BadPack(Refusal):
    message = N_("The quantity in a pack must be more than 0, with 3 decimals at most.")


class BadSteps(Refusal):
    message = N_(
        "The least quantity and the multiple of an order line must be more than 0, with 3 decimals at most, or empty."
    )


class BadMost(Refusal):
    message = N_(
        "The most of a product in an order or a period is 0 (no limit) or more, with 3 decimals at most, or empty: "
        "then the partner's limit counts, or the general one."
    )


class BadLowStock(Refusal):
    message = N_(
        "The stock below which you are told is more than 0, with 3 decimals at most, or empty: then nobody is."
    )


class UnknownVatClass(Refusal):
    message = N_("There is no such VAT class.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A product as staff have it: see core.catalog.models.Product for what each means and its unit.

    `category` is a path ('' for none), `replaced_by` an SKU ('' for none).
    """

    name: str
    list_price: Decimal
    ean: str = ""
    description: str = ""
    brand: str = ""
    category: str = ""
    unit: str = "buc"
    pack: Decimal = Decimal(1)
    least_quantity: Decimal | None = None
    multiple: Decimal | None = None
    vat_class: str = "standard"
    weight: Decimal | None = None
    nc_code: str = ""
    rrp: Decimal | None = None
    expected_on: date | None = None
    active: bool = True
    backorder: bool = False
    max_per_order: Decimal | None = None
    max_per_period: Decimal | None = None
    low_stock: Decimal | None = None
    replaced_by: str = ""


NAMES = tuple(field.name for field in fields(Facts))


def checked(facts: Facts, old: Facts | None = None) -> Facts:
    """`facts` tidied up, after every one that is not as in `old` was found possible. Raises a Refusal of this module
    or of core.catalog.codes: what was written down before a rule stays until it is changed."""
    texts: dict[str, Any] = {name: _tidy(value) for name, value in _told(facts).items() if isinstance(value, str)}
    facts = replace(facts, **texts)
    changed = [name for name in NAMES if old is None or getattr(facts, name) != getattr(old, name)]
    for name in changed:
        _check(name, getattr(facts, name))
    codes: dict[str, Any] = {name: _CODES[name](getattr(facts, name)) for name in changed if name in _CODES}
    return replace(facts, **codes)


def in_whole_units(facts: Facts) -> Facts:
    """A new product: where nothing is said of multiples, of what is counted only whole ones are sold."""
    return replace(facts, multiple=Decimal(1)) if facts.multiple is None and counted(facts.unit) else facts


def _told(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in NAMES}


def _tidy(text: str) -> str:
    return without_nul(text).strip()


def _check(name: str, value: Any) -> None:
    if name in LONGEST and len(value) > LONGEST[name]:
        raise TextTooLong(start=value[:30], length=len(value), largest=LONGEST[name])
    possible, refusal = _RULES.get(name, (None, Refusal))
    if possible and not possible(value):
        raise refusal


def _within(value: Decimal, largest: Decimal, decimals: int) -> bool:
    return value.is_finite() and 0 <= value <= largest and value == round(value, decimals)


def _price(value: Decimal | None) -> bool:
    return value is None or _within(value, LARGEST_PRICE, 4)


def _quantity(value: Decimal | None) -> bool:
    return value is None or _within(value, LARGEST_QUANTITY, 3)


def _some(value: Decimal | None) -> bool:
    return _quantity(value) and value != 0


_RULES: dict[str, tuple[Callable[[Any], bool], type[Refusal]]] = {
    "name": (bool, NameMissing),
    "unit": (bool, UnitMissing),
    "list_price": (_price, BadListPrice),
    "rrp": (_price, BadRrp),
    "vat_class": (VAT_CLASSES.__contains__, UnknownVatClass),
    "pack": (_some, BadPack),
    "least_quantity": (_some, BadSteps),
    "multiple": (_some, BadSteps),
    "weight": (_quantity, BadWeight),
    "max_per_order": (_quantity, BadMost),
    "max_per_period": (_quantity, BadMost),
    "low_stock": (_some, BadLowStock),
}
_CODES: dict[str, Callable[[str], str]] = {"ean": check_ean, "nc_code": check_nc_code}
