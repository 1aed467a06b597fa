"""Changing products one at a time or some at once; whole assortments come from a file (core.imports)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.categories import ensure
from core.catalog.facts import LARGEST_SKU, NAMES, Facts, checked, in_whole_units
from core.catalog.models import Category, Product
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.search import without_nul


class SkuMissing(Refusal):
    message = N_("A product needs an SKU of at most {largest} characters: your own code of it.")


class SkuTaken(Refusal):
    message = N_("There is a product with the SKU {sku} already: look for it in the list.")


class UnknownReplacement(Refusal):
    message = N_("There is no product with the SKU {sku} to replace this one. Letter case counts.")


class ReplacedByItself(Refusal):
    message = N_("{sku} is itself replaced by this product, there and on: one of them has to stay.")


def create_product(session: Session, sku: str, facts: Facts, as_of: datetime) -> Product:
    """A new product, nothing of it on stock; without a multiple it is sold in whole units where they are counted.

    Records 'product_created'. Raises NotAllowed, SkuMissing, SkuTaken, UnknownReplacement, or what core.catalog.facts
    finds wrong.
    """
    authorize(session, "products.edit")
    sku, facts = without_nul(sku).strip(), in_whole_units(checked(facts))
    if not 0 < len(sku) <= LARGEST_SKU or not sku.isprintable():
        raise SkuMissing(largest=LARGEST_SKU)
    session.execute(_BEFORE_IMPORTS)
    values = _columns(session, sku, facts, Facts(name="", list_price=facts.list_price))
    made = session.execute(_CREATE, {"sku": sku, "name": facts.name, "list_price": facts.list_price}).scalar()
    if made is None:
        raise SkuTaken(sku=sku)
    product = session.get_one(Product, made)
    _set(product, values)
    record(session, "product_created", as_of, product=product.id, sku=sku, name=facts.name)
    return product


def change_product(session: Session, product_id: int, facts: Facts, as_of: datetime) -> Product:
    """Give a product these facts. Orders and documents keep their copies.

    Records 'product_changed' with the old and the new values of what differs, and nothing when nothing does. Raises
    NotAllowed, NotFound, UnknownReplacement, ReplacedByItself, or what core.catalog.facts finds wrong.
    """
    authorize(session, "products.edit")
    session.execute(_BEFORE_REPLACEMENTS if facts.replaced_by else _BEFORE_IMPORTS)
    product = locked(session, product_id)
    old = facts_of(session, product)
    new = checked(facts, old)
    changes = {
        name: [_written(getattr(old, name)), _written(getattr(new, name))]
        for name in NAMES
        if getattr(old, name) != getattr(new, name)
    }
    if changes:
        _set(product, _columns(session, product.sku, new, old))
        record(session, "product_changed", as_of, product=product.id, sku=product.sku, changes=changes)
    return product


def change_products(session: Session, product_ids: Collection[int], as_of: datetime, **changes: Any) -> int:
    """Change the same facts (by their names in Facts) of several products; of how many they were others before.

    As `change_product` for each: raises what that does, and then nothing is changed.
    """
    authorize(session, "products.edit")
    session.execute(_BEFORE_REPLACEMENTS)  # the strongest lock first: one of them may need it
    count = 0
    for product_id in sorted(product_ids):
        facts = facts_of(session, locked(session, product_id))
        new = replace(facts, **changes)
        change_product(session, product_id, new, as_of)
        count += new != facts
    return count


def locked(session: Session, product_id: int) -> Product:
    """The product, nobody else's to change until the transaction ends; orders of it go on. Raises NotFound."""
    product = session.get(Product, product_id, with_for_update={"key_share": True})
    if product is None:
        raise NotFound
    return product


def facts_of(session: Session, product: Product) -> Facts:
    """The facts as they are."""
    category = session.get(Category, product.category_id) if product.category_id else None
    other = session.get(Product, product.replaced_by) if product.replaced_by else None
    told: dict[str, Any] = {"category": category.path if category else "", "replaced_by": other.sku if other else ""}
    told |= {name: getattr(product, name) for name in NAMES if name not in told}
    return Facts(**told)


def _columns(session: Session, sku: str, new: Facts, old: Facts) -> dict[str, Any]:
    """What differs, by column of Product."""
    values = {name: getattr(new, name) for name in NAMES if getattr(new, name) != getattr(old, name)}
    if "category" in values:
        values["category_id"] = ensure(session, values.pop("category"))
    if "replaced_by" in values:
        values["replaced_by"] = _replacement(session, sku, new.replaced_by) if new.replaced_by else None
    return values


def _set(product: Product, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(product, name, value)


def _replacement(session: Session, sku: str, other: str) -> int:
    found = session.execute(_REPLACED_ON, {"sku": other}).all()
    if not found:
        raise UnknownReplacement(sku=other)
    if sku in (row.sku for row in found):
        raise ReplacedByItself(sku=other)
    return next(int(row.id) for row in found if row.sku == other)


def _written(value: object) -> str:
    return "" if value is None else str(value)


# As the import of products: the table before its rows. The other way round the two could wait for each other.
_BEFORE_IMPORTS = text("lock table product in row exclusive mode")
# And one change of who replaces whom after the other: two at once could close a circle that neither sees.
_BEFORE_REPLACEMENTS = text("lock table product in share update exclusive mode")
# core.stock stands above and counts into rows that it expects to be there.
_CREATE = text("""
    with made as (
        insert into product (sku, name, list_price) values (:sku, :name, :list_price)
        on conflict (sku) do nothing returning id
    ), shelf as (insert into stock (product_id, warehouse_id) select id, 1 from made)
    select id from made
""")
_REPLACED_ON = text("""
    with recursive line as (
        select id, sku, replaced_by from product where sku = :sku
        union select p.id, p.sku, p.replaced_by from product p join line on p.id = line.replaced_by
    )
    select id, sku from line
""")
