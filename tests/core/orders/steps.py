"""What the order tests do again and again, in the words of the product."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.check import run_checks
from core.db import transaction
from core.orders import approving, cancelling, cart, filling, lapsing, lifecycle, placing, shipping
from core.orders.details import Details
from core.principal import SYSTEM, Principal
from core.stock import receiving
from workers.locks import wait_until

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""Monday 23 November 2026, 12:00 in Bucharest."""


def fill(buyer: Principal, quantities: dict[int, int | str]) -> Any:
    """Put the quantities in the buyer's cart; returns the cart's token."""
    with transaction(buyer) as session:
        filling.set_quantities(session, {product: Decimal(quantity) for product, quantity in quantities.items()})
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
        approving.ask_approval(session, token, NOON, Details(note))


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
        cancelling.cancel(session, order_id, reason, as_of)


def ship(staff: Principal, order_id: int, as_of: datetime = NOON) -> None:
    with transaction(staff) as session:
        shipping.ship(session, order_id, as_of)


def line(order_id: int, position: int = 1) -> int:
    """The id of an order's line."""
    found = "select id from order_line where order_id = :order and position = :position"
    return scalar(found, order=order_id, position=position)


def ship_part(
    staff: Principal,
    order_id: int,
    quantities: dict[int, int | str],
    rest: shipping.Rest = "keep",
    note: str = "",
    as_of: datetime = NOON,
) -> int:
    """Ship quantities by position; returns the delivery's id."""
    with transaction(staff) as session:
        return shipping.ship_part(session, order_id, by_line(order_id, quantities), rest, as_of, note)


def cancel_part(
    who: Principal,
    order_id: int,
    quantities: dict[int, int | str],
    reason: str = "out of season",
    as_of: datetime = NOON,
) -> None:
    """Cancel quantities by position."""
    with transaction(who) as session:
        cancelling.cancel_part(session, order_id, by_line(order_id, quantities), reason, as_of)


def by_line(order_id: int, quantities: dict[int, int | str]) -> dict[int, Decimal]:
    """Quantities by position as quantities by the line's id."""
    return {line(order_id, position): Decimal(quantity) for position, quantity in quantities.items()}


def count(product_id: int, on_hand: int | str, who: Principal = SYSTEM, as_of: datetime = NOON) -> None:
    """Count a product; what waits for it is filled."""
    with transaction(who) as session:
        receiving.count(session, {product_id: Decimal(on_hand)}, as_of)


def line_state(order_id: int) -> list[tuple[Decimal, ...]]:
    """(held, shipped, on backorder, cancelled) of each line."""
    with transaction(SYSTEM) as session:
        rows = session.execute(text(_LINE_STATE), {"order": order_id})
        return [tuple(row) for row in rows]


_LINE_STATE = "select held, shipped, waiting, cancelled from line_state where order_id = :order order by position"


def lapse(as_of: datetime, limit: int = 100) -> int:
    """Sweep in batches, as the job does; returns how many orders lapsed."""
    total, last = 0, 0
    while last is not None:
        with transaction(SYSTEM) as session:
            lapsed, last = lapsing.lapse_due(session, as_of, last, limit)
        total += lapsed
    return total


def events(order_id: int, kind: str) -> list[dict[str, Any]]:
    """What the order's events of a kind say, the oldest first."""
    with transaction(SYSTEM) as session:
        found = text("select data from event where order_id = :order and kind = :kind order by id")
        return list(session.execute(found, {"order": order_id, "kind": kind}).scalars())


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
