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

from babel import Locale
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


class Counted:
    """A number in a sentence, with the noun that goes with it: `{count:product|products}` in English, in Romanian
    `{count:produs|produse|de produse}` (1 produs, 2 produse, 20 de produse). Without forms it is the number alone.

    Which form a number takes is CLDR's: https://cldr.unicode.org/index/cldr-spec/plural-rules.
    """

    def __init__(self, number: int | Decimal, language: str, shown: str | None = None) -> None:
        """`shown` is the number as it is written, by default without thousands."""
        self.number, self.language, self.shown = number, language, shown or str(number)

    def __format__(self, forms: str) -> str:
        if not forms:
            return self.shown
        locale = Locale.parse(self.language)
        tags: list[str] = [tag for tag in ("one", "few", "other") if tag in locale.plural_form.tags or tag == "other"]
        return f"{self.shown} {forms.split('|')[tags.index(locale.plural_form(self.number))]}"

    def __str__(self) -> str:
        return self.shown


def fill(message: str, language: str, params: dict[str, Any]) -> str:
    """`message` in `language` with its placeholders filled; a Decimal has the decimal mark that people there write, and
    a whole number the form of its noun (`Counted`)."""
    shown: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, Decimal):
            shown[name] = Counted(value, language, _plain_number(value, language))
        elif isinstance(value, int) and not isinstance(value, bool):
            shown[name] = Counted(value, language)
    return translate(message, language).format_map(params | shown)


def _plain_number(value: Decimal, language: str) -> str:
    """Without thousands: in a sentence about what was typed, `1.234` could be read either way."""
    if not value.is_finite() or abs(value) >= 10**15:
        return str(value)
    return format_decimal(value, "0.##########", locale=language)
