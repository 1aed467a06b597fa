"""When the next file is looked for, also on the days on which the clock jumps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.models import EVERY
from core.imports.timetable import next_time

ZONE = "Europe/Bucharest"


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(("every", "hour", "now", "then"), [
    ("quarter", None, "2026-11-23 10:00", "2026-11-23 10:15"),
    ("quarter", None, "2026-11-23 10:14:59", "2026-11-23 10:15"),
    ("quarter", None, "2026-11-23 23:50", "2026-11-24 00:00"),
    ("hour", None, "2026-11-23 10:00", "2026-11-23 11:00"),
    ("hour", None, "2026-11-23 10:59:59", "2026-11-23 11:00"),
    ("day", 6, "2026-11-23 05:59", "2026-11-23 06:00"),
    ("day", 6, "2026-11-23 06:00", "2026-11-24 06:00"),
    ("day", 0, "2026-12-31 12:00", "2027-01-01 00:00"),
    ("day", 6, "2026-10-24 06:00", "2026-10-25 06:00"),
    ("day", 3, "2027-03-27 12:00", "2027-03-28 04:00"),  # from 3 to 4 there is no hour
    ("day", 3, "2026-10-24 12:00", "2026-10-25 03:00"),  # there are two of them: the first
])  # fmt: skip
def test_the_next_time_is_on_the_timetable(every: str, hour: int | None, now: str, then: str) -> None:
    assert next_time(every, hour, at(now), ZONE) == at(then).astimezone(UTC)


def test_an_hour_that_comes_twice_is_one() -> None:
    first = next_time("day", 3, at("2026-10-24 12:00"), ZONE)
    assert next_time("day", 3, first, ZONE) == at("2026-10-26 03:00").astimezone(UTC)


NAIVE = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001 (Hypothesis wants them so)


@given(
    st.sampled_from(EVERY), st.integers(0, 23), NAIVE,
    st.sampled_from([ZONE, "UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"]),
)  # fmt: skip
def test_it_is_always_later_and_never_much_later(every: str, hour: int, now: datetime, zone: str) -> None:
    now = now.replace(tzinfo=UTC)
    most = {"quarter": timedelta(minutes=15), "hour": timedelta(hours=1), "day": timedelta(hours=25)}[every]
    assert now < next_time(every, hour, now, zone) <= now + most
