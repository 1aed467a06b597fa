"""Making the sort keys of prices anew, where a rule, a product or the day has changed.

Triggers mark what a change made stale in the same transaction (migration 0008). A key is what `quote` says, so that it
can be late but never wrong for long; nothing shows or charges it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.pricing.quoting import DAY, FIRST_QUANTITY

BATCH = 2_000
"""Products at a time that are marked one by one."""


def refresh(session: Session, as_of: datetime, limit: int = BATCH) -> int:
    """Make some of the stale keys anew, for the local day of `as_of`; how many marks that settled.

    0 when nothing is left, or when another transaction is at it. Marks go with the transaction that makes the keys:
    what fails is done again. Everything, as on a new day, is split into profiles and partners, one a call.
    """
    if not session.execute(_LOCK).scalar_one():
        return 0
    day: date = session.execute(_DAY, {"as_of": as_of}).scalar_one()
    session.execute(_MARK_NEW_DAY, {"day": day})
    if marks := session.execute(_TAKE_ALL).all():
        session.execute(_SPLIT)
        return len(marks)
    if whole := session.execute(_NEXT_WHOLE).one_or_none():
        return _refresh_whole(session, day, whole)
    return _refresh_products(session, day, session.execute(_TAKE, {"limit": limit}).all())


def _refresh_whole(session: Session, day: date, whole: Row[Any]) -> int:
    """All keys of a profile or a partner; what is marked of it by product is done with that."""
    about = {"profile": whole.profile_id, "partner": whole.partner_id, "day": day}
    marks = session.execute(_TAKE_WHOLE, about).all()  # first: what is marked from now on is not in these keys
    if whole.profile_id:
        session.execute(_WHOLE_PROFILE, about)
        session.execute(_PRICED, about)
        session.execute(_MARK_PARTNERS, about)
    else:
        session.execute(_WHOLE_PARTNER, about)
    return len(marks)


def _refresh_products(session: Session, day: date, marks: Sequence[Row[Any]]) -> int:
    if not marks:
        return 0
    columns = {name: [getattr(mark, name) for mark in marks] for name in ("profile_id", "partner_id", "product_id")}
    session.execute(_SOME_PROFILES, columns | {"day": day})
    session.execute(_SOME_PARTNERS, columns | {"day": day})
    return len(marks)


_LOCK = text("select pg_try_advisory_xact_lock(hashtext('core.pricing.refreshing'))")
_DAY = text(f"select {DAY}")
_MARK_NEW_DAY = text("""
    with begun as (
        update price_profile set priced_on = :day where bare and priced_on is distinct from :day returning id
    )
    insert into stale_price (product_id) select null from begun
""")
_EVERYTHING = "profile_id is null and partner_id is null and product_id is null"
_TAKE_ALL = text(f"delete from stale_price where exists (select from stale_price where {_EVERYTHING}) returning id")
_SPLIT = text("""
    insert into stale_price (profile_id, partner_id)
    select id, null::int from (select id from price_profile order by bare desc, id) profile
    union all select null, id from partner
""")
_NEXT_WHOLE = text("""
    select profile_id, partner_id from stale_price where product_id is null order by profile_id is null, id limit 1
""")
_TAKE_WHOLE = text("delete from stale_price where profile_id = :profile or partner_id = :partner returning id")
_PRICED = text("update price_profile set priced_on = :day where id = :profile and not bare")
_PROFILES = """
    select partner.id as partner_id, profile.id as profile_id
    from partner left join price_profile profile on not profile.bare
      and profile.price_list_id is not distinct from partner.price_list_id
      and profile.group_id is not distinct from partner.group_id
"""
# A promotion for one partner is an exception as long as it is lower than the profile's price.
_MARK_PARTNERS = text(f"""
    insert into stale_price (partner_id) select partner_id from ({_PROFILES}) held where profile_id = :profile
""")
_TAKE = text("""
    delete from stale_price where id in (
        select id from stale_price where product_id is not null order by id limit :limit)
    returning profile_id, partner_id, product_id
""")

_RATES = """
    select distinct on (vat_class) vat_class, case when (select vat_payer from company) then rate else 0 end as rate
    from vat_rate where valid_from <= :day
    order by vat_class, valid_from desc
"""


def _keys(table: str, owner: str, nets: str, wanted: str) -> str:
    """SQL that writes the keys of `wanted` (an owner's id and a product's, each pair once) where they are not so;
    `nets` is the function of the database that prices them."""
    return f"""
    insert into {table} ({owner}, product_id, net, gross)
    select key.owner_id, key.product_id, key.net, key.gross from (
        select priced.owner_id, priced.product_id, priced.net, round(priced.net * (100 + vat.rate) / 100, 4) as gross
        from (
            select array_agg(wanted.{owner}) as owners, array_agg(product.id) as products,
                   array_agg({FIRST_QUANTITY}) as quantities
            from {wanted} wanted join product on product.id = wanted.product_id
        ) asked
        cross join lateral {nets}(asked.owners, asked.products, asked.quantities, :day) priced
        join product on product.id = priced.product_id
        join ({_RATES}) vat on vat.vat_class = product.vat_class
    ) key
    left join {table} old on old.{owner} = key.owner_id and old.product_id = key.product_id
    where (old.net, old.gross) is distinct from (key.net, key.gross)
    on conflict ({owner}, product_id) do update set net = excluded.net, gross = excluded.gross
    """


def _profile_keys(wanted: str) -> str:
    return _keys("profile_price", "profile_id", "profile_nets", f"({wanted})")


def _partner_keys(wanted: str, scope: str) -> str:
    """SQL that writes the exceptions `wanted` and removes what else there is in the `scope`, a condition."""
    return f"""
    with wanted as materialized (select distinct partner_id, product_id from ({wanted}) candidate),
    gone as (
        delete from partner_exception old where {scope} and not exists (
            select from wanted where wanted.partner_id = old.partner_id and wanted.product_id = old.product_id)
    )
    {_keys("partner_exception", "partner_id", "partner_nets", "wanted")}
    """


# Where a partner's price may differ from its profile's, if not today: own prices, what own discounts aim at, own
# promotions. Who has a discount on everything has no profile but the list prices: every promotion it is in counts too.
_CANDIDATES = """
    select partner_id, product_id from partner_price
  union all
    select partner_id, product_id from discount where partner_id is not null and product_id is not null
  union all
    select partner_id, product.id from discount join product using (brand) where partner_id is not null
  union all
    select partner_id, product.id
    from discount join category on discount.category_id = any(category.lineage)
    join product on product.category_id = category.id where partner_id is not null
  union all
    select promotion.partner_id, product_id
    from promotion join promotion_item on promotion_id = promotion.id where promotion.partner_id is not null
  union all
    select partner.id, product_id
    from partner join promotion on coalesce(promotion.partner_id = partner.id, promotion.partner_id is null)
                               and coalesce(promotion.group_id = partner.group_id, promotion.group_id is null)
    join promotion_item on promotion_id = promotion.id where partner.discount > 0
"""
_WHOLE_PROFILE = text(_profile_keys("select cast(:profile as int) as profile_id, id as product_id from product"))
_WHOLE_PARTNER = text(
    _partner_keys(f"select * from ({_CANDIDATES}) of_all where partner_id = :partner", "old.partner_id = :partner")
)
_MARKS = """
    select * from unnest(cast(:profile_id as int[]), cast(:partner_id as int[]), cast(:product_id as int[]))
        as mark (profile_id, partner_id, product_id)
"""
_SOME_PROFILES = text(
    _profile_keys(f"""
        select distinct profile.id as profile_id, mark.product_id
        from ({_MARKS}) mark join price_profile profile on profile.id = coalesce(mark.profile_id, profile.id)
        where mark.partner_id is null
    """)
)


def _marked(row: str) -> str:
    """SQL: is the price of a `row` (a partner's id and a product's) marked, for the partner, its profile or all?"""
    return f"""exists (
        select from ({_MARKS}) mark join ({_PROFILES}) held on held.partner_id = {row}.partner_id
        where mark.product_id = {row}.product_id
          and coalesce(mark.partner_id = held.partner_id, mark.profile_id = held.profile_id, true))
    """


_SOME_PARTNERS = text(
    _partner_keys(
        f"""
        select * from ({_CANDIDATES}) of_all
        where product_id = any(cast(:product_id as int[])) and {_marked("of_all")}
        """,
        f"old.product_id = any(cast(:product_id as int[])) and {_marked('old')}",
    )
)
