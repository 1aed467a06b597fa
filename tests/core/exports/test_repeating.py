"""Exports that come by themselves: on the right day, once, of the time before."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.auth.models import User
from core.db import transaction
from core.errors import NotFound
from core.exports.asking import Asked
from core.exports.repeating import ask_next, of_the_one_before
from core.exports.running import runs
from core.exports.saving import next_day, save
from core.principal import SYSTEM, Principal
from tests.core.orders.steps import scalar
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)
MONDAY_SIX = datetime(2026, 11, 30, 4, tzinfo=UTC)  # six o'clock in Bucharest
ORDERS = Asked("orders", ("order",))


def keep(who: Principal, every: str, asked: Asked = ORDERS) -> None:
    with transaction(who) as session:
        save(session, f"Each {every}", asked, FRIDAY, every=every, form="csv")


def asked_for(who: Principal, as_of: datetime) -> list[Asked]:
    with transaction(who) as session:
        return [run.asked for run in runs(session, as_of)]


def test_a_weekly_export_comes_on_monday_from_six_on_once_and_of_the_week_before() -> None:
    for who in (make_staff(role="analyst"), make_buyer()):
        keep(who, "week")
        assert not ask_next(MONDAY_SIX - timedelta(seconds=1))
        assert sorted(at_once([lambda: ask_next(MONDAY_SIX)] * 2)) == [False, True]
        assert not ask_next(MONDAY_SIX + timedelta(hours=20))
        assert asked_for(who, MONDAY_SIX) == [Asked("orders", ("order",), date(2026, 11, 23), date(2026, 11, 29))]


@pytest.mark.parametrize(
    ("every", "day", "following", "first", "last"),
    [
        ("day", date(2026, 12, 1), date(2026, 12, 2), date(2026, 11, 30), date(2026, 11, 30)),
        ("week", date(2026, 11, 30), date(2026, 12, 7), date(2026, 11, 23), date(2026, 11, 29)),
        ("week", date(2026, 12, 2), date(2026, 12, 7), date(2026, 11, 23), date(2026, 11, 29)),
        ("month", date(2026, 3, 1), date(2026, 4, 1), date(2026, 2, 1), date(2026, 2, 28)),
        ("month", date(2026, 12, 31), date(2027, 1, 1), date(2026, 11, 1), date(2026, 11, 30)),
    ],
)
def test_the_next_day_and_the_time_before(every: str, day: date, following: date, first: date, last: date) -> None:
    assert next_day(every, day) == following
    found = of_the_one_before(ORDERS, every, day)
    assert (found.since, found.until) == (first, last)


def test_a_table_without_days_comes_as_it_is() -> None:
    stock = Asked("stock", ("sku",))
    assert of_the_one_before(stock, "day", date(2026, 12, 1)) == stock


def test_who_may_not_have_it_any_more_is_passed_over_and_keeps_nobody_waiting() -> None:
    demoted, blocked, other = (make_staff(role="sales") for _ in range(3))
    documents = Asked("documents", ("number",))
    for who in (demoted, blocked, other):
        keep(who, "day", documents)
    with transaction(SYSTEM) as session:
        session.get_one(User, demoted.user_id).role = "warehouse"
        session.get_one(User, blocked.user_id).active = False
    while ask_next(MONDAY_SIX):
        pass
    assert len(asked_for(other, MONDAY_SIX)) == scalar("select count(*) from export_run") == 1


def test_what_does_not_repeat_is_not_asked_for_and_an_unknown_time_is_refused() -> None:
    staff = make_staff()
    keep(staff, "")
    assert not ask_next(MONDAY_SIX)
    with pytest.raises(NotFound):
        keep(staff, "year")
