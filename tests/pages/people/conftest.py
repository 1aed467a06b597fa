"""What the tests of this folder start from."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.auth.users import invite
from core.config import settings
from core.db import transaction
from core.partners.models import Partner
from core.principal import SYSTEM
from tests.factories import make_partner, make_user
from tests.pages.people.steps import (
    COLLEAGUES,
    STAFF,
)


@pytest.fixture(autouse=True)
def _mails_leave(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "smtp_host", "mail.firma.example")


@pytest.fixture
def partner(database: str) -> Partner:
    return make_partner()


@pytest.fixture
def open_page(app: AppTest, sign_in: Callable[[User], None]) -> Callable[[str, User], AppTest]:
    def _open(file: str, user: User) -> AppTest:
        sign_in(user)
        return app.run().switch_page(file).run()

    return _open


@pytest.fixture
def colleagues(open_page: Callable[[str, User], AppTest], partner: Partner) -> AppTest:
    """The page as an owner sees it who is alone so far."""
    return open_page(COLLEAGUES, make_user(partner, name="Ana Pop", language="en"))


@pytest.fixture
def invited(partner: Partner) -> User:
    user = make_user(partner, name="Bogdan", role="buyer", password_hash="")
    with transaction(SYSTEM) as session:
        invite(session, user.id, clock.now())
    return user


@pytest.fixture
def staff(open_page: Callable[[str, User], AppTest]) -> AppTest:
    return open_page(STAFF, make_user(name="Maria", language="en"))
