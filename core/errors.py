"""What may be refused. A refusal is an answer to the user, not a failure of the program."""

from typing import Any, ClassVar

from core.i18n import N_, fill


class Refusal(Exception):
    """The request cannot be carried out, and nothing was changed.

    `message` is a translatable sentence that says what is wrong and what to do next; its placeholders are
    filled from the keyword arguments.
    """

    message: ClassVar[str] = N_("This cannot be done.")

    def __init__(self, **params: Any) -> None:
        super().__init__(fill(self.message, "en", params) if params else self.message)
        self.params = params

    def text(self, language: str) -> str:
        """The sentence for the user, in `language` ('ro' or 'en')."""
        return fill(self.message, language, self.params)


class NotFound(Refusal):
    """Absent, or somebody else's: the answer is the same, so that nothing can be guessed."""

    message = N_("This does not exist, or it is not yours to see.")


class NotAllowed(Refusal):
    """The principal may not do this."""

    message = N_("You have no access to this. Ask your administrator if you need it.")
