"""Databases for tests: copies of one migrated template, each dropped when its test or module is over."""

import os
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from core import config, db


class Servers(NamedTuple):
    """Addresses of the PostgreSQL and Redis servers of this test run."""

    database: str
    redis: str


@contextmanager
def fresh_database(servers: Servers, data_dir: Path, template: str | None = None) -> Iterator[str]:
    """A database of one's own, empty or copied from `template`; settings() and engine() point at it meanwhile.
    Yields its name."""
    name = f"rampa_{uuid.uuid4().hex[:12]}"
    _on_server(servers, f'create database "{name}"' + (f' template "{template}"' if template else ""))
    use_database(servers, name, data_dir)
    try:
        yield name
    finally:
        db.engine().dispose()
        _drop(servers, name)


def use_database(servers: Servers, name: str, data_dir: Path) -> None:
    """Point settings() and engine(), here and in processes started from here, at a database."""
    head, _, query = servers.database.partition("?")
    os.environ.update(
        DATABASE_URL=f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else ""),
        REDIS_URL=servers.redis,
        DATA_DIR=str(data_dir),
        SECRET_KEY="a secret that only the tests know, long enough",
        DEMO="false",
    )
    config.settings.cache_clear()
    db.engine.cache_clear()


def _drop(servers: Servers, name: str) -> None:
    """Not by force, which may not end an autovacuum of the database unless one is a superuser. PostgreSQL waits for
    five seconds for who is still in it; what then cannot be dropped goes with the server of this run."""
    try:
        _on_server(servers, f'drop database "{name}"')
    except OperationalError as error:
        warnings.warn(f"{name} is left behind: {error.orig}", stacklevel=2)


def _on_server(servers: Servers, statement: str) -> None:
    engine = create_engine(db.sqlalchemy_url(servers.database), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
