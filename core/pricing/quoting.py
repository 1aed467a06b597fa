"""The price of a product for a partner, and why (DESIGN 6).

The rule itself is the database's function `quote` (migration 0008), so that the catalogue, the cart, the order and the
explanation have one and the same text. Unit prices keep four decimals, half up: PostgreSQL's round(numeric) rounds half
away from zero, as core.money.round_amount does.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core.catalog.quantities import fitting_sql
from core.catalog.visibility import OFFERED
from core.errors import NotFound, Refusal
from core.i18n import N_
from core.permissions import AGENT, authorize
from core.principal import Principal

STEPS = {
    1: "own_price", 2: "own_discount", 3: "list_price", 4: "list_discount", 5: "group_price", 6: "group_discount",
    7: "general_discount", 8: "base", 9: "promotion",
}  # fmt: skip
"""The steps by number; the first of 1 to 8 that has a rule decides, then a lower promotion replaces it."""

PROMOTION = 9

DAY = "(select (cast(:as_of as timestamptz) at time zone time_zone)::date from company)"
"""SQL for the local day of the parameter :as_of."""

FIRST_QUANTITY = fitting_sql("1")
"""SQL for the quantity that the price of a product is shown for where nobody has chosen one."""
LEAST_QUANTITY = fitting_sql("0.001")
"""SQL for the smallest quantity of a product that can be ordered."""

UNIT_PRICE = "quoted.rule[1]"
"""SQL for the net unit price in lei; the statement must have `price_joins` in it."""

VAT_RATES = f"""
    select distinct on (vat_class) vat_class, case when (select vat_payer from company) then rate else 0 end as rate
    from vat_rate where valid_from <= {DAY}
    order by vat_class, valid_from desc
"""
"""SQL for the VAT rates in percent of the local day of the parameter :as_of; all 0 if the company charges none."""


def price_joins(quantity: str) -> str:
    """SQL that joins, to a statement with `product` and `partner`, the price for a quantity (an SQL expression) as
    `quoted`, and as `vat.rate` the VAT rate in percent, both of the local day of the parameter :as_of."""
    return f"""
    cross join lateral (select quote(partner.id, product.id, {quantity}, {DAY}) as rule offset 0) quoted
    join ({VAT_RATES}) vat on vat.vat_class = product.vat_class
    """


def explained(products: str, quantities: str) -> str:
    """SQL for product_id, net (unit price in lei) and, as an order's line keeps them, the steps that lead to it
    (`kept_explanation` reads them): of the partner :partner, for SQL arrays of products and of the quantities, on the
    local day of the parameter :as_of. Numbers are texts in the steps, since what reads JSON makes floats of them."""
    return f"""
    select product_id, min(net) filter (where taken) as net,
           jsonb_agg(jsonb_build_object(
               'step', step, 'net', net::text, 'rule', rule, 'value', value::text,
               'from_quantity', from_quantity::text, 'valid_until', valid_until, 'source', source,
               'target', target, 'taken', taken) order by step) as steps
    from explain_prices(cast(:partner as int), {products}, {quantities}, {DAY})
    group by product_id
    """


@dataclass(frozen=True, slots=True)
class PriceStep:
    """From this quantity on, `unit_price` is the net price in lei, by the rule of the step `name` (of STEPS)."""

    from_quantity: Decimal
    unit_price: Decimal
    name: str


def price_steps(found: list[list[Decimal]] | None) -> list[PriceStep]:
    """What the database's function `price_steps` found for a product: its price at the first quantity asked for, then
    at every quantity from which on it is another, lower or higher; nothing for None."""
    every = [PriceStep(quantity, price, STEPS[int(step)]) for quantity, price, step, *_rule in found or ()]
    return every[:1] + [step for before, step in pairwise(every) if step.unit_price != before.unit_price]


SHOWN = "(not partner.prices_hidden or cast(:sees_all as bool))"
"""SQL: may prices be shown to who asks, with the parameters of `sight`? With `partner` in the statement."""


class PricesHidden(Refusal):
    message = N_("Your company sees no prices here, so nothing can be ordered. Please contact the distributor.")


def sight(principal: Principal) -> dict[str, bool]:
    """The parameter of SHOWN: staff see every price, also when they order for a partner."""
    return {"sees_all": principal.kind != "partner" or principal.role == AGENT}


def prices_shown(session: Session) -> bool:
    """May the signed-in principal see prices? Its company may be one that sees none."""
    me = authorize(session, "catalog.see", "prices.see")
    return bool(session.execute(_SHOWN, {"partner": me.partner_id} | sight(me)).scalar_one_or_none() in (None, True))


@dataclass(frozen=True, slots=True)
class Step:
    """The best rule of one step: `net` is the price (lei) that it makes, `value` the rule's own price (in its list's
    currency) or percentage. `source` names the list or promotion. `target` is what a discount aims at: a brand, a
    category's path, 'product' for the product itself, or '' for everything. `taken`: this one is the price."""

    name: str
    net: Decimal
    rule: int | None
    value: Decimal
    from_quantity: Decimal
    valid_until: date | None
    source: str | None
    target: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a price is what it is: the steps that have a rule, in their order."""

    unit_price: Decimal
    steps: list[Step]


def explain(
    session: Session, product_id: int, quantity: Decimal, on: date, partner_id: int | None = None
) -> Explanation:
    """The price (net lei per unit) of a product at a quantity on a local day, and the steps that lead to it.

    For the signed-in partner, or for staff for any partner (an id). Raises NotAllowed, or NotFound for a product or
    partner that is not there or, for a partner, that it is not offered or without prices that it may see.
    """
    me = authorize(session, "catalog.see", "prices.see")
    whose = me.partner_id or partner_id
    if not session.execute(
        _KNOWN,
        {
            "partner": whose,
            "product": product_id,
        }
        | sight(me),
    ).scalar():
        raise NotFound
    asked = {"partner": whose, "product": product_id, "quantity": quantity, "day": on}
    rows = session.execute(_EXPLAIN, asked).mappings().all()
    steps = [Step(name=STEPS[row["step"]], **_facts(row)) for row in rows]
    return Explanation(next(step.net for step in steps if step.taken), steps)


def kept_explanation(kept: list[dict[str, Any]]) -> Explanation:
    """What an order's line keeps of the steps to its price (`explained`)."""
    steps = [
        Step(
            name=STEPS[row["step"]], net=Decimal(row["net"]), rule=row["rule"], value=Decimal(row["value"]),
            from_quantity=Decimal(row["from_quantity"]), source=row["source"], target=row["target"],
            valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None, taken=row["taken"],
        )
        for row in kept
    ]  # fmt: skip
    return Explanation(next(step.net for step in steps if step.taken), steps)


def _facts(row: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "step"}


_SHOWN = text(f"select {SHOWN} from partner where id = :partner")
_KNOWN = text(f"""
    select {OFFERED} and {SHOWN} from product, partner
    where product.id = :product and partner.id = :partner
""")
_EXPLAIN = text("""
    select step, net, rule, value, from_quantity, valid_until, source, target, taken
    from explain_prices(:partner, array[cast(:product as int)], array[cast(:quantity as numeric)], :day) order by step
""")
