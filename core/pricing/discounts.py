"""Giving, changing and ending discounts: percentages off the list price."""

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.pricing.conditions import differences, written
from core.pricing.discount_list import Terms, names_of, terms_of
from core.pricing.models import Discount


class DiscountExists(Refusal):
    message = N_("There is a discount already for this, from the same quantity and the same day on. Change that one.")


class NotBegun(Refusal):
    message = N_("It has not begun yet, so it cannot end. Delete it.")


def add_discount(session: Session, terms: Terms, as_of: datetime) -> int:
    """Give a discount; its id. Records 'discount_added'.

    Raises NotAllowed, NotFound for an owner or a target that is not there, DiscountExists, and what Terms.check raises.
    """
    authorize(session, "prices.edit")
    _lock(session)
    _require_free(session, terms, None)
    discount = Discount(**terms.columns())
    session.add(discount)
    session.flush()
    told: dict[str, Any] = names_of(session, discount.id) | _given(terms)
    record(session, "discount_added", as_of, partner_id=terms.partner_id, **told)
    return discount.id


def change_discount(session: Session, discount_id: int, terms: Terms, as_of: datetime) -> None:
    """Give a discount other terms; whose it is and what for stay. Placed orders keep their prices.

    Records 'discount_changed' with what differs, and nothing when nothing does. Raises as add_discount does.
    """
    authorize(session, "prices.edit")
    discount = _locked(session, discount_id)
    old = terms_of(discount)
    terms = replace(old, percent=terms.percent, condition=terms.condition)
    _require_free(session, terms, discount_id)
    changes = differences(_values(old), _values(terms))
    if not changes:
        return
    for name, value in terms.columns().items():
        setattr(discount, name, value)
    session.flush()
    told: dict[str, Any] = names_of(session, discount_id) | {"changes": changes}
    record(session, "discount_changed", as_of, partner_id=discount.partner_id, **told)


def end_discount(session: Session, discount_id: int, last_day: date, as_of: datetime) -> None:
    """Let a discount hold on this local day for the last time. Raises NotBegun, and as change_discount."""
    authorize(session, "prices.edit")
    terms = terms_of(_locked(session, discount_id))
    if terms.condition.valid_from and terms.condition.valid_from > last_day:
        raise NotBegun
    change_discount(
        session, discount_id, replace(terms, condition=replace(terms.condition, valid_until=last_day)), as_of
    )


def delete_discount(session: Session, discount_id: int, as_of: datetime) -> None:
    """Take a discount away. Records 'discount_removed' with what it was. Raises NotAllowed, NotFound."""
    authorize(session, "prices.edit")
    discount = _locked(session, discount_id)
    told: dict[str, Any] = names_of(session, discount_id) | _given(terms_of(discount))
    session.delete(discount)
    session.flush()
    record(session, "discount_removed", as_of, partner_id=discount.partner_id, **told)


def _values(terms: Terms) -> dict[str, Any]:
    return {"discount": terms.percent} | asdict(terms.condition)


def _given(terms: Terms) -> dict[str, str]:
    """What there is of the values, as an event keeps them. One of 0 % says something, too."""
    given = {name: written(value) for name, value in asdict(terms.condition).items() if value}
    return {"discount": written(terms.percent)} | given


def _lock(session: Session) -> None:
    """Only one at a time changes discounts; reading prices goes on meanwhile."""
    session.execute(text("lock table discount in share row exclusive mode"))


def _locked(session: Session, discount_id: int) -> Discount:
    _lock(session)
    found = session.get(Discount, discount_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _require_free(session: Session, terms: Terms, own_id: int | None) -> None:
    terms.check()
    found = session.execute(_PLACE, terms.columns() | {"own": own_id}).one()
    if not found.known:
        raise NotFound
    if found.taken:
        raise DiscountExists


_PLACE = text("""
    select (cast(:partner_id as int) is null or exists (select from partner where id = :partner_id))
           and (cast(:price_list_id as int) is null or exists (select from price_list where id = :price_list_id))
           and (cast(:product_id as int) is null or exists (select from product where id = :product_id))
           and (cast(:category_id as int) is null or exists (select from category where id = :category_id)) as known,
           exists (
               select from discount where id is distinct from cast(:own as int)
               and partner_id is not distinct from cast(:partner_id as int)
               and price_list_id is not distinct from cast(:price_list_id as int)
               and product_id is not distinct from cast(:product_id as int)
               and brand is not distinct from cast(:brand as text)
               and category_id is not distinct from cast(:category_id as int)
               and from_quantity = :from_quantity and valid_from is not distinct from cast(:valid_from as date)
           ) as taken
""")
