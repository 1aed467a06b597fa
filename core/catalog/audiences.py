"""Who knows of a product: everybody, or only some groups of partners and some partners."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.editing import locked
from core.errors import NotFound
from core.events import record
from core.permissions import authorize

EVERYBODY = "*"
"""Stands in events for the audience of a product that is not restricted."""


@dataclass(frozen=True, slots=True)
class Audience:
    """`restricted`: only these groups and partners (their ids) know of it; nobody, where there are none."""

    restricted: bool = False
    groups: frozenset[int] = frozenset()
    partners: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choices:
    """Who can be chosen: id → name of a group, id → code and name of a partner that is not closed."""

    groups: dict[int, str]
    partners: dict[int, str]


def choices(session: Session, also: Audience | None = None) -> Choices:
    """For staff who may change it; partners of `also` too, closed or not. Raises NotAllowed."""
    authorize(session, "products.edit")
    groups = session.execute(text("select id, name from partner_group order by lower(name), id"))
    partners = session.execute(_PARTNERS, {"also": list(also.partners) if also else []})
    return Choices({id: name for id, name in groups}, {id: name for id, name in partners})


def audience(session: Session, product_id: int) -> Audience:
    """For staff only. Raises NotAllowed, NotFound."""
    authorize(session, "products.see")
    row = session.execute(_AUDIENCE, {"product": product_id}).one_or_none()
    if row is None:
        raise NotFound
    return Audience(row.restricted, frozenset(row.groups), frozenset(row.partners))


def set_audience(session: Session, product_ids: Collection[int], wanted: Audience, as_of: datetime) -> int:
    """Show products to everybody or to these only; of how many that was different before.

    Records 'product_changed' of each, with the names of who it is. Groups and partners that are not there (any more)
    count for nothing. Raises NotAllowed, NotFound.
    """
    authorize(session, "products.edit")
    session.execute(text("lock table product in row exclusive mode"))  # before its rows, as everybody does
    return sum(_set(session, product_id, wanted, as_of) for product_id in sorted(product_ids))


def _set(session: Session, product_id: int, wanted: Audience, as_of: datetime) -> bool:
    product = locked(session, product_id)
    old = _names(session, product_id)
    known = wanted if wanted.restricted else Audience()
    asked = {"product": product_id, "groups": list(known.groups), "partners": list(known.partners)}
    product.restricted = wanted.restricted
    session.flush()
    session.execute(_REMOVE, asked)
    session.execute(_ADD, asked)
    new = _names(session, product_id)
    if old != new:
        record(
            session, "product_changed", as_of, product=product_id, sku=product.sku, changes={"visible_to": [old, new]}
        )
    return old != new


def _names(session: Session, product_id: int) -> str:
    return str(session.execute(_NAMES, {"product": product_id, "everybody": EVERYBODY}).scalar_one())


_PARTNERS = text("""
    select id, code || ' · ' || name from partner where status <> 'closed' or id = any(:also)
    order by lower(name), id
""")
_AUDIENCE = text("""
    select restricted,
           array(select group_id from product_audience a where a.product_id = p.id and group_id is not null) as groups,
           array(select partner_id from product_audience a where a.product_id = p.id and partner_id is not null)
               as partners
    from product p where id = :product
""")
_REMOVE = text("""
    delete from product_audience where product_id = :product
    and coalesce(group_id <> all(:groups), true) and coalesce(partner_id <> all(:partners), true)
""")
_ADD = text("""
    insert into product_audience (product_id, group_id, partner_id)
    select :product, id, null from partner_group where id = any(:groups)
    union all select :product, null, id from partner where id = any(:partners)
    on conflict do nothing
""")
_NAMES = text("""
    select case when not p.restricted then :everybody else coalesce((
        select string_agg(coalesce(g.name, r.code), ', ' order by g.name, r.code)
        from product_audience a left join partner_group g on g.id = a.group_id
        left join partner r on r.id = a.partner_id
        where a.product_id = p.id), '') end
    from product p where p.id = :product
""")
