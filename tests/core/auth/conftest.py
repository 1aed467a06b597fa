"""People with a password, for the tests of the log-in."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from core.auth.models import User
from core.auth.passwords import hash_password
from core.db import transaction
from core.principal import SYSTEM
from tests.factories import make_partner, make_user
from workers.locks import wait_until

PASSWORD = "a right password"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Hashing is slow on purpose: once is enough."""
    return hash_password(PASSWORD)


@pytest.fixture
def buyer(database: str, password_hash: str) -> User:
    return make_user(make_partner(), password_hash=password_hash)


def somebody_waits() -> bool:
    """True as soon as a transaction waits for a lock of another one."""

    def waiting() -> bool:
        with transaction(SYSTEM) as session:
            return bool(session.scalar(_WAITING))

    return wait_until(waiting, seconds=2)


_WAITING = text(
    "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
)
