"""The clocks of the process. Domain functions take the instant as an argument; callers at the edge ask here.

In a demo company the clock can be moved. By how much stands in the database: every transaction brings it along with its
opening (core.db), so that all processes have the same clock, and it costs no query. Who is logged in and for how long,
links, codes and tries go by the real clock, and so does how long a process works.
"""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.config import demo_instant

STARTED = time.monotonic()
SLOWER = 1000
"""A demo's clock that stands still goes on by a second in so many: what came later must be seen to be later."""

_moved: timedelta | None = None


def now() -> datetime:
    """The present instant of the portal, aware, in UTC: the real one, but for a demo whose clock was moved.

    Where it stands still (`./rampa demo --at`) it is as good as always the same.
    """
    if stopped := demo_instant():
        return (
            stopped.astimezone(UTC) + timedelta(seconds=(time.monotonic() - STARTED) / SLOWER) + (_moved or timedelta())
        )
    return real_now() + (_moved or timedelta())


def real_now() -> datetime:
    """The real present instant, aware, in UTC."""
    return datetime.now(UTC)


def real(instant: datetime) -> datetime:
    """When an instant of the portal's clock really is."""
    return instant - (_moved or timedelta())


def in_demo() -> bool:
    """Did the database hold a demo company when this process last opened a transaction?"""
    return _moved is not None


def moved() -> timedelta:
    """How far the portal's clock is ahead of the real one."""
    return _moved or timedelta()


def follow(moved: timedelta | None) -> None:
    """For core.db: how far the clock of the demo is ahead; None where there is none, and no clock is ever moved."""
    global _moved
    _moved = moved


def local_date(instant: datetime, time_zone: str) -> date:
    """The calendar day of an aware instant where the distributor is."""
    return instant.astimezone(ZoneInfo(time_zone)).date()
