"""Which codes there are, for one partner: its own, SKUs and bar codes, all asked for at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.successors import HEIR
from core.catalog.visibility import MEANT, OFFERED
from core.permissions import authorize
from core.quick.tokens import key


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that a code stands for: `by` the partner's own code, the SKU or the bar code. `replaces`: the code is
    that of a product no longer sold, and this one is sold instead."""

    product_id: int
    sku: str
    by: Literal["own", "sku", "ean"]
    replaces: bool


class Known:
    """What was found for the codes that were asked for."""

    def __init__(self, hits: dict[str, list[Hit]]) -> None:
        self._hits = hits

    def hits(self, typed: str) -> list[Hit]:
        """The products (each once) that a code as typed stands for; several where it cannot tell.

        What the partner taught goes first, then the SKU, and one with the same letter case before others.
        """
        found = self._hits.get(key(typed), [])
        for wanted in ("own", "sku", "ean"):
            some = [hit for hit in found if hit.by == wanted and not hit.replaces]
            exact = [hit for hit in some if hit.by == "sku" and hit.sku == typed]
            if exact or some:
                return exact or some
        return found

    def __contains__(self, typed: str) -> bool:
        return bool(self.hits(typed))


def find(session: Session, codes: Iterable[str]) -> Known:
    """What these codes, made by `key`, stand for among the products offered to the signed-in partner."""
    me = authorize(session, "orders.place")
    asked = sorted({code for code in codes if code})
    bars = [(code, bar) for code in asked for bar in _bar_codes(code)]
    params = {
        "codes": asked,
        "bars": [bar for _, bar in bars],
        "of": [code for code, _ in bars],
        "partner": me.partner_id,
    }
    hits: dict[str, list[Hit]] = defaultdict(list)
    for row in session.execute(_FIND, params) if asked else ():
        hits[row.code].append(Hit(row.product_id, row.sku, row.by, row.replaces))
    return Known(dict(hits))


def examples(session: Session) -> list[str]:
    """Lines as they may be written, of products that are offered to the signed-in partner."""
    me = authorize(session, "orders.place")
    rows = session.execute(_SOME, {"partner": me.partner_id}).all()
    shapes = ("{sku} 12", "5 x {sku}", "2 {unit} {sku}", "{ean}; 3")
    return [shape.format(sku=row.sku, unit=row.unit, ean=row.ean or row.sku)
            for shape, row in zip(shapes, rows, strict=False)]  # fmt: skip


def _bar_codes(code: str) -> list[str]:
    """As a bar code is kept: a sheet that takes it for a number drops the zeros before it."""
    digits = code.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 14):
        return []
    bare = digits.lstrip("0")
    return sorted({digits, *(bare.zfill(length) for length in (8, 12, 13, 14) if len(bare) <= length)})


_SOME = text(f"""
    select product.sku, product.unit, product.ean from product join partner on partner.id = :partner
    where {OFFERED} order by product.id limit 4
""")
# `offset 0` keeps each product a look-up in an index: for a thousand of them the planner would read all there are.
_FIND = text(f"""
with asked as materialized (select unnest(cast(:codes as text[])) as code),
bar as materialized (select unnest(cast(:of as text[])) as code, unnest(cast(:bars as text[])) as ean),
hit as materialized (
    select asked.code, partner_code.product_id, 'own' as by from asked
    join partner_code on partner_code.partner_id = :partner and partner_code.code = asked.code
  union all
    select asked.code, found.id, 'sku' from asked
    cross join lateral (select id from product where product.sku_folded = asked.code offset 0) found
  union all
    select bar.code, found.id, 'ean' from bar
    cross join lateral (select id from product where product.ean = bar.ean and product.ean <> '' offset 0) found
)
select distinct hit.code, hit.by, sold.id as product_id, sold.sku, sold.replaces
from hit cross join lateral (select * from product where product.id = hit.product_id offset 0) product
join partner on partner.id = :partner
cross join lateral (
    select product.id, product.sku, false as replaces where product.active
  union all
    select heir.id, heir.sku, true from {HEIR} heir where not product.active
) sold
where {MEANT} order by hit.code, sold.sku
""")
