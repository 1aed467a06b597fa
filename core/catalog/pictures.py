"""The pictures of a product: in an order, the first of which stands in lists."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.editing import locked
from core.catalog.models import Product
from core.catalog.normalising import Picture
from core.catalog.visibility import OFFERED
from core.db import actor
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize

MOST = 20


class TooManyPictures(Refusal):
    message = N_("{sku} has {most} pictures already: delete one first.")


class PictureThere(Refusal):
    message = N_("{sku} has this picture already.")


def pictures_of(session: Session, product_id: int) -> list[int]:
    """The ids of a product's pictures in their order, for staff. Raises NotAllowed."""
    authorize(session, "products.see")
    ids = text("select id from product_image where product_id = :product order by position")
    return list(session.scalars(ids, {"product": product_id}))


def add_picture(session: Session, product_id: int, picture: Picture, name: str, as_of: datetime) -> int:
    """Put a picture behind the product's others; its id. `name` is the name of its file, for the history.

    Records 'picture_added'. Raises NotAllowed, NotFound, PictureThere, TooManyPictures.
    """
    authorize(session, "products.edit")
    product = locked(session, product_id)
    there, same, last = session.execute(_THERE, {"product": product_id, "sha256": picture.sha256}).one()
    if same:
        raise PictureThere(sku=product.sku)
    if there >= MOST:
        raise TooManyPictures(sku=product.sku, most=MOST)
    values = {"sha256": picture.sha256, "content": picture.content, "small": picture.small}
    made: int = session.execute(_ADD, values | {"product": product_id, "position": last + 1}).scalar_one()
    record(session, "picture_added", as_of, product=product_id, sku=product.sku, file=name)
    return made


def delete_picture(session: Session, image_id: int, as_of: datetime) -> None:
    """Delete a picture for good. Records 'picture_removed'. Raises NotAllowed, NotFound."""
    product = _product_of(session, image_id)
    if session.execute(text("delete from product_image where id = :id returning id"), {"id": image_id}).first() is None:
        raise NotFound  # somebody else was faster
    record(session, "picture_removed", as_of, product=product.id, sku=product.sku)


def put_first(session: Session, image_id: int, as_of: datetime) -> None:
    """Make a picture the one that stands in lists. Records 'pictures_ordered'. Raises NotAllowed, NotFound."""
    product = _product_of(session, image_id)
    others = [other for other in pictures_of(session, product.id) if other != image_id]
    order_pictures(session, product.id, [image_id, *others], as_of)


def order_pictures(session: Session, product_id: int, image_ids: Sequence[int], as_of: datetime) -> None:
    """Put a product's pictures (all of them, by id) in this order. Records 'pictures_ordered' when it was another.

    Raises NotAllowed, or NotFound when these are not the product's pictures (any more).
    """
    authorize(session, "products.edit")
    product = locked(session, product_id)
    now = pictures_of(session, product_id)
    if sorted(now) != sorted(image_ids):
        raise NotFound
    if now == list(image_ids):
        return
    # Two steps, since no two pictures may be at one place, not for a moment either.
    session.execute(_ASIDE, {"product": product_id})
    session.execute(_IN_ORDER, {"product": product_id, "ids": list(image_ids)})
    record(session, "pictures_ordered", as_of, product=product_id, sku=product.sku)


def picture(session: Session, image_id: int, *, small: bool) -> bytes | None:
    """The WebP of a picture for who may see its product: staff every one, a partner what it is offered.

    None for all others, and for a picture that is not there. Raises NotAllowed.
    """
    authorize(session, "catalog.see", "products.see")
    return session.execute(_SMALL if small else _LARGE, _asking(session, image_id)).scalar()


def may_see_picture(session: Session, image_id: int) -> bool:
    """Would `picture` give it? Without reading it."""
    authorize(session, "catalog.see", "products.see")
    return session.execute(_SEEN, _asking(session, image_id)).first() is not None


def _asking(session: Session, image_id: int) -> dict[str, int | None]:
    return {"id": image_id, "partner": actor(session).partner_id}


def _product_of(session: Session, image_id: int) -> Product:
    """The picture's product, nobody else's to change for now."""
    authorize(session, "products.edit")
    found = session.execute(text("select product_id from product_image where id = :id"), {"id": image_id}).scalar()
    if found is None:
        raise NotFound
    return locked(session, found)


SEEN_BY_WHO_ASKS = f"""
    join product on product.id = it.product_id
    where it.id = :id and (cast(:partner as int) is null
                           or exists (select from partner where partner.id = :partner and {OFFERED}))
"""
"""SQL that leaves of a picture or a file called `it` what who asks may see."""

_SEEN = text(f"select from product_image it {SEEN_BY_WHO_ASKS}")
_LARGE = text(f"select content from product_image it {SEEN_BY_WHO_ASKS}")
_SMALL = text(f"select small from product_image it {SEEN_BY_WHO_ASKS}")
_THERE = text("""
    select count(*), coalesce(bool_or(sha256 = :sha256), false), coalesce(max(position), 0)
    from product_image where product_id = :product
""")
_ADD = text("""
    insert into product_image (product_id, position, sha256, content, small)
    values (:product, :position, :sha256, :content, :small) returning id
""")
_ASIDE = text("update product_image set position = -position where product_id = :product")
_IN_ORDER = text("""
    update product_image set position = array_position(cast(:ids as int[]), id) where product_id = :product
""")
