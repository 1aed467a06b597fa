"""People with a password, for the tests of the log-in."""

from datetime import UTC, datetime

import pytest

from core.auth.models import User
from core.auth.passwords import hash_password
from tests.factories import make_partner, make_user

PASSWORD = "a right password"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Hashing is slow on purpose: once is enough."""
    return hash_password(PASSWORD)


@pytest.fixture
def buyer(database: str, password_hash: str) -> User:
    return make_user(make_partner(), password_hash=password_hash)
