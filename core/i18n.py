"""Translations: English is the source, Romanian the first language of the product."""

import gettext
import io
from functools import lru_cache

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

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
