"""What a partner is told of money that came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_, translate
from core.money import format_amount
from core.orders.contents import DOCUMENT_NUMBER
from core.receivables.models import Payment
from core.receivables.words import METHOD_NAMES


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment in the reader's language, in lei: `pays` are names of invoices and orders with what each got, `left`
    is the credit that remains of it."""

    amount: Decimal
    paid_on: date
    method: str
    reference: str
    pays: Sequence[tuple[str, str]]
    left: Decimal


def still_stands(session: Session, payment_id: int) -> bool:
    """Is it money that came in and was not taken back?"""
    return bool(session.execute(_STANDS, {"payment": payment_id}).scalar_one_or_none())


def paid(session: Session, payment_id: int, language: str) -> Paid:
    """The payment as it stands now. Raises sqlalchemy.exc.NoResultFound for no such payment."""
    payment = session.get_one(Payment, payment_id)
    shares = session.execute(_SHARES, {"payment": payment_id}).all()
    left = session.execute(_LEFT, {"payment": payment_id}).scalar_one()
    return Paid(
        payment.amount, payment.paid_on, translate(METHOD_NAMES[payment.method], language), payment.reference,
        [(share_name(share.number, share.order_id, language), format_amount(share.amount, language))
         for share in shares], left,
    )  # fmt: skip


def share_name(number: str | None, order_id: int | None, language: str) -> str:
    """What a part of a payment is for."""
    words = N_("Order %(number)s") if number is None else N_("Invoice %(number)s")
    return translate(words, language) % {"number": order_id if number is None else number}


_STANDS = text("""
    select amount > 0 and method <> 'write_off'
           and not exists (select from payment undone where undone.undoes = :payment)
    from payment where id = :payment
""")
_SHARES = text(f"""
    select allocation.order_id, max({DOCUMENT_NUMBER}) as number, sum(allocation.amount) as amount
    from allocation join credit on credit.id = credit_id left join document on document.id = allocation.document_id
    where credit.payment_id = :payment
    group by allocation.order_id, allocation.document_id having sum(allocation.amount) <> 0
    order by allocation.document_id, allocation.order_id
""")
_LEFT = text('select "left" from credit where payment_id = :payment')
