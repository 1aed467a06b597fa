"""A partner's own rules of orders, beside the general ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from core.company import company
from core.company_rules import RULES, check_rules
from core.errors import NotFound
from core.partners.editing import locked_partner, set_values
from core.partners.models import Partner
from core.permissions import authorize


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One of core.company.RULES: the partner's own number (None: it has none) and the general one; 0 is no limit."""

    own: Decimal | int | None
    general: Decimal | int

    @property
    def effective(self) -> Decimal | int:
        """What holds for the partner."""
        return self.general if self.own is None else self.own


@dataclass(frozen=True, slots=True)
class PartnerRules:
    """`prepay`: it pays before the goods leave. `rules` by name, all of core.company.RULES, in that order."""

    prepay: bool
    rules: dict[str, OwnRule]


def rules(session: Session, partner_id: int) -> PartnerRules:
    """The rules of a partner's orders, for staff. Raises NotAllowed, NotFound."""
    authorize(session, "partners.see")
    partner, general = session.get(Partner, partner_id), company(session)
    if partner is None:
        raise NotFound
    return PartnerRules(
        partner.prepay, {name: OwnRule(getattr(partner, name), getattr(general, name)) for name in RULES}
    )


def change_rules(
    session: Session, partner_id: int, prepay: bool, values: Mapping[str, Decimal | int | None], as_of: datetime
) -> None:
    """Give a partner own rules, by name of core.company.RULES; None: the general one holds. Others stay as they are.

    Orders placed already keep their deadlines. Records 'partner_changed' with what differs, if anything does. Raises
    NotAllowed, NotFound, BadRule, and LeastAboveLargest for what would hold together with the general rules.
    """
    partner = locked_partner(session, partner_id, "limits.manage")
    values = {name: values[name] for name in RULES if name in values}
    check_rules(values)
    general, own = company(session), {name: values.get(name, getattr(partner, name)) for name in RULES}
    check_rules({name: getattr(general, name) if value is None else value for name, value in own.items()})
    set_values(session, partner, {"prepay": prepay} | values, as_of)
