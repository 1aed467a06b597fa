"""A sentence about what is wrong with a document, in the language of who reads it."""

from typing import Any

from core.i18n import N_, fill, translate

SETTINGS, PARTNER_PAGE = N_("Settings, Your company"), N_("the partner's page")


class Problem:
    """`message` is translatable; its placeholders are filled from the keyword arguments, `where` in words as well."""

    def __init__(self, message: str, **params: Any) -> None:
        self.message, self.params = message, params

    def text(self, language: str) -> str:
        """The sentence in `language` ('ro' or 'en')."""
        where = {"where": translate(self.params["where"], language)} if "where" in self.params else {}
        return fill(self.message, language, self.params | where)

    def __repr__(self) -> str:
        return self.text("en")
