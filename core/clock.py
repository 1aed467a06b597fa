"""The clock of the process. Domain functions take the instant as an argument; callers at the edge ask here."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.config import demo_instant

STARTED = time.monotonic()
SLOWER = 1000
"""A demo's clock that stands still goes on by a second in so many: what came later must be seen to be later."""


def now() -> datetime:
    """The present instant, aware, in UTC. In a demo whose clock stands still it is as good as the same."""
    if stopped := demo_instant():
        return stopped.astimezone(UTC) + timedelta(seconds=(time.monotonic() - STARTED) / SLOWER)
    return datetime.now(UTC)


def local_date(instant: datetime, time_zone: str) -> date:
    """The calendar day of an aware instant where the distributor is."""
    return instant.astimezone(ZoneInfo(time_zone)).date()
