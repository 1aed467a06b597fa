"""What belongs to one order: its lines and what became of them, deliveries, documents, payments, history."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize, may
from core.pricing.quoting import SHOWN, sight


@dataclass(frozen=True, slots=True)
class LineRow:
    """`quantity` is what was ordered; held, shipped, on backorder (`waiting`) and cancelled say what became of it.

    `counted` is the quantity that `net` and the order's amounts are of: what is not cancelled, or, once the order
    lapsed or was cancelled, what it came to until then. `invoiced` is what its invoices say, less stornos. `replaces`
    is the line (id) that this is the substitute for. `price_rule` is what led to the price, step by step
    (core.pricing.quoting.explained); None for orders from before. For a partner that sees no prices it is None, and so
    is `list_price`: it is told what was agreed, and nothing else.
    """

    id: int
    position: int
    product_id: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    held: Decimal
    shipped: Decimal
    waiting: Decimal
    cancelled: Decimal
    billable: Decimal
    counted: Decimal
    invoiced: Decimal
    list_price: Decimal | None
    unit_price: Decimal
    vat_rate: Decimal
    net: Decimal
    replaces: int | None
    price_rule: list[dict[str, Any]] | None

    @property
    def undelivered(self) -> Decimal:
        """What is held or on backorder."""
        return self.held + self.waiting

    @property
    def cancellable(self) -> Decimal:
        """What is neither delivered nor invoiced."""
        return self.undelivered - max(self.invoiced - self.shipped, Decimal(0))


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    sku: str
    name: str
    unit: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """Goods that left together; `by` is empty for a partner."""

    id: int
    number: int
    at: datetime
    by: str | None
    note: str
    lines: list[DeliveryLine]


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """A document of the order, of a kind of core.documents.models.KINDS; `open` is what is still to be paid on it.
    Amounts in lei."""

    id: int
    kind: str
    number: str
    issued_on: date
    due_on: date
    gross: Decimal
    open: Decimal
    annulled: bool


@dataclass(frozen=True, slots=True)
class OrderPayment:
    """Money received on the order, before there was an invoice or on it."""

    id: int
    paid_on: date
    amount: Decimal
    reference: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """`by` is the name of who did it, empty for the system and, for a partner, for staff (`by_staff`)."""

    at: datetime
    kind: str
    by: str | None
    by_staff: bool
    data: dict[str, Any]


def lines_of(session: Session, order_id: int) -> list[LineRow]:
    """The lines in their order. The caller has seen that the order is the principal's, here and below."""
    about = {"order": order_id} | sight(authorize(session, "orders.see"))
    return [LineRow(**row) for row in session.execute(_LINES, about).mappings()]


def deliveries_of(session: Session, order_id: int) -> list[DeliveryRow]:
    """What left, the first delivery first."""
    gone: dict[int, list[DeliveryLine]] = {}
    for row in session.execute(_DELIVERED, {"order": order_id}):
        gone.setdefault(row.delivery_id, []).append(DeliveryLine(row.sku, row.name, row.unit, row.quantity))
    found = session.execute(_DELIVERIES, {"order": order_id}).mappings()
    return [DeliveryRow(**row, lines=gone.get(row["id"], [])) for row in found]


def money_of(session: Session, order_id: int) -> tuple[list[OrderDocument], list[OrderPayment]]:
    """Documents, and what was paid; both empty for who may not see documents."""
    if not may(authorize(session, "orders.see"), "documents.see"):
        return [], []
    documents = [OrderDocument(**row) for row in session.execute(_DOCUMENTS, {"order": order_id}).mappings()]
    return documents, [OrderPayment(**row) for row in session.execute(_PAYMENTS, {"order": order_id}).mappings()]


def timeline_of(session: Session, order_id: int) -> list[TimelineEntry]:
    """What happened, the oldest first. What staff wrote for each other is left out for a partner."""
    params = {"order": order_id, "mine": authorize(session, "orders.see").partner_id}
    return [TimelineEntry(**row) for row in session.execute(_TIMELINE, params).mappings()]


DOCUMENT_NUMBER = (
    "document.series"
    " || coalesce(' ' || lpad(document.number::text, greatest(5, length(document.number::text)), '0'), '')"
)
"""SQL for series and number of a document as printed. What stems from the program before has no number of ours."""

INVOICED = """(
    select coalesce(sum(done.quantity), 0) from document_line done join document on document.id = done.document_id
    where done.order_line_id = line.id and document.kind in ('invoice', 'storno')
      and not exists (select from annulment where annulment.document_id = document.id)
)"""
"""SQL for the quantity of the order line `line` that is invoiced and was not taken back."""

_LINES = text(f"""
    select line.id, line.position, line.product_id, line.sku, line.name, line.unit, line.quantity,
           state.held, state.shipped, state.waiting, state.cancelled, state.billable, counted.quantity as counted,
           {INVOICED} as invoiced,
           case when {SHOWN} then line.list_price end as list_price, line.unit_price, line.vat_rate,
           round(counted.quantity * line.unit_price, 2) as net, line.replaces,
           case when {SHOWN} then line.price_rule end as price_rule
    from order_line line join line_state state on state.id = line.id join orders on orders.id = line.order_id
    join partner on partner.id = line.partner_id
    cross join lateral (
        select coalesce(-sum(quantity), 0) as quantity from (
            select quantity from stock_hold
            where order_line_id = line.id and kind = 'released' and at = orders.ended_at
            union all
            select quantity from backorder
            where order_line_id = line.id and kind = 'cancelled' and at = orders.ended_at
        ) at_the_end
    ) ended
    cross join lateral (
        select case when orders.status in ('cancelled', 'lapsed') then ended.quantity
                    else state.billable end as quantity
    ) counted
    where line.order_id = :order and state.order_id = :order order by line.position
""")
_DELIVERIES = text("""
    select delivery.id, delivery.number, delivery.at, app_user.name as by, delivery.note
    from delivery left join app_user on app_user.id = delivery.user_id
    where delivery.order_id = :order order by delivery.number
""")
_DELIVERED = text("""
    select hold.delivery_id, line.sku, line.name, line.unit, -hold.quantity as quantity
    from order_line line join stock_hold hold on hold.order_line_id = line.id
    where line.order_id = :order and hold.delivery_id is not null order by line.position, hold.id
""")
_DOCUMENTS = text(f"""
    select document.id, document.kind, {DOCUMENT_NUMBER} as number, document.issued_on, document.due_on,
           document.lei_gross as gross, coalesce(receivable.open, 0) as open,
           annulment.document_id is not null as annulled
    from document left join receivable on receivable.document_id = document.id
    left join annulment on annulment.document_id = document.id
    where document.order_id = :order order by document.id
""")
# Also what has moved from the order to its invoices since.
_PAYMENTS = text("""
    select payment.id, payment.paid_on, sum(part.amount) as amount, payment.reference
    from (
        select credit_id, amount from allocation where order_id = :order
        union all
        select credit_id, amount from document join allocation on allocation.document_id = document.id
        where document.order_id = :order
    ) part
    join credit on credit.id = part.credit_id join payment on payment.id = credit.payment_id
    group by payment.id having sum(part.amount) > 0 order by payment.paid_on, payment.id
""")
_TIMELINE = text("""
    select event.at, event.kind, app_user.name as by,
           event.user_id is not null and coalesce(app_user.kind, 'staff') = 'staff' as by_staff,
           case when cast(:mine as int) is not null and event.kind in ('order_given_back', 'prepayment_waived')
                then event.data - 'reason' else event.data end as data
    from event left join app_user on app_user.id = event.user_id
    where event.order_id = :order
      and (cast(:mine as int) is null
           or (event.partner_id = :mine and event.kind not in ('order_assigned', 'advance_kept')))
    order by event.id
""")
