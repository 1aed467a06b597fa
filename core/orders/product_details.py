"""One product with all that a partner may know of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.attachments import Attachment
from core.catalog.successors import HEIR, HEIR_JSON
from core.errors import NotFound
from core.orders.browsing import CatalogRow, rows_of
from core.orders.discontinued import Replacement, replacement
from core.permissions import authorize


@dataclass(frozen=True, slots=True)
class ProductDetails:
    """`row` is the product as the catalogue shows it. `weight` in kg of one unit. `images` are ids, the first one is
    the catalogue's; `files` are at /files/{id}. `awaited` is the quantity that the partner waits for, if it does."""

    row: CatalogRow
    description: str
    weight: Decimal | None
    nc_code: str
    images: list[int]
    files: list[Attachment]
    replaced_by: Replacement | None
    awaited: Decimal | None


def product_details(session: Session, product_id: int, as_of: datetime) -> ProductDetails:
    """A product for the signed-in partner. Raises NotAllowed, or NotFound also for one that is not offered to it."""
    me = authorize(session, "catalog.see")
    rows = rows_of(session, [product_id], as_of)
    if not rows:
        raise NotFound
    values = dict(session.execute(_DETAILS, {"product": product_id, "partner": me.partner_id}).mappings().one())
    files = [Attachment(**file) for file in values.pop("files") or ()]
    return ProductDetails(rows[0], files=files, replaced_by=replacement(values.pop("replaced_by")), **values)


_DETAILS = text(f"""
    select product.description, product.weight, product.nc_code,
           array(select id from product_image image where image.product_id = product.id order by position) as images,
           (select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'media_type', media_type, 'size', size)
                             order by lower(name), id)
            from product_file file where file.product_id = product.id) as files,
           {HEIR_JSON} as replaced_by,
           (select wait.quantity from stock_wait wait
            where wait.partner_id = partner.id and wait.product_id = product.id) as awaited
    from product join partner on true left join {HEIR} heir on true
    where product.id = :product and partner.id = :partner
""")
