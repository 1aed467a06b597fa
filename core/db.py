"""The database: typed base, engine, and the one way to open a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import DateTime, Engine, MetaData, Numeric, Row, TextClause, create_engine, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from core import clock
from core.config import ROOT, settings
from core.errors import Refusal
from core.principal import Principal

if TYPE_CHECKING:
    from alembic.config import Config

LOCK_TIMEOUT = "3s"
"""How long a transaction waits for a row lock before the user is told to try again."""

PARTNER_ROLE = "rampa_partner"
"""The database role that partners' transactions take on; row-level security holds for it."""

Money = Annotated[Decimal, mapped_column(Numeric(14, 2))]
UnitPrice = Annotated[Decimal, mapped_column(Numeric(14, 4))]
Quantity = Annotated[Decimal, mapped_column(Numeric(12, 3))]
Percent = Annotated[Decimal, mapped_column(Numeric(5, 2))]


class Base(DeclarativeBase):
    """All tables. Constraint names follow one convention, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB}  # noqa: RUF012 (SQLAlchemy's contract)


def sqlalchemy_url(url: str) -> str:
    """The address with the psycopg 3 driver named, whatever form the environment gave."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The connection pool of this process."""
    import core.models  # noqa: F401 (mappers resolve each other's tables only when all of them are loaded)

    return create_engine(sqlalchemy_url(settings().database_url), pool_size=10, max_overflow=20, hide_parameters=True)


def leave_connections() -> None:
    """For a process that was just forked: the lines to the database are its parent's, and two on one talk nonsense."""
    if engine.cache_info().currsize:
        engine().dispose(close=False)
    _replica.cache_clear()


@contextmanager
def transaction(principal: Principal, *, wall: bool = True) -> Iterator[Session]:
    """A transaction on behalf of `principal`: committed at the end of the block, rolled back by any exception.

    For a partner the connection takes on the restricted role and the partner's id for this transaction, so that
    row-level security refuses foreign rows even where a query forgets to ask. `wall=False` does without: for the
    functions of core.auth about people and their passwords, which partners' database role cannot touch at all and
    which check each row they touch themselves. A viewer's transaction is read-only. Never call `st.rerun()` or
    `st.stop()` inside: they raise, and the work would be rolled back.
    """
    with Session(engine(), expire_on_commit=False) as session:
        session.info["principal"] = principal
        walled = wall and principal.kind == "partner"
        opened = _first(session, _OPEN_PARTNER if walled else _OPEN, _opening(principal))
        clock.follow(opened.clock_moved)
        yield session
        session.commit()


def _first(session: Session, statement: TextClause, parameters: dict[str, str]) -> Row[Any]:
    """The one row of a transaction's first statement, on a new connection where the pooled one was cut meanwhile: what
    a ping before every transaction would find out, without its journey to the server."""
    try:
        return session.execute(statement, parameters).one()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        session.rollback()
        return session.execute(statement, parameters).one()


REPORT_SECONDS = 600
"""A statement of an export or a report that takes longer is ended."""


@contextmanager
def reading(principal: Principal) -> Iterator[Session]:
    """A transaction that only reads, for exports and reports: all of it sees the database as of one moment.

    On the replica, if there is one (REPORT_DATABASE_URL); the wall stands as in `transaction`.
    """
    source = _replica(settings().report_database_url) if settings().report_database_url else engine()
    snapshot = source.execution_options(isolation_level="REPEATABLE READ")
    with Session(snapshot, expire_on_commit=False) as session:
        session.info["principal"] = principal
        walled = principal.kind == "partner"
        _first(session, _OPEN_PARTNER if walled else _OPEN, _opening(principal) | {"read_only": "on"})
        session.execute(_REPORT_TIME)
        yield session
        session.commit()


@lru_cache(maxsize=2)
def _replica(url: str) -> Engine:
    return create_engine(sqlalchemy_url(url), pool_size=3, max_overflow=5, hide_parameters=True)


@contextmanager
def beyond_wall(session: Session) -> Iterator[None]:
    """Within a partner's transaction, statements that a partner's database role cannot run itself.

    For a change of an order that the partner asked for and whose rows were looked up, and locked, within the wall. A
    viewer's transaction stays read-only. Does nothing on the staff's side.
    """
    session.flush()
    step_in = _STEP_IN if session.execute(_STEP_OUT).scalar_one() == PARTNER_ROLE else _STAY
    try:
        yield
    except Refusal:
        session.execute(step_in)
        raise
    session.flush()
    session.execute(step_in)


# The role of before, then none: both in one round trip. By a name of its own: `current_user` is never a column.
_STEP_OUT = text("select role from (select current_user as role, set_config('role', 'none', true)) before")
_STEP_IN = text(f"select set_config('role', '{PARTNER_ROLE}', true)")
_STAY = text("select 1")
_REPORT_TIME = text(f"select set_config('statement_timeout', '{REPORT_SECONDS}s', true)")
_READ_ONLY = "set_config('transaction_read_only', :read_only, true)"
_CLOCK = "(select clock_moved from installation where demo_since is not null) as clock_moved"
_OPEN = text(f"select set_config('lock_timeout', '{LOCK_TIMEOUT}', true), {_READ_ONLY}, {_CLOCK}")
_OPEN_PARTNER = text(
    f"select set_config('lock_timeout', '{LOCK_TIMEOUT}', true), {_READ_ONLY}, {_CLOCK},"
    f" set_config('role', '{PARTNER_ROLE}', true),"
    " set_config('rampa.partner_id', :partner, true), set_config('rampa.user_id', :user, true)"
)


def _opening(principal: Principal) -> dict[str, str]:
    own = {"partner": str(principal.partner_id), "user": str(principal.user_id)}
    return {"read_only": "on" if principal.viewing else "off"} | own


def actor(session: Session) -> Principal:
    """The principal that the session's transaction was opened for."""
    principal: Principal = session.info["principal"]
    return principal


def migrate(revision: str = "head") -> None:
    """Bring the configured database to a revision of the schema; safe to run at every start."""
    from alembic import command

    command.upgrade(_alembic(), revision)


class OldSchema(RuntimeError):
    """The database was not migrated to this version; the text says what to do."""

    exit_code = 2  # it is useless to try again


def require_schema() -> None:
    """Raises OldSchema where this version would find tables or columns missing.

    One of a newer version is taken: the version before must run until it is replaced. A database that does not answer
    says nothing of its schema, and will be there soon.
    """
    try:
        revision, known = schema()
    except OperationalError:
        return
    if revision is None or revision in known[:-1]:
        found = revision or "none"
        raise OldSchema(f"The database has the schema {found}, this version needs {known[-1]}: run ./rampa migrate")


def is_behind() -> bool:
    """Has the configured database an older schema than this version's? An empty one has none at all."""
    revision, known = schema()
    return revision in known[:-1]


def is_ahead() -> bool:
    """Was the configured database migrated by a newer version?"""
    revision, known = schema()
    return revision is not None and revision not in known


def schema() -> tuple[str | None, list[str]]:
    """The revision of the configured database, None for an empty one; and those that this version knows, oldest
    first."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    known = [script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()]
    with engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision(), known[::-1]


def _alembic() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "core" / "migrations"))
    return config
