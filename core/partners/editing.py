"""Changing partners one at a time; many at once come from a file."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.events import record
from core.partners.codes import one_at_a_time, own_code, require_free_cui
from core.partners.data import PartnerData, Terms, checked
from core.partners.models import Partner
from core.permissions import authorize


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
