"""What leaves with a mail: the statement of account with the mail that announces it."""

from dataclasses import replace
from datetime import datetime

import structlog

from core.clock import local_date
from core.company import company
from core.db import transaction
from core.errors import Refusal
from core.events import Event
from core.exports.statement_paper import statement_pdf
from core.notifications.delivery import Attachment, Taken
from core.principal import SYSTEM
from core.receivables.monthly import last_of, month_of
from core.receivables.statement import statement

log = structlog.get_logger(__name__)


def with_attachment(taken: Taken, as_of: datetime) -> Taken:
    """The mail with the file that belongs to it. One that cannot be made is left out: the mail leads to it as well."""
    try:
        with transaction(SYSTEM) as session:
            event = session.get_one(Event, taken.mail.event_id)
            if event.kind != "statement_sent":
                return taken
            seller, first = company(session), month_of(event.data["month"])
            seller.logo  # noqa: B018 (deferred: it is read now, while there is a session)
            found = statement(session, first, last_of(first), event.partner_id)
        made_on = local_date(as_of, seller.time_zone)
        content = statement_pdf(found, seller, made_on, taken.mail.language)
    except Refusal as refusal:
        log.warning("no statement attached", event_id=taken.mail.event_id, error=str(refusal))
        return taken
    return replace(taken, attachment=Attachment(f"statement-{found.first}-{found.last}.pdf", content))
