"""Products: created or changed by SKU, with their category, VAT class, audience and counted stock."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.units import counted_sql
from core.i18n import N_
from core.imports import counting
from core.imports.changes import Written
from core.imports.columns import PRODUCTS
from core.imports.problems import Problem
from core.imports.staging import Kind, as_object, problems_from

UNKNOWN_REPLACEMENT = N_("There is no product with the SKU {sku}, in the file neither. Letter case counts.")
REPLACED_IN_A_CIRCLE = N_("{sku} would replace itself in the end: {circle}. One of them has to stay.")
UNKNOWN_AUDIENCE = N_("There is no group of partners and no partner code “{name}”.")

# Of what is counted there are only whole ones; what staff have cleared since stays as it is.
_UNIT = "coalesce(i.unit, 'buc')"
_WHOLE = f"case when p.id is null and {counted_sql(_UNIT)} then 1 end"
# Column of the product as it stands in the file → what a new product has where the file says nothing.
_FIELDS = {
    "ean": "''", "name": "''", "brand": "''", "unit": "'buc'", "pack": "1", "list_price": "0", "description": "''",
    "least_quantity": "null", "multiple": _WHOLE, "rrp": "null", "weight": "null", "nc_code": "''",
    "expected_on": "null", "active": "true",
}  # fmt: skip
_NUMBERS = ("pack", "list_price", "least_quantity", "multiple", "rrp", "weight", "stock")
_TEXTS = ("sku", "ean", "name", "brand", "category", "unit", "vat", "description", "nc_code", "replaced_by")
TYPES = dict.fromkeys(_TEXTS, "text") | dict.fromkeys(_NUMBERS, "numeric")
TYPES |= {"expected_on": "date", "active": "boolean", "visible_to": "text[]"}

# Who knows of the products of the file, by name and in the order of `visible_to`. A name is a group's before it is a
# partner's code.
_AUDIENCES = """
    select p.id, array_agg(coalesce(g.name, r.code)::text order by coalesce(g.name, r.code) collate "C") as names
    from incoming i join product p on p.sku = i.sku join product_audience a on a.product_id = p.id
    left join partner_group g on g.id = a.group_id left join partner r on r.id = a.partner_id
    where i.visible_to is not null group by p.id
"""
_BESIDE = f"""
    from incoming i left join product p on p.sku = i.sku left join category c on c.id = p.category_id
    left join product other on other.id = p.replaced_by
    left join stock s on s.product_id = p.id and s.warehouse_id = 1
    left join ({_AUDIENCES}) audience on audience.id = p.id
"""
_CHANGED = f"""
    p.id is not null and (
        {" or ".join(f"i.{name} is distinct from p.{name} and i.{name} is not null" for name in _FIELDS)}
        or i.vat <> p.vat_class
        or i.category is not null and i.category is distinct from c.path
        or i.replaced_by is not null and i.replaced_by is distinct from other.sku
        or p.restricted <> (cardinality(i.visible_to) > 0)
        or i.visible_to <> coalesce(audience.names, '{{}}')
        or i.stock <> coalesce(s.on_hand, 0)) is true
"""
COUNT = f"select count(*) filter (where p.id is null), count(*) filter (where {_CHANGED}) {_BESIDE}"
_OLD = {name: f"p.{name}" for name in _FIELDS} | {
    "vat": "p.vat_class", "category": "c.path", "replaced_by": "other.sku", "visible_to": "audience.names",
    "stock": "coalesce(s.on_hand, 0)",
}  # fmt: skip
COMPARE = f"""
    select i.line, i.sku as name, {as_object(_OLD)} as old, {as_object({name: f"i.{name}" for name in _OLD})} as new
    {_BESIDE} where {_CHANGED}
"""

_CATEGORIES = text("""
    insert into category (path) select distinct category from incoming where category is not null
    order by category on conflict do nothing
""")
_WRITTEN = (*_FIELDS, "category_id", "vat_class", "restricted")
_PRODUCTS = text(f"""
    insert into product (sku, {", ".join(_WRITTEN)})
    select i.sku, {", ".join(f"coalesce(i.{name}, p.{name}, {default})" for name, default in _FIELDS.items())},
           coalesce(c.id, p.category_id), coalesce(i.vat, p.vat_class, 'standard'),
           coalesce(cardinality(i.visible_to) > 0, p.restricted, false)
    from incoming i left join product p on p.sku = i.sku left join category c on c.path = i.category
    order by i.line
    on conflict (sku) do update set {", ".join(f"{name} = excluded.{name}" for name in _WRITTEN)}
    where ({", ".join(f"product.{name}" for name in _WRITTEN)})
        is distinct from ({", ".join(f"excluded.{name}" for name in _WRITTEN)})
""")
_REPLACED = text("""
    update product set replaced_by = other.id from incoming i join product other on other.sku = i.replaced_by
    where product.sku = i.sku and product.replaced_by is distinct from other.id
""")
_NO_AUDIENCE = text("""
    delete from product_audience a using incoming i, product p
    where p.sku = i.sku and a.product_id = p.id and i.visible_to is not null and not coalesce(
        (select g.name from partner_group g where g.id = a.group_id),
        (select r.code from partner r where r.id = a.partner_id)) = any(i.visible_to)
""")
_AUDIENCE = text("""
    insert into product_audience (product_id, group_id, partner_id)
    select p.id, g.id, case when g.id is null then r.id end
    from incoming i join product p on p.sku = i.sku cross join unnest(i.visible_to) who
    left join partner_group g on g.name = who left join partner r on r.code = who
    on conflict do nothing
""")
_UNKNOWN_REPLACEMENTS = """
    select i.line, i.replaced_by as sku from incoming i
    where i.replaced_by is not null and not exists (select from product p where p.sku = i.replaced_by)
    and not exists (select from incoming other where other.sku = i.replaced_by) order by i.line
"""
_UNKNOWN_AUDIENCE = """
    select i.line, who as name from incoming i cross join unnest(i.visible_to) who
    where not exists (select from partner_group g where g.name = who)
    and not exists (select from partner p where p.code = who) order by i.line, who
"""
# Who would replace whom, and on which line that stands; what the file does not change too, if it changes any.
_REPLACEMENTS = text("""
    select line, sku, replaced_by from incoming where replaced_by is not null
    union all
    select null, p.sku, other.sku from product p join product other on other.id = p.replaced_by
    where exists (select from incoming where replaced_by is not null)
    and not exists (select from incoming i where i.sku = p.sku and i.replaced_by is not null)
    order by line
""")


def _lock(session: Session) -> None:
    # Nobody else creates or changes products meanwhile: what was counted is what is written. Orders go on.
    session.execute(text("lock table product in share row exclusive mode"))


def _check(session: Session) -> list[Problem]:
    return [
        *counting.below_held(session),
        *problems_from(session, _UNKNOWN_REPLACEMENTS, "replaced_by", UNKNOWN_REPLACEMENT),
        *_circles(session),
        *problems_from(session, _UNKNOWN_AUDIENCE, "visible_to", UNKNOWN_AUDIENCE),
    ]


def _circles(session: Session) -> list[Problem]:
    """One problem for each circle, at the first line of the file that is in it."""
    rows = session.execute(_REPLACEMENTS).all()
    following, done, problems = {row.sku: row.replaced_by for row in rows}, set[str](), []
    for line, sku, _ in rows:
        walk: dict[str, None] = {}
        at: str | None = sku
        while at is not None and at not in done and at not in walk:
            walk[at] = None
            at = following.get(at)
        if at in walk:
            steps = list(walk)
            circle = [*steps[steps.index(at) :], at]
            params = {"sku": at, "circle": " → ".join(circle)}
            problems.append(Problem(line, "replaced_by", REPLACED_IN_A_CIRCLE, params))
        done.update(walk)
    return problems


def _write(session: Session, _: datetime) -> None:
    session.execute(_CATEGORIES)
    session.execute(_PRODUCTS)
    session.execute(_REPLACED)
    session.execute(_NO_AUDIENCE)
    session.execute(_AUDIENCE)


_OF_FILE = "(select p.id from product p join incoming i on i.sku = p.sku)"
WRITES = (
    Written("category", "true", "t.path"),
    Written("product", "t.sku in (select sku from incoming)", "t.sku", alone=True),
    Written("product_audience", f"t.product_id in {_OF_FILE}", "p.sku from product p where p.id = t.product_id"),
)
KIND = Kind(PRODUCTS, ("sku",), TYPES, _lock, _check, COUNT, _write, WRITES, COMPARE, counts=True, undo=counting.undo)
