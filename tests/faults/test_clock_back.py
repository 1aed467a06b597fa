"""The clock is set back an hour: nothing happens twice or early, and nothing stands still until it is as late again."""

from datetime import datetime, timedelta

import pytest
import rq.cron
from rq import SimpleWorker

from benchmarks.soak.portal import Portal
from benchmarks.soak.verdict import mail_states, verdict, waiting
from core import clock, queue
from core.auth.throttling import LOGIN, TooManyTries, count_try
from core.db import engine, transaction
from core.principal import SYSTEM
from tests.core.notifications.conftest import use_mail_server
from tests.core.orders import steps
from tests.core.orders.steps import scalar
from tests.faults.conftest import full_carts
from workers import jobs, run

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
EVERYTHING = (
    "sweep", "tell_low_stock", "gather_mails", "refresh_prices", "refresh_reports", "issue_invoices",
    "take_back_advances", "repeat_exports", "make_exports", "work_imports", "fetch_imports", "remind", "tidy",
    "relay", "send_waiting",
)  # fmt: skip


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> dict[str, timedelta]:
    """How far every clock of this process is from the real one; `by` can be changed."""
    by, real = {"by": timedelta()}, clock.real_now
    monkeypatch.setattr(clock, "real_now", lambda: real() + by["by"])
    return by


def work() -> None:
    """Do every job of the timetable, and all that follows from it."""
    for name in EVERYTHING:
        getattr(jobs, name)()
    SimpleWorker([queue.queue()], connection=queue.connection()).work(burst=True, logging_level="ERROR")


def events() -> dict[str, int]:
    with engine().connect() as connection:
        return dict(connection.exec_driver_sql("select kind, count(*) from event group by kind").all())  # type: ignore[arg-type]


def test_nothing_happens_twice_or_early_and_nothing_stands_still(
    portal: Portal, moved: dict[str, timedelta], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_mail_server(monkeypatch, portal.mails.port)
    (lapses, too_old), (lapses_soon, soon), (buyer, later) = full_carts(3)
    steps.place(lapses, too_old, clock.now() - timedelta(hours=25))
    nearly = steps.place(lapses_soon, soon, clock.now() - timedelta(hours=24) + 10 * MINUTE).order_id
    work()
    before, told = events(), dict(portal.mails.came)
    assert before["order_lapsed"] == before["order_waiting_long"] == 1
    assert mail_states() == {"sent": len(told)}

    moved["by"] = -HOUR
    work()
    assert (events(), dict(portal.mails.came)) == (before, told)
    steps.place(buyer, later, clock.now())
    work()
    assert len(portal.mails.came) == len(told) + 2
    assert not waiting()

    moved["by"] = 9 * MINUTE
    work()
    assert scalar("select status from orders where id = :order", order=nearly) == "placed"
    moved["by"] = 10 * MINUTE
    work()
    assert scalar("select status from orders where id = :order", order=nearly) == "lapsed"
    assert verdict([], portal.mails) == []
    assert set(portal.mails.came.values()) == {1}


def test_an_event_that_the_queue_lost_before_the_clock_was_set_back_is_told_of_at_once(
    portal: Portal, moved: dict[str, timedelta], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_mail_server(monkeypatch, portal.mails.port)
    [(buyer, token)] = full_carts(1)
    steps.place(buyer, token, clock.now())
    jobs.relay()
    portal.forget_queue()
    moved["by"] = -HOUR
    work()
    assert mail_states() == {"sent": 2}


def test_nobody_waits_an_hour_to_log_in_because_the_clock_was_set_back(portal: Portal) -> None:
    now = clock.real_now()
    with transaction(SYSTEM) as session:
        assert count_try(session, "login:a", LOGIN, now) == 1
        assert count_try(session, "login:a", LOGIN, now - HOUR) == 2
        assert count_try(session, "login:a", LOGIN, now - HOUR) == 3
    with pytest.raises(TooManyTries), transaction(SYSTEM) as session:
        count_try(session, "login:a", LOGIN, now - HOUR)


def test_the_timetable_goes_on_when_the_clock_was_set_back(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    time = [clock.real_now()]

    def now() -> datetime:
        return time[0]

    monkeypatch.setattr(rq.cron, "now", now)
    monkeypatch.setattr(run, "now", now)
    timetable = run.Timetable(connection=queue.connection())
    timetable.register(jobs.ping, "high", interval=3)
    assert len(timetable.enqueue_jobs()) == 1
    time[0] -= HOUR
    assert timetable.enqueue_jobs() == []
    time[0] += timedelta(seconds=3)
    assert len(timetable.enqueue_jobs()) == 1
