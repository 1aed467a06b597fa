import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.auth.models import User
from core.auth.signing_in import LOCK, MAX_FAILURES, check_password
from core.auth.users import change_password, set_active
from core.db import transaction
from core.events import Event
from core.partners.models import Partner
from core.principal import SYSTEM
from tests.core.auth.conftest import NOW, PASSWORD, somebody_waits
from tests.factories import make_partner, make_user


def attempt(email: str, password: str, as_of: datetime = NOW) -> bool:
    with transaction(SYSTEM) as session:
        return check_password(session, email, password, as_of) is not None


def failures_of(user: User) -> tuple[int, datetime | None]:
    with transaction(SYSTEM) as session:
        row = session.get_one(User, user.id)
        return row.failed_logins, row.locked_until


def fail(user: User, times: int, as_of: datetime = NOW) -> None:
    for _ in range(times):
        assert not attempt(user.email, "wrong", as_of)


def test_the_right_password_is_accepted_however_the_address_is_typed(buyer: User) -> None:
    assert attempt(f"  {buyer.email.upper()} ", PASSWORD)


@pytest.mark.parametrize("email", ["nobody@nowhere.example", "", "\x00", "' or 1=1 --"])
def test_an_unknown_address_is_refused(database: str, email: str) -> None:
    assert not attempt(email, PASSWORD)


def test_five_failures_lock_even_the_right_password_for_fifteen_minutes(buyer: User) -> None:
    fail(buyer, MAX_FAILURES)
    assert failures_of(buyer) == (MAX_FAILURES, NOW + LOCK)
    assert not attempt(buyer.email, PASSWORD, NOW + LOCK - timedelta(seconds=1))
    assert attempt(buyer.email, PASSWORD, NOW + LOCK)


def test_four_failures_do_not_lock_and_success_starts_counting_anew(buyer: User) -> None:
    fail(buyer, MAX_FAILURES - 1)
    assert attempt(buyer.email, PASSWORD)
    fail(buyer, MAX_FAILURES - 1)
    assert attempt(buyer.email, PASSWORD)
    assert failures_of(buyer) == (0, None)


def test_attempts_while_locked_do_not_prolong_the_lock(buyer: User) -> None:
    fail(buyer, MAX_FAILURES)
    fail(buyer, 3, NOW + LOCK / 2)
    assert failures_of(buyer) == (MAX_FAILURES, NOW + LOCK)


def test_after_the_lock_counting_starts_at_one(buyer: User) -> None:
    fail(buyer, MAX_FAILURES)
    fail(buyer, 1, NOW + LOCK)
    assert failures_of(buyer) == (1, None)


def test_eight_wrong_passwords_at_the_same_time_are_counted_exactly(buyer: User) -> None:
    barrier = threading.Barrier(8)

    def try_at_once(_number: int) -> bool:
        barrier.wait()
        return attempt(buyer.email, "wrong")

    with ThreadPoolExecutor(8) as threads:
        assert not any(threads.map(try_at_once, range(8)))
    assert failures_of(buyer) == (MAX_FAILURES, NOW + LOCK)
    with transaction(SYSTEM) as session:
        locked = session.scalars(select(Event).where(Event.kind == "user_locked")).all()
    assert [event.data for event in locked] == [{"user": buyer.id}]


@pytest.mark.parametrize(
    "shut_out",
    [
        lambda session, user: change_password(session, user.id, "another password"),
        lambda session, user: set_active(session, user.id, False),
    ],
    ids=["new password", "blocked"],
)
def test_the_old_password_does_not_get_in_when_it_ends_while_it_is_compared(
    buyer: User, shut_out: Callable[[Session, User], None]
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with transaction(SYSTEM) as session:
            shut_out(session, buyer)
            session.flush()
            got_in = threads.submit(attempt, buyer.email, PASSWORD)  # sees the user as before
            assert somebody_waits()
        assert not got_in.result()


def test_a_blocked_user_does_not_get_in(buyer: User) -> None:
    with transaction(SYSTEM) as session:
        set_active(session, buyer.id, False)
    assert not attempt(buyer.email, PASSWORD)


@pytest.mark.parametrize(("status", "gets_in"), [("active", True), ("on_hold", True), ("closed", False)])
def test_users_of_a_closed_partner_do_not_get_in(database: str, password_hash: str, status: str, gets_in: bool) -> None:
    partner: Partner = make_partner(status=status)
    user = make_user(partner, password_hash=password_hash)
    assert attempt(user.email, PASSWORD) is gets_in


def test_an_unknown_address_takes_as_long_as_a_wrong_password(buyer: User) -> None:
    def seconds(email: str) -> float:
        """Of this process's own work, so that a busy machine does not matter."""
        start = time.process_time()
        attempt(email, "wrong")
        return time.process_time() - start

    known, unknown = seconds(buyer.email), seconds("nobody@nowhere.example")
    assert 0.5 < known / unknown < 2
