"""Steps and words that the tests of this folder share."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from core.db import transaction
from core.events import Event
from core.orders.models import Order
from core.principal import SYSTEM, Principal
from core.receivables.prepaying import PaidOutcome, record_order_payment, waive_prepayment
from tests.core.documents.steps import TODAY
from tests.core.orders.steps import (
    NOON,
    claim,
    order,
    scalar,
)
from tests.factories import make_product, make_staff

PAY_UNTIL = NOON + timedelta(hours=48)
LATER = NOON + timedelta(hours=50)


def prepaid(buyer: Principal, pieces: int = 1, stock: int = 5) -> tuple[int, int]:
    """A claimed order at 121.00 a piece, and its product."""
    product = make_product(stock=stock, list_price=Decimal(100))
    order_id = order(buyer, {product.id: pieces})
    claim(make_staff(), order_id)
    return order_id, product.id


def receive(who: Principal, order_id: int, amount: str, as_of: datetime = NOON, paid_on: date = TODAY) -> PaidOutcome:
    with transaction(who) as session:
        return record_order_payment(session, order_id, Decimal(amount), paid_on, " OP 7 ", as_of)


def waive(who: Principal, order_id: int, reason: str = "an old customer", as_of: datetime = NOON) -> None:
    with transaction(who) as session:
        waive_prepayment(session, order_id, reason, as_of)


def read(order_id: int) -> Order:
    with transaction(SYSTEM) as session:
        return session.get_one(Order, order_id)


def events(order_id: int, *kinds: str) -> list[Event]:
    wanted = select(Event).where(Event.order_id == order_id, Event.kind.in_(kinds)).order_by(Event.id)
    with transaction(SYSTEM) as session:
        return list(session.scalars(wanted))


def paid(order_id: int) -> Decimal:
    return scalar("select coalesce(sum(amount), 0) from allocation where order_id = :id", id=order_id)


def set_partner(partner_id: int | None, **values: Any) -> None:
    with transaction(SYSTEM) as session:
        for name, value in values.items():
            session.execute(
                text(f"update partner set {name} = :value where id = :id"), {"value": value, "id": partner_id}
            )
