"""Why a bank's file is not taken."""

from core.errors import Refusal
from core.i18n import N_, fill
from core.imports.problems import Fault, Problem


class BankFileRefused(Refusal):
    """Nothing of the file was loaded, for the reason in `problem`."""

    message = N_("On line {line}: {reason}")

    def __init__(self, problem: Problem | Fault) -> None:
        self.problem = problem.at() if isinstance(problem, Fault) else problem
        super().__init__(line=self.problem.line or 1, reason=self.problem.text("en"))

    def text(self, language: str) -> str:
        reason = self.problem.text(language)
        return fill(self.message, language, self.params | {"reason": reason}) if self.problem.line else reason
