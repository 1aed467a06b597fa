"""A migration that is cut off leaves the database as it was, and the next one goes on to the end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from core.config import ROOT
from core.db import OldSchema, engine, is_ahead, is_behind, migrate, require_schema, schema
from tests.databases import fresh_database
from tests.faults.conftest import Own

MIGRATE = "from core.db import migrate; migrate()"
CRASH = """
import os, signal, sys
from sqlalchemy import event
from core.db import engine, migrate
@event.listens_for(engine(), "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    if sys.argv[1] in statement:
        os.kill(os.getpid(), signal.SIGKILL)
migrate()
"""


@pytest.fixture
def empty(own: Own, tmp_path: Path) -> Iterator[None]:
    with fresh_database(own.servers, tmp_path):
        yield


def run(script: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", script, *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "step",
    ["CREATE INDEX ix_import_source_next_at", "UPDATE alembic_version SET version_num='0021'"],
    ids=["inside of one", "between two"],
)
@pytest.mark.usefixtures("empty")
def test_a_killed_migration_is_done_again_and_the_data_stays(step: str) -> None:
    migrate("0019")
    with engine().begin() as connection:
        connection.execute(text("insert into product (sku, name, unit, list_price) values ('A', 'Țeavă', 'buc', 1)"))
    child = run(CRASH, step)
    assert (child.wait(60), is_behind(), schema()[0]) == (-signal.SIGKILL, True, "0019")
    migrate()
    with engine().connect() as connection:
        assert connection.execute(text("select name from product")).scalar_one() == "Țeavă"
    config = Config()
    config.set_main_option("script_location", str(ROOT / "core" / "migrations"))
    command.check(config)


@pytest.mark.usefixtures("empty")
def test_two_that_migrate_at_once_take_turns() -> None:
    both = [run(MIGRATE), run(MIGRATE)]
    assert [child.wait(90) for child in both] == [0, 0]
    require_schema()


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("module", [["workers.run", "worker"], ["api.serve"]])
def test_what_finds_an_older_schema_says_so_and_does_not_begin(module: list[str]) -> None:
    migrate("0019")
    done = subprocess.run([sys.executable, "-m", *module], cwd=ROOT, capture_output=True, text=True, timeout=60)
    head = schema()[1][-1]
    assert done.returncode == OldSchema.exit_code
    assert done.stderr == f"The database has the schema 0019, this version needs {head}: run ./rampa migrate\n"


@pytest.mark.usefixtures("empty")
def test_a_version_that_is_older_than_the_database_runs_and_does_not_migrate() -> None:
    migrate()
    with engine().begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    assert (is_ahead(), is_behind()) == (True, False)
    require_schema()
    environment = dict(os.environ, DATA_DIR="var/never")
    command = [sys.executable, "-m", "workers.cli", "migrate"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "newer version" in done.stderr
