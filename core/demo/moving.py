"""The clock of the demo, moved ahead to see what time does: an order that lapses, an invoice that falls due."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.installation import Installation, installation
from core.permissions import authorize

SHORTLY_BEFORE = timedelta(minutes=1)
FURTHEST = timedelta(days=3650)


class NoDemo(Refusal):
    message = N_("The clock can only be moved while the demo company is here.")


class NothingRuns(Refusal):
    message = N_("No order waits to be claimed, so no time runs out. Place one, or put the clock back.")


class TooFar(Refusal):
    message = N_("The clock of the demo goes no further. Put it back to the real time.")


def move_clock(session: Session, ahead: timedelta) -> None:
    """Move the demo's clock ahead from where it is. Raises NotAllowed, NoDemo, TooFar."""
    _set(session, _demo(session), lambda row: row.clock_moved + max(ahead, timedelta()))


def go_to_next_deadline(session: Session) -> None:
    """Move the demo's clock to a minute before the next order lapses unclaimed; where less is left, it stays.

    Raises NotAllowed, NoDemo, NothingRuns.
    """
    row = _demo(session)
    now = clock.real_now() + row.clock_moved
    deadline = session.execute(_NEXT, {"now": now}).scalar_one()
    if deadline is None:
        raise NothingRuns
    move_clock(session, deadline - SHORTLY_BEFORE - now)


def back_to_real_time(session: Session) -> None:
    """The demo's clock shows the real time again. Raises NotAllowed, NoDemo."""
    _set(session, _demo(session), lambda _row: timedelta())


def _demo(session: Session) -> Installation:
    authorize(session, "settings.edit")
    row = installation(session, lock=True)
    if row.demo_since is None:
        raise NoDemo
    return row


def _set(session: Session, row: Installation, moved: Callable[[Installation], timedelta]) -> None:
    """Also in this process: what is recorded from here on has the new time."""
    row.clock_moved = moved(row)
    if row.clock_moved > FURTHEST:
        raise TooFar
    clock.follow(row.clock_moved)
    record(session, "demo_clock_moved", clock.now())


_NEXT = text("""
    select min(claim_deadline) from orders
    where status = 'placed' and paid_at is null and claim_deadline > :now
""")
