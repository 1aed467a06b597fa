"""Who owes, how much, how late, and what became of it: the list for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.receivables.balances import AGE_SUMS
from core.search import folded_sql, word_clauses

PAGE_SIZE = 50
Only = Literal["all", "overdue", "blocked", "disputed", "credit"]
Sort = Literal["overdue", "unpaid", "oldest", "name", "credit", "paid", "reminded"]

ONLY: dict[Only, str] = {
    "all": "true",
    "overdue": "overdue > 0",
    "blocked": "cardinality(blocked) > 0",
    "disputed": "disputed > 0",
    "credit": "credit > 0",
}
SORTS: dict[Sort, str] = {
    "overdue": "overdue desc, unpaid desc",
    "unpaid": "unpaid desc",
    "oldest": "days desc, overdue desc",
    "name": "",
    "credit": "credit desc",
    "paid": "paid_on nulls first, overdue desc",
    "reminded": "reminded_on nulls first, overdue desc",
}
"""Ways to sort, by name in the end: what is most to be looked after comes first (also: who paid longest ago)."""


@dataclass(frozen=True, slots=True)
class DebtorRow:
    """A partner with open invoices or credit, in lei. `not_due` to `over_90` are parts of `unpaid` by the days past the
    due day, `disputed` is another part of it; `days` is how late the latest is. `paid_on` and `paid` are of the last
    payment, `reminded_on` and `step` of the last reminder. `blocked`: what keeps it from ordering, 'on_hold', 'closed'
    or limits (core.company.RULES)."""

    id: int
    code: str
    name: str
    unpaid: Decimal
    not_due: Decimal
    to_30: Decimal
    to_60: Decimal
    to_90: Decimal
    over_90: Decimal
    overdue: Decimal
    disputed: Decimal
    days: int
    credit: Decimal
    paid_on: date | None
    paid: Decimal | None
    reminded_on: date | None
    step: int | None
    blocked: list[str]


@dataclass(frozen=True, slots=True)
class DebtorsPage:
    """The rows of one page; how many there are on all pages, and what these come to (lei)."""

    rows: Sequence[DebtorRow]
    count: int
    unpaid: Decimal
    overdue: Decimal
    credit: Decimal


def debtors(
    session: Session, day: date, *, search: str = "", only: Only = "all", sort: Sort = "overdue", page: int = 1
) -> DebtorsPage:
    """A page (from 1) of the partners with open invoices or credit, as they stand on a local day; for staff.

    `search`: words in any order, each found in code, name or CUI. Raises NotAllowed.
    """
    authorize(session, "partners.see")
    clauses, words = searched(search)
    where = " and ".join([ONLY[only], *clauses])
    params: dict[str, Any] = words | {"day": day, "partner": None}
    sums = session.execute(text(f"{_DEBTORS} {_SUMS} where {where}"), params).one()
    order = ", ".join(part for part in (SORTS[sort], folded_sql("name"), "id") if part)
    rows = session.execute(
        text(f"{_DEBTORS} {_ROWS} where {where} order by {order} limit :limit offset :offset"),
        params | {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE},
    )
    return DebtorsPage([_row(row) for row in rows.mappings()], sums.many, sums.unpaid, sums.overdue, sums.credit)


def searched(search: str) -> tuple[list[str], dict[str, Any]]:
    """What a search finds: SQL conditions on a partner's columns, and their parameters."""
    return word_clauses(_SEARCHED, search)


def debtor_ids(only: Only, day: date) -> tuple[str, dict[str, Any]]:
    """SQL that gives the ids of the partners in the list, and its parameters."""
    return f"{_DEBTORS} select id from debtor where {ONLY[only]}", {"day": day, "partner": None}


def debtor(session: Session, partner_id: int, day: date) -> DebtorRow | None:
    """One partner as the list has it; None if it owes nothing and has no credit. Raises NotAllowed."""
    authorize(session, "partners.see")
    row = session.execute(text(f"{_DEBTORS} {_ROWS}"), {"day": day, "partner": partner_id}).mappings().one_or_none()
    return _row(row) if row else None


def _row(row: Any) -> DebtorRow:
    return DebtorRow(**{name: row[name] for name in DebtorRow.__dataclass_fields__})


_SEARCHED = folded_sql("code || ' ' || name || ' ' || cui")
_OF = "(cast(:partner as int) is null or {0}.partner_id = :partner)"
_EFFECTIVE = ", ".join(
    f"coalesce(partner.{name}, company.{name}) as {name}"
    for name in ("credit_limit", "overdue_block", "overdue_block_days")
)
# What keeps a partner from ordering is what core.orders.limits would say of an order of a cent; the test compares.
_DEBTORS = f"""
with debt as (
    select receivable.partner_id, {AGE_SUMS},
           coalesce(sum(open) filter (where dispute.document_id is not null), 0.00) as disputed,
           greatest(max(cast(:day as date) - due_on), 0) as days
    from receivable left join dispute on dispute.document_id = receivable.document_id
    where open > 0 and {_OF.format("receivable")} group by receivable.partner_id
), credits as (
    select partner_id, sum("left") as credit from credit where "left" > 0 and {_OF.format("credit")} group by partner_id
), exposed as (
    select orders.partner_id, sum(greatest(gross - invoiced - ahead, 0)) as to_invoice
    from orders cross join lateral (
        select coalesce(sum(amount), 0) as ahead from allocation where allocation.order_id = orders.id
    ) paid
    where (status in ('placed', 'claimed') or (status = 'shipped' and invoiced < gross)) and {_OF.format("orders")}
    group by orders.partner_id
), standing as (
    select partner.id, partner.code, partner.name, partner.cui, partner.status, {_EFFECTIVE},
           coalesce(debt.unpaid, 0.00) as unpaid, coalesce(debt.not_due, 0.00) as not_due,
           coalesce(debt.to_30, 0.00) as to_30, coalesce(debt.to_60, 0.00) as to_60,
           coalesce(debt.to_90, 0.00) as to_90, coalesce(debt.over_90, 0.00) as over_90,
           coalesce(debt.unpaid - debt.not_due, 0.00) as overdue, coalesce(debt.disputed, 0.00) as disputed,
           coalesce(debt.days, 0) as days, coalesce(credits.credit, 0.00) as credit,
           coalesce(exposed.to_invoice, 0) as to_invoice
    from partner cross join company
    left join debt on debt.partner_id = partner.id left join credits on credits.partner_id = partner.id
    left join exposed on exposed.partner_id = partner.id
    where debt.partner_id is not null or credits.partner_id is not null
), debtor as (
    select standing.*, array_remove(array[
        case when status in ('on_hold', 'closed') then status end,
        case when credit_limit > 0 and unpaid + to_invoice >= credit_limit then 'credit_limit' end,
        case when overdue_block > 0 and overdue >= overdue_block then 'overdue_block' end,
        case when overdue_block_days > 0 and days >= overdue_block_days then 'overdue_block_days' end
    ], null) as blocked
    from standing
)
"""
_SUMS = """
select count(*) as many, coalesce(sum(unpaid), 0.00) as unpaid, coalesce(sum(overdue), 0.00) as overdue,
       coalesce(sum(credit), 0.00) as credit
from debtor
"""
_ROWS = """
select debtor.*, last_payment.paid_on, last_payment.amount as paid, last_reminder.sent_on as reminded_on,
       last_reminder.step
from debtor left join lateral (
    select paid_on, amount from payment
    where payment.partner_id = debtor.id and amount > 0 and method <> 'write_off'
      and not exists (select from payment undo where undo.undoes = payment.id)
    order by paid_on desc, payment.id desc limit 1
) last_payment on true left join lateral (
    select sent_on, step from reminder where reminder.partner_id = debtor.id order by sent_on desc limit 1
) last_reminder on true
"""
