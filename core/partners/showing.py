"""What a partner is told of the stock, where that is not what the general setting says."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.company_rules import check_display
from core.partners.editing import locked_partner, set_values


def change_stock_display(session: Session, partner_id: int, display: str | None, as_of: datetime) -> None:
    """Tell a partner of the stock as one of core.company.STOCK_DISPLAYS says; None: as the general setting says.

    Records 'partner_changed' with the old and the new one, if they differ. Raises NotAllowed, NotFound, UnknownDisplay.
    """
    if display is not None:
        check_display(display)
    partner = locked_partner(session, partner_id)
    set_values(session, partner, {"stock_display": display}, as_of)
