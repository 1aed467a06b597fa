"""A reminder as its reader gets it: the words of its step, filled in, and the invoices it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import N_, Counted, translate
from core.money import format_amount
from core.orders.contents import DOCUMENT_NUMBER
from core.partners.models import Partner
from core.receivables.models import Reminder, ReminderStep
from core.receivables.reminder_texts import filled

NUMBERS_NAMED = 3
"""More invoices than these are counted: a subject with twenty numbers is no subject."""


@dataclass(frozen=True, slots=True)
class NamedInvoice:
    """An invoice that is named in a reminder: amounts in lei, `days` past its due day."""

    document_id: int
    number: str
    issued_on: date
    due_on: date
    days: int
    gross: Decimal
    open: Decimal


@dataclass(frozen=True, slots=True)
class Notice:
    """What a partner is told at a step."""

    partner: str
    step: ReminderStep
    invoices: Sequence[NamedInvoice]

    @property
    def total(self) -> Decimal:
        """What is open on all the invoices, in lei."""
        return sum((invoice.open for invoice in self.invoices), Decimal("0.00"))

    def subject(self, language: str) -> str:
        """The subject in 'ro' or 'en'."""
        return filled(getattr(self.step, f"subject_{language}"), self._facts(language))

    def paragraphs(self, language: str) -> list[str]:
        """The text in 'ro' or 'en', by its empty lines."""
        words = filled(getattr(self.step, f"body_{language}"), self._facts(language))
        return [part.strip() for part in words.split("\n\n") if part.strip()]

    def _facts(self, language: str) -> dict[str, str]:
        return {
            "partner": self.partner,
            "total": format_amount(self.total, language),
            "numbers": self._numbers(language),
            "days": str(max((invoice.days for invoice in self.invoices), default=0)),
        }

    def _numbers(self, language: str) -> str:
        named = ", ".join(invoice.number for invoice in self.invoices[:NUMBERS_NAMED])
        if len(self.invoices) <= NUMBERS_NAMED:
            return named
        words = translate(N_("{numbers} (of {count:invoice|invoices})"), language)
        return words.format(numbers=named, count=Counted(len(self.invoices), language))


def sent_notice(session: Session, reminder_id: int) -> Notice:
    """A reminder that was recorded, with what was open then, in the words of its step as they are now.

    Raises NotFound.
    """
    reminder = session.get(Reminder, reminder_id)
    step = session.get(ReminderStep, reminder.step) if reminder else None
    if reminder is None or step is None:
        raise NotFound
    partner = session.get_one(Partner, reminder.partner_id)
    rows = session.execute(_NAMED, {"reminder": reminder_id, "day": reminder.sent_on}).mappings()
    return Notice(partner.name, step, [NamedInvoice(**row) for row in rows])


def still_owed(session: Session, reminder_id: int) -> bool:
    """Is any of the invoices that a reminder names still to be paid, and not disputed?"""
    return bool(session.execute(_OWED, {"reminder": reminder_id}).scalar_one())


_NAMED = text(f"""
    select document.id as document_id, {DOCUMENT_NUMBER} as number, document.issued_on, document.due_on,
           cast(:day as date) - document.due_on as days, document.lei_gross as gross, named.open
    from reminded_document named join document on document.id = named.document_id
    where named.reminder_id = :reminder order by document.due_on, document.id
""")
_OWED = text("""
    select exists (
        select from reminded_document named join receivable on receivable.document_id = named.document_id
        where named.reminder_id = :reminder and receivable.open > 0
          and not exists (select from dispute where dispute.document_id = named.document_id)
    )
""")
