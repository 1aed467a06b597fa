"""Databases for tests: copies of one migrated template, emptied or dropped when their test or module is over."""

import os
import uuid
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from core import clock, config, db
from workers.locks import wait_until


class Servers(NamedTuple):
    """Addresses of the PostgreSQL and Redis servers of this test run."""

    database: str
    redis: str


class Place(NamedTuple):
    """A database of the tests, and a line into it that stays: a new one has to learn of every table anew."""

    name: str
    line: psycopg.Connection[tuple[object, ...]]


EMBEDDED_USER, SUPERUSER = "//rampa@/", "//postgres@/"
"""As the embedded server's address has them: the application's role is no superuser (workers/servers.py)."""


class Reusable:
    """One database after the other for tests that each want one of their own, as new.

    Copying a template takes many times as long as emptying what a test has filled: so a database is used again, unless
    its schema was changed, somebody is still in it, or the server does not let us.
    """

    def __init__(self, servers: Servers, template: str) -> None:
        self.servers, self.template = servers, template
        self.spare: Place | None = None
        with self._connect(template) as connection:
            tables = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
            names = sorted(str(name) for (name,) in connection.execute(tables) if name != "alembic_version")
            self.asking = _asking_for_filled(connection, names)
            self.rows = {name: _copied_out(connection, name) for name in _filled(connection, self.asking)}
            self.schema = connection.execute(_SCHEMA).fetchone()
            self.numbered = connection.execute(_NUMBERED).fetchall()

    @contextmanager
    def database(self, data_dir: Path) -> Iterator[str]:
        """The name of a database as the template is; settings() and engine() point at it meanwhile."""
        place, self.spare = self.spare or self._made(), None
        use_database(self.servers, place.name, data_dir)
        try:
            yield place.name
        finally:
            db.engine().dispose()
            if self._emptied(place):
                self.spare = place
            else:
                self._leave(place)

    def close(self) -> None:
        """Nobody wants another one."""
        if self.spare:
            self._leave(self.spare)

    def _leave(self, place: Place) -> None:
        place.line.close()
        _drop(self.servers, place.name)

    def _made(self) -> Place:
        name = f"rampa_{uuid.uuid4().hex[:12]}"
        _on_server(self.servers, f'create database "{name}" template "{self.template}"')
        return Place(name, self._connect(name))

    def _connect(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(_address(self.servers, name, SUPERUSER), autocommit=True)

    def _emptied(self, place: Place) -> bool:
        """Put the template's rows in the place of all others; False if it cannot be as new again."""
        try:
            gone = wait_until(lambda: place.line.execute(_OTHERS).fetchone() is None, 1, 0.001)
            if not gone or place.line.execute(_SCHEMA).fetchone() != self.schema:
                return False
            with place.line.transaction():
                self._put_back(place.line)
        except psycopg.Error as error:
            warnings.warn(f"{place.name} is not used again: {error}", stacklevel=2)
            return False
        return True

    def _put_back(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        connection.execute("set local session_replication_role = replica")  # no triggers, no foreign keys
        filled = {*_filled(connection, self.asking), *self.rows}
        gone = [sql.SQL("delete from {}").format(sql.Identifier(table)) for table in filled]
        connection.execute(sql.SQL("; ").join(gone))  # one journey to the server and back for all of them
        for table, rows in self.rows.items():
            with connection.cursor().copy(sql.SQL("copy {} from stdin").format(sql.Identifier(table))) as copy:
                copy.write(rows)
        connection.execute(_SEQUENCES)
        connection.cursor().executemany("select setval(%s::text::regclass, %s)", self.numbered)


def _asking_for_filled(connection: psycopg.Connection[tuple[object, ...]], tables: Iterable[str]) -> str:
    """A query for those of the tables that have rows; its text is put together once, and PostgreSQL plans it once."""
    named = sql.SQL(", ").join(
        sql.SQL("case when exists (select from {}) then {} end").format(sql.Identifier(table), sql.Literal(table))
        for table in tables
    )
    return sql.SQL("select unnest(array_remove(array[{}]::text[], null))").format(named).as_string(connection)


def _filled(connection: psycopg.Connection[tuple[object, ...]], asking: str) -> list[str]:
    return [str(name) for (name,) in connection.execute(asking)]


def _copied_out(connection: psycopg.Connection[tuple[object, ...]], table: str) -> bytes:
    with connection.cursor().copy(sql.SQL("copy {} to stdout").format(sql.Identifier(table))) as copy:
        return b"".join(bytes(part) for part in copy)


# What is in the catalogue, and by whom it was last changed: a copy has the same, until somebody changes it.
_SCHEMA = """
    select (select (count(*), max(xmin::text::bigint)) from pg_class where relnamespace = 'public'::regnamespace),
           (select (count(*), max(xmin::text::bigint)) from pg_constraint),
           (select (count(*), max(xmin::text::bigint)) from pg_trigger),
           (select (count(*), max(xmin::text::bigint)) from pg_proc where pronamespace = 'public'::regnamespace),
           (select (count(*), max(xmin::text::bigint)) from pg_policy)
"""
_OTHERS = """
    select from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
_NUMBERED = (
    "select format('%I.%I', schemaname, sequencename), last_value from pg_sequences where last_value is not null"
)
_SEQUENCES = """
    select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    from pg_sequences where last_value is not null
"""


def write_behind(servers: Servers) -> None:
    """Let an embedded PostgreSQL leave what is written to the operating system: a run of the tests that is cut off
    starts again with empty servers, so nothing has to outlive a power cut."""
    with psycopg.connect(_address(servers, "postgres", SUPERUSER), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
        connection.execute("select pg_reload_conf()")


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
    os.environ.update(
        DATABASE_URL=_address(servers, name),
        REDIS_URL=servers.redis,
        DATA_DIR=str(data_dir),
        SECRET_KEY="a secret that only the tests know, long enough",
        DEMO="false",
    )
    config.settings.cache_clear()
    db.engine.cache_clear()
    clock.follow(None)


def _address(servers: Servers, name: str, user: str = "") -> str:
    head, _, query = servers.database.partition("?")
    if user:
        head = head.replace(EMBEDDED_USER, user)
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


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
