"""The clock alone: real hours and working hours, both changes of the clocks, Romanian holidays."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.orders.deadlines import Clock, deadline, is_holiday, warnings

BUCHAREST = ZoneInfo("Europe/Bucharest")
REAL = Clock(working=False, zone="Europe/Bucharest")
WORKING = Clock(working=True, zone="Europe/Bucharest")
"""Monday to Friday, 9 to 17."""
AROUND_THE_CLOCK = Clock(True, "Europe/Bucharest", frozenset(range(1, 8)), time(0), time(23, 59))


def at(local: str) -> datetime:
    """An instant by the clocks in Bucharest."""
    return datetime.fromisoformat(local).replace(tzinfo=BUCHAREST).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23 12:00", "24", "2026-11-24 12:00"),
        ("2026-11-23 12:00", "0.5", "2026-11-23 12:30"),
        ("2026-11-27 17:00", "24", "2026-11-28 17:00"),
        ("2026-11-23 00:00", "24", "2026-11-24 00:00"),
        ("2026-12-31 23:30", "1", "2027-01-01 00:30"),
        # the day has 23 hours: the clocks show one more at the end
        ("2026-03-28 12:00", "24", "2026-03-29 13:00"),
        # the day has 25 hours
        ("2026-10-24 12:00", "24", "2026-10-25 11:00"),
    ],
)
def test_real_hours_are_counted_through_nights_weekends_and_changes_of_the_clocks(start, hours, end):
    assert REAL.after(at(start), Decimal(hours)) == at(end)
    assert REAL.between(at(start), at(end)) == timedelta(hours=float(hours))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        # within a day, up to its end, over the night
        ("2026-11-23 12:00", "4", "2026-11-23 16:00"),
        ("2026-11-23 12:00", "5", "2026-11-23 17:00"),
        ("2026-11-23 12:00", "6", "2026-11-24 10:00"),
        # three days of eight hours
        ("2026-11-23 09:00", "24", "2026-11-25 17:00"),
        # before the day begins, and at night, nothing counts yet
        ("2026-11-23 03:00", "1", "2026-11-23 10:00"),
        ("2026-11-23 22:00", "1", "2026-11-24 10:00"),
        ("2026-11-24 00:00", "1", "2026-11-24 10:00"),
        # Friday at the end of the day: over the weekend
        ("2026-11-20 17:00", "1", "2026-11-23 10:00"),
        ("2026-11-20 16:30", "1", "2026-11-23 09:30"),
        ("2026-11-21 12:00", "8", "2026-11-23 17:00"),
        # Friday, then Monday 30 November (Saint Andrew) and Tuesday 1 December: on Wednesday
        ("2026-11-27 16:00", "2", "2026-12-02 10:00"),
        # Orthodox Easter is on 12 April 2026: Good Friday and Monday are holidays
        ("2026-04-09 16:00", "2", "2026-04-14 10:00"),
        # 24 January 2025 was a Friday
        ("2025-01-23 16:00", "2", "2025-01-27 10:00"),
        # over the new year: 1 and 2 January, the weekend; then 6 and 7
        ("2026-12-31 16:00", "2", "2027-01-04 10:00"),
        ("2027-01-05 16:00", "2", "2027-01-08 10:00"),
        # the clocks change on Sunday: on Monday it is 9 o'clock all the same
        ("2026-03-27 16:00", "2", "2026-03-30 10:00"),
        ("2026-10-23 16:00", "2", "2026-10-26 10:00"),
    ],
)
def test_working_hours_are_those_of_the_day_but_not_of_weekends_and_holidays(start, hours, end):
    assert WORKING.after(at(start), Decimal(hours)) == at(end)
    assert WORKING.between(at(start), at(end)) == timedelta(hours=float(hours))


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)], ids=["spring", "autumn", "usual"]
)
def test_a_shift_through_a_change_of_the_clocks_has_the_hours_that_pass(day, hours):
    next_day = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    closing = timedelta(minutes=1)
    assert AROUND_THE_CLOCK.between(at(f"{day} 00:00"), at(f"{next_day} 00:00")) == timedelta(hours=hours) - closing
    assert AROUND_THE_CLOCK.after(at(f"{day} 00:00"), Decimal(hours) - 1) == at(f"{day} 23:00")


def test_instants_given_in_local_time_are_counted_by_what_passes_not_by_what_clocks_show():
    start = datetime(2026, 3, 28, 12, tzinfo=BUCHAREST)
    end = datetime(2026, 3, 29, 12, tzinfo=BUCHAREST)
    assert REAL.between(start, end) == timedelta(hours=23)
    assert REAL.after(start, Decimal(23)) == end
    assert AROUND_THE_CLOCK.between(start, end) == timedelta(hours=23, minutes=-1)


def test_a_deadline_at_midnight_is_the_end_of_the_day_and_not_the_next_opening():
    late = Clock(True, "Europe/Bucharest", start=time(16), end=time(23, 59, 59))
    assert REAL.after(at("2026-11-23 16:00"), Decimal(8)) == at("2026-11-24 00:00")
    assert late.after(at("2026-11-23 16:00"), Decimal(7)) == at("2026-11-23 23:00")
    assert late.after(at("2026-11-23 16:00"), Decimal(8)) == at("2026-11-24 16:00:01")


@pytest.mark.parametrize(
    "day",
    ["2026-12-01", "2026-11-30", "2026-01-24", "2026-04-10", "2026-04-13", "2027-05-03", "2026-06-01", "2026-08-15",
     "2026-12-25", "2026-12-26", "2026-01-01", "2026-01-02", "2026-01-06", "2026-01-07", "2026-05-01"],
)  # fmt: skip
def test_holidays_are_those_of_the_labour_code(day):
    assert is_holiday(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-04-06", "2026-12-02", "2026-11-27", "2026-03-08"])
def test_western_easter_and_usual_days_are_none(day):
    assert not is_holiday(date.fromisoformat(day))


def test_zero_hours_mean_never_and_warn_of_nothing():
    assert deadline(REAL, at("2026-11-23 12:00"), Decimal(0)) is None
    assert warnings(REAL, at("2026-11-23 12:00"), Decimal(0)) == []


def test_warnings_come_after_half_and_after_four_fifths_of_the_time():
    start = at("2026-11-23 09:00")
    assert warnings(REAL, start, Decimal(24)) == [at("2026-11-23 21:00"), at("2026-11-24 04:12")]
    assert warnings(WORKING, start, Decimal(24)) == [at("2026-11-24 13:00"), at("2026-11-25 12:12")]
    assert WORKING.marks(start, at("2026-11-25 17:00")) == warnings(WORKING, start, Decimal(24))


UNHURRIED = settings(deadline=None)
"""A busy machine is no fault of the clock."""
INSTANTS = st.floats(0, 5 * 365).map(lambda days: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=days))
HOURS = st.decimals(Decimal("0.001"), 400, places=3)
CLOCKS = st.sampled_from([
    REAL, WORKING, AROUND_THE_CLOCK, Clock(True, "Europe/Bucharest", frozenset({6, 7}), time(2, 30), time(4, 30)),
    Clock(True, "Pacific/Auckland", frozenset({1}), time(23), time(23, 30)),
])  # fmt: skip


@UNHURRIED
@given(CLOCKS, INSTANTS, HOURS)
def test_between_gives_back_the_hours_that_after_was_given(clock, start, hours):
    assert clock.between(start, clock.after(start, hours)) == timedelta(microseconds=int(hours * 3_600_000_000))


@UNHURRIED
@given(CLOCKS, INSTANTS, HOURS, HOURS)
def test_hours_one_after_the_other_are_the_hours_together(clock, start, first, then):
    assert clock.after(clock.after(start, first), then) == clock.after(start, first + then)


@UNHURRIED
@given(CLOCKS, INSTANTS, HOURS, HOURS)
def test_more_hours_end_later(clock, start, hours, more):
    assert start < clock.after(start, hours) < clock.after(start, hours + more)


@UNHURRIED
@given(CLOCKS, INSTANTS, HOURS, HOURS)
def test_a_pause_takes_nothing_from_the_time_that_is_left(clock, start, hours, pause):
    until, resumed = clock.after(start, hours), clock.after(start, pause)
    later = clock.later(until, start, resumed)
    assert later >= resumed
    assert clock.between(resumed, later) == clock.between(start, until)
    assert clock.later(until, start, start) == until


@UNHURRIED
@given(CLOCKS, INSTANTS, HOURS)
def test_a_pause_after_the_end_leaves_no_time(clock, start, hours):
    over = clock.after(start, hours)
    assert clock.between(over, clock.later(start, over, over)) == timedelta()


@UNHURRIED
@given(INSTANTS, HOURS)
def test_a_thousandth_of_a_second_is_not_lost_in_a_pause(start, hours):
    resumed = start + timedelta(hours=1)
    assert REAL.later(REAL.after(start, hours), start, resumed) == REAL.after(resumed, hours)
