"""Changing partners one at a time, and the net prices agreed with them; many at once come from a file."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.models import Partner
from core.permissions import authorize

EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
STATUSES = ("active", "on_hold", "closed")
LARGEST_PRICE = Decimal("9999999999.9999")
MOST_DAYS = 3650


class NameMissing(Refusal):
    message = N_("A partner needs a name.")


class BadEmail(Refusal):
    message = N_("“{email}” is not an e-mail address.")


class BadTerms(Refusal):
    message = N_("The discount is 0 to 100 % with at most 2 decimals, the days to pay are 0 or more.")


class BadPrice(Refusal):
    message = N_("A net price cannot be negative and has at most 4 decimals.")


class UnknownSku(Refusal):
    message = N_("There is no product with the SKU {sku}. Letter case counts.")


def change_partner(
    session: Session,
    partner_id: int,
    as_of: datetime,
    *,
    name: str,
    email: str,
    discount: Decimal,
    payment_days: int,
    status: str,
) -> Partner:
    """Set a partner's name, e-mail, discount (percent), days to pay and status (one of STATUSES).

    Records 'partner_changed' with the old and the new values of what differs, and nothing when nothing does.
    Raises NotAllowed, NotFound, NameMissing, BadEmail, BadTerms.
    """
    values: dict[str, Any] = {"name": name.strip(), "email": email.strip().lower(), "status": status}
    values |= {"discount": discount, "payment_days": payment_days}
    _check(**values)
    authorize(session, "partners.edit")
    # As the import of partners: the table before its rows. The other way round the two could wait for each other.
    session.execute(text("lock table partner in row exclusive mode"))
    partner = _partner(session, partner_id)
    changes = {
        field: [str(getattr(partner, field)), str(v)] for field, v in values.items() if getattr(partner, field) != v
    }
    for field in changes:
        setattr(partner, field, values[field])
    if changes:
        record(session, "partner_changed", as_of, partner_id=partner.id, changes=changes)
    return partner


def set_own_price(session: Session, partner_id: int, sku: str, net: Decimal, as_of: datetime) -> None:
    """Agree a net price (lei per unit) with a partner for the product with exactly this SKU, new or instead of the old.

    Records 'own_price_set' unless it was so already. Raises NotAllowed, NotFound, UnknownSku, BadPrice.
    """
    if not 0 <= net <= LARGEST_PRICE or net != round(net, 4):
        raise BadPrice
    partner = _partner(session, partner_id)
    product_id = session.scalar(text("select id from product where sku = :sku"), {"sku": sku.strip()})
    if product_id is None:
        raise UnknownSku(sku=sku.strip())
    written = session.scalar(_SET_PRICE, {"partner": partner.id, "product": product_id, "net": net})
    if written is not None:
        record(
            session, "own_price_set", as_of, partner_id=partner.id, product=product_id, sku=sku.strip(), net=str(net)
        )


def remove_own_price(session: Session, partner_id: int, product_id: int, as_of: datetime) -> None:
    """End the net price agreed for a product: the partner's discount counts again.

    Records 'own_price_removed'. Raises NotAllowed, and NotFound where there is none.
    """
    partner = _partner(session, partner_id)
    net = session.scalar(_REMOVE_PRICE, {"partner": partner.id, "product": product_id})
    if net is None:
        raise NotFound
    record(session, "own_price_removed", as_of, partner_id=partner.id, product=product_id, net=str(net))


def _check(name: str, email: str, status: str, discount: Decimal, payment_days: int) -> None:
    if not name:
        raise NameMissing
    if email and not EMAIL.fullmatch(email):
        raise BadEmail(email=email)
    if not 0 <= discount <= 100 or discount != round(discount, 2) or not 0 <= payment_days <= MOST_DAYS:
        raise BadTerms
    if status not in STATUSES:
        raise NotFound


def _partner(session: Session, partner_id: int) -> Partner:
    """The partner, locked, for staff to change."""
    authorize(session, "partners.edit")
    partner = session.get(Partner, partner_id, with_for_update={"key_share": True})
    if partner is None:
        raise NotFound
    return partner


_SET_PRICE = text("""
    insert into partner_price (partner_id, product_id, net) values (:partner, :product, :net)
    on conflict (partner_id, product_id) do update set net = excluded.net where partner_price.net <> excluded.net
    returning net
""")
_REMOVE_PRICE = text("delete from partner_price where partner_id = :partner and product_id = :product returning net")
