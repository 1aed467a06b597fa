"""The monthly statement: on the first working day, once, to who wants it."""

import threading
from datetime import UTC, datetime
from functools import partial

import pytest

from core.documents import parties
from core.receivables import monthly
from tests.core.documents.steps import set_up_company
from tests.core.orders.steps import NOON
from tests.core.receivables.debts import buyer, done, events, late, set_company
from tests.threads import at_once

DECEMBER = datetime(2026, 12, 2, 8, tzinfo=UTC)
"""Wednesday, 10:00 in Bucharest: the first is a public holiday."""


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def wants(**values: object) -> int:
    """A partner (id) that has been invoiced and wants statements."""
    who = buyer(**({"monthly_statement": True} | values))
    late(who, 3)
    return who.partner_id or 0


@pytest.mark.parametrize(("day", "hour", "due"), [
    ((2026, 12, 1), 8, False),   # a public holiday
    ((2026, 12, 2), 6, False),   # before work begins
    ((2026, 12, 2), 8, True),
    ((2026, 12, 4), 8, True),    # nothing ran for two days
    ((2026, 12, 7), 8, False),
    ((2027, 1, 1), 8, False),
    ((2027, 1, 4), 8, True),     # Monday after three days off
    ((2027, 2, 1), 8, True),
])  # fmt: skip
def test_it_is_due_from_the_first_working_day_of_a_month(day: tuple[int, int, int], hour: int, due: bool) -> None:
    partner = wants()
    assert done(monthly.statements_due, datetime(*day, hour, tzinfo=UTC)) == ([partner] if due else [])


def test_it_is_told_once_a_month_and_names_the_month_before() -> None:
    partner = wants()
    january = datetime(2027, 1, 4, 8, tzinfo=UTC)
    sent = [done(monthly.send_statement, partner, when) for when in (DECEMBER, DECEMBER, january)]
    assert sent == [True, False, True]
    assert [event.data["month"] for event in events("statement_sent")] == ["2026-11", "2026-12"]
    assert done(monthly.statements_due, DECEMBER) == []


def test_who_does_not_want_it_or_has_nothing_on_it_is_not_told() -> None:
    partners = [wants(monthly_statement=False), buyer(monthly_statement=True).partner_id or 0]
    assert done(monthly.statements_due, DECEMBER) == []
    assert [done(monthly.send_statement, partner, DECEMBER) for partner in partners] == [False, False]


def test_who_was_invoiced_only_this_month_has_nothing_on_last_months() -> None:
    partner = buyer(monthly_statement=True)
    late(partner, 3)
    assert done(monthly.statements_due, datetime(2026, 11, 2, 8, tzinfo=UTC)) == []


def test_on_another_day_of_the_month_nothing_is_sent() -> None:
    assert done(monthly.send_statement, wants(), NOON) is False


def test_it_does_not_wait_for_reminders_to_be_switched_on() -> None:
    set_company(reminders=False)
    partner = wants()
    assert done(monthly.statements_due, DECEMBER) == [partner]


def test_two_workers_at_once_tell_it_once() -> None:
    partner = wants()
    outcome = at_once([partial(done, monthly.send_statement, partner, DECEMBER)] * 4)
    assert sorted(map(str, outcome)) == ["False", "False", "False", "True"]
    assert len(events("statement_sent")) == 1


def test_without_the_lock_it_is_told_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the one above: both ask before either has said it."""
    partner, gate = wants(), threading.Barrier(2)
    real = monthly.record

    def record_when_both_have_asked(*args: object, **data: object) -> object:
        gate.wait(timeout=30)
        return real(*args, **data)  # type: ignore[arg-type]

    monkeypatch.setattr(parties, "lock", lambda *_: None)
    monkeypatch.setattr(monthly, "record", record_when_both_have_asked)
    at_once([partial(done, monthly.send_statement, partner, DECEMBER)] * 2)
    assert len(events("statement_sent")) == 2
