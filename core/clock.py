"""The clock of the process. Domain functions take the instant as an argument; callers at the edge ask here."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime, time_zone: str) -> date:
    """The calendar day of an aware instant where the distributor is."""
    return instant.astimezone(ZoneInfo(time_zone)).date()
