"""What a mail says: the templates, filled in for one event and one language."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy.orm import Session

from core.auth.links import LIVES
from core.auth.models import User
from core.company import Company, company
from core.config import ROOT, settings
from core.documents.models import Document
from core.events import Event
from core.i18n import translations
from core.money import format_amount, format_quantity
from core.notifications.links import mark
from core.notifications.rules import Recipient
from core.orders.models import Order
from core.partners.models import Partner

LINES_SHOWN = 50
"""A longer order is shown in part: mail programs cut off what is longer than about 100 KB."""

_DATES = {"ro": "dd.MM.yyyy", "en": "d MMM yyyy"}
_MOMENTS = {"ro": "EEEE, dd.MM.yyyy, HH:mm", "en": "EEEE, d MMM yyyy, HH:mm"}


@dataclass(frozen=True, slots=True)
class Content:
    """A mail's subject (one line), its plain text and its HTML. `link_id` is set where these hold that link's mark."""

    subject: str
    text: str
    html: str
    link_id: uuid.UUID | None = None


def compose(session: Session, event: Event, recipient: Recipient) -> Content:
    """The mail that `recipient` gets about `event`. Raises jinja2.UndefinedError if a template asks for too much."""
    facts = _facts(session, event)
    environment = _environment(recipient.language, facts["company"].time_zone)

    def fill(part: str) -> str:
        return environment.get_template(f"{recipient.template}/{part}").render(facts)

    text, html = fill("body.txt"), fill("body.html")
    link_id = _link_id(event)
    held = link_id if link_id and mark(link_id) in text + html else None
    return Content(_one_line(fill("subject.txt")), text, html, held)


def _facts(session: Session, event: Event) -> dict[str, Any]:
    """What the templates may use."""
    facts: dict[str, Any] = {"company": company(session), "portal": settings().public_url.rstrip("/")}
    facts |= {"event": event, "lines_shown": LINES_SHOWN, "sender": _sender(facts["company"])}
    if event.order_id is not None:
        facts["order"] = order = session.get_one(Order, event.order_id)
        facts["orderer"] = session.get_one(User, order.user_id)
    if event.document_id is not None:
        facts["document"] = session.get_one(Document, event.document_id)
    return facts | _facts_of_access(session, event)


def _facts_of_access(session: Session, event: Event) -> dict[str, Any]:
    """Whom the event is about, and the mark of its link; the link itself is put in when the mail leaves."""
    facts: dict[str, Any] = {"lives": LIVES}
    facts["partner"] = session.get(Partner, event.partner_id) if event.partner_id else None
    if "user" in event.data:
        facts["user"] = session.get_one(User, event.data["user"])
    if link_id := _link_id(event):
        facts["link"] = mark(link_id)
    if "gross" in event.data:
        facts["gross"] = Decimal(event.data["gross"])
    return facts


def _link_id(event: Event) -> uuid.UUID | None:
    return uuid.UUID(event.data["link"]) if "link" in event.data else None


def _sender(row: Company) -> str:
    return row.name or "Rampa"


@lru_cache(maxsize=8)
def _environment(language: str, time_zone: str) -> Environment:
    """Templates in one language, with amounts, dates and times as people there write them."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "core" / "notifications" / "templates"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["language"] = language
    environment.filters |= {
        "amount": lambda value, currency: format_amount(value, language, currency),
        "figure": partial(_figure, language),
        "quantity": lambda value: format_quantity(value, language),
        "day": partial(_day, language),
        "moment": partial(_moment, language, ZoneInfo(time_zone)),
    }
    return environment


def _figure(language: str, value: Decimal) -> str:
    """A price or an amount without its currency: two decimals, more only where there are more."""
    return format_decimal(value, "#,##0.00##", locale=language)


def _day(language: str, value: date) -> str:
    return format_date(value, _DATES[language], locale=language)


def _moment(language: str, zone: ZoneInfo, value: datetime) -> str:
    return format_datetime(value, _MOMENTS[language], tzinfo=zone, locale=language)


def _one_line(text: str) -> str:
    """A line break in a subject would be a second header."""
    return " ".join(text.split())
