"""What a mail says: the templates, filled in for one event and one language."""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.config import ROOT
from core.events import Event
from core.notifications.facts import facts_of, link_id_of
from core.notifications.links import mark
from core.notifications.rules import Recipient
from core.templating import environment

TEMPLATES = ROOT / "core" / "notifications" / "templates"


@dataclass(frozen=True, slots=True)
class Content:
    """A mail's subject (one line), its plain text and its HTML. `link_id` is set where these hold that link's mark."""

    subject: str
    text: str
    html: str
    link_id: uuid.UUID | None = None


def compose(session: Session, event: Event, recipient: Recipient) -> Content:
    """The mail that `recipient` gets about `event`. Raises jinja2.UndefinedError if a template asks for too much."""
    facts = facts_of(session, event)
    templates = environment(TEMPLATES, recipient.language, facts["company"].time_zone)

    def fill(part: str) -> str:
        return templates.get_template(f"{recipient.template}/{part}").render(facts)

    text, html = fill("body.txt"), fill("body.html")
    link_id = link_id_of(event)
    held = link_id if link_id and mark(link_id) in text + html else None
    return Content(_one_line(fill("subject.txt")), text, html, held)


def _one_line(text: str) -> str:
    """A line break in a subject would be a second header."""
    return " ".join(text.split())
