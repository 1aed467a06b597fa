"""Real servers for the tests: one embedded PostgreSQL and Redis per run, one fresh database per test that asks."""

import os
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest
from starlette.testclient import TestClient

from core import db
from core.auth import passwords
from core.installation import installation
from core.principal import SYSTEM
from tests.databases import Reusable, Servers, fresh_database, write_behind


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real Chromium over the running product")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys first, then faults and processes: their files take longest, and one begun last would run on alone."""
    items.sort(key=lambda item: _LONGEST.get(item.path.parent.name, len(_LONGEST)))


_LONGEST = {"journeys": 0, "faults": 1, "workers": 2}


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Hashing is slow on purpose; what the cost is matters to no test but those in tests/core/auth/test_passwords.py,
    which look at what it is without this. A hash tells its own cost: the web process checks those made here cheaply."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", 4)
        patch.setattr(passwords, "NOBODY", bcrypt.hashpw(b"nobody knows", bcrypt.gensalt(4)))
        yield


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Addresses of PostgreSQL and Redis: those of the environment, or embedded ones that end with the run."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield Servers(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
        return
    from workers import embedded

    with embedded.servers(tmp_path_factory.getbasetemp() / "servers") as urls:
        servers = Servers(urls.database, urls.redis)
        write_behind(servers)
        yield servers


@pytest.fixture(scope="session")
def template_database(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a migrated, empty database that tests are copied from."""
    with fresh_database(servers, tmp_path_factory.mktemp("template")) as name:
        db.migrate()
        with db.transaction(SYSTEM) as session:  # it is at work: the first steps are done
            installation(session).steps_open = False
        db.engine().dispose()
        yield name


@pytest.fixture(scope="session")
def reusable(servers: Servers, template_database: str) -> Iterator[Reusable]:
    """Where the tests' databases come from."""
    databases = Reusable(servers, template_database)
    yield databases
    databases.close()


@pytest.fixture
def database(reusable: Reusable, tmp_path: Path) -> Iterator[str]:
    """A migrated database of the test's own; settings() and engine() point at it while the test runs."""
    with reusable.database(tmp_path) as name:
        yield name


@pytest.fixture(scope="session")
def running(template_database: str) -> Iterator[TestClient]:
    """Streamlit's runtime starts once per process. The app asks for the database at each request."""
    from api.app import app  # reads the settings, which the tests have made by now

    with TestClient(
        app, base_url="http://portal.example", follow_redirects=False, client=("192.0.2.7", 50_000)
    ) as client:
        yield client
