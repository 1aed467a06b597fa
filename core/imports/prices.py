"""Partners' own net prices, by partner and SKU."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
from core.imports.changes import Written
from core.imports.columns import PRICES
from core.imports.problems import Problem
from core.imports.staging import Kind, as_object, problems_from
from core.imports.stock import UNKNOWN_SKU, UNKNOWN_SKUS

UNKNOWN_PARTNER = N_("There is no partner with the code {partner}. Letter case counts.")

# The prices that hold today are changed; one that has ended stays as it was, since changing it would change nothing.
_TODAY = "(select ((now() + clock_moved) at time zone time_zone)::date from company, installation)"
_WANTED = """
    select partner.id as partner_id, product.id as product_id, i.net
    from incoming i join partner on partner.code = i.partner join product on product.sku = i.sku
"""
_OWN = "partner_price own where own.partner_id = want.partner_id and own.product_id = want.product_id"
_HOLDS = f"""from_quantity = 0 and coalesce(own.valid_from <= {_TODAY}, true)
    and coalesce(own.valid_until >= {_TODAY}, true)"""
COUNT = f"""
    select count(*) filter (where held.different is null), count(*) filter (where held.different)
    from ({_WANTED}) want
    cross join lateral (select bool_or(own.net <> want.net) as different from {_OWN} and {_HOLDS}) held
"""
COMPARE = f"""
    select i.line, i.partner || ' · ' || i.sku as name, {as_object({"net": "held.net"})} as old,
           {as_object({"net": "i.net"})} as new
    from incoming i join partner on partner.code = i.partner join product on product.sku = i.sku
    cross join lateral (select partner.id as partner_id, product.id as product_id, i.net) want
    cross join lateral (select own.net from {_OWN} and {_HOLDS} and own.net <> want.net limit 1) held
"""
_UNKNOWN_PARTNERS = """
    select i.line, i.partner from incoming i
    where not exists (select from partner p where p.code = i.partner) order by i.line
"""
_CHANGE = text(f"""
    update partner_price own set net = want.net from ({_WANTED}) want
    where own.partner_id = want.partner_id and own.product_id = want.product_id and {_HOLDS} and own.net <> want.net
""")
# A new one begins after the last that has ended and holds until the next one begins.
_ADD = text(f"""
    insert into partner_price (partner_id, product_id, net, valid_from, valid_until)
    select want.*, (select max(valid_until) + 1 from {_OWN} and from_quantity = 0 and valid_until < {_TODAY}),
           (select min(valid_from) - 1 from {_OWN} and from_quantity = 0 and valid_from > {_TODAY})
    from ({_WANTED}) want where not exists (select from {_OWN} and {_HOLDS})
    order by partner_id, product_id
""")


def _lock(session: Session) -> None:
    session.execute(text("lock table partner_price in share row exclusive mode"))


def _check(session: Session) -> list[Problem]:
    unknown = problems_from(session, _UNKNOWN_PARTNERS, "partner", UNKNOWN_PARTNER)
    return unknown + problems_from(session, UNKNOWN_SKUS, "sku", UNKNOWN_SKU)


def _write(session: Session, _: datetime) -> None:
    session.execute(_CHANGE)
    session.execute(_ADD)


TYPES = {"partner": "text", "sku": "text", "net": "numeric"}
WRITES = (
    Written(
        "partner_price",
        f"(t.partner_id, t.product_id) in (select want.partner_id, want.product_id from ({_WANTED}) want)",
        "r.code || ' · ' || p.sku from partner r, product p where r.id = t.partner_id and p.id = t.product_id",
        alone=True,
    ),
)
KIND = Kind(PRICES, ("partner", "sku"), TYPES, _lock, _check, COUNT, _write, WRITES, COMPARE)
