"""What the tests about debts do again and again, in the words of the product."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.company import company
from core.db import transaction
from core.documents.models import Document
from core.events import Event
from core.principal import SYSTEM, Principal
from core.receivables import reminding
from core.receivables.models import Reminder
from core.receivables.overdue import due_on
from tests.core.documents.steps import claimed_order, issue
from tests.core.orders.steps import NOON
from tests.factories import make_buyer

DAY = timedelta(days=1)


def buyer(**values: Any) -> Principal:
    """The owner of a new partner that pays in ten days."""
    return make_buyer(**({"payment_days": 10} | values))


def late(who: Principal, days: int, prices: tuple[str, ...] = ("100",)) -> Document:
    """An invoice (121.00 unless prices are given) that is so many days late at NOON."""
    return issue(claimed_order(who, prices), NOON - (days + 10) * DAY)


def on(day: datetime | None = None) -> date:
    return (day or NOON).date()


def due(as_of: datetime = NOON) -> dict[int, int]:
    """Partner (id) → the step that it is to be reminded at."""
    with transaction(SYSTEM) as session:
        return {found.partner_id: found.new_step for found in due_on(session, as_of.date())}


def remind(who: Principal, as_of: datetime = NOON) -> Reminder | None:
    with transaction(SYSTEM) as session:
        return reminding.remind_due(session, who.partner_id or 0, as_of)


def remind_now(who: Principal, step: int = 1, as_of: datetime = NOON, by: Principal = SYSTEM) -> Reminder:
    with transaction(by) as session:
        return reminding.remind_now(session, who.partner_id or 0, step, as_of)


def done(step: Callable[..., Any], *args: Any, by: Principal = SYSTEM, **named: Any) -> Any:
    """Do one thing of the core in a transaction."""
    with transaction(by) as session:
        return step(session, *args, **named)


def events(kind: str) -> list[Event]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(Event).filter_by(kind=kind).order_by(Event.id)))


def set_company(**values: Any) -> None:
    with transaction(SYSTEM) as session:
        for name, value in values.items():
            setattr(company(session), name, value)
