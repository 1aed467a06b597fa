"""The tree of categories: new ones, other names, and those that nothing is in any more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.models import Category
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.search import fold, without_nul

STEP = " > "
LONGEST = 200


class BadCategoryName(Refusal):
    message = N_(
        "A category needs a name without the sign >, and the whole way to it has at most {largest} characters."
    )


class CategoryExists(Refusal):
    message = N_(
        "There is a category “{path}” already. To make one of the two, tick the products and give them that category."
    )


class CategoryInUse(Refusal):
    message = N_(
        "“{path}” still has products, categories below it or discounts: only an empty category can be deleted."
    )


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category with the products right in it and all those in it and below, inactive ones too."""

    id: int
    path: str
    depth: int
    products: int
    below: int

    @property
    def name(self) -> str:
        """The last step of the path."""
        return self.path.rsplit(STEP, 1)[-1]


def clean_path(path: str) -> str:
    """A way from the top with one blank around each `>`, so that `A>B` and `A > B` are one category."""
    return STEP.join(step for step in (part.strip() for part in without_nul(path).split(">")) if step)


def ensure(session: Session, path: str) -> int | None:
    """The id of the category with this path, made with all its levels if it is not there; None for ''.

    Raises BadCategoryName.
    """
    path = clean_path(path)
    if not path:
        return None
    if len(path) > LONGEST:
        raise BadCategoryName(largest=LONGEST)
    session.execute(text("insert into category (path) values (:path) on conflict do nothing"), {"path": path})
    made: int = session.execute(text("select id from category where path = :path"), {"path": path}).scalar_one()
    return made


def category_tree(session: Session) -> list[CategoryRow]:
    """Every category in the order of the tree, for staff only. Raises NotAllowed."""
    authorize(session, "products.see")
    rows = [CategoryRow(**row) for row in session.execute(_TREE).mappings()]
    return sorted(rows, key=lambda row: fold(row.path).split(STEP))


def rename_category(session: Session, category_id: int, name: str, as_of: datetime) -> None:
    """Another name for a category, in its place; the paths of what is below follow. Records 'category_renamed'.

    Raises NotAllowed, NotFound, BadCategoryName, CategoryExists.
    """
    authorize(session, "products.edit")
    session.execute(_ALONE)
    category, name = _found(session, category_id), without_nul(name).strip()
    above, _, _ = category.path.rpartition(STEP)
    path = f"{above}{STEP}{name}" if above else name
    if path == category.path:
        return
    if not name or ">" in name or _longest(session, category_id) + len(name) > LONGEST:
        raise BadCategoryName(largest=LONGEST)
    if session.scalar(text("select exists (select from category where path = :path)"), {"path": path}):
        raise CategoryExists(path=path)
    session.execute(_RENAME, {"id": category_id, "path": path, "old": len(category.path)})
    record(session, "category_renamed", as_of, changes={"category": [category.path, path]})


def delete_categories(session: Session, category_ids: Collection[int], as_of: datetime) -> None:
    """Delete categories that are empty, or are when the deepest of these are gone. Records 'category_removed' of each.

    Raises NotAllowed, NotFound, CategoryInUse, and then deletes none.
    """
    authorize(session, "products.edit")
    session.execute(_ALONE)
    categories = [_found(session, category_id) for category_id in category_ids]
    for category in sorted(categories, key=lambda category: -len(category.lineage)):
        if session.execute(_USED, {"id": category.id}).scalar():
            raise CategoryInUse(path=category.path)
        session.execute(text("delete from category where id = :id"), {"id": category.id})
        record(session, "category_removed", as_of, category=category.path)


def _found(session: Session, category_id: int) -> Category:
    category = session.get(Category, category_id, with_for_update=True)
    if category is None:
        raise NotFound
    return category


def _longest(session: Session, category_id: int) -> int:
    """The characters of the longest path that goes through the category, without its name."""
    length: int = session.execute(_LONGEST, {"id": category_id}).scalar_one()
    return length


# One change of the tree after the other; what only adds categories, as imports do, waits for it too.
_ALONE = text("lock table category in share row exclusive mode")
_RENAME = text("update category set path = :path || substr(path, :old + 1) where :id = any(lineage)")
_LONGEST = text("""
    select max(length(below.path)) - length(regexp_replace(c.path, '^.* > ', ''))
    from category c join category below on below.lineage @> array[c.id] where c.id = :id group by c.id
""")
# What is aimed at a category belongs to core.pricing, which stands above.
_USED = text("""
    select exists (select from product where category_id = :id) or exists (select from category where parent_id = :id)
           or exists (select from discount where category_id = :id)
""")
_TREE = text("""
    with own as (select category_id as id, count(*) as products from product group by category_id),
         sums as (select above as id, sum(products) as below
                  from own join category using (id) cross join unnest(lineage) above group by above)
    select id, path, cardinality(lineage) as depth, coalesce(products, 0) as products,
           coalesce(below, 0)::int as below
    from category left join own using (id) left join sums using (id)
""")
