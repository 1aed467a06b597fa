"""Changing products one at a time; many at once come from a file (core.imports)."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.models import Product
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.search import without_nul

VAT_CLASSES = ("standard", "reduced", "zero")
LARGEST_LIMIT = Decimal("999999999.999")
LARGEST_PRICE = Decimal("9999999999.9999")


class NameMissing(Refusal):
    message = N_("A product needs a name.")


class BadListPrice(Refusal):
    message = N_("A list price cannot be negative and has at most 4 decimals.")


class BadMost(Refusal):
    message = N_(
        "The most of a product in an order or a period is 0 (no limit) or more, with 3 decimals at most, or empty: "
        "then the partner's limit counts, or the general one."
    )


def change_product(
    session: Session,
    product_id: int,
    as_of: datetime,
    *,
    name: str,
    list_price: Decimal,
    vat_class: str,
    active: bool,
    backorder: bool,
    max_per_order: Decimal | None,
    max_per_period: Decimal | None,
) -> Product:
    """Set a product's name, net list price (lei per unit), VAT class, whether partners see it, whether it can be
    ordered before it is there, and the most of it (in its unit; 0 for no limit, None for the partner's or general one).

    Records 'product_changed' with the old and the new values of what differs, and nothing when nothing does.
    Orders and documents keep their copies. Raises NotAllowed, NotFound, NameMissing, BadListPrice, BadMost.
    """
    authorize(session, "products.edit")
    values = {
        "name": without_nul(name).strip(), "list_price": list_price, "vat_class": vat_class, "active": active,
        "backorder": backorder, "max_per_order": max_per_order, "max_per_period": max_per_period,
    }  # fmt: skip
    _check(values["name"], list_price, vat_class)
    _check_most(max_per_order, max_per_period)
    # As the import of products: the table before its rows. The other way round the two could wait for each other.
    session.execute(text("lock table product in row exclusive mode"))
    product = session.get(Product, product_id, with_for_update={"key_share": True})
    if product is None:
        raise NotFound
    old = {field: getattr(product, field) for field in values}
    changes = {field: [_written(old[field]), _written(v)] for field, v in values.items() if old[field] != v}
    for field in changes:
        setattr(product, field, values[field])
    if changes:
        record(session, "product_changed", as_of, product=product.id, sku=product.sku, changes=changes)
    return product


def _written(value: object) -> str:
    return "" if value is None else str(value)


def _check(name: object, list_price: Decimal, vat_class: str) -> None:
    if not name:
        raise NameMissing
    if not 0 <= list_price <= LARGEST_PRICE or list_price != round(list_price, 4):
        raise BadListPrice
    if vat_class not in VAT_CLASSES:
        raise NotFound


def _check_most(*limits: Decimal | None) -> None:
    for most in limits:
        if most is not None and (not 0 <= most <= LARGEST_LIMIT or most != round(most, 3)):
            raise BadMost
