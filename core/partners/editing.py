"""Changing partners one at a time, and the net prices agreed with them; many at once come from a file."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.codes import one_at_a_time, own_code, require_free_cui
from core.partners.data import PartnerData, Terms, checked
from core.partners.models import Partner
from core.permissions import authorize
from core.search import without_nul

LARGEST_PRICE = Decimal("9999999999.9999")


class BadPrice(Refusal):
    message = N_("A net price cannot be negative and has at most 4 decimals.")


class UnknownSku(Refusal):
    message = N_("There is no product with the SKU {sku}. Letter case counts.")


def change_partner(session: Session, partner_id: int, data: PartnerData, terms: Terms, as_of: datetime) -> Partner:
    """Set a partner's company data, its code and its terms. Its status is core.partners.onboarding's.

    Records 'partner_changed' with the old and the new values of what differs, and nothing when nothing does.
    Raises NotAllowed, NotFound, BadTerms, CuiTaken, CodeTaken, and what core.partners.data.checked raises.
    """
    terms.check()
    partner = locked_partner(session, partner_id)
    values: dict[str, Any] = asdict(checked(data, known_cui=partner.cui))
    one_at_a_time(session)
    if values["cui"] != partner.cui:
        require_free_cui(session, values["cui"])
    values |= asdict(terms)
    if terms.code != partner.code:
        values["code"] = own_code(session, terms.code, data)
    set_values(session, partner, values, as_of)
    return partner


def set_values(session: Session, partner: Partner, values: dict[str, Any], as_of: datetime) -> None:
    """Give the columns of a locked partner these values; records 'partner_changed' with what differs, if anything."""
    old = {name: getattr(partner, name) for name in values}
    changes = {name: [_written(old[name]), _written(value)] for name, value in values.items() if old[name] != value}
    for name in changes:
        setattr(partner, name, values[name])
    if changes:
        record(session, "partner_changed", as_of, partner_id=partner.id, changes=changes)


def _written(value: object) -> str:
    return "" if value is None else str(value)


def locked_partner(session: Session, partner_id: int, action: str = "partners.edit") -> Partner:
    """The partner, locked, for staff who may do `action` to change. Raises NotAllowed, NotFound."""
    authorize(session, action)
    # As the import of partners: the table before its rows. The other way round the two could wait for each other.
    session.execute(text("lock table partner in row exclusive mode"))
    partner = session.get(Partner, partner_id, with_for_update={"key_share": True}, populate_existing=True)
    if partner is None:
        raise NotFound
    return partner


def set_own_price(session: Session, partner_id: int, sku: str, net: Decimal, as_of: datetime) -> None:
    """Agree a net price (lei per unit) with a partner for the product with exactly this SKU, new or instead of the old.

    Records 'own_price_set' unless it was so already. Raises NotAllowed, NotFound, UnknownSku, BadPrice.
    """
    if not 0 <= net <= LARGEST_PRICE or net != round(net, 4):
        raise BadPrice
    partner = locked_partner(session, partner_id)
    sku = without_nul(sku).strip()
    product_id = session.scalar(text("select id from product where sku = :sku"), {"sku": sku})
    if product_id is None:
        raise UnknownSku(sku=sku)
    written = session.scalar(_SET_PRICE, {"partner": partner.id, "product": product_id, "net": net})
    if written is not None:
        record(session, "own_price_set", as_of, partner_id=partner.id, product=product_id, sku=sku, net=str(net))


def remove_own_price(session: Session, partner_id: int, product_id: int, as_of: datetime) -> None:
    """End the net price agreed for a product: the partner's discount counts again.

    Records 'own_price_removed'. Raises NotAllowed, and NotFound where there is none.
    """
    partner = locked_partner(session, partner_id)
    net = session.scalar(_REMOVE_PRICE, {"partner": partner.id, "product": product_id})
    if net is None:
        raise NotFound
    record(session, "own_price_removed", as_of, partner_id=partner.id, product=product_id, net=str(net))


_SET_PRICE = text("""
    insert into partner_price (partner_id, product_id, net) values (:partner, :product, :net)
    on conflict (partner_id, product_id, from_quantity, valid_from) do update
    set net = excluded.net where partner_price.net <> excluded.net
    returning net
""")
_REMOVE_PRICE = text("""
    delete from partner_price
    where partner_id = :partner and product_id = :product and from_quantity = 0 and valid_from is null returning net
""")
