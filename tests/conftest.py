"""Real servers for the tests: one embedded PostgreSQL and Redis per run, one fresh database per test that asks."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from core import config, db


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real Chromium over the running product")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Addresses of PostgreSQL and Redis: those of the environment, or embedded ones that end with the run."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
        return
    from workers import embedded

    with embedded.servers(tmp_path_factory.getbasetemp() / "servers") as urls:
        yield urls.database, urls.redis


@pytest.fixture(scope="session")
def template_database(servers: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a migrated, empty database that tests are copied from."""
    name = f"rampa_template_{uuid.uuid4().hex[:8]}"
    _server(servers[0], f'create database "{name}"')
    _configure(_with_database(servers[0], name), servers[1], tmp_path_factory.mktemp("data"))
    db.migrate()
    db.engine().dispose()
    yield name
    _server(servers[0], f'drop database "{name}" with (force)')


@pytest.fixture
def database(servers: tuple[str, str], template_database: str, tmp_path: Path) -> Iterator[str]:
    """A migrated database of the test's own; settings() and engine() point at it while the test runs."""
    name = f"rampa_test_{uuid.uuid4().hex[:8]}"
    _server(servers[0], f'create database "{name}" template "{template_database}"')
    url = _with_database(servers[0], name)
    _configure(url, servers[1], tmp_path)
    yield url
    db.engine().dispose()
    _server(servers[0], f'drop database "{name}" with (force)')


def _with_database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def _server(url: str, statement: str) -> None:
    engine = create_engine(db.sqlalchemy_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _configure(database_url: str, redis_url: str, data_dir: Path) -> None:
    os.environ.update(
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        DATA_DIR=str(data_dir),
        SECRET_KEY="a secret that only the tests know, long enough",
        DEMO="false",
    )
    config.settings.cache_clear()
    db.engine.cache_clear()
