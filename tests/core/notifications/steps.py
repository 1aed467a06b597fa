"""What the tests of notifications do again and again, in the words of the product."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from core.auth import users
from core.auth.models import User
from core.company import company
from core.db import transaction
from core.events import Event, Outbox, record
from core.notifications import delivery, handling, smtp
from core.notifications.models import Mail
from core.principal import SYSTEM, Principal
from tests import factories
from tests.core.orders import steps as orders
from tests.core.orders.steps import NOON


def open_company(**values: Any) -> None:
    """The distributor, with an address for its orders unless told otherwise."""
    known = {"name": "Electro Distribuție SA", "email": "comenzi@electro.example"}
    with transaction(SYSTEM) as session:
        for name, value in (known | values).items():
            setattr(company(session), name, value)


def order(buyer: Principal | None = None, quantity: int = 3, as_of: datetime = NOON, **product: Any) -> int:
    """An order of one product; returns its id."""
    made = factories.make_product(stock=100, **product)
    return orders.order(buyer or factories.make_buyer(), {made.id: quantity}, as_of)


def placed_events(count: int) -> list[int]:
    """That many events of one order, waiting in the outbox."""
    order_id = order()
    with transaction(SYSTEM) as session:
        first = session.scalars(select(Event.id).filter_by(order_id=order_id, kind="order_placed")).one()
        return [first, *(record(session, "order_placed", NOON, order_id=order_id).id for _ in range(count - 1))]


def invite(user: User, as_of: datetime = NOON) -> None:
    with transaction(SYSTEM) as session:
        users.invite(session, user.id, as_of)


def happens(kind: str, partner_id: int | None = None, as_of: datetime = NOON, **data: Any) -> None:
    """Record an event, and write the mails about it."""
    with transaction(SYSTEM) as session:
        record(session, kind, as_of, partner_id=partner_id, **data)
    handle_all(as_of)


def handle(event_id: int, as_of: datetime = NOON) -> int:
    with transaction(SYSTEM) as session:
        return handling.handle(session, event_id, as_of)


def handle_all(as_of: datetime = NOON) -> None:
    with transaction(SYSTEM) as session:
        for event_id in session.scalars(select(Outbox.event_id).filter_by(handled_at=None).order_by(Outbox.event_id)):
            handling.handle(session, event_id, as_of)


def send_due(as_of: datetime = NOON) -> list[str]:
    """Send what is due; returns what became of each."""
    outcomes = []
    while taken := take(as_of):
        outcome = smtp.send(taken)
        with transaction(SYSTEM) as session:
            delivery.note(session, taken, outcome, as_of)
        outcomes.append(outcome.state)
    return outcomes


def take(as_of: datetime = NOON) -> delivery.Taken | None:
    with transaction(SYSTEM) as session:
        return delivery.take_next(session, as_of)


def give_up_on_the_silent(as_of: datetime) -> int:
    with transaction(SYSTEM) as session:
        return delivery.give_up_on_the_silent(session, as_of)


def send_again(staff: Principal, mail_id: int, as_of: datetime = NOON) -> None:
    with transaction(staff) as session:
        delivery.send_again(session, mail_id, as_of)


def mails(**where: Any) -> list[Mail]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(Mail).filter_by(**where).order_by(Mail.id)))


def only_mail(**where: Any) -> Mail:
    (mail,) = mails(**where)
    return mail


def states() -> dict[str, int]:
    with transaction(SYSTEM) as session:
        counted = session.execute(select(Mail.state, func.count()).group_by(Mail.state))
        return {state: count for state, count in counted}


def change_mails(**values: Any) -> None:
    """Set fields of all mails, as a test needs them."""
    with transaction(SYSTEM) as session:
        session.execute(update(Mail).values(**values))
