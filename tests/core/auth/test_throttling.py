"""How often something may be tried: the arithmetic of waiting, exact under threads."""

import threading
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from core.auth import throttling
from core.auth.models import Throttle
from core.auth.throttling import ADDRESS, LOGIN, Limit, TooManyTries, address_key, count_try
from core.db import transaction
from core.principal import SYSTEM
from tests.core.auth.conftest import NOW
from tests.factories import add
from tests.threads import at_once


def attempt(key: str = "k", limit: Limit = LOGIN, as_of: datetime = NOW) -> int:
    with transaction(SYSTEM) as session:
        return count_try(session, key, limit, as_of)


def waits(limit: Limit, tries: int) -> list[float]:
    """Try as fast as it is allowed: the seconds that have to be waited after each try."""
    at, found = NOW, []
    for _ in range(tries):
        attempt("waits", limit, at)
        until = blocked_until("waits")
        found.append((until - at).total_seconds())
        at = max(at, until)
    return found


def blocked_until(key: str) -> datetime:
    with transaction(SYSTEM) as session:
        return session.get_one(Throttle, key).blocked_until


def keys() -> list[str]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(Throttle.key).order_by(Throttle.key)))


def test_the_wait_doubles_from_fifteen_seconds_to_an_hour(database: str) -> None:
    assert waits(LOGIN, 12) == [0, 0, 15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_an_ip_address_may_be_wrong_thirty_times(database: str) -> None:
    assert waits(ADDRESS, 33) == [0] * 30 + [15, 30, 60]


def test_however_often_one_tries_the_wait_can_be_computed(database: str) -> None:
    add(Throttle(key="k", tries=1_000_000, last_at=NOW, blocked_until=NOW))
    attempt()
    assert blocked_until("k") == NOW + timedelta(hours=1)


def test_a_try_while_one_has_to_wait_is_refused_and_prolongs_nothing(database: str) -> None:
    for _ in range(3):
        attempt()
    for later in (0, 5, 14):
        with pytest.raises(TooManyTries):
            attempt(as_of=NOW + timedelta(seconds=later))
    assert attempt(as_of=NOW + timedelta(seconds=15)) == 4


def test_the_refusal_says_how_many_minutes_to_wait(database: str) -> None:
    for seconds, minutes in ((0.5, 1), (15, 1), (60, 1), (61, 2), (3600, 60)):
        until = NOW + timedelta(seconds=seconds)
        add(Throttle(key=str(seconds), tries=3, last_at=NOW, blocked_until=until))
        with pytest.raises(TooManyTries) as refused:
            attempt(str(seconds))
        assert refused.value.params == {"until": until, "wait": minutes}
        assert f"Wait {minutes} min" in refused.value.text("en")


def test_after_a_day_without_a_try_the_count_starts_anew(database: str) -> None:
    for _ in range(3):
        attempt()
    assert attempt(as_of=NOW + timedelta(hours=24)) == 4
    assert attempt(as_of=NOW + timedelta(hours=48, seconds=1)) == 1


def test_each_key_is_counted_by_itself(database: str) -> None:
    for _ in range(3):
        attempt("one")
    assert attempt("other") == 1


def test_twenty_at_the_same_moment_get_the_free_ones_through_and_not_one_more(database: str) -> None:
    outcomes = at_once([attempt] * 20)
    assert sorted(outcome for outcome in outcomes if isinstance(outcome, int)) == [1, 2, 3]
    assert sum(isinstance(outcome, TooManyTries) for outcome in outcomes) == 17


def test_forty_at_the_same_moment_are_counted_exactly(database: str) -> None:
    plenty = Limit(free=1000, first=timedelta(seconds=15), longest=timedelta(hours=1))
    assert sorted(at_once([partial(attempt, limit=plenty)] * 40)) == list(range(1, 41))


def test_counting_after_the_try_would_let_a_burst_through(database: str) -> None:
    """The negative control: who looks first and writes down later sees twenty times that nothing was tried yet."""

    def look_then_count() -> bool:
        with transaction(SYSTEM) as session:
            tried = session.get(Throttle, "naive")
        at_the_door.wait(timeout=30)
        if tried is not None and tried.tries > LOGIN.free:
            return False
        with transaction(SYSTEM) as session:
            session.merge(Throttle(key="naive", tries=1, last_at=NOW, blocked_until=NOW))
        return True

    attempt("naive")
    at_the_door = threading.Barrier(20)
    assert at_once([look_then_count] * 20).count(True) == 20


def test_a_try_that_went_well_is_taken_back_with_the_wait_it_caused(database: str) -> None:
    for _ in range(3):
        attempt()
    with transaction(SYSTEM) as session:
        throttling.take_back(session, "k")
        throttling.take_back(session, "never counted")
    assert attempt() == 3
    with pytest.raises(TooManyTries):
        attempt()


def test_success_starts_the_count_anew(database: str) -> None:
    for _ in range(3):
        attempt()
    with transaction(SYSTEM) as session:
        throttling.forget_tries(session, "k")
    assert attempt() == 1


def test_counts_that_matter_no_more_are_swept(database: str) -> None:
    attempt("old", as_of=NOW - timedelta(hours=25))
    attempt("of today", as_of=NOW - timedelta(hours=23))
    long = Limit(free=0, first=timedelta(hours=48), longest=timedelta(hours=48))
    attempt("still to be waited for", long, NOW - timedelta(hours=25))
    with transaction(SYSTEM) as session:
        throttling.forget_old(session, NOW)
    assert keys() == ["of today", "still to be waited for"]


@pytest.mark.parametrize("address", ["", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "testclient", "no\x00"])
def test_this_machine_and_what_is_no_address_are_not_counted(address: str) -> None:
    assert address_key("login", address) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
def test_one_subscriber_is_an_ipv4_address_or_an_ipv6_network(one: str, other: str, same: bool) -> None:
    assert (address_key("login", one) == address_key("login", other)) is same


def test_the_same_address_is_counted_apart_for_each_thing_tried() -> None:
    assert address_key("login", "192.0.2.7") != address_key("reset", "192.0.2.7")
