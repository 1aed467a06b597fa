"""Reading orders: lists for partners and staff, one order whole, and its history."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import beyond_wall
from core.errors import NotFound
from core.orders.contents import (
    DOCUMENT_NUMBER,
    DeliveryRow,
    LineRow,
    OrderDocument,
    OrderPayment,
    TimelineEntry,
    deliveries_of,
    lines_of,
    money_of,
    timeline_of,
)
from core.permissions import authorize
from core.search import folded_sql, without_nul, word_clauses

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as lists show it. Amounts in `currency`; instants in UTC.

    `ordered_by`, `claimed_by` and `assigned_to` are names; those of staff are empty for a partner, but for
    who ordered for it, where one order is shown whole. `placed_by_staff`
    tells that staff ordered for the partner. `paid` is what was paid on it and its invoices. `waiting` tells that
    something is on backorder, `proposal` that one waits for the partner's answer. The warnings are those still to come.
    """

    id: int
    partner_id: int
    partner: str
    ordered_by: str
    placed_by_staff: bool
    approved_by: str | None
    status: str
    placed_at: datetime
    claim_deadline: datetime | None
    claim_warnings: list[datetime]
    prepay: bool
    pay_deadline: datetime | None
    pay_warnings: list[datetime]
    paid_at: datetime | None
    paid: Decimal
    extended_at: datetime | None
    assigned_to_id: int | None
    assigned_to: str | None
    claimed_at: datetime | None
    claimed_by_id: int | None
    claimed_by: str | None
    ended_at: datetime | None
    end_reason: str
    note: str
    reference: str
    deliver_to: str
    wished_on: date | None
    lines: int
    net: Decimal
    vat: Decimal
    gross: Decimal
    invoiced: Decimal
    currency: str
    waiting: bool
    proposal: bool
    invoice_id: int | None
    invoice: str | None

    @property
    def to_pay(self) -> Decimal:
        """What is still to be paid of an order that has no invoice; 0 where nothing is."""
        return max(self.gross - self.paid, Decimal(0))


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order whole. Documents and payments are empty for who may not see documents."""

    order: OrderRow
    lines: list[LineRow]
    deliveries: list[DeliveryRow]
    documents: list[OrderDocument]
    payments: list[OrderPayment]
    timeline: list[TimelineEntry]


def orders_page(
    session: Session,
    *,
    statuses: list[str] | None = None,
    search: str = "",
    mine: bool = False,
    page: int = 1,
) -> tuple[list[OrderRow], int]:
    """A page of the orders that the principal may see, newest first, and how many there are in all.

    `search` finds an order's whole number, or words of the partner's name, its code or its own number for the order.
    `mine` narrows to what the signed-in member of staff has claimed or is to claim.
    """
    matching, params = searched(search)
    found = f" and {matching}" + (" and :me in (orders.claimed_by, orders.assigned_to)" if mine else "")
    params |= _scope(session) | {"statuses": statuses}
    counted = f"from orders {_PARTNER if search else ''} {_OWN}"
    total = session.execute(text(f"select count(*) {counted} {_FILTER} {found}"), params).scalar_one()
    page_of = text(f"{_SELECT} {_FROM} {_FILTER} {found} order by orders.id desc limit :limit offset :offset")
    rows = session.execute(page_of, params | {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE})
    return [OrderRow(**row) for row in rows.mappings()], total


def searched(search: str) -> tuple[str, dict[str, Any]]:
    """What a search of `orders_page` finds: an SQL condition on orders and their partner, and its parameters."""
    of_orders, params = word_clauses(_SEARCHED, search)
    of_partners, _ = word_clauses(_PARTNER_SEARCHED, search)
    if not of_orders:
        return "true", {}
    # Each partner is looked at once, and of the orders only those that have a reference of their own.
    words = [
        f"(orders.partner_id in (select id from partner where {partner}) or orders.reference <> '' and {order})"
        for partner, order in zip(of_partners, of_orders, strict=True)
    ]
    found = f"(orders.id::text = :number or ({' and '.join(words)}))"
    return found, params | {"number": without_nul(search).strip()}


def order_detail(session: Session, order_id: int) -> OrderDetail:
    """One order with all that belongs to it; NotFound when it is absent or another partner's."""
    params = _scope(session) | {"order": order_id}
    row = session.execute(_ONE, params).mappings().one_or_none()
    if row is None:
        raise NotFound
    documents, payments = money_of(session, order_id)
    return OrderDetail(
        OrderRow(**{**row, "ordered_by": row["ordered_by"] or _ordered_by(session, order_id)}),
        lines_of(session, order_id),
        deliveries_of(session, order_id),
        documents,
        payments,
        timeline_of(session, order_id),
    )


def _ordered_by(session: Session, order_id: int) -> str:
    """The name of the member of staff who ordered for the partner: the one person beyond its wall whom it is told."""
    with beyond_wall(session):
        name: str = session.execute(_ORDERED_BY, {"order": order_id}).scalar_one()
    return name


def _scope(session: Session) -> dict[str, Any]:
    """Who asks, and the partner that a partner's query is held to: none for staff and the system."""
    principal = authorize(session, "orders.see")
    return {"mine": principal.partner_id, "me": principal.user_id}


# A partner's wall hides the names of staff, who may have placed the order: their rows are joined if they are there.
_SELECT = f"""
    select orders.id, orders.partner_id, partner.name as partner, coalesce(buyer.name, '') as ordered_by,
           coalesce(buyer.kind, 'staff') = 'staff' as placed_by_staff,
           approver.name as approved_by, orders.status, orders.placed_at,
           orders.claim_deadline, orders.claim_warnings, orders.prepay, orders.pay_deadline, orders.pay_warnings,
           orders.paid_at, orders.extended_at, orders.assigned_to as assigned_to_id, assignee.name as assigned_to,
           (select coalesce(sum(amount), 0) from allocation where allocation.order_id = orders.id)
             + (select coalesce(sum(amount), 0) from document paper
                join allocation on allocation.document_id = paper.id join credit on credit.id = credit_id
                where paper.order_id = orders.id and credit.payment_id is not null) as paid,
           orders.claimed_at, orders.claimed_by as claimed_by_id, claimer.name as claimed_by,
           orders.ended_at, orders.end_reason, orders.note, orders.reference, orders.deliver_to, orders.wished_on,
           orders.net, orders.vat, orders.gross, orders.invoiced, orders.currency,
           (select count(*) from order_line where order_line.order_id = orders.id) as lines,
           (select coalesce(sum(backorder.quantity), 0) > 0 from order_line
            join backorder on backorder.order_line_id = order_line.id
            where order_line.order_id = orders.id) as waiting,
           exists (select from proposal where proposal.order_id = orders.id and answer is null) as proposal,
           document.id as invoice_id, {DOCUMENT_NUMBER} as invoice
"""
_PARTNER = "join partner on partner.id = orders.partner_id"
_OWN = "where (cast(:mine as int) is null or orders.partner_id = :mine)"
_FROM = f"""
    from orders {_PARTNER}
    left join app_user buyer on buyer.id = orders.user_id
    left join app_user approver on approver.id = orders.approved_by
    left join app_user claimer on claimer.id = orders.claimed_by
    left join app_user assignee on assignee.id = orders.assigned_to
    left join lateral (
        select document.id, document.series, document.number from document
        where document.order_id = orders.id and document.kind = 'invoice' and not document.advance
          and orders.invoiced_at is not null
          and not exists (select from annulment where annulment.document_id = document.id)
        order by document.id desc limit 1
    ) document on true
    {_OWN}
"""
_FILTER = "and (cast(:statuses as text[]) is null or orders.status = any(:statuses))"
_PARTNER_SEARCHED = folded_sql("name || ' ' || code")
_SEARCHED = folded_sql("partner.name || ' ' || partner.code || ' ' || orders.reference")
_ONE = text(f"{_SELECT} {_FROM} and orders.id = :order")
_ORDERED_BY = text("select name from app_user where id = (select user_id from orders where id = :order)")
