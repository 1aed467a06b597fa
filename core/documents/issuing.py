"""Issuing the fiscal invoice of an order: the number, the copies and the VAT, in the caller's transaction."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import case, column, func, insert, literal, select, table, text, update
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import Company, company
from core.db import actor
from core.documents.models import Document, DocumentLine, DocumentSeries, DocumentVat
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.money import round_amount
from core.orders.lapsing import UNPAID, is_overdue
from core.orders.models import Order, OrderLine
from core.orders.shipping import NotPaidYet
from core.partners.models import Partner
from core.permissions import authorize, may

INVOICED_STATUSES = ("claimed", "shipped")

_STATE = table("line_state", *(column(name) for name in ("id", "order_id", "waiting", "billable", "net")))

VatBases = dict[tuple[str, Decimal], Decimal]
"""(VAT category, rate in percent) → sum of the lines."""


class OrderNotClaimed(Refusal):
    message = N_("Order {order} has not been claimed yet. Claim it first, then issue the invoice.")


class OrderEnded(Refusal):
    message = N_(
        "Order {order} was cancelled or has lapsed, so there is nothing to invoice."
        " Ask the partner for a new order if the goods are still wanted."
    )


class AlreadyInvoiced(Refusal):
    message = N_("Order {order} already has the invoice {number}. Open that one instead of issuing another.")


class StillAwaited(Refusal):
    message = N_(
        "Order {order} still waits for goods on backorder. Issue the invoice when they have come, or cancel them first."
    )


class CompanyIncomplete(Refusal):
    message = N_(
        "An invoice needs your company's name and tax number (CUI). Fill them in under Settings, then issue it again."
    )


class CompanyNotVatPayer(Refusal):
    message = N_(
        "Your company is marked as not registered for VAT, but the prices of order {order} were calculated with VAT."
        " Correct the company under Settings, or invoice this order outside the portal."
    )


class PartnerIncomplete(Refusal):
    message = N_("{partner} has no tax number (CUI). Add it with an import of partners, then issue the invoice again.")


class DateBeforeLastInvoice(Refusal):
    message = N_(
        "The last invoice of series {series} is dated {last} and dates may not go backwards in a series."
        " Check the server's date, or issue the invoice on that day or later."
    )


class NoSeries(Refusal):
    message = N_(
        "There is no series for invoices, so there is no number to give. Ask whoever runs the portal to add one."
    )


def issue_invoice(session: Session, order_id: int, as_of: datetime) -> Document:
    """Issue the invoice of a claimed or shipped order, dated `as_of` in the company's time zone.

    Amounts are in the order's currency; lines are copied from the order, as far as they are not cancelled; VAT is
    computed once per category and rate. The number is taken in the caller's transaction: rolled back, it is free again.
    Records `invoice_issued`.
    Raises NotAllowed, NotFound, and the refusals of this module.
    """
    order = _order_to_invoice(session, order_id, as_of)
    seller = _seller(session, order)
    buyer = _buyer(session, order)
    bases = _vat_bases(session, order_id)
    document = _document(order, seller, buyer, bases)
    document.issued_on = local_date(as_of, seller.time_zone)
    document.due_on = document.issued_on + timedelta(days=buyer.payment_days)
    document.issued_at, document.issued_by, document.issuer_name = as_of, actor(session).user_id, actor(session).name
    document.series, document.number = _take_number(session, document.issued_on)
    session.add(document)
    session.flush()
    _copy_lines(session, document)
    _write_vat(session, document, bases)
    record(
        session,
        "invoice_issued",
        as_of,
        partner_id=order.partner_id,
        order_id=order.id,
        document_id=document.id,
        number=document.full_number,
    )
    return document


def _order_to_invoice(session: Session, order_id: int, as_of: datetime) -> Order:
    """The order, locked: a second issue or a cancellation of the same order waits, then sees what happened."""
    authorize(session, "documents.issue")
    order = session.scalars(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if order is None:
        raise NotFound
    earlier = session.scalars(select(Document).where(Document.order_id == order_id)).first()
    if earlier:
        raise AlreadyInvoiced(order=order_id, number=earlier.full_number)
    if order.status not in INVOICED_STATUSES:
        raise OrderNotClaimed(order=order_id) if order.status == "placed" else OrderEnded(order=order_id)
    if not may(actor(session), "limits.manage") and session.scalar(_UNPAID, {"order": order_id}):
        raise NotPaidYet(order=order_id)
    if is_overdue(session, order_id, as_of):
        raise OrderEnded(order=order_id)
    waiting = select(func.sum(_STATE.c.waiting)).where(_STATE.c.order_id == order_id)
    if session.scalars(waiting).one():
        raise StillAwaited(order=order_id)
    return order


def _seller(session: Session, order: Order) -> Company:
    seller = company(session)
    if not (seller.name.strip() and seller.cui.strip()):
        raise CompanyIncomplete
    if not seller.vat_payer:
        raise CompanyNotVatPayer(order=order.id)
    return seller


def _buyer(session: Session, order: Order) -> Partner:
    buyer = session.get_one(Partner, order.partner_id)
    if not buyer.cui.strip():
        raise PartnerIncomplete(partner=buyer.name)
    return buyer


def _vat_bases(session: Session, order_id: int) -> VatBases:
    """Sum of the lines per VAT category: Z for goods of the zero class, S for everything else."""
    category = _category()
    rows = session.execute(
        select(category, OrderLine.vat_rate, func.sum(_STATE.c.net))
        .join(_STATE, _STATE.c.id == OrderLine.id)
        .where(OrderLine.order_id == order_id, _STATE.c.billable > 0)
        .group_by(category, OrderLine.vat_rate)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _category() -> Any:
    return case((OrderLine.vat_class == "zero", "Z"), else_="S")


def _document(order: Order, seller: Company, buyer: Partner, bases: VatBases) -> Document:
    net = sum(bases.values(), Decimal("0.00"))
    vat = sum((_vat(rate, base) for (_, rate), base in bases.items()), Decimal("0.00"))
    return Document(
        kind="invoice",
        partner_id=order.partner_id,
        order_id=order.id,
        currency=order.currency,
        seller=_party(
            seller, country="RO", share_capital=str(seller.share_capital), iban=seller.iban, bank=seller.bank
        ),
        buyer=_party(buyer, country=buyer.country, share_capital="", iban="", bank=""),
        net=net,
        vat=vat,
        gross=net + vat,
    )


def _party(row: Company | Partner, **more: str) -> dict[str, Any]:
    """What an invoice says of a party, copied. The tax number goes without the RO that only VAT payers print."""
    fields = ("name", "reg_com", "address", "city", "county", "phone", "email")
    number = "".join(row.cui.split()).upper().removeprefix("RO")
    return {name: getattr(row, name) for name in fields} | {"cui": number, "vat_payer": row.vat_payer} | more


def _vat(rate: Decimal, base: Decimal) -> Decimal:
    return round_amount(base * rate / 100)


def _take_number(session: Session, issued_on: date) -> tuple[str, int]:
    """Prefix and number from the newest series of invoices, in one statement that also refuses an earlier date."""
    newest = select(func.max(DocumentSeries.id)).where(DocumentSeries.kind == "invoice").scalar_subquery()
    taken = session.execute(
        update(DocumentSeries)
        .where(DocumentSeries.id == newest)
        .where(func.coalesce(DocumentSeries.last_issued_on, issued_on) <= issued_on)
        .values(next_number=DocumentSeries.next_number + 1, last_issued_on=issued_on)
        .returning(DocumentSeries.prefix, DocumentSeries.next_number - 1)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken:
        return taken[0], taken[1]
    series = session.scalars(select(DocumentSeries).where(DocumentSeries.id == newest)).one_or_none()
    if series is None or series.last_issued_on is None:
        raise NoSeries
    raise DateBeforeLastInvoice(series=series.prefix, last=f"{series.last_issued_on:%d.%m.%Y}")


def _copy_lines(session: Session, document: Document) -> None:
    columns: dict[str, Any] = {
        "document_id": literal(document.id),
        # Counted anew: an invoice's lines run 1, 2, 3 whatever the order's positions were.
        "position": func.row_number().over(order_by=OrderLine.position),
        "partner_id": OrderLine.partner_id,
        "sku": OrderLine.sku,
        "name": OrderLine.name,
        "unit": OrderLine.unit,
        "quantity": _STATE.c.billable,
        "unit_price": OrderLine.unit_price,
        "vat_category": _category(),
        "vat_rate": OrderLine.vat_rate,
        "net": _STATE.c.net,
    }
    billed = (OrderLine.order_id == document.order_id, _STATE.c.billable > 0)
    lines = select(*columns.values()).join_from(OrderLine, _STATE, _STATE.c.id == OrderLine.id).where(*billed)
    session.execute(insert(DocumentLine).from_select(list(columns), lines))


def _write_vat(session: Session, document: Document, bases: VatBases) -> None:
    ids = {"document_id": document.id, "partner_id": document.partner_id}
    session.add_all(
        DocumentVat(**ids, category=category, rate=rate, base=base, vat=_vat(rate, base))
        for (category, rate), base in bases.items()
    )
    session.flush()


# An invoice ends the wait for the payment: that is for who may let the order go without one.
_UNPAID = text(f"select {UNPAID} from orders where id = :order")
