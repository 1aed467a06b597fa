"""Which mails about money a partner gets."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.partners.editing import locked_partner, set_values


def choose_money_mails(
    session: Session, partner_id: int, *, reminders: bool, monthly_statement: bool, as_of: datetime
) -> None:
    """Is the partner reminded of what is overdue, and does it get a statement each month? Records `partner_changed`.

    Raises NotAllowed, NotFound.
    """
    partner = locked_partner(session, partner_id, "payments.record")
    set_values(session, partner, {"reminders": reminders, "monthly_statement": monthly_statement}, as_of)
