"""Receipts (chitanțe) for money taken in cash."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from core.documents import parties
from core.documents.models import Document
from core.documents.order_lines import STANDS, USUAL, Terms
from core.documents.vat import Vat
from core.documents.writing import Draft, Line, line_of, write
from core.errors import NotFound, Refusal
from core.i18n import N_
from core.permissions import authorize
from core.receivables.models import Payment
from core.receivables.undoing import UndoneAlready

OUTSIDE_VAT = Vat("O", Decimal(0))


class NotCash(Refusal):
    message = N_("A receipt is given for cash. This payment came in another way.")


class HasReceipt(Refusal):
    message = N_("This payment already has the receipt {number}.")


def issue_receipt(session: Session, payment_id: int, as_of: datetime, terms: Terms = USUAL) -> Document:
    """Issue the receipt of a payment in cash, which says what it was for. Records `receipt_issued`.

    Raises NotAllowed, NotFound, NotCash, UndoneAlready, HasReceipt, and what parties, writing and numbering raise.
    """
    authorize(session, "payments.record")
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise NotFound
    if payment.method != "cash" or payment.amount <= 0:
        raise NotCash
    seller, buyer = parties.seller(session), parties.buyer(session, payment.partner_id)
    if session.scalar(select(Payment.id).where(Payment.undoes == payment_id)):
        raise UndoneAlready
    earlier = session.scalars(select(Document).where(Document.payment_id == payment_id, text(STANDS))).first()
    if earlier is not None:
        raise HasReceipt(number=earlier.full_number)
    draft = Draft(
        "receipt", payment.partner_id, parties.copied(seller), parties.copied(buyer), _lines(session, payment),
        series_id=terms.series_id, issued_on=terms.issued_on, payment_id=payment_id, note=terms.note,
        told={"amount": str(payment.amount)},
    )  # fmt: skip
    return write(session, draft, as_of)


def _lines(session: Session, payment: Payment) -> list[Line]:
    """What the money was for: the invoices and orders that it paid first, then what is left over."""
    lines, left = [], payment.amount
    for row in session.execute(_PAID, {"payment": payment.id}):
        what = (
            f"Contravaloarea facturii {_named(row)} din {row.issued_on:%d.%m.%Y}"
            if row.series else f"Plată în avans pentru comanda {row.order_id}"
        )  # fmt: skip
        left -= row.amount
        lines.append(line_of(what, "buc", Decimal(1), row.amount, OUTSIDE_VAT))
    if left > 0:
        lines.append(line_of("Avans în contul clientului", "buc", Decimal(1), left, OUTSIDE_VAT))
    return lines


def _named(row: Row[Any]) -> str:
    """What stems from the program before is named as that program did."""
    return f"nr. {row.series}" if row.number is None else f"seria {row.series} nr. {row.number:05d}"


_PAID = text("""
    select document.series, document.number, document.issued_on, allocation.order_id, sum(allocation.amount) as amount
    from credit join allocation on allocation.credit_id = credit.id
    left join document on document.id = allocation.document_id
    where credit.payment_id = :payment
    group by document.id, allocation.order_id having sum(allocation.amount) > 0
    order by document.id, allocation.order_id
""")
