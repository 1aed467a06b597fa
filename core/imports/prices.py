"""Partners' own net prices, by partner and SKU."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
from core.imports.columns import PRICES
from core.imports.problems import Problem
from core.imports.staging import Kind, problems_from
from core.imports.stock import UNKNOWN_SKU, UNKNOWN_SKUS

UNKNOWN_PARTNER = N_("There is no partner with the code {partner}. Letter case counts.")

COUNT = """
    select count(*) filter (where o.net is null), count(*) filter (where o.net <> i.net)
    from incoming i join partner on partner.code = i.partner join product on product.sku = i.sku
    left join partner_price o on o.partner_id = partner.id and o.product_id = product.id
        and o.from_quantity = 0 and o.valid_from is null
"""
_UNKNOWN_PARTNERS = """
    select i.line, i.partner from incoming i
    where not exists (select from partner p where p.code = i.partner) order by i.line
"""
_PRICES = text("""
    insert into partner_price (partner_id, product_id, net)
    select partner.id, product.id, i.net
    from incoming i join partner on partner.code = i.partner join product on product.sku = i.sku
    order by partner.id, product.id
    on conflict (partner_id, product_id, from_quantity, valid_from) do update
    set net = excluded.net where partner_price.net <> excluded.net
""")


def _lock(session: Session) -> None:
    session.execute(text("lock table partner_price in share row exclusive mode"))


def _check(session: Session) -> list[Problem]:
    unknown = problems_from(session, _UNKNOWN_PARTNERS, "partner", UNKNOWN_PARTNER)
    return unknown + problems_from(session, UNKNOWN_SKUS, "sku", UNKNOWN_SKU)


def _write(session: Session, _: datetime) -> None:
    session.execute(_PRICES)


TYPES = {"partner": "text", "sku": "text", "net": "numeric"}
KIND = Kind(PRICES, ("partner", "sku"), TYPES, _lock, _check, COUNT, _write)
