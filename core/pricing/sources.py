"""What one partner's prices come from."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize


@dataclass(frozen=True, slots=True)
class ListSource:
    """A price list that is assigned to the partner or (`of_group`) to its group, with how many net prices and discounts
    it has; `holds` tells whether it is valid on the day."""

    name: str
    of_group: bool
    prices: int
    discounts: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """How many rules of each kind hold for a partner on a day, in the order of core.pricing.quoting.STEPS."""

    own_prices: int
    own_discounts: int
    lists: list[ListSource]
    general: int
    promotions: int


def sources(session: Session, partner_id: int, on: date) -> Sources:
    """The sources of a partner's prices on a local day; for staff only. Raises NotAllowed."""
    authorize(session, "prices.see")
    about = {"partner": partner_id, "on": on}
    counts = session.execute(_COUNTS, about).mappings().one()
    lists = [ListSource(**row) for row in session.execute(_LISTS, about).mappings()]
    return Sources(lists=lists, **counts)


_HOLDS = "coalesce({0}valid_from <= :on, true) and coalesce({0}valid_until >= :on, true)"
_COUNTS = text(f"""
    select (select count(*) from partner_price where partner_id = :partner and {_HOLDS.format("")}) as own_prices,
           (select count(*) from discount where partner_id = :partner and {_HOLDS.format("")}) as own_discounts,
           (select count(*) from discount where owner = 0 and {_HOLDS.format("")}) as general,
           (select count(*) from promotion left join partner on partner.id = :partner
            where {_HOLDS.format("promotion.")} and coalesce(promotion.partner_id = :partner, true)
                  and coalesce(promotion.group_id = partner.group_id, promotion.group_id is null)) as promotions
""")
_LISTS = text(f"""
    select price_list.name, assigned.of_group, {_HOLDS.format("price_list.")} as holds,
           (select count(*) from price_list_item where price_list_id = price_list.id and {_HOLDS.format("")}) as prices,
           (select count(*) from discount where owner = -price_list.id and {_HOLDS.format("")}) as discounts
    from partner left join partner_group on partner_group.id = partner.group_id
    cross join lateral (values (false, partner.price_list_id), (true, partner_group.price_list_id))
        assigned(of_group, list)
    join price_list on price_list.id = assigned.list
    where partner.id = :partner
    order by assigned.of_group
""")
