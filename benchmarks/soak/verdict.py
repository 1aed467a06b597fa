"""What is broken in the end: orders lost or doubled, mails lost or sent twice, and what `./rampa check` says."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import text

from benchmarks.soak.buying import Answer
from benchmarks.soak.sink import Sink
from core.check import run_checks
from core.db import transaction
from core.principal import SYSTEM

TIMES = {"sent": (1,), "uncertain": (0, 1), "held": (0,), "gathered": (0,)}
"""How often a mail of a state may have come; in any other state it is lost."""


def verdict(answers: Collection[Answer], mails: Sink) -> list[str]:
    """A sentence for each thing that is broken. A mail in doubt is none: `mail_states` counts them."""
    broken = [f"{rule}: {said}" for rule, found in run_checks().items() for said in found]
    return [*broken, *wrong_orders(answers), *wrong_mails(mails)]


def wrong_orders(answers: Iterable[Answer]) -> list[str]:
    """A cart that was said to be placed is one order, the one that was named, and told once; every other is none."""
    wrong = []
    orders = _orders()
    for answer in answers:
        found = orders.get(answer.token, {})
        if list(found) != ([answer.order_id] if answer.order_id else []):
            wrong.append(f"cart {answer.token}: told {answer.order_id or answer.refusal}, found {list(found)}")
        wrong += [f"order {order}: placed {times} times" for order, times in found.items() if times != 1]
    return wrong


def _orders() -> dict[str, dict[int, int]]:
    """For each token its orders, and how often each was recorded as placed."""
    found: dict[str, dict[int, int]] = {}
    with transaction(SYSTEM) as session:
        for token, order_id, times in session.execute(_ORDERS):
            found.setdefault(token, {})[order_id] = times
    return found


def wrong_mails(mails: Sink) -> list[str]:
    """Every event was handled; what was sent came once, what is in doubt at most once, and nothing waits or failed."""
    with transaction(SYSTEM) as session:
        unhandled = session.execute(_UNHANDLED).scalar_one()
        rows = session.execute(_MAILS).all()
    wrong = [f"{unhandled} events were not handled"] if unhandled else []
    came = Counter(dict(mails.came))
    for row in rows:
        times = _times(came, row)
        if times not in TIMES.get(row.state, ()):
            wrong.append(f"mail {row.id} to {row.recipient} is {row.state} ({row.error}) and came {times} times")
    return wrong


def _times(came: Counter[tuple[str, str]], row: Any) -> int:
    own = f"<event-{row.event_id}.mail-{row.id}@"
    return sum(
        times for (name, recipient), times in came.items() if name.startswith(own) and recipient == row.recipient
    )


def mail_states() -> Counter[str]:
    """How many mails are in each state."""
    with transaction(SYSTEM) as session:
        return Counter({state: count for state, count in session.execute(_STATES)})


def order_states() -> Counter[str]:
    """How many orders have ended in each state."""
    with transaction(SYSTEM) as session:
        return Counter({state: count for state, count in session.execute(_ORDER_STATES)})


def waiting() -> int:
    """How many events and mails are still on their way."""
    with transaction(SYSTEM) as session:
        return int(session.execute(_WAITING).scalar_one())


_ORDERS = text("""
    select cart_token::text, orders.id, count(event.id) from orders
    left join event on event.order_id = orders.id and event.kind = 'order_placed' group by orders.id
""")
_UNHANDLED = text("select count(*) from outbox where handled_at is null")
_MAILS = text("select id, event_id, recipient, state, error from mail")
_STATES = text("select state, count(*) from mail group by state")
_ORDER_STATES = text("select status, count(*) from orders group by status")
_WAITING = text("""
    select (select count(*) from outbox where handled_at is null)
         + (select count(*) from mail where state in ('queued', 'taken', 'sending'))
""")
