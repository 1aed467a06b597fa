"""The first administrator: the link from the terminal works once, and only while there is no staff."""

from functools import partial

import pytest

from core.auth.models import User
from core.auth.passwords import PasswordTooShort
from core.auth.setting_up import SetUpIsOver, needs_administrator, new_set_up_link, open_set_up, set_up
from core.auth.signing_in import check_password
from core.auth.users import create_user
from core.db import transaction
from core.errors import NotAllowed
from core.principal import SYSTEM, visitor
from tests.core.auth.conftest import NOW, PASSWORD, everything_kept
from tests.factories import make_partner, make_staff, make_user
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")
EMAIL = "ana@firma.example"


def shown() -> str:
    """The token in the link that the terminal shows."""
    with transaction(SYSTEM) as session:
        link = new_set_up_link(session)
    assert link
    return link.split("/set-up?t=")[1]


def come_in(token: str, password: str = PASSWORD, email: str = EMAIL) -> User:
    with transaction(visitor("192.0.2.7")) as session:
        return set_up(session, token, "Ana Pop", email, password, NOW)


def test_the_link_makes_an_administrator_who_can_log_in() -> None:
    made = come_in(shown())
    assert (made.role, made.kind, made.email) == ("admin", "staff", EMAIL)
    with transaction(SYSTEM) as session:
        assert check_password(session, EMAIL, PASSWORD)
        assert not needs_administrator(session)


def test_the_link_works_once() -> None:
    token = shown()
    come_in(token)
    with pytest.raises(SetUpIsOver):
        come_in(token, email="second@firma.example")


def test_of_two_at_once_one_becomes_the_administrator() -> None:
    token = shown()

    came = at_once([partial(come_in, token, email=f"person{n}@firma.example") for n in range(4)])
    assert sorted(type(one).__name__ for one in came) == ["SetUpIsOver", "SetUpIsOver", "SetUpIsOver", "User"]
    with transaction(SYSTEM) as session:
        assert session.query(User).count() == 1


def test_a_newer_link_ends_the_older_one() -> None:
    old, new = shown(), shown()
    with pytest.raises(SetUpIsOver):
        come_in(old)
    come_in(new)


@pytest.mark.parametrize("token", ["", "x", "0" * 64])
def test_another_token_opens_nothing_also_before_any_link_was_made(token: str) -> None:
    with pytest.raises(SetUpIsOver):
        come_in(token)
    shown()
    with pytest.raises(SetUpIsOver):
        come_in(token)


def test_where_there_is_staff_there_is_no_link_and_a_shown_one_opens_nothing() -> None:
    token = shown()
    make_staff(active=False)
    with transaction(SYSTEM) as session:
        with pytest.raises(SetUpIsOver):
            open_set_up(session, token)
        assert new_set_up_link(session) is None
    with pytest.raises(SetUpIsOver):
        come_in(token)


def test_people_of_partners_are_no_staff() -> None:
    make_user(make_partner())
    come_in(shown())


def test_a_refused_password_uses_nothing_up() -> None:
    token = shown()
    with pytest.raises(PasswordTooShort):
        come_in(token, "short")
    come_in(token)


def test_what_is_kept_cannot_be_used_as_a_link() -> None:
    token = shown()
    assert token not in everything_kept()


def test_nobody_who_is_signed_in_makes_such_a_link() -> None:
    with transaction(make_staff()) as session, pytest.raises(NotAllowed):
        new_set_up_link(session)


def test_who_was_made_by_the_command_line_ends_the_link() -> None:
    token = shown()
    with transaction(SYSTEM) as session:
        create_user(session, EMAIL, "Ana Pop", "admin", NOW, password=PASSWORD)
    with pytest.raises(SetUpIsOver):
        come_in(token, email="second@firma.example")
