"""What a mail says: the templates, filled in for one event and one language."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.company import company
from core.events import Event
from core.notifications.facts import facts_of, link_id_of
from core.notifications.links import mark
from core.notifications.rules import Recipient
from core.notifications.samples import sample_facts
from core.notifications.unsubscribing import address_to_unsubscribe
from core.notifications.wording import TEMPLATES, own_words, speaking
from core.templating import environment

TRIED = "mail_tried"
"""The event of a mail that staff send to themselves, to see how it arrives."""


@dataclass(frozen=True, slots=True)
class Content:
    """A mail's subject (one line), its plain text and its HTML. `link_id` is set where these hold that link's mark."""

    subject: str
    text: str
    html: str
    link_id: uuid.UUID | None = None


def compose(session: Session, event: Event, recipient: Recipient) -> Content:
    """The mail that `recipient` gets about `event`. Raises jinja2.UndefinedError if a template asks for too much."""
    own = own_words(session, recipient.template, recipient.language)
    if event.kind == TRIED:
        return fill(recipient.template, recipient.language, sample_facts(company(session), recipient.template), own)
    facts = facts_of(session, event, recipient.language) | {
        "unsubscribe": address_to_unsubscribe(recipient.user_id, recipient.template)
    }
    return fill(recipient.template, recipient.language, facts, own, link_id_of(event))


def preview(session: Session, template: str, language: str) -> Content:
    """A mail about something invented, as it would be written now."""
    return fill(template, language, sample_facts(company(session), template), own_words(session, template, language))


def fill(
    template: str, language: str, facts: Mapping[str, Any], own: Mapping[str, str], link_id: uuid.UUID | None = None
) -> Content:
    """The three parts of a mail from its templates, with the distributor's own words where it has some."""
    templates = environment(TEMPLATES, language, facts["company"].time_zone)
    given = {**facts, "gettext": speaking(templates, own)}
    subject, text, html = (
        templates.get_template(f"{template}/{part}").render(given) for part in ("subject.txt", "body.txt", "body.html")
    )
    held = link_id if link_id and mark(link_id) in text + html else None
    return Content(_one_line(subject), text, html, held)


def _one_line(text: str) -> str:
    """A line break in a subject would be a second header."""
    return " ".join(text.split())
