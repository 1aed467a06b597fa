"""People with a password, for the tests of the log-in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from core.auth import passwords
from core.auth.models import User
from core.db import transaction
from core.events import Event, Outbox
from core.principal import SYSTEM
from tests.factories import make_partner, make_user
from workers.locks import wait_until

PASSWORD = "a right password"
REAL_COST, REAL_NOBODY = passwords.COST, passwords.NOBODY  # before tests/conftest.py makes them cheap
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


@pytest.fixture
def buyer(database: str, password_hash: str) -> User:
    """The owner of a partner, with PASSWORD."""
    return make_user(make_partner(), password_hash=password_hash)


@pytest.fixture
def staff(database: str, password_hash: str) -> User:
    """An administrator, with PASSWORD."""
    return make_user(password_hash=password_hash)


def read(user: User) -> User:
    """The user as the database has them now."""
    with transaction(SYSTEM) as session:
        return session.get_one(User, user.id)


def events(*kinds: str) -> list[Event]:
    """The events of these kinds (all, if none is named), oldest first."""
    with transaction(SYSTEM) as session:
        wanted = select(Event).order_by(Event.id)
        return list(session.scalars(wanted.where(Event.kind.in_(kinds)) if kinds else wanted))


def told_of(kind: str) -> int:
    """How many events of this kind wait to be told by mail."""
    with transaction(SYSTEM) as session:
        waiting = select(Outbox.event_id).join(Event, Event.id == Outbox.event_id).where(Event.kind == kind)
        return len(session.execute(waiting).all())


def everything_kept() -> str:
    """All rows of all tables as text, to look for what must not be in them."""
    with transaction(SYSTEM) as session:
        tables = session.execute(_TABLES).scalars().all()
        rows: list[Any] = []
        for table in tables:
            rows += session.execute(text(f'select row_to_json(t)::text from "{table}" t')).scalars().all()
    return "\n".join(rows)


def somebody_waits(how_many: int = 1) -> bool:
    """True as soon as so many transactions wait for a lock of another one."""

    def waiting() -> bool:
        with transaction(SYSTEM) as session:
            return (session.scalar(_WAITING) or 0) >= how_many

    return wait_until(waiting, seconds=10)


_TABLES = text("select tablename from pg_tables where schemaname = 'public'")
_WAITING = text("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
