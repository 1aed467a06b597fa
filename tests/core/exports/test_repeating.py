"""Exports that come by themselves: on the right day, once, of the time before."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook

from core.auth.models import User
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.exports.asking import Asked
from core.exports.making import Wanted
from core.exports.pivot_book import PivotAsked
from core.exports.repeating import ask_next, of_the_one_before
from core.exports.running import MOST_OPEN, Run, make_next, runs, start
from core.exports.saving import next_day, save, save_pivot
from core.principal import SYSTEM, Principal
from core.reports.periods import Period
from core.reports.pivot import Pivot
from core.reports.refreshing import refresh
from tests.core.orders import steps
from tests.core.orders.steps import scalar
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)
MONDAY_SIX = datetime(2026, 11, 30, 4, tzinfo=UTC)  # six o'clock in Bucharest
ORDERS = Asked("orders", ("order",))
BRANDS = Pivot(("brand",), "month", "net")


def keep(who: Principal, every: str, asked: Asked = ORDERS) -> None:
    with transaction(who) as session:
        save(session, f"Each {every}", asked, FRIDAY, every=every, form="csv")


def asked_for(who: Principal, as_of: datetime) -> list[Wanted]:
    return [run.asked for run in files(who, as_of)]


def files(who: Principal, as_of: datetime) -> list[Run]:
    with transaction(who) as session:
        return runs(session, as_of)


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


def keep_pivot(who: Principal, every: str) -> None:
    with transaction(who) as session:
        save_pivot(session, "Brands", BRANDS, FRIDAY, every=every)


def come_by_themselves(as_of: datetime = MONDAY_SIX) -> None:
    """What the two jobs do in a morning."""
    while ask_next(as_of):
        pass
    while make_next(as_of):
        pass


def workbook(run: Run) -> list[list[object]]:
    content = scalar(f"select content from export_piece where run_id = {run.id}")
    return CalamineWorkbook.from_filelike(io.BytesIO(bytes(content))).get_sheet_by_index(0).to_python()


def test_a_pivot_comes_by_itself_of_the_week_before() -> None:
    analyst = make_staff(role="analyst", language="en")
    product = make_product(stock=99, brand="Hager")
    steps.order(make_buyer(), {product.id: 3}, datetime(2026, 11, 24, 9, tzinfo=UTC))
    steps.order(make_buyer(), {product.id: 9}, MONDAY_SIX)
    with transaction(SYSTEM) as session:
        refresh(session, MONDAY_SIX)
    keep_pivot(analyst, "week")
    come_by_themselves()
    (run,) = files(analyst, MONDAY_SIX)
    assert run.asked == PivotAsked(BRANDS, Period(date(2026, 11, 23), date(2026, 11, 29)))
    assert (run.name, run.state, run.rows, run.filename) == ("Brands", "done", 1, f"pivot-2026-11-30-{run.id}.xlsx")
    assert workbook(run) == [
        ["Net value, lei, 23.11.2026 - 29.11.2026", "", ""],
        ["Brand", "2026-11", "Total"],
        ["Hager", 30.0, 30.0],
        ["Total", 30.0, 30.0],
    ]


def test_days_without_sales_make_a_file_that_says_so() -> None:
    analyst = make_staff(role="analyst", language="en")
    keep_pivot(analyst, "day")
    come_by_themselves()
    (run,) = files(analyst, MONDAY_SIX)
    assert (run.state, run.rows) == ("done", 0)
    assert workbook(run)[0][0] == "Net value, lei, 29.11.2026 - 29.11.2026. Nothing was sold in these days."


def test_a_pivot_dies_with_the_right_to_reports_before_it_is_asked_for_and_after() -> None:
    early, late = make_staff(role="analyst"), make_staff(role="analyst")
    keep_pivot(early, "day")
    keep_pivot(late, "day")
    demote(early)
    while ask_next(MONDAY_SIX):
        pass
    demote(late)
    while make_next(MONDAY_SIX):
        pass
    assert files(early, MONDAY_SIX) == []
    (run,) = files(late, MONDAY_SIX)
    assert run.state == "failed"
    assert scalar("select count(*) from export_piece") == 0


def demote(who: Principal) -> None:
    with transaction(SYSTEM) as session:
        session.get_one(User, who.user_id).role = "warehouse"


def test_who_sees_no_reports_keeps_no_pivot_and_an_unknown_time_is_refused() -> None:
    with pytest.raises(NotAllowed):
        keep_pivot(make_buyer(), "day")
    with pytest.raises(NotFound):
        keep_pivot(make_staff(role="analyst"), "hour")


def test_however_many_come_by_themselves_none_is_left_out_and_one_can_be_asked_for_meanwhile() -> None:
    staff = make_staff(role="sales")
    with transaction(staff) as session:
        for number in range(MOST_OPEN + 2):
            save(session, f"Number {number}", ORDERS, FRIDAY, every="day")
    while ask_next(MONDAY_SIX):
        pass
    assert {run.name for run in files(staff, MONDAY_SIX)} == {f"Number {number}" for number in range(MOST_OPEN + 2)}
    with transaction(staff) as session:
        assert start(session, ORDERS, "csv", MONDAY_SIX)
