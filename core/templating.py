"""Templates in a reader's language, with amounts, dates and times as people there write them."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.i18n import translations
from core.money import format_amount, format_quantity

_DATES = {"ro": "dd.MM.yyyy", "en": "d MMM yyyy"}
_MOMENTS = {"ro": "EEEE, dd.MM.yyyy, HH:mm", "en": "EEEE, d MMM yyyy, HH:mm"}


@lru_cache(maxsize=16)
def environment(folder: Path, language: str, time_zone: str) -> Environment:
    """The templates of a folder. In `.html` every value is escaped; what a template lacks raises UndefinedError.

    Filters take amounts and quantities as Decimal, or as the text of one, and instants in any time zone.
    """
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["language"] = language
    made.filters |= {
        "amount": lambda value, currency: format_amount(Decimal(value), language, currency),
        "figure": partial(_figure, language),
        "quantity": lambda value: format_quantity(Decimal(value), language),
        "day": partial(_day, language),
        "moment": partial(_moment, language, ZoneInfo(time_zone)),
    }
    return made


def _figure(language: str, value: Decimal | str) -> str:
    """A price or an amount without its currency: two decimals, more only where there are more."""
    return format_decimal(Decimal(value), "#,##0.00##", locale=language)


def _day(language: str, value: date) -> str:
    return format_date(value, _DATES[language], locale=language)


def _moment(language: str, zone: ZoneInfo, value: datetime) -> str:
    return format_datetime(value, _MOMENTS[language], tzinfo=zone, locale=language)
