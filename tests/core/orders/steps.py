"""What the order tests do again and again, in the words of the product."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.check import run_checks
from core.db import transaction
from core.orders import approving, cart, lapsing, lifecycle, placing
from core.principal import SYSTEM, Principal
from workers.locks import wait_until

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""Monday 23 November 2026, 12:00 in Bucharest."""


def fill(buyer: Principal, quantities: dict[int, int | str]) -> Any:
    """Put the quantities in the buyer's cart; returns the cart's token."""
    with transaction(buyer) as session:
        cart.set_quantities(session, {product: Decimal(quantity) for product, quantity in quantities.items()})
        return cart.view_cart(session, NOON).token


def place(buyer: Principal, token: Any, as_of: datetime = NOON) -> placing.Placed:
    with transaction(buyer) as session:
        return placing.place(session, token, as_of)


def order(buyer: Principal, quantities: dict[int, int | str], as_of: datetime = NOON) -> int:
    """Fill the cart and place it; returns the order's id."""
    return place(buyer, fill(buyer, quantities), as_of).order_id


def ask(buyer: Principal, token: Any, note: str = "") -> None:
    """Ask the owner to approve the cart."""
    with transaction(buyer) as session:
        approving.ask_approval(session, token, NOON, placing.Details(note))


def waiting(owner: Principal, as_of: datetime = NOON) -> list[approving.WaitingCart]:
    with transaction(owner) as session:
        return approving.waiting_carts(session, as_of)


def approve(owner: Principal, shown: approving.WaitingCart) -> placing.Placed:
    """Approve a cart as the owner was shown it."""
    with transaction(owner) as session:
        return approving.approve(session, shown.id, shown.cart.token, shown.cart.totals.gross, NOON)


def claim(staff: Principal, order_id: int, as_of: datetime = NOON) -> None:
    with transaction(staff) as session:
        lifecycle.claim(session, order_id, as_of)


def cancel(who: Principal, order_id: int, reason: str = "out of season", as_of: datetime = NOON) -> None:
    with transaction(who) as session:
        lifecycle.cancel(session, order_id, reason, as_of)


def ship(staff: Principal, order_id: int, as_of: datetime = NOON) -> None:
    with transaction(staff) as session:
        lifecycle.ship(session, order_id, as_of)


def lapse(as_of: datetime, limit: int = 100) -> int:
    """Sweep in batches, as the job does; returns how many orders lapsed."""
    total, last = 0, 0
    while last is not None:
        with transaction(SYSTEM) as session:
            lapsed, last = lapsing.lapse_due(session, as_of, last, limit)
        total += lapsed
    return total


def scalar(statement: str, **params: Any) -> Any:
    """One value, read by the system."""
    with transaction(SYSTEM) as session:
        return session.execute(text(statement), params).scalar_one()


def somebody_waits_for(session: Session) -> bool:
    """Wait until another transaction waits for a lock that this one has; False if none does within ten seconds."""
    me = session.execute(text("select pg_backend_pid()")).scalar_one()
    waiters = "select count(*) from pg_stat_activity where cast(:me as int) = any(pg_blocking_pids(pid))"
    return wait_until(lambda: scalar(waiters, me=me) > 0, seconds=10)


def available(product_id: int) -> Decimal:
    return scalar("select on_hand - held from stock where product_id = :id", id=product_id)


def status(order_id: int) -> str:
    return scalar("select status from orders where id = :id", id=order_id)


def assert_invariants() -> None:
    """What `./rampa check` asks, but for deadlines, which tests place in the past."""
    broken = {name: found for name, found in run_checks().items() if found and "longer than an hour" not in name}
    assert broken == {}
