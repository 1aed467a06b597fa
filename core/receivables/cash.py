"""Cash: how much of it the law lets a company take from another in a day (FISCAL 1; the limit is a setting)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_, translate
from core.money import format_amount
from core.orders.contents import DOCUMENT_NUMBER


class _InLei(Refusal):
    def text(self, language: str) -> str:
        amounts = {
            name: format_amount(value, language) if isinstance(value, Decimal) else value
            for name, value in self.params.items()
        }
        return translate(self.message, language).format_map(amounts)


class CashOverLimit(_InLei):
    message = N_(
        "With {already} received in cash on that day this would be {sum}, above the limit of {limit} a day from one"
        " company. Take the rest by transfer or card."
    )


class CashSplit(_InLei):
    message = N_(
        "Invoice {number} of {gross} is above the cash limit of {limit} and may not be split into payments in cash."
        " At most {left} more of it can be paid in cash; take the rest by transfer or card."
    )


def require_cash_within(
    session: Session, partner_id: int, amount: Decimal, paid_on: date, documents: Sequence[int]
) -> None:
    """Where the company's limits block: raises what `cash_warning` finds."""
    found = cash_warning(session, partner_id, amount, paid_on, documents)
    if found is not None and session.execute(_BLOCKS).scalar_one():
        raise found


def cash_warning(
    session: Session, partner_id: int, amount: Decimal, paid_on: date, documents: Sequence[int]
) -> Refusal | None:
    """What the law has against this much cash (lei) from a partner on a day, or on one of these invoices; else None."""
    about = {"partner": partner_id, "day": paid_on, "documents": list(documents)}
    row = session.execute(_TAKEN, about).one()
    if not row.cash_limit:
        return None
    if row.today + amount > row.cash_limit:
        return CashOverLimit(already=row.today, sum=row.today + amount, limit=row.cash_limit)
    for invoice in session.execute(_SPLIT, about):
        if invoice.paid + amount > row.cash_limit:
            left = max(row.cash_limit - invoice.paid, Decimal(0))
            return CashSplit(number=invoice.number, gross=invoice.gross, limit=row.cash_limit, left=left)
    return None


_BLOCKS = text("select cash_limit_blocks from company")
_TAKEN = text("""
    select cash_limit, coalesce((select sum(amount) from payment where partner_id = :partner and paid_on = :day
                                 and method = 'cash'), 0) as today
    from company
""")
_SPLIT = text(f"""
    select {DOCUMENT_NUMBER} as number, document.lei_gross as gross,
           coalesce(sum(allocation.amount) filter (where payment.method = 'cash'), 0) as paid
    from document cross join company
    left join allocation on allocation.document_id = document.id
    left join credit on credit.id = allocation.credit_id left join payment on payment.id = credit.payment_id
    where document.id = any(cast(:documents as int[])) and document.lei_gross > company.cash_limit
    group by document.id order by document.id
""")
