from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import bcrypt
import pytest
from sqlalchemy.orm import Session

from core.auth import users
from core.auth.models import Throttle, User
from core.auth.signing_in import check_password, count_attempt
from core.auth.throttling import TooManyTries, address_key
from core.db import transaction
from core.events import Event
from core.principal import SYSTEM, visitor
from tests.core.auth.conftest import NOW, PASSWORD, events, everything_kept, somebody_waits, told_of
from tests.factories import add, make_partner, make_user
from tests.threads import at_once

OFFICE = "192.0.2.7"


def attempt(email: str, password: str, as_of: datetime = NOW, address: str = "") -> str:
    """As the log-in form does it; what the person is told."""
    try:
        with transaction(visitor(address)) as session:
            count_attempt(session, email, as_of)
    except TooManyTries as refused:
        return refused.text("en")
    with transaction(visitor(address)) as session:
        return "in" if check_password(session, email, password) else "wrong"


def checks(email: str, password: str) -> bool:
    with transaction(SYSTEM) as session:
        return check_password(session, email, password) is not None


def counted(key: str) -> int:
    with transaction(SYSTEM) as session:
        row = session.get(Throttle, key)
        return row.tries if row else 0


def office_count() -> int:
    return counted(address_key("login", OFFICE) or "")


def test_the_right_password_is_accepted_however_the_address_is_typed(buyer: User) -> None:
    assert attempt(f"  {buyer.email.upper()} \x00", PASSWORD) == "in"


@pytest.mark.parametrize("email", ["nobody@nowhere.example", "", "\x00", "' or 1=1 --", "x" * 10_000])
def test_an_unknown_address_is_refused(database: str, email: str) -> None:
    assert attempt(email, PASSWORD) == "wrong"


def test_known_and_unknown_addresses_get_the_very_same_answers(buyer: User) -> None:
    def answers(email: str) -> list[str]:
        return [attempt(email, "wrong", NOW + timedelta(seconds=at)) for at in (0, 0, 0, 0, 14, 15, 16, 44, 45, 46)]

    known, unknown = answers(buyer.email), answers("nobody@nowhere.example")
    assert known == unknown
    wait = "Too many attempts. Wait 1 min, then try again."
    assert known == ["wrong", "wrong", "wrong", wait, wait, "wrong", wait, wait, "wrong", wait]


def test_even_the_right_password_waits(buyer: User) -> None:
    for _ in range(3):
        attempt(buyer.email, "wrong")
    assert attempt(buyer.email, PASSWORD).startswith("Too many")
    assert attempt(buyer.email, PASSWORD, NOW + timedelta(seconds=15)) == "in"


def test_the_right_password_ends_the_count(buyer: User) -> None:
    for _ in range(3):
        assert [attempt(buyer.email, "wrong"), attempt(buyer.email, "wrong")] == ["wrong", "wrong"]
        assert attempt(buyer.email, PASSWORD) == "in"


def test_the_way_an_address_is_written_is_no_way_round_the_count(buyer: User) -> None:
    written = [buyer.email, buyer.email.upper(), f" {buyer.email}", f"{buyer.email}\x00", f"\u200b{buyer.email}"]
    assert [attempt(email, "wrong")[:5] for email in written] == ["wrong", "wrong", "wrong", "Too m", "Too m"]


def test_an_ip_address_is_slowed_whomever_it_asks_for(buyer: User) -> None:
    answers = [attempt(f"user{n}@nowhere.example", "wrong", address=OFFICE) for n in range(32)]
    assert answers[:31] == ["wrong"] * 31
    assert answers[31].startswith("Too many")
    assert attempt(buyer.email, PASSWORD, address=OFFICE).startswith("Too many")
    assert attempt(buyer.email, PASSWORD, address="192.0.2.8") == "in"


def test_an_office_that_logs_in_rightly_all_day_is_never_slowed(buyer: User) -> None:
    assert {attempt(buyer.email, PASSWORD, address=OFFICE) for _ in range(40)} == {"in"}
    assert office_count() == 0


def test_an_own_account_does_not_wipe_out_what_an_ip_address_got_wrong(buyer: User) -> None:
    for n in range(5):
        attempt(f"user{n}@nowhere.example", "wrong", address=OFFICE)
    attempt(buyer.email, PASSWORD, address=OFFICE)
    assert office_count() == 5


def test_a_refused_attempt_is_not_charged_to_the_ip_address(buyer: User) -> None:
    for _ in range(10):
        attempt(buyer.email, "wrong", address=OFFICE)
    assert office_count() == 3


def test_a_burst_of_twenty_gets_three_passwords_compared(buyer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = count_comparisons(monkeypatch)
    answers = at_once([partial(attempt, buyer.email, f"guess {n}") for n in range(20)])
    assert answers.count("wrong") == len(compared) == 3
    assert sum(str(answer).startswith("Too many") for answer in answers) == 17


def test_logging_in_at_once_from_one_office_does_not_deadlock(buyer: User) -> None:
    others = [make_user(password_hash=buyer.password_hash) for _ in range(4)]
    emails = [user.email for user in (buyer, *others)] * 2
    answers = at_once([partial(attempt, email, PASSWORD, address=OFFICE) for email in emails])
    assert set(answers) == {"in"}
    assert office_count() == 0


def count_comparisons(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The hashes that bcrypt compares from here on."""
    hashes: list[bytes] = []
    checkpw = bcrypt.checkpw

    def counting(password: bytes, hashed: bytes) -> bool:
        hashes.append(hashed)
        return checkpw(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counting)
    return hashes


@pytest.mark.parametrize("who", ["known", "unknown", "blocked", "without a password"])
def test_every_attempt_costs_one_bcrypt(buyer: User, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    emails = {
        "known": buyer.email,
        "unknown": "nobody@nowhere.example",
        "blocked": make_user(password_hash=buyer.password_hash, active=False).email,
        "without a password": make_user(password_hash="").email,
    }
    compared = count_comparisons(monkeypatch)
    assert not checks(emails[who], "wrong")
    assert len(compared) == 1


def test_five_wrong_passwords_are_told_to_the_user_once(buyer: User) -> None:
    at = NOW
    for _ in range(9):
        assert attempt(buyer.email, "wrong", at, address=OFFICE) == "wrong"
        at += timedelta(hours=1)
    (notice,) = events("login_failures")
    assert (notice.partner_id, notice.address) == (buyer.partner_id, OFFICE)
    assert notice.data == {"user": buyer.id, "tries": 5}
    assert told_of("login_failures") == 1


def test_nobody_is_told_of_unknown_addresses_or_of_five_that_are_right(buyer: User) -> None:
    at = NOW
    for _ in range(8):
        attempt("nobody@nowhere.example", "wrong", at)
        attempt(buyer.email, PASSWORD, at)
        at += timedelta(hours=1)
    assert events("login_failures") == []


@pytest.mark.parametrize(
    "shut_out",
    [
        lambda session, user: users.set_password(session, user.id, "another password", NOW),
        lambda session, user: users.set_active(session, user.id, False, NOW),
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
            got_in = threads.submit(checks, buyer.email, PASSWORD)  # sees the user as before
            assert somebody_waits()
        assert not got_in.result()


def test_a_blocked_user_does_not_get_in(buyer: User) -> None:
    with transaction(SYSTEM) as session:
        users.set_active(session, buyer.id, False, NOW)
    assert attempt(buyer.email, PASSWORD) == "wrong"


@pytest.mark.parametrize(
    ("status", "answer"),
    [("proposed", "wrong"), ("approved", "in"), ("active", "in"), ("on_hold", "in"), ("closed", "wrong")],
)
def test_whose_partner_may_enter_gets_in(database: str, password_hash: str, status: str, answer: str) -> None:
    user = make_user(make_partner(status=status), password_hash=password_hash)
    assert attempt(user.email, PASSWORD) == answer


def test_a_new_password_ends_the_wait(buyer: User) -> None:
    for _ in range(3):
        attempt(buyer.email, "wrong")
    with transaction(SYSTEM) as session:
        users.set_password(session, buyer.id, "another password", NOW)
    assert attempt(buyer.email, "another password") == "in"


def test_what_is_typed_into_the_address_field_is_kept_nowhere(buyer: User) -> None:
    """People type the password into the wrong field."""
    attempt("my secret password", "wrong", address=OFFICE)
    add(Event(at=NOW, kind="negative control", data={"typed": "what lies in a row is found"}))
    kept = everything_kept()
    assert "what lies in a row is found" in kept
    assert "my secret password" not in kept
    assert OFFICE not in kept
