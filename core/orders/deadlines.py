"""Until when an order waits: hours on the wall, or working hours only, of the distributor's days and holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

WARNINGS = (Decimal("0.5"), Decimal("0.8"))
"""The parts of the time after which it is said that the time runs out."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How hours are counted. Not `working`: real hours, so that a day with a change of the clocks has 23 or 25.

    Working: only from `start` to `end` local time in `zone`, on `days` (ISO weekdays), not on public holidays.
    """

    working: bool
    zone: str
    days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    start: time = time(9)
    end: time = time(17)

    @classmethod
    def of(cls, row: Any) -> "Clock":
        """The clock that the company's row, or one with its columns, describes."""
        return cls(row.working_clock, row.time_zone, frozenset(row.work_days), row.work_from, row.work_to)

    def after(self, start: datetime, hours: Decimal) -> datetime:
        """The instant (UTC) at which `hours` are over that begin to count at `start` (aware)."""
        return self._after(start, _duration(hours))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The time that counts between two instants; none when `end` is not after `start`."""
        # Instants of one and the same zone would be subtracted by what its clocks show.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if not self.working or end <= start:
            return max(end - start, timedelta())
        passed = timedelta()
        for opens, closes in self._shifts(start):
            if opens >= end:
                break
            passed += min(closes, end) - opens
        return passed

    def later(self, instant: datetime, pause_start: datetime, pause_end: datetime) -> datetime:
        """`instant`, for a clock that stood still from `pause_start` to `pause_end`; not before `pause_end`."""
        return self._after(pause_end, self.between(pause_start, instant))

    def marks(self, start: datetime, end: datetime) -> list[datetime]:
        """The instants (UTC) at which half, then four fifths, of the time between two instants are over."""
        return [self._after(start, self.between(start, end) * float(part)) for part in WARNINGS]

    def _after(self, start: datetime, left: timedelta) -> datetime:
        if not self.working:
            return start.astimezone(UTC) + left
        for opens, closes in self._shifts(start):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise AssertionError("the shifts never end")

    def _shifts(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is left of the working times from `start` on, day after day, in UTC."""
        zone = ZoneInfo(self.zone)
        start = start.astimezone(UTC)
        day = start.astimezone(zone).date()
        while True:
            closes = datetime.combine(day, self.end, zone).astimezone(UTC)
            opens = max(datetime.combine(day, self.start, zone).astimezone(UTC), start)
            if opens < closes and day.isoweekday() in self.days and not is_holiday(day):
                yield opens, closes
            day += timedelta(days=1)


def deadline(clock: Clock, start: datetime, hours: Decimal) -> datetime | None:
    """When a time of so many hours from `start` is over (UTC); None for 0 hours, which means never."""
    return clock.after(start, hours) if hours > 0 else None


def warnings(clock: Clock, start: datetime, hours: Decimal) -> list[datetime]:
    """The instants (UTC) at which half, then four fifths, of so many hours from `start` are over; none for 0 hours."""
    return [clock.after(start, hours * part) for part in WARNINGS] if hours > 0 else []


def is_holiday(day: date) -> bool:
    """Is `day` a public holiday in Romania (Codul muncii, art. 139)?"""
    return day in _holidays(day.year)


@lru_cache(maxsize=16)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("RO", years=year))


def _duration(hours: Decimal) -> timedelta:
    return timedelta(microseconds=round(hours * 3_600_000_000))
