"""The link in a mail: a mark as long as the mail is kept, the real address only in what leaves.

The mark is made of the link's id, which nobody can know before the mail with it has left: no name that is part of
the same mail can hold it.
"""

import uuid
from html import escape

from core.notifications.models import Mail


def mark(link_id: uuid.UUID) -> str:
    """What stands in a mail's bodies for the link with this id. The same in text and in HTML: nothing to escape."""
    return f"link:{link_id}"


def with_link(mail: Mail, address: str) -> tuple[str, str]:
    """Text and HTML of the mail as they leave, with `address` where the link goes."""
    if mail.link_id is None:
        return mail.body_text, mail.body_html
    here = mark(mail.link_id)
    return mail.body_text.replace(here, address), mail.body_html.replace(here, escape(address))


def without_link(mail: Mail, words: str) -> tuple[str, str]:
    """Text and HTML of the mail for those who look through mails: `words` where the link goes, and nothing to press."""
    if mail.link_id is None:
        return mail.body_text, mail.body_html
    here = mark(mail.link_id)
    dead = mail.body_html.replace(f' href="{here}"', "")
    return mail.body_text.replace(here, words), dead.replace(here, escape(words))
