"""A portal to be broken: its own PostgreSQL and Redis, its own processes, and a mail server in this process."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

import psutil
import redis

from benchmarks.soak.sink import Sink
from core.config import ROOT
from workers.embedded import Lease, Urls
from workers.locks import wait_until
from workers.servers import Postgres, Valkey
from workers.spawn import dying_with_parent, kill_session

Role = Literal["worker", "scheduler", "web"]
WAYS: dict[Role, tuple[str, ...]] = {
    "worker": ("workers.run", "worker"),
    "scheduler": ("workers.run", "scheduler"),
    "web": ("api.serve",),
}
PATIENCE = 100.0


class Portal:
    """Where everything is. `settings` are the variables that its processes get beside those of this process."""

    def __init__(self, urls: Urls, leases: list[Lease], settings: Mapping[str, str], mails: Sink, port: int) -> None:
        self.urls, self.leases, self.settings, self.mails, self.port = urls, leases, settings, mails, port
        self.data = leases[0].data
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *roles: Role, workers: int = 1) -> None:
        """Start the portal as `./rampa run` does, which starts again what ends; or only some of its processes."""
        numbers = [str(self.port), str(workers)]
        self.run(sys.executable, "-m", "benchmarks.soak.supervising", str(self.data / "log"), *numbers, *roles)

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command with the portal's settings. What it writes is in DATA/log/run.log."""
        variables = [f"{key}={value}" for key, value in self.settings.items()]
        with (self.data / "log" / "run.log").open("ab") as log:
            started = subprocess.Popen(
                ["env", *variables, *command],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dying_with_parent(signal.SIGTERM),
            )
        self._started.append(started)
        return started

    def processes(self, role: Role) -> list[psutil.Process]:
        """The main processes of a role that live now."""
        found = []
        for started in self._started:
            with contextlib.suppress(psutil.Error):
                top = psutil.Process(started.pid)
                found += [each for each in (top, *top.children()) if _is(each, WAYS[role])]
        return found

    def kill(self, role: Role) -> bool:
        """As when its machine loses power: one process of the role, its children and theirs, in the middle of whatever
        they do. False if none lives."""
        found = self.processes(role)
        if found:
            kill_session(found[0].pid)
        return bool(found)

    def kill_job(self) -> bool:
        """Only the process that does a job, as when the system runs out of memory; False if none is being done."""
        for worker in self.processes("worker"):
            with contextlib.suppress(psutil.Error):
                for child in worker.children():
                    if os.getpgid(child.pid) == child.pid:  # RQ gives each job a group of its own
                        child.kill()
                        return True
        return False

    def end(self, started: "subprocess.Popen[bytes]") -> None:
        """End one that `run` started."""
        kill_session(started.pid)
        started.wait()
        self._started.remove(started)

    def stop(self) -> None:
        """End all that was started here."""
        for started in self._started:
            started.send_signal(signal.SIGTERM)
        for _ in range(2):  # a second signal waits for no job
            for started in self._started:
                if not _ended(started, 0.5):
                    started.send_signal(signal.SIGTERM)
        for started in self._started:
            if not _ended(started, 15):
                kill_session(started.pid)
                started.wait()
        self._started.clear()

    def log(self, name: str) -> str:
        """What a server (postgres, redis) or the processes (run) have written."""
        return (self.data / "log" / f"{name}.log").read_text(errors="replace")

    def look_after_servers(self) -> None:
        """As the supervisor does: a keeper that has given up is replaced."""
        for lease in self.leases:
            lease.ensure()

    def wait_for_servers(self) -> None:
        """Until PostgreSQL and Redis answer again."""

        def both_answer() -> bool:
            self.look_after_servers()
            return Postgres(self.data).answers() and Valkey(self.data).answers()

        until(both_answer, "the servers answer")

    def postmaster(self) -> int:
        """The process id of PostgreSQL."""
        return int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])

    def redis_server(self) -> int:
        """The process id of the Redis-compatible server, which must answer."""
        with redis.Redis.from_url(self.urls.redis) as client:
            return int(client.info("server")["process_id"])

    def forget_queue(self) -> None:
        """Redis loses everything."""
        with redis.Redis.from_url(self.urls.redis) as client:
            client.flushall()

    def is_ready(self) -> bool:
        """Has a worker told the queue that it is there?"""
        with redis.Redis.from_url(self.urls.redis) as client:
            return bool(client.exists("rq:workers"))


def _is(process: psutil.Process, way: tuple[str, ...]) -> bool:
    return tuple(process.cmdline()[2 : 2 + len(way)]) == way


def _ended(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.poll() is not None


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that answers nobody, and keeps its lines open, as long as the block lasts."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def until(true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait for something; raises TimeoutError with `what` it was."""
    if not wait_until(true, seconds, 0.05):
        raise TimeoutError(f"not within {seconds:g} s: {what}")
