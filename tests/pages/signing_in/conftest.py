"""What the tests of this folder start from."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth import passwords
from core.auth.models import User
from core.auth.second_factor import turn_on
from core.auth.viewing import start_viewing
from core.db import transaction
from core.principal import Principal
from pages.ui.text import LANGUAGE_KEY
from tests.factories import make_partner, make_user, principal_of
from tests.pages.conftest import who_is_there
from tests.pages.signing_in.steps import (
    PASSWORD,
)


@pytest.fixture(scope="module")
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


@pytest.fixture
def user(database: str, password_hash: str) -> User:
    partner = make_partner(name="Firma [x](y) SRL")
    return make_user(partner, name="*Ana*", email="ana@partner.example", password_hash=password_hash)


@pytest.fixture
def app(app: AppTest) -> AppTest:
    """In a browser whose person has chosen English."""
    app.session_state[LANGUAGE_KEY] = "en"
    return app


@pytest.fixture
def secret(user: User) -> str:
    """The user's secret, in force for a while."""
    secret, before = pyotp.random_base32(), clock.now() - timedelta(minutes=5)
    with transaction(principal_of(user), wall=False) as session:
        turn_on(session, secret, pyotp.TOTP(secret).at(before), before)
    return secret


@pytest.fixture
def viewer(user: User, sign_in: Callable[[User], None], cookies: dict[str, str]) -> Principal:
    """At the user's partner."""
    sign_in(make_user(language="en", name="Staff"))
    with transaction(who_is_there()) as session:
        start_viewing(session, user.partner_id or 0, "to see what they see", clock.now())
    return who_is_there()
