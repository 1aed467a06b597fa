"""What the documents of an order have in common: the order's lock, its lines still to be invoiced, the terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import Company
from core.documents import parties
from core.documents.vat import NOT_REGISTERED, ReverseChargeNeedsPayer, Vat, reasons_of, vat_of
from core.documents.writing import LEI, Draft, Line
from core.errors import NotFound, Refusal
from core.i18n import N_
from core.money import round_amount
from core.orders.contents import DOCUMENT_NUMBER
from core.orders.models import Order
from core.partners.models import Partner

NOTHING = Decimal(0)
STANDS = "not exists (select from annulment where annulment.document_id = document.id)"
"""SQL: the document `document` was not annulled."""


class OrderEnded(Refusal):
    message = N_(
        "Order {order} was cancelled or has lapsed, so there is nothing to invoice."
        " Ask the partner for a new order if the goods are still wanted."
    )


class AlreadyInvoiced(Refusal):
    message = N_("Order {order} already has the invoice {number}. Open that one instead of issuing another.")


class NothingShipped(Refusal):
    message = N_("Of order {order} nothing was shipped that is not invoiced yet.")


class CompanyNotVatPayer(Refusal):
    message = N_(
        "Your company is marked as not registered for VAT, but the prices of order {order} were calculated with VAT."
        " Correct the company under Settings, or invoice this order outside the portal."
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """What staff may choose of a document: the series (None: the usual one), its date (None: today), its currency with
    lei for one unit of it, and a note."""

    series_id: int | None = None
    issued_on: date | None = None
    currency: str = LEI
    exchange_rate: Decimal = Decimal(1)
    note: str = ""


USUAL = Terms()


def locked_order(session: Session, order_id: int) -> Order:
    """The order, locked: a second issue or a cancellation of the same order waits, then sees what happened."""
    order = session.scalars(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if order is None:
        raise NotFound
    return order


def parties_of(session: Session, order: Order) -> tuple[Company, Partner]:
    return parties.seller(session), parties.buyer(session, order.partner_id)


def invoiced_already(session: Session, order_id: int) -> Refusal:
    number = session.execute(_NUMBER, {"order": order_id}).scalar_one_or_none()
    return AlreadyInvoiced(order=order_id, number=number) if number else NothingShipped(order=order_id)


def open_lines(
    session: Session, order: Order, seller: Company, buyer: Partner, what: Literal["billable", "shipped"]
) -> list[Line]:
    """What is not invoiced yet of `what` (a quantity of line_state): the last part of a line takes what is left of its
    net, so that the parts come to the whole."""
    reasons = reasons_of(session, local_date(order.placed_at, seller.time_zone))
    found = []
    for row in session.execute(_OPEN_LINES, {"order": order.id}):
        quantity = getattr(row, what) - row.invoiced
        if quantity <= 0:
            continue
        tax = _tax(row, order, seller, buyer, reasons)
        whole = row.invoiced + quantity == row.billable
        net = row.net - row.invoiced_net if whole else round_amount(quantity * row.unit_price)
        found.append(Line(row.name, row.unit, quantity, row.unit_price, tax, net, row.sku, row.id))
    return found


def _tax(row: Row[Any], order: Order, seller: Company, buyer: Partner, reasons: dict[str, str]) -> Vat:
    if not seller.vat_payer and row.vat_rate:
        raise CompanyNotVatPayer(order=order.id)
    if row.vat_class == "reverse" and seller.vat_payer and not buyer.vat_payer:
        raise ReverseChargeNeedsPayer(name=row.name, partner=buyer.name)
    return vat_of(row.vat_class, row.vat_rate, seller.vat_payer, reasons)


def draft_of(
    kind: str, order: Order, seller: Company, buyer: Partner, lines: Sequence[Line], terms: Terms, **more: Any
) -> Draft:
    """What a document of the order says, but for `more`."""
    return Draft(
        kind, order.partner_id, parties.copied(seller), parties.copied(buyer), lines, order_id=order.id,
        series_id=terms.series_id, issued_on=terms.issued_on, currency=terms.currency,
        exchange_rate=terms.exchange_rate, note=terms.note, reference=order.reference, deliver_to=order.deliver_to,
        vat_on_payment=seller.vat_on_payment and any(line.tax.category != NOT_REGISTERED for line in lines), **more,
    )  # fmt: skip


_NUMBER = text(f"""
    select {DOCUMENT_NUMBER} from document where order_id = :order and kind = 'invoice' and {STANDS}
    order by id desc limit 1
""")
_OPEN_LINES = text(f"""
    select line.id, line.sku, line.name, line.unit, line.vat_class, line.vat_rate, line.unit_price,
           state.billable, state.shipped, state.net, invoiced.quantity as invoiced, invoiced.net as invoiced_net
    from order_line line join line_state state on state.id = line.id
    cross join lateral (
        select coalesce(sum(done.quantity), 0) as quantity, coalesce(sum(done.net), 0) as net
        from document_line done join document on document.id = done.document_id
        where done.order_line_id = line.id and document.kind in ('invoice', 'storno') and {STANDS}
    ) invoiced
    where line.order_id = :order and state.order_id = :order order by line.position
""")
