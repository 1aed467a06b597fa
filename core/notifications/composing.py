"""What a mail says: the templates, filled in for one event and one language."""

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

from core.auth.models import User
from core.company import Company, company
from core.config import ROOT, settings
from core.documents.models import Document
from core.events import Event
from core.i18n import translations
from core.money import format_amount, format_quantity
from core.notifications.rules import Recipient
from core.orders.models import Order

LINES_SHOWN = 50
"""A longer order is shown in part: mail programs cut off what is longer than about 100 KB."""

_DATES = {"ro": "dd.MM.yyyy", "en": "d MMM yyyy"}
_MOMENTS = {"ro": "EEEE, dd.MM.yyyy, HH:mm", "en": "EEEE, d MMM yyyy, HH:mm"}


@dataclass(frozen=True, slots=True)
class Content:
    """A mail's subject (one line), its plain text and its HTML."""

    subject: str
    text: str
    html: str


def compose(session: Session, event: Event, recipient: Recipient) -> Content:
    """The mail that `recipient` gets about `event`. Raises jinja2.UndefinedError if a template asks for too much."""
    facts = _facts(session, event)
    environment = _environment(recipient.language, facts["company"].time_zone)

    def fill(part: str) -> str:
        return environment.get_template(f"{recipient.template}/{part}").render(facts)

    return Content(_one_line(fill("subject.txt")), fill("body.txt"), fill("body.html"))


def _facts(session: Session, event: Event) -> dict[str, Any]:
    """What the templates may use."""
    facts: dict[str, Any] = {"company": company(session), "portal": settings().public_url.rstrip("/")}
    if event.order_id is not None:
        facts["order"] = order = session.get_one(Order, event.order_id)
        facts["orderer"] = session.get_one(User, order.user_id)
    if event.document_id is not None:
        facts["document"] = session.get_one(Document, event.document_id)
    return facts | {"lines_shown": LINES_SHOWN, "sender": _sender(facts["company"])}


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
