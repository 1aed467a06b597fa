"""What is wrong with a file, said so that the person who made it can find the place."""

from dataclasses import dataclass, field
from typing import Any

from core.errors import Refusal
from core.i18n import N_, fill


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: the line of the file (1 is the first, None is the file as a whole), the column, the reason."""

    line: int | None
    column: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The reason in `language` ('ro' or 'en')."""
        return fill(self.message, language, self.params)


class Fault(Exception):
    """Raised while reading where the place is not known yet; the caller adds line and column.

    It never leaves core.imports: whoever reads a file or a row turns it into a Problem.
    """

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    def at(self, line: int | None = None, column: str = "") -> Problem:
        return Problem(line, column, self.message, self.params)


class ImportRefused(Refusal):
    """The file has faults, listed in `problems`; nothing of it was loaded."""

    message = N_("Nothing was loaded. Errors in the file: {count}, the first on line {line}: {reason}")

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        first = problems[0]
        super().__init__(count=len(problems), line=first.line or 1, reason=first.text("en"))

    def __str__(self) -> str:
        """All faults, one a line: for the command line and logs."""
        places = (f"line {p.line or 1} {p.column}".rstrip() for p in self.problems)
        return "\n".join(f"{place}: {p.text('en')}" for place, p in zip(places, self.problems, strict=True))

    def text(self, language: str) -> str:
        return fill(self.message, language, self.params | {"reason": self.problems[0].text(language)})
