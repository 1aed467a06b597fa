"""What a command needs around it: the servers, and the variables that core.config reads.

The one place that writes the environment: it is how the settings reach core.config here and in every child process.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.config import DEMO_SECRET, ROOT, Settings, demo_instant, settings
from workers.embedded import Lease, SetupError, leases

DEFAULT_PORT = 8501
NEW_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"  # noqa: S105 (a command, not a secret)
_ENVIRONMENT = os.environ  # noqa: TID251 (see the module's docstring)


@dataclass(frozen=True)
class Installation:
    """Where this installation keeps its data, and the embedded servers it uses."""

    data: Path
    leases: list[Lease]

    @property
    def logs(self) -> Path:
        return self.data / "log"


def user_path(path: Path) -> Path:
    """A path as the user meant it: relative to where ./rampa was called."""
    return Path(_ENVIRONMENT.get("RAMPA_CWD", "."), path).resolve()


@contextlib.contextmanager
def installation(
    data: Path | None, *, demo: bool = False, port: int = DEFAULT_PORT, at: datetime | None = None
) -> Iterator[Installation]:
    """Start the servers that no address is given for, and complete the variables, for the length of the block.

    In the demo a `.env` file gives no servers: the demo company must not land in a real database. Its clock stands
    still `at` an instant, if one is given.
    """
    given = {**({} if demo else _env_file()), **{name: value for name, value in _ENVIRONMENT.items() if value}}
    folder = user_path(data or Path(given.get("DATA_DIR") or ROOT / "var"))
    if demo:
        mark_demo(folder)
    _defaults(given, folder, port)
    if demo and at:
        _ENVIRONMENT["DEMO_INSTANT"] = at.isoformat()
    demo_instant.cache_clear()
    if not holds_demo(folder) and not {"SECRET_KEY", "DATABASE_URL"} & given.keys():
        _ENVIRONMENT["SECRET_KEY"] = own_secret(folder)
    _validate()
    wanted = {"DATABASE_URL": "postgres", "REDIS_URL": "redis"}
    missing = {name: kind for name, kind in wanted.items() if name not in given}
    with leases(folder, *missing.values()) as taken:
        _ENVIRONMENT.update({name: lease.url() for name, lease in zip(missing, taken, strict=True)})
        settings.cache_clear()
        yield Installation(folder, taken)


@contextlib.contextmanager
def scratch(data: Path, database: str) -> Iterator[Installation]:
    """A fresh database on embedded servers of its own, whatever the environment says; for benchmarks."""
    import psycopg

    from workers.embedded import Urls

    with leases(data, "postgres", "redis") as taken:
        urls = Urls(*(lease.url() for lease in taken))
        with psycopg.connect(urls.database, autocommit=True) as connection:
            connection.execute(f'drop database if exists "{database}" with (force)')
            connection.execute(f'create database "{database}"')
        _ENVIRONMENT.update(DATABASE_URL=urls.for_database(database), REDIS_URL=urls.redis, DATA_DIR=str(data))
        _ENVIRONMENT.update(DEMO="true", SECRET_KEY=DEMO_SECRET)
        settings.cache_clear()
        yield Installation(data, taken)


def holds_demo(folder: Path) -> bool:
    """True if the data folder was made by `./rampa demo`."""
    return (folder / "demo").exists()


def mark_demo(folder: Path) -> None:
    """Remember that the folder holds the demo company; refuse one that holds something else."""
    if (folder / "postgres" / "PG_VERSION").exists() and not holds_demo(folder):
        raise SetupError(f"{folder} holds a real installation. Give the demo another folder with --data")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "demo").touch()


def _defaults(given: dict[str, str], folder: Path, port: int) -> None:
    """Fill in the variables that nobody gave. What belongs to the demo overrules what was given."""
    _ENVIRONMENT["DATA_DIR"] = str(folder)
    if "PUBLIC_URL" not in given:
        _ENVIRONMENT["PUBLIC_URL"] = f"http://localhost:{port}"
    if holds_demo(folder):
        _ENVIRONMENT.update(DEMO="true", SECRET_KEY=DEMO_SECRET)


def own_secret(folder: Path) -> str:
    """The secret of an installation that keeps its database in this folder, made before the database is; else "".

    Where the database is elsewhere several machines may work on it, and all need the same one: so somebody gives it.
    One that was given and is forgotten at a later start is missed, and not replaced: what it encrypted would be lost.
    """
    path = folder / "secret-key"
    if not path.exists():
        if (folder / "postgres" / "PG_VERSION").exists():
            return ""
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), open(path, "x", opener=_for_owner_only) as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _validate() -> None:
    """Refuse bad settings before anything is started; the servers' addresses come later."""
    try:
        Settings(database_url="later", redis_url="later")
    except ValidationError as error:
        raise SetupError("\n".join(_sentence(item) for item in error.errors())) from error


def _sentence(item: ErrorDetails) -> str:
    name = ".".join(str(part) for part in item["loc"]).upper()
    text = str(item["msg"]).removeprefix("Value error, ")
    if name == "SECRET_KEY" or "SECRET_KEY" in text:
        return f"SECRET_KEY must be set, in .env or the environment, to at least 32 characters. Make one: {NEW_SECRET}"
    return f"{name}: {text}" if name else text


def _env_file() -> dict[str, str]:
    return {name.upper(): value for name, value in dotenv_values(ROOT / ".env").items() if value}
