"""When files that come by themselves are looked for."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)


def next_time(every: str, at_hour: int | None, as_of: datetime, time_zone: str) -> datetime:
    """The first instant after `as_of` that is on the timetable (core.imports.models.EVERY).

    An hour that the clock leaves out on a day in spring is the next one then; one that it has twice, the first.
    """
    if every != "day":
        step = QUARTER if every == "quarter" else HOUR
        begun = as_of.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return begun + ((as_of - begun) // step + 1) * step
    zone = ZoneInfo(time_zone)
    today = as_of.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(3))
    instants = (datetime.combine(each, time(at_hour or 0), zone).astimezone(UTC) for each in days)
    return next(instant for instant in instants if instant > as_of)
