"""Staff send a mail to themselves, filled with something invented, to see how it arrives."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.auth.models import User
from core.errors import NotFound
from core.events import record
from core.i18n import LANGUAGES
from core.notifications.mail_server import mail_server
from core.notifications.wording import templates
from core.permissions import authorize


def send_to_me(session: Session, template: str, language: str, as_of: datetime) -> str:
    """Have the mail sent to the acting member of staff, by the same way as every other; returns the address.

    Raises NotAllowed, NotFound for no such mail.
    """
    me = authorize(session, "settings.edit")
    if template not in templates() or language not in LANGUAGES:
        raise NotFound
    server = mail_server(session).host
    record(session, "mail_tried", as_of, user=me.user_id, template=template, language=language, server=server)
    return session.get_one(User, me.user_id).email
