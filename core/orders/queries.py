"""Reading orders: lists for partners and staff, one order whole, and its history."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.permissions import authorize
from core.search import folded_sql, without_nul, word_clauses

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as lists show it. Amounts in `currency`; instants in UTC."""

    id: int
    partner_id: int
    partner: str
    ordered_by: str
    approved_by: str | None
    status: str
    placed_at: datetime
    claim_deadline: datetime | None
    claimed_at: datetime | None
    claimed_by: str | None
    ended_at: datetime | None
    end_reason: str
    note: str
    lines: int
    net: Decimal
    vat: Decimal
    gross: Decimal
    currency: str
    invoice_id: int | None
    invoice: str | None


@dataclass(frozen=True, slots=True)
class LineRow:
    position: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    list_price: Decimal
    unit_price: Decimal
    vat_rate: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    at: datetime
    kind: str
    by: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrderDetail:
    order: OrderRow
    lines: list[LineRow]
    timeline: list[TimelineEntry]


def orders_page(
    session: Session, *, statuses: list[str] | None = None, search: str = "", page: int = 1
) -> tuple[list[OrderRow], int]:
    """A page of the orders that the principal may see, newest first, and how many there are in all.

    `search` finds an order's whole number, or words of the partner's name or code.
    """
    words, params = word_clauses(_SEARCHED, search)
    found = f" and (orders.id::text = :number or ({' and '.join(words)}))" if words else ""
    params |= _scope(session) | {"statuses": statuses, "number": without_nul(search).strip()}
    total = session.execute(text(f"select count(*) {_FROM} {_FILTER} {found}"), params).scalar_one()
    page_of = text(f"{_SELECT} {_FROM} {_FILTER} {found} order by orders.id desc limit :limit offset :offset")
    rows = session.execute(page_of, params | {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE})
    return [OrderRow(**row) for row in rows.mappings()], total


def waiting_orders(session: Session, as_of: datetime) -> list[OrderRow]:
    """The claim queue: what can still be claimed at `as_of`, the nearest deadline first."""
    rows = session.execute(_WAITING, _scope(session) | {"as_of": as_of})
    return [OrderRow(**row) for row in rows.mappings()]


def order_detail(session: Session, order_id: int) -> OrderDetail:
    """One order with its lines and history; NotFound when it is absent or another partner's."""
    params = _scope(session) | {"order": order_id}
    row = session.execute(_ONE, params).mappings().one_or_none()
    if row is None:
        raise NotFound
    lines = [LineRow(**line) for line in session.execute(_LINES, params).mappings()]
    timeline = [TimelineEntry(**entry) for entry in session.execute(_TIMELINE, params).mappings()]
    return OrderDetail(OrderRow(**row), lines, timeline)


def _scope(session: Session) -> dict[str, Any]:
    """The partner that a partner's query is held to; none for staff and the system."""
    return {"mine": authorize(session, "orders.see").partner_id}


_SELECT = """
    select orders.id, orders.partner_id, partner.name as partner, buyer.name as ordered_by,
           approver.name as approved_by, orders.status,
           orders.placed_at, orders.claim_deadline, orders.claimed_at, claimer.name as claimed_by,
           orders.ended_at, orders.end_reason, orders.note, orders.net, orders.vat, orders.gross, orders.currency,
           (select count(*) from order_line where order_line.order_id = orders.id) as lines,
           document.id as invoice_id,
           document.series || ' '
             || lpad(document.number::text, greatest(5, length(document.number::text)), '0') as invoice
"""
_FROM = """
    from orders
    join partner on partner.id = orders.partner_id
    join app_user buyer on buyer.id = orders.user_id
    left join app_user approver on approver.id = orders.approved_by
    left join app_user claimer on claimer.id = orders.claimed_by
    left join document on document.order_id = orders.id and document.kind = 'invoice'
    where (cast(:mine as int) is null or orders.partner_id = :mine)
"""
_FILTER = "and (cast(:statuses as text[]) is null or orders.status = any(:statuses))"
_SEARCHED = folded_sql("partner.name || ' ' || partner.code")
_WAITING = text(f"""
    {_SELECT} {_FROM} and orders.status = 'placed'
    and (orders.claim_deadline is null or orders.claim_deadline > :as_of)
    order by orders.claim_deadline nulls last, orders.id
""")
_ONE = text(f"{_SELECT} {_FROM} and orders.id = :order")
_LINES = text("""
    select position, sku, name, unit, quantity, list_price, unit_price, vat_rate, net
    from order_line where order_id = :order order by position
""")
_TIMELINE = text("""
    select event.at, event.kind, app_user.name as by, event.data
    from event left join app_user on app_user.id = event.user_id
    where event.order_id = :order and (cast(:mine as int) is null or event.partner_id = :mine)
    order by event.id
""")
