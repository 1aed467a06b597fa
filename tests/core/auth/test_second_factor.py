"""The second step of a log-in, with codes as a telephone shows them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pyotp
import pytest

from core.auth import second_factor, sessions, users
from core.auth.models import User
from core.auth.second_factor import TicketIsOver, WrongCode
from core.auth.throttling import TooManyTries
from core.config import settings
from core.db import transaction
from core.errors import NotAllowed
from core.principal import SYSTEM, Principal
from tests.core.auth.conftest import NOW, events, everything_kept, read, somebody_waits, told_of
from tests.core.auth.test_tickets import BROWSER, redeem, ticket_for
from tests.factories import make_partner, make_user, principal_of
from tests.threads import at_once

STEP = timedelta(seconds=30)


def code_at(secret: str, instant: datetime) -> str:
    return pyotp.TOTP(secret).at(instant)


def set_up(user: User, as_of: datetime = NOW - timedelta(hours=1)) -> tuple[str, list[str]]:
    """The user's own new secret and recovery codes."""
    with transaction(principal_of(user), wall=False) as session:
        setup = second_factor.new_setup(session, "Depozitul")
        return setup.secret, second_factor.turn_on(session, setup.secret, code_at(setup.secret, as_of), as_of)


def show(ticket: str, code: str, as_of: datetime = NOW, browser: str = BROWSER) -> bool:
    """Show a code as the log-in form does."""
    with transaction(SYSTEM) as session:
        second_factor.count_code_attempt(session, ticket, browser, as_of)
    try:
        with transaction(SYSTEM) as session:
            second_factor.show_code(session, ticket, code, browser, as_of)
    except WrongCode:
        return False
    return True


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


@pytest.fixture
def secret(buyer: User) -> str:
    """The buyer's secret, in force."""
    secret, _ = set_up(buyer)
    buyer.totp_secret = "in force"
    return secret


def test_the_right_code_makes_the_ticket_good(buyer: User, secret: str) -> None:
    ticket = ticket_for(buyer, "/orders")
    assert redeem(ticket) is None
    assert show(ticket, code_at(secret, NOW))
    assert redeem(ticket) == (buyer.id, "/orders")


@pytest.mark.parametrize("typed", ["{} ", " {}", "{:.3} {:.0}", "123456789", "", "\x00", "١٢٣٤٥٦"])
def test_a_code_may_be_typed_with_blanks_and_must_be_right(buyer: User, secret: str, typed: str) -> None:
    code = code_at(secret, NOW)
    blanks = {"{} ": f"{code} ", " {}": f" {code}", "{:.3} {:.0}": f"{code[:3]} {code[3:]}"}
    assert show(ticket_for(buyer), blanks.get(typed, typed)) is (typed in blanks)


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephones_clock_may_be_half_a_minute_off(buyer: User, secret: str, steps: int, right: bool) -> None:
    assert show(ticket_for(buyer), code_at(secret, NOW + steps * STEP)) is right


def test_a_code_works_once(buyer: User, secret: str) -> None:
    code = code_at(secret, NOW)
    assert show(ticket_for(buyer), code)
    assert not show(ticket_for(buyer), code)
    assert not show(ticket_for(buyer, as_of=NOW + STEP), code, NOW + STEP)


def test_after_a_code_none_of_an_earlier_step_works(buyer: User, secret: str) -> None:
    assert show(ticket_for(buyer), code_at(secret, NOW + STEP))
    assert not show(ticket_for(buyer), code_at(secret, NOW))
    assert not show(ticket_for(buyer), code_at(secret, NOW + STEP))
    later = NOW + 2 * STEP
    assert show(ticket_for(buyer, as_of=later), code_at(secret, later), later)


def test_the_code_that_set_it_up_opens_nothing(buyer: User) -> None:
    secret, _ = set_up(buyer, NOW)
    buyer.totp_secret = "in force"
    assert not show(ticket_for(buyer), code_at(secret, NOW))


def show_uncounted(ticket: str, code: str) -> bool:
    """As two would who were counted at different times."""
    try:
        with transaction(SYSTEM) as session:
            second_factor.show_code(session, ticket, code, BROWSER, NOW)
    except WrongCode:
        return False
    return True


def shown_at_once(user: User, tickets: list[str], code: str) -> list[bool]:
    """What each is told who shows the same code; all of them are under way before one may go on."""
    with ThreadPoolExecutor(len(tickets)) as threads:
        with transaction(SYSTEM) as session:
            session.get_one(User, user.id, with_for_update=True)
            shown = [threads.submit(show_uncounted, ticket, code) for ticket in tickets]
            assert somebody_waits(len(tickets))
        return [attempt.result() for attempt in shown]


def test_of_four_with_the_same_code_at_the_same_moment_one_gets_in(buyer: User, secret: str) -> None:
    tickets = [ticket_for(buyer) for _ in range(4)]
    assert sorted(shown_at_once(buyer, tickets, code_at(secret, NOW))) == [False, False, False, True]
    assert sum(redeem(ticket) is not None for ticket in tickets) == 1


def test_a_recovery_code_works_once(buyer: User) -> None:
    _, codes = set_up(buyer)
    buyer.totp_secret = "in force"
    assert len(set(codes)) == 10
    assert show(ticket_for(buyer), f" {codes[3].replace('-', ' ')} ")
    assert not show(ticket_for(buyer), codes[3])
    assert show(ticket_for(buyer), codes[4])
    with transaction(principal_of(buyer), wall=False) as session:
        assert second_factor.recovery_codes_left(session) == 8
    assert [event.user_id for event in events("recovery_code_used")] == [buyer.id, buyer.id]


def test_of_four_with_the_same_recovery_code_one_gets_in(buyer: User) -> None:
    _, codes = set_up(buyer)
    buyer.totp_secret = "in force"
    tickets = [ticket_for(buyer) for _ in range(4)]
    assert sorted(shown_at_once(buyer, tickets, codes[0])) == [False, False, False, True]


def test_nobody_elses_recovery_code_works(buyer: User, secret: str) -> None:
    _, codes = set_up(make_user())
    assert not show(ticket_for(buyer), codes[0])


def test_wrong_codes_are_slowed_as_wrong_passwords_are(buyer: User, secret: str) -> None:
    code = code_at(secret, NOW)
    assert not any(show(ticket_for(buyer), wrong(code)) for _ in range(3))
    with pytest.raises(TooManyTries):
        show(ticket_for(buyer), code)
    later = NOW + timedelta(seconds=15)
    assert show(ticket_for(buyer, as_of=later), code_at(secret, later), later)


def test_the_right_code_ends_the_count(buyer: User, secret: str) -> None:
    for minute in range(1, 4):
        at = NOW + timedelta(minutes=minute)
        assert not show(ticket_for(buyer, as_of=at), wrong(code_at(secret, at)), at)
        assert not show(ticket_for(buyer, as_of=at), wrong(code_at(secret, at)), at)
        assert show(ticket_for(buyer, as_of=at), code_at(secret, at), at)


def test_the_right_password_again_gives_no_new_guesses_of_the_code(buyer: User, secret: str) -> None:
    """A new ticket for each guess: they are counted for the person, not for the ticket."""
    outcomes = at_once([partial(show, ticket_for(buyer), wrong(code_at(secret, NOW))) for _ in range(20)])
    assert outcomes.count(False) == 3
    assert sum(isinstance(outcome, TooManyTries) for outcome in outcomes) == 17


def test_there_are_five_minutes_for_the_code_and_thirty_seconds_after_it(buyer: User, secret: str) -> None:
    late = NOW + timedelta(minutes=5)
    with pytest.raises(TicketIsOver):
        show(ticket_for(buyer), code_at(secret, late), late)
    at = late - timedelta(seconds=1)
    ticket = ticket_for(buyer)
    assert show(ticket, code_at(secret, at), at)
    assert redeem(ticket, as_of=at + timedelta(seconds=30)) is None
    at += STEP
    ticket = ticket_for(buyer, as_of=at)
    assert show(ticket, code_at(secret, at), at)
    assert redeem(ticket, as_of=at + timedelta(seconds=29)) is not None


@pytest.mark.parametrize("browser", ["another browser", ""])
def test_a_code_is_taken_in_the_browser_of_the_password_only(buyer: User, secret: str, browser: str) -> None:
    ticket = ticket_for(buyer)
    with pytest.raises(TicketIsOver):
        show(ticket, code_at(secret, NOW), browser=browser)


def test_a_new_password_while_the_code_is_typed_ends_the_ticket(buyer: User, secret: str) -> None:
    ticket = ticket_for(buyer)
    with transaction(SYSTEM) as session:
        users.set_password(session, buyer.id, "another password", NOW)
    with pytest.raises(TicketIsOver):
        show(ticket, code_at(secret, NOW))


def test_a_new_password_while_the_code_is_compared_ends_the_ticket(buyer: User, secret: str) -> None:
    ticket = ticket_for(buyer)
    with ThreadPoolExecutor(1) as threads:
        with transaction(SYSTEM) as session:
            session.get_one(User, buyer.id, with_for_update=True)
            shown = threads.submit(show, ticket, code_at(secret, NOW))
            assert somebody_waits()
            users.set_password(session, buyer.id, "another password", NOW)
        shown.exception()
    assert redeem(ticket) is None


def test_it_is_in_force_only_after_the_telephone_showed_a_right_code(buyer: User) -> None:
    with transaction(principal_of(buyer), wall=False) as session:
        setup = second_factor.new_setup(session, "Depozitul")
        with pytest.raises(WrongCode):
            second_factor.turn_on(session, setup.secret, wrong(code_at(setup.secret, NOW)), NOW)
    assert read(buyer).totp_secret == ""
    assert setup.uri.startswith("otpauth://totp/Depozitul:")
    assert setup.secret in setup.uri


def test_setting_it_up_again_replaces_the_telephone_and_the_recovery_codes(buyer: User) -> None:
    old_secret, old_codes = set_up(buyer)
    secret, codes = set_up(buyer)
    buyer.totp_secret = "in force"
    assert not show(ticket_for(buyer), old_codes[0])
    assert not show(ticket_for(buyer), code_at(old_secret, NOW))
    assert show(ticket_for(buyer), codes[0])
    assert show(ticket_for(buyer), code_at(secret, NOW))


def remove_own(user: User) -> None:
    with transaction(principal_of(user), wall=False) as session:
        second_factor.turn_off(session, NOW)


def remove_by_staff(user: User) -> None:
    with transaction(principal_of(make_user(role="sales")), wall=False) as session:
        users.remove_second_factor(session, user.id, NOW)


@pytest.mark.parametrize("remove", [remove_own, remove_by_staff])
def test_when_it_is_gone_the_password_is_enough_and_the_user_is_told(
    buyer: User, remove: Callable[[User], None]
) -> None:
    set_up(buyer)
    remove(buyer)
    user = read(buyer)
    assert user.totp_secret == ""
    assert redeem(ticket_for(user)) is not None
    assert told_of("second_factor_removed") == 1
    with transaction(principal_of(buyer), wall=False) as session:
        assert second_factor.recovery_codes_left(session) == 0


def test_turning_off_what_is_not_there_tells_nobody(buyer: User) -> None:
    remove_own(buyer)
    assert events("second_factor_removed") == []


def test_neither_the_secret_nor_a_recovery_code_lies_in_the_database(buyer: User) -> None:
    secret, codes = set_up(buyer)
    kept = everything_kept()
    assert "second_factor_set_up" in kept
    assert not any(words in kept for words in (secret, *codes, *(code.replace("-", "") for code in codes)))


def test_with_another_secret_key_the_recovery_codes_still_work(buyer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    _, codes = set_up(buyer)
    buyer.totp_secret = "in force"
    monkeypatch.setenv("SECRET_KEY", "another secret of the installation, long enough")
    settings.cache_clear()
    assert show(ticket_for(buyer), codes[0])


def test_a_viewer_touches_no_second_factor(staff: User) -> None:
    viewer = Principal("partner", staff.id, make_partner().id, role="viewer")
    with transaction(viewer, wall=False) as session:
        for forbidden in (
            lambda: second_factor.new_setup(session, ""),
            lambda: second_factor.turn_on(session, "A" * 32, "123456", NOW),
            lambda: second_factor.turn_off(session, NOW),
            lambda: second_factor.recovery_codes_left(session),
            lambda: sessions.own_sessions(session, NOW),
            lambda: sessions.end_own_session(session, 1, NOW),
        ):
            with pytest.raises(NotAllowed):
                forbidden()
