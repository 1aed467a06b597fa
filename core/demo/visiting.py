"""The demo company as a guest in a real installation: loaded where nothing is yet, and removed without a trace.

What stood in the database is copied out before (migrations' rows, the staff, the settings), and put back in the end: as
PostgreSQL's own COPY writes it, so that what comes back is what was there.
"""

from contextlib import suppress
from typing import Any, cast

import psycopg
import structlog
from psycopg import sql
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import clock
from core.auth.passwords import generate_password
from core.company import Company
from core.db import Base, engine, is_behind, transaction
from core.demo.history import acting
from core.demo.load import DemoLogin, Passwords, load_company, log_ins
from core.demo.scenario import STAFF
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.installation import Installation, installation
from core.permissions import authorize
from core.principal import SYSTEM, Principal

log = structlog.get_logger(__name__)

TRIES = 5
"""Other processes go on working meanwhile: who is in the way is waited for, but not for ever."""


class NotEmpty(Refusal):
    message = N_(
        "The demo company can only be loaded where there are no products, partners, orders, price lists or messages "
        "yet. Here there are some: your own data stays as it is."
    )


class NoGuest(Refusal):
    message = N_("There is no demo company here that could be removed.")


def may_come(session: Session) -> bool:
    """Is there nothing yet that the demo company would mix with?"""
    return bool(session.execute(_EMPTY, {"staff": [email for email, _name in STAFF.values()]}).scalar_one())


def is_guest(session: Session) -> bool:
    """Is the demo company here, and was it loaded from the portal, so that it can be removed?"""
    return bool(session.execute(text("select before_demo is not null from installation")).scalar_one())


def load(session: Session) -> list[DemoLogin]:
    """Load the demo company as of now, all of it or nothing; who can log in, with passwords made for this time only.

    Raises NotAllowed, NotEmpty.
    """
    me = authorize(session, "settings.edit")
    row = installation(session, lock=True)
    if row.demo_since is not None or not may_come(session):
        raise NotEmpty
    before, passwords = _copied_out(session), Passwords(generate_password(), generate_password())
    session.execute(_PLAIN_COMPANY)
    session.expire_all()
    now = clock.real_now()
    with acting(session, SYSTEM):
        load_company(session, now, passwords)
    row.demo_since, row.before_demo = now, before
    with acting(session, me):
        record(session, "demo_loaded", now)
    return log_ins(passwords)


def remove(principal: Principal) -> None:
    """Put back what was there before the demo company came: everything since then is gone, whoever made it.

    Raises NotAllowed, NoGuest, and OperationalError where somebody was in the way all the time.
    """
    for _attempt in range(TRIES - 1):
        with suppress(OperationalError):
            return _remove(principal)
    return _remove(principal)


def leave_before_upgrade() -> bool:
    """Remove it before the schema changes, since what was there before fits this schema; was it here?

    For the launcher. The tables are those of the snapshot, whatever the models of the new version say.
    """
    if not is_behind():
        return False
    with engine().connect() as connection:
        known = inspect(connection).has_table(Installation.__tablename__)
    if not known:
        return False
    with transaction(SYSTEM) as session:
        here = is_guest(session)
    if here:
        remove(SYSTEM)
    return here


def _remove(principal: Principal) -> None:
    with transaction(principal) as session:
        authorize(session, "settings.edit")
        before = session.execute(text("select before_demo from installation for update")).scalar_one()
        if before is None:
            raise NoGuest
        session.execute(text("set local lock_timeout = '1s'"))
        _put_back(_cursor(session), before)
        session.expire_all()
        clock.follow(None)
    log.info("demo removed", user_id=principal.user_id)


def _copied_out(session: Session) -> dict[str, Any]:
    """Every row of every table, and where the sequences stand."""
    session.flush()
    cursor = _cursor(session)
    return {
        "tables": [{"name": name, **_rows_of(cursor, name)} for name in _tables()],
        "sequences": {name: _next_of(cursor, name) for name in session.execute(_SEQUENCES).scalars()},
    }


def _rows_of(cursor: psycopg.Cursor[Any], table: str) -> dict[str, Any]:
    """The columns that are stored (not those that are computed of others), and the rows as COPY writes them."""
    columns = [column.name for column in Base.metadata.tables[table].columns if column.computed is None]
    with cursor.copy(sql.SQL("copy {} ({}) to stdout").format(sql.Identifier(table), _names(columns))) as copy:
        return {"columns": columns, "rows": b"".join(bytes(part) for part in copy).decode()}


def _next_of(cursor: psycopg.Cursor[Any], sequence: str) -> int:
    """The number that a sequence gives next; all of ours go up by one."""
    query = sql.SQL("select last_value + is_called::int from {}").format(sql.Identifier(sequence))
    row = cursor.execute(query).fetchone()
    assert row
    return int(row[0])


def _put_back(cursor: psycopg.Cursor[Any], before: dict[str, Any]) -> None:
    """The triggers keep histories from being emptied and count what changes; what is put back is counted already."""
    tables = [kept["name"] for kept in before["tables"]]
    for table in tables:
        cursor.execute(sql.SQL("alter table {} disable trigger user").format(sql.Identifier(table)))
    cursor.execute(sql.SQL("truncate {}").format(_names(tables)))
    for kept in before["tables"]:
        into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(kept["name"]), _names(kept["columns"]))
        with cursor.copy(into) as copy:
            copy.write(kept["rows"])
    for name, number in before["sequences"].items():  # undone with the transaction, as setval() would not be
        restart = sql.SQL("alter sequence {} restart with {}")
        cursor.execute(restart.format(sql.Identifier(name), sql.Literal(number)))
    for table in tables:
        cursor.execute(sql.SQL("alter table {} enable trigger user").format(sql.Identifier(table)))


def _tables() -> list[str]:
    """All of them, those that others refer to first."""
    return [table.name for table in Base.metadata.sorted_tables]


def _names(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _cursor(session: Session) -> psycopg.Cursor[Any]:
    return cast(psycopg.Cursor[Any], session.connection().connection.cursor())


_EMPTY = text("""
    select not exists (select from product) and not exists (select from partner) and not exists (select from orders)
       and not exists (select from price_list) and not exists (select from partner_group)
       and not exists (select from category) and not exists (select from promotion)
       and not exists (select from message) and not exists (select from app_user where email = any(:staff))
""")
_PLAIN_COMPANY = text(
    "update company set "
    + ", ".join(f"{column.name} = default" for column in Company.__table__.columns if column.name != "id")
)
_SEQUENCES = text("select sequencename from pg_sequences where schemaname = 'public' order by 1")
