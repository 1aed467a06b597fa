"""Products: created or changed by SKU, with their category, VAT class and counted stock."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.imports import counting
from core.imports.columns import PRODUCTS
from core.imports.staging import Kind

TYPES = {
    "sku": "text", "ean": "text", "name": "text", "brand": "text", "category": "text", "unit": "text",
    "pack": "numeric", "vat": "text", "list_price": "numeric", "stock": "numeric",
}  # fmt: skip

COUNT = """
    select count(*) filter (where p.id is null),
           count(*) filter (where p.id is not null and (
               i.ean <> p.ean or i.name <> p.name or i.brand <> p.brand or i.unit <> p.unit
               or i.pack <> p.pack or i.vat <> p.vat_class or i.list_price <> p.list_price
               or i.category is not null and i.category is distinct from c.path
               or i.stock <> coalesce(s.on_hand, 0)) is true)
    from incoming i left join product p on p.sku = i.sku left join category c on c.id = p.category_id
    left join stock s on s.product_id = p.id and s.warehouse_id = 1
"""

_CATEGORIES = text("""
    insert into category (path) select distinct category from incoming where category is not null
    order by category on conflict do nothing
""")
_PRODUCTS = text("""
    insert into product (sku, ean, name, brand, category_id, unit, pack, vat_class, list_price)
    select i.sku, coalesce(i.ean, p.ean, ''), i.name, coalesce(i.brand, p.brand, ''), coalesce(c.id, p.category_id),
           coalesce(i.unit, p.unit, 'buc'), coalesce(i.pack, p.pack, 1), coalesce(i.vat, p.vat_class, 'standard'),
           i.list_price
    from incoming i left join product p on p.sku = i.sku left join category c on c.path = i.category
    order by i.line
    on conflict (sku) do update set
        ean = excluded.ean, name = excluded.name, brand = excluded.brand, category_id = excluded.category_id,
        unit = excluded.unit, pack = excluded.pack, vat_class = excluded.vat_class, list_price = excluded.list_price
    where (product.ean, product.name, product.brand, product.category_id, product.unit, product.pack,
           product.vat_class, product.list_price)
        is distinct from (excluded.ean, excluded.name, excluded.brand, excluded.category_id, excluded.unit,
                          excluded.pack, excluded.vat_class, excluded.list_price)
""")


def _lock(session: Session) -> None:
    # Nobody else creates or changes products meanwhile: what was counted is what is written. Orders go on.
    session.execute(text("lock table product in share row exclusive mode"))
    counting.lock(session)


def _write(session: Session, as_of: datetime) -> None:
    session.execute(_CATEGORIES)
    session.execute(_PRODUCTS)
    counting.write(session, as_of)


KIND = Kind(PRODUCTS, ("sku",), TYPES, _lock, counting.below_held, COUNT, _write)
