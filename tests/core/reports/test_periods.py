from datetime import date, timedelta
from random import Random

import pytest

from core.reports.periods import BadPeriod, Named, Period, named_period, one_year_after


@pytest.mark.parametrize(("name", "first", "last"), [
    ("this_month", "2026-11-01", "2026-11-15"), ("last_month", "2026-10-01", "2026-10-31"),
    ("this_year", "2026-01-01", "2026-11-15"), ("last_12_months", "2025-12-01", "2026-11-15"),
])  # fmt: skip
def test_a_named_period_ends_today_or_with_the_last_month(name: Named, first: str, last: str) -> None:
    found = named_period(name, date(2026, 11, 15))
    assert found == Period(date.fromisoformat(first), date.fromisoformat(last))


def test_at_the_turn_of_the_year_the_last_month_is_december() -> None:
    found = named_period("last_month", date(2027, 1, 5))
    assert found == Period(date(2026, 12, 1), date(2026, 12, 31))


def test_the_year_before_a_whole_february_is_a_whole_february() -> None:
    assert Period(date(2025, 2, 1), date(2025, 2, 28)).year_before == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert Period(date(2024, 2, 1), date(2024, 2, 29)).year_before == Period(date(2023, 2, 1), date(2023, 2, 28))
    assert Period(date(2024, 2, 29), date(2024, 3, 1)).year_before == Period(date(2023, 2, 28), date(2023, 3, 1))


def test_every_day_of_a_period_is_in_exactly_one_month_or_day_of_its_sums() -> None:
    random = Random(7)
    for _ in range(300):
        first = date(2023, 1, 1) + timedelta(days=random.randrange(900))
        period = Period(first, first + timedelta(days=random.randrange(120)))
        asked = period.params()
        of_days = [asked["first"], asked["whole"], asked["rest"], asked["last"] + timedelta(days=1)]
        assert of_days == sorted(of_days)
        months = asked["whole"], asked["rest"]
        assert months[0] == months[1] or (months[0].day, months[1].day) == (1, 1)


@pytest.mark.parametrize(("first", "last"), [("2026-02-02", "2026-02-01"), ("2000-01-01", "2026-01-01")])
def test_a_period_that_ends_before_it_begins_or_is_endless_is_refused(first: str, last: str) -> None:
    with pytest.raises(BadPeriod):
        Period(date.fromisoformat(first), date.fromisoformat(last))


def test_the_day_after_a_year_of_a_leap_day_is_the_28th() -> None:
    assert one_year_after(date(2024, 2, 29)) == date(2025, 2, 28)
