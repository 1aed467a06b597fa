"""The embedded PostgreSQL and Redis: start them, share them with other commands, let them go.

    with servers(Path("var")) as urls:
        connect(urls.database, urls.redis)

The first user of a data folder starts the servers and the last one stops them; the data stays.
"""

# ruff: noqa: S603
# (every command is a list of our own making, and none goes through a shell)

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from workers.keeper import state_file, users_file
from workers.locks import is_locked, lock_shared, open_lock, try_lock, wait_until

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
STOP_SECONDS = 15


class SetupError(RuntimeError):
    """What was asked for cannot run; the text is for the user."""

    exit_code = 1


class ServerError(SetupError):
    """An embedded server did not start; the text says why."""


@dataclass(frozen=True)
class Urls:
    """Where the two servers are."""

    database: str
    redis: str

    def for_database(self, name: str) -> str:
        """The URL of another database on the same server."""
        return urlunsplit(urlsplit(self.database)._replace(path=f"/{name}"))


class Lease:
    """The use of one embedded server by this process, until `release` or the end of the process."""

    def __init__(self, kind: str, data: Path) -> None:
        self.kind = kind
        self.data = data.resolve()
        self.log = self.data / "log" / f"{kind}.log"
        self._keeper: subprocess.Popen[bytes] | None = None
        self._use = open_lock(users_file(kind, self.data))
        lock_shared(self._use)  # waits while a keeper is stopping
        self.ensure()

    def ensure(self) -> None:
        """Start a keeper unless one is there. A keeper that was killed is replaced by the next call."""
        if is_locked(state_file(self.kind, self.data)):
            return
        if self._keeper is not None and self._keeper.poll() is None:  # it is just starting
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", "workers.keeper", self.kind, str(self.data)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def url(self) -> str:
        """The server's URL, once it answers."""
        if not wait_until(lambda: bool(self._state()["url"]) or self._failed(), START_SECONDS) or self._failed():
            raise ServerError(f"The embedded {self.kind} did not start:\n{_tail(self.log)}")
        return str(self._state()["url"])

    def release(self) -> None:
        """Stop using the server; the last user waits until it has stopped."""
        if try_lock(self._use):  # nobody else uses it
            self._stop_keeper()
        elif not try_lock(self._use, shared=True):  # the keeper was faster and is stopping
            wait_until(lambda: not is_locked(state_file(self.kind, self.data)), STOP_SECONDS)
        self._use.close()
        if self._keeper is not None:
            self._keeper.poll()

    def _stop_keeper(self) -> None:
        path = state_file(self.kind, self.data)
        if is_locked(path):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(str(self._state()["pid"])), signal.SIGTERM)
            wait_until(lambda: not is_locked(path), STOP_SECONDS)
        if self._keeper is not None:
            self._keeper.wait(STOP_SECONDS)

    def _failed(self) -> bool:
        return self._keeper is not None and bool(self._keeper.poll())

    def _state(self) -> dict[str, object]:
        path = state_file(self.kind, self.data)
        if not is_locked(path):
            return {"pid": 0, "url": ""}
        try:
            return dict(json.loads(path.read_text()))
        except json.JSONDecodeError:  # just being written
            return {"pid": 0, "url": ""}


@contextlib.contextmanager
def servers(data_dir: Path) -> Iterator[Urls]:
    """Both servers over `data_dir`, running as long as the block (or another user) lasts."""
    with leases(data_dir, "postgres", "redis") as (postgres, redis):
        yield Urls(database=postgres.url(), redis=redis.url())


@contextlib.contextmanager
def leases(data_dir: Path, *kinds: str) -> Iterator[list[Lease]]:
    """The use of the named servers ("postgres", "redis"); they start side by side."""
    with contextlib.ExitStack() as stack:
        taken = []
        for kind in kinds:
            lease = Lease(kind, data_dir)
            stack.callback(lease.release)
            taken.append(lease)
        yield taken


def _tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
