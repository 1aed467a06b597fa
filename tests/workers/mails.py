"""What a worker hands over of the mails that wait, without a mail server: files."""

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from core import config
from core.db import transaction
from core.notifications import delivery, smtp
from core.principal import SYSTEM
from tests.core.notifications import steps
from workers import attaching


def left_now(as_of: datetime, template: str = "") -> list[EmailMessage]:
    """All that has left up to now, oldest first; of one template, if it is named."""
    steps.handle_all(as_of)
    while taken := steps.take(as_of):
        smtp.send(attaching.with_attachment(taken, as_of))
        with transaction(SYSTEM) as session:
            delivery.note(session, taken, delivery.Outcome("sent"), as_of)
    files = sorted((config.settings().data_dir / "mail").glob("*.eml"))
    found = [message_from_bytes(path.read_bytes(), policy=default) for path in files]
    wanted = {f"<event-{mail.event_id}.mail-{mail.id}@" for mail in steps.mails() if template in ("", mail.template)}
    return [each for each in found if str(each["Message-ID"]).split("@")[0] + "@" in wanted]  # type: ignore[misc]
