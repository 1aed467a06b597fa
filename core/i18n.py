"""Translations: English is the source, Romanian the first language of the product.

After a text was added or changed, this brings the catalogue up to date (from the root, both lines):

    .venv/bin/pybabel extract -F core/locale/babel.cfg --no-location --sort-output -o var/pot . &&
    .venv/bin/pybabel update -i var/pot -d core/locale -D rampa -w 120 -N --ignore-obsolete --ignore-pot-creation-date

Then translate what it left empty; tests/core/test_translations.py names what is missing.
"""

import gettext
import io
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from core.config import ROOT

LANGUAGES = {"ro": "Română", "en": "English"}


def N_(message: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return message


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, compiled in memory from its .po file; English needs none."""
    path = ROOT / "core" / "locale" / language / "LC_MESSAGES" / "rampa.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(message: str, language: str) -> str:
    """`message` in `language`; the English text itself where no translation exists."""
    return translations(language).gettext(message) if message else ""


def fill(message: str, language: str, params: dict[str, Any]) -> str:
    """`message` in `language` with its placeholders filled; a Decimal has the decimal mark that people there write."""
    shown = {name: _plain_number(value, language) for name, value in params.items() if isinstance(value, Decimal)}
    return translate(message, language).format_map(params | shown)


def _plain_number(value: Decimal, language: str) -> str:
    """Without thousands: in a sentence about what was typed, `1.234` could be read either way."""
    if not value.is_finite() or abs(value) >= 10**15:
        return str(value)
    return format_decimal(value, "0.##########", locale=language)
