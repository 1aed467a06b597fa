"""What the readers of all kinds of file hand on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

MOST_ENTRIES = 20_000
"""Of one file."""


@dataclass(frozen=True, slots=True)
class EntryRead:
    """One entry of a statement: `amount` in `currency`, below zero for what left the account. A `reversal` takes an
    earlier entry back. `reference` is the bank's own, empty where it gives none."""

    booked_on: date
    amount: Decimal
    currency: str
    details: str
    payer_name: str = ""
    payer_iban: str = ""
    reference: str = ""
    reversal: bool = False

    @property
    def kind(self) -> str:
        """One of core.banking.models.ENTRY_KINDS; empty for what we paid ourselves, and for nothing."""
        if not self.amount:
            return ""
        if self.amount < 0:
            return "reversal" if self.reversal else ""
        if self.reversal:
            return "returned"
        return "payment" if self.currency == "RON" else "foreign"


@dataclass(slots=True)
class StatementRead:
    """One statement of a file: the account of ours (its IBAN, if the bank gives it), balances where it gives them."""

    account: str
    currency: str
    entries: Sequence[EntryRead]
    from_on: date | None = None
    to_on: date | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None
    passed: list[int] = field(default_factory=list)
    """Lines of a table that are no entries: they have no day."""

    @property
    def credits(self) -> Decimal:
        """What came in, also in reversals of what we paid."""
        return self._sum(1)

    @property
    def debits(self) -> Decimal:
        """What left the account, without a sign."""
        return self._sum(-1)

    def _sum(self, sign: int) -> Decimal:
        """A table may hold several currencies: its sums are of one."""
        moved = (sign * entry.amount for entry in self.entries if entry.currency == self.currency)
        return sum((amount for amount in moved if amount > 0), Decimal(0))

    @property
    def difference(self) -> Decimal:
        """By how much the closing balance differs from what the entries make of the opening one; 0 if it agrees, or
        if there is nothing to compare."""
        if self.opening is None or self.closing is None:
            return Decimal(0)
        return self.closing - (self.opening + self.credits - self.debits)
