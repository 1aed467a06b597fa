"""Statement of account (fișă de cont): every entry of a partner's ledger in a period, and what is open at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.documents.models import OPENING
from core.errors import NotFound, Refusal
from core.i18n import N_
from core.orders.contents import DOCUMENT_NUMBER
from core.partners.models import Partner
from core.permissions import authorize

ZERO = Decimal("0.00")
MOST_ENTRIES = 20_000
LARGEST_ID = 2**31 - 1


class PeriodNotValid(Refusal):
    message = N_("The period ends before it begins. Correct its days.")


class TooManyEntries(Refusal):
    message = N_("There is more in this period than one statement holds. Choose a shorter one.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of the ledger, in lei. `kind` is that of the view `ledger`; `balance` is what is owed after it.

    `number` is that of the document, or of the receipt of a payment in cash; `method` (of METHODS) and
    `reference` are the payment's.
    """

    day: date
    kind: str
    number: str
    method: str
    reference: str
    due_on: date | None
    debit: Decimal
    credit: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice of which something (lei) was open at the end of the period."""

    number: str
    issued_on: date
    due_on: date
    gross: Decimal
    open: Decimal
    overdue_days: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The account of a partner from the day `first` to `last`, both included; all amounts in lei.

    A balance above zero is owed by the partner. `entries` are in order; a correction is a debit below zero where it
    takes back a debit (a storno), and a credit below zero where it takes back a credit (a payment undone).
    """

    partner: Partner
    first: date
    last: date
    opening: Decimal
    entries: Sequence[Entry]
    open: Sequence[OpenInvoice]

    @property
    def debit(self) -> Decimal:
        """What was invoiced in the period, less stornos, and debts brought over of its days."""
        return sum((entry.debit for entry in self.entries), ZERO)

    @property
    def credit(self) -> Decimal:
        """What was paid or written off in the period, less what was undone or went back, and credits brought over."""
        return sum((entry.credit for entry in self.entries), ZERO)

    @property
    def brought(self) -> Decimal:
        """What of the days of the period was open in the program before: debts less credits."""
        return sum((entry.debit - entry.credit for entry in self.entries if entry.kind == OPENING), ZERO)

    @property
    def invoiced(self) -> Decimal:
        """What was invoiced in the period, less stornos."""
        return sum((entry.debit for entry in self.entries if entry.kind != OPENING), ZERO)

    @property
    def paid(self) -> Decimal:
        """What was paid or written off in the period, less what was undone or went back."""
        return sum((entry.credit for entry in self.entries if entry.kind != OPENING), ZERO)

    @property
    def closing(self) -> Decimal:
        """What is owed at the end."""
        return self.opening + self.debit - self.credit

    @property
    def open_total(self) -> Decimal:
        """What is open on all invoices at the end."""
        return sum((invoice.open for invoice in self.open), ZERO)

    @property
    def overdue(self) -> Decimal:
        """What of it is past its due day at the end."""
        return sum((invoice.open for invoice in self.open if invoice.overdue_days), ZERO)

    @property
    def unused(self) -> Decimal:
        """What was paid or brought by stornos and paid no invoice by the end: credit, and what was paid ahead."""
        return self.open_total - self.closing


def statement(session: Session, first: date, last: date, partner_id: int | None = None) -> Statement:
    """The principal's own account, or (for staff) that of `partner_id`, in the local days `first` to `last`.

    All of it is read in one statement of SQL, so what is recorded meanwhile counts everywhere or nowhere. What was
    open is reckoned by the days of the ledger: money counts from the day it came, however late it was recorded.
    Raises NotAllowed, NotFound for somebody else's account, PeriodNotValid, TooManyEntries.
    """
    me = authorize(session, "documents.see")
    if me.partner_id is not None and partner_id not in (None, me.partner_id):
        raise NotFound
    whose = me.partner_id or partner_id
    partner = session.get(Partner, whose) if whose is not None and 0 < whose <= LARGEST_ID else None
    if partner is None:
        raise NotFound
    if first > last:
        raise PeriodNotValid
    about = {"partner": partner.id, "first": first, "last": last, "most": MOST_ENTRIES + 1}
    opening, *rows = session.execute(_ACCOUNT, about).all()
    entries = [row for row in rows if row.part == 1]
    if len(entries) > MOST_ENTRIES:
        raise TooManyEntries
    return Statement(
        partner, first, last, opening.amount, _running(opening.amount, entries),
        [_open(row, last) for row in rows if row.part == 2],
    )  # fmt: skip


def _running(balance: Decimal, rows: Sequence[Row[Any]]) -> list[Entry]:
    entries = []
    for row in rows:
        balance += row.amount
        is_debit = row.payment_id is None and not (row.kind == OPENING and row.amount < 0)
        debit, credit = (row.amount, ZERO) if is_debit else (ZERO, -row.amount)
        entries.append(
            Entry(
                row.day, row.kind, row.number or "", row.method or "", row.reference or "", row.due_on,
                debit, credit, balance,
            )
        )  # fmt: skip
    return entries


def _open(row: Row[Any], last: date) -> OpenInvoice:
    return OpenInvoice(row.number, row.day, row.due_on, row.gross, row.amount, max((last - row.due_on).days, 0))


EFFECTIVE = """
    case when allocation.amount > 0 and allocation.at = coalesce(payment.recorded_at, storno.issued_at)
         then coalesce(payment.paid_on, storno.issued_on)
         else (allocation.at at time zone (select time_zone from company))::date end
"""
"""SQL: the local day on which an allocation counts. What a payment or a storno pays at once, it pays on its own day."""

_DEBT = "(entry.kind = 'invoice' or (entry.kind = 'opening' and entry.amount > 0))"
# Part 0 is the opening balance, 1 an entry, 2 an invoice that is open on the last day.
_ACCOUNT = text(f"""
    with entry as (
        select * from ledger where partner_id = :partner and day <= :last
    ), paid as (
        select allocation.document_id, sum(allocation.amount) as amount
        from allocation join credit on credit.id = allocation.credit_id
        left join payment on payment.id = credit.payment_id left join document storno on storno.id = credit.document_id
        where allocation.partner_id = :partner and allocation.document_id is not null and {EFFECTIVE} <= :last
        group by allocation.document_id
    )
    select 0 as part, null::date as day, null::timestamptz as at, null as kind, null::int as document_id,
           null::int as payment_id, null as number, null as method, null as reference, null::date as due_on,
           null::numeric as gross, coalesce(sum(amount), 0.00) as amount
    from entry where day < :first
    union all
    (select 1, entry.day, entry.at, entry.kind, entry.document_id, entry.payment_id, {DOCUMENT_NUMBER}, payment.method,
           payment.reference, case when {_DEBT} then entry.due_on end, null, entry.amount
    from entry left join payment on payment.id = entry.payment_id
    left join document on document.id = coalesce(
        entry.document_id,
        (select max(receipt.id) from document receipt where receipt.payment_id = coalesce(payment.undoes, payment.id))
    )
    where entry.day >= :first order by entry.day, entry.at limit :most)
    union all
    select 2, document.issued_on, document.issued_at, 'invoice', document.id, null, {DOCUMENT_NUMBER}, null, null,
           document.due_on, document.lei_gross, document.lei_gross - coalesce(paid.amount, 0)
    from entry join document on document.id = entry.document_id left join paid on paid.document_id = document.id
    where {_DEBT} and document.lei_gross > coalesce(paid.amount, 0)
    order by part, day, at, payment_id nulls first, document_id
""")
