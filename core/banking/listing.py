"""The list of what came in, as staff work on it, and the files it came from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize
from core.search import folded_sql, word_clauses

State = Literal["open", "booked", "set_aside"]
PAGE_SIZE = 20
LAST_STATEMENTS = 12


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry: `amount` in `currency`. Booked, it is a payment of a partner that pays now what `pays` names; set
    aside, it is so for a `reason`."""

    id: int
    kind: str
    state: str
    booked_on: date
    amount: Decimal
    currency: str
    payer_name: str
    payer_iban: str
    details: str
    bank_reference: str
    account: str
    reason: str
    file_name: str
    partner_id: int | None
    partner: str | None
    pays: str | None


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement that was loaded; amounts in its currency. `entries` counts those that it was the first to bring,
    `by` is who loaded it."""

    id: int
    file_name: str
    account: str
    currency: str
    from_on: date | None
    to_on: date | None
    opening: Decimal | None
    closing: Decimal | None
    entries: int
    debit_count: int
    imported_at: datetime
    by: str | None


def entries(
    session: Session, state: State, search: str = "", page: int = 1, only: Collection[int] | None = None
) -> tuple[list[EntryRow], int]:
    """A page of the entries in a state, the newest day first, and how many there are; for staff.

    `search`: words in any order, each found in the text, the payer, the account, the bank's reference, the amount or
    the partner. `only`: of these ids. Raises NotAllowed.
    """
    authorize(session, "payments.record")
    clauses, params = word_clauses(_SEARCHED, search)
    where = " and ".join(["e.state = :state", "(cast(:only as int[]) is null or e.id = any(:only))", *clauses])
    asked = params | {"state": state, "only": None if only is None else list(only)}
    total = session.scalar(text(f"select count(*) {_FROM} where {where}"), asked) or 0
    shown = {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE}
    rows = session.execute(
        text(f"{_ROWS} {_FROM} where {where} order by e.booked_on desc, e.id desc limit :limit offset :offset"),
        asked | shown,
    )
    return [EntryRow(**row) for row in rows.mappings()], total


def counts(session: Session) -> dict[str, int]:
    """How many entries are in each state; for staff. Raises NotAllowed."""
    authorize(session, "payments.record")
    return {row.state: row.entries for row in session.execute(_COUNTS)}


def statements(session: Session, limit: int = LAST_STATEMENTS) -> list[StatementRow]:
    """The statements that were loaded last; for staff. Raises NotAllowed."""
    authorize(session, "payments.record")
    return [StatementRow(**row) for row in session.execute(_STATEMENTS, {"limit": limit}).mappings()]


_SEARCHED = folded_sql(
    "concat_ws(' ', e.details, e.payer_name, e.payer_iban, e.bank_reference, e.amount,"
    " replace(e.amount::text, '.', ','), partner.name, partner.code, e.reason)"
)
_FROM = """
    from bank_entry e join bank_statement on bank_statement.id = e.statement_id
    left join payment on payment.id = e.payment_id left join partner on partner.id = payment.partner_id
"""
_ROWS = f"""
    select e.id, e.kind, e.state, e.booked_on, e.amount, e.currency, e.payer_name, e.payer_iban, e.details,
           e.bank_reference, e.account, e.reason, bank_statement.file_name, partner.id as partner_id,
           partner.name as partner, (
             select string_agg(coalesce(paid.number, '# ' || paid.order_id), ', ' order by paid.number) from (
               select allocation.order_id, min({DOCUMENT_NUMBER}) as number
               from credit join allocation on allocation.credit_id = credit.id
               left join document on document.id = allocation.document_id
               where credit.payment_id = e.payment_id
               group by allocation.order_id, allocation.document_id having sum(allocation.amount) <> 0) paid) as pays
"""
_COUNTS = text("select state, count(*) as entries from bank_entry group by state")
_STATEMENTS = text("""
    select s.id, s.file_name, s.account, s.currency, s.from_on, s.to_on, s.opening, s.closing, s.debit_count,
           s.imported_at, app_user.name as by,
           (select count(*) from bank_entry where statement_id = s.id) as entries
    from bank_statement s left join app_user on app_user.id = s.imported_by
    order by s.id desc limit :limit
""")
