"""Any partner's price for any product, with everything about it: for staff who are asked why."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.errors import NotFound, Refusal
from core.i18n import N_
from core.permissions import authorize
from core.pricing.quoting import Explanation, PriceStep, explain, price_steps
from core.search import tsquery, without_nul


class NotOffered(Refusal):
    message = N_("{sku} is not offered to this partner: it is not active, or only others may see it.")


class NoRateYet(Refusal):
    message = N_("No VAT rate is known for {day}. Choose {first} or a later day.")


MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that was searched for."""

    id: int
    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the rule of a step can be changed: `price_list` or `promotion` is the id of what it stands in."""

    step: str
    discount: int | None = None
    price_list: int | None = None
    promotion: int | None = None


@dataclass(frozen=True, slots=True)
class PriceCheck:
    """The explained price of a product for a partner; `vat_rate` in percent and `rrp` (net) as on the day.

    `breaks` are the quantities above 0 from which another price holds, `rules` where the rules of the steps are.
    """

    found: Explanation
    sku: str
    name: str
    unit: str
    list_price: Decimal
    rrp: Decimal | None
    vat_rate: Decimal
    breaks: list[PriceStep]
    rules: list[Rule]
    prices_hidden: bool

    @property
    def margin(self) -> Decimal | None:
        """What selling at the recommended price leaves of it, in percent; None without one."""
        return (1 - self.found.unit_price / self.rrp) * 100 if self.rrp else None


def first_day(session: Session) -> date:
    """The first day on which every VAT rate is known: before it no price can be explained; for staff only."""
    authorize(session, "prices.see")
    first: date = session.execute(_FIRST_DAY).scalar_one()
    return first


def find_products(session: Session, search: str) -> list[FoundProduct]:
    """The products with exactly this SKU or EAN, else at most MOST_FOUND in which the words stand, by name; for staff
    only."""
    authorize(session, "prices.see")
    about = {"exact": without_nul(search).strip(), "words": tsquery(search), "most": MOST_FOUND}
    exact = [FoundProduct(*row) for row in session.execute(_EXACT, about)]
    if exact or about["words"] is None:
        return exact
    return [FoundProduct(*row) for row in session.execute(_WORDS, about)]


def check_price(session: Session, partner_id: int, product_id: int, quantity: Decimal, on: date) -> PriceCheck:
    """The price of a product for a partner at a quantity on a local day, and where it comes from; for staff only.

    The rules are those of today: what held on a past day and was changed since is not known any more. Raises
    NotAllowed, NotFound, NotOffered, NoRateYet.
    """
    authorize(session, "prices.see")
    about = {"partner": partner_id, "product": product_id, "on": on}
    facts = session.execute(_FACTS, about).mappings().one_or_none()
    if facts is None:
        raise NotFound
    if not facts["offered"]:
        raise NotOffered(sku=facts["sku"])
    if facts["vat_rate"] is None:
        raise NoRateYet(day=f"{on:%d.%m.%Y}", first=f"{first_day(session):%d.%m.%Y}")
    found = explain(session, product_id, quantity, on, partner_id)
    breaks = price_steps(session.execute(_BREAKS, about).scalar_one())[1:]
    told = {name: value for name, value in facts.items() if name != "offered"}
    return PriceCheck(found, breaks=breaks, rules=_rules(session, found), **told)


def _rules(session: Session, found: Explanation) -> list[Rule]:
    rules = []
    for step in found.steps:
        if step.name in ("list_price", "group_price"):
            rules.append(Rule(step.name, price_list=session.scalar(_LIST_OF, {"id": step.rule})))
        elif step.name == "promotion":
            rules.append(Rule(step.name, promotion=session.scalar(_PROMOTION_OF, {"id": step.rule})))
        else:
            rules.append(Rule(step.name, discount=step.rule if step.name.endswith("_discount") else None))
    return rules


_FIRST_DAY = text("select max(first) from (select min(valid_from) as first from vat_rate group by vat_class) rates")
_EXACT = text("select id, sku, name from product where sku = :exact or (ean <> '' and ean = :exact) order by id")
_WORDS = text("""
    select id, sku, name from product where words @@ cast(:words as tsquery) order by name_folded, id limit :most
""")
_FACTS = text(f"""
    select product.sku, product.name, product.unit, product.list_price, product.rrp, partner.prices_hidden,
           {OFFERED} as offered,
           (select case when vat_payer then rate else 0 end from vat_rate, company
            where vat_class = product.vat_class and valid_from <= :on order by valid_from desc limit 1) as vat_rate
    from product, partner where product.id = :product and partner.id = :partner
""")
_BREAKS = text("select steps from price_steps(:partner, array[cast(:product as int)], array[0::numeric], :on)")
_LIST_OF = text("select price_list_id from price_list_item where id = :id")
_PROMOTION_OF = text("select promotion_id from promotion_item where id = :id")
