"""Keeps one embedded server running while anybody uses it: `python -m workers.keeper KIND DATA`.

Commands share a server: each holds a shared lock on `DATA/KIND.users`. The keeper, a process of its own,
starts the server, starts it again when it dies, and stops it as soon as it gets that lock for itself, which is
when the last user has ended, in whatever way.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from workers.locks import open_lock, try_lock
from workers.servers import KINDS, Server

LOOK_EVERY = 0.2
STOP_SECONDS = 10
LONGEST_PAUSE = 15.0
START_ATTEMPTS = 3  # one that was killed may hold the folder for a moment longer


def state_file(kind: str, data: Path) -> Path:
    """Locked by the keeper while it lives; holds its process id and the server's URL once that answers."""
    return data / f"{kind}.keeper"


def users_file(kind: str, data: Path) -> Path:
    """Locked (shared) by everybody who uses the server."""
    return data / f"{kind}.users"


class Keeper:
    """One server and the reason to keep it."""

    def __init__(self, server: Server, data: Path) -> None:
        self.server = server
        self.state = open_lock(state_file(server.name, data))
        self.users = open_lock(users_file(server.name, data))
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Keep the server until nobody uses it; 0 also when another keeper is already there."""
        if not try_lock(self.state):
            return 0
        signal.signal(signal.SIGTERM, lambda *_: self.stopping.set())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._publish("")
        try:
            self.server.prepare()
            self._keep()
        finally:
            self._stop()
            self._publish("")
        return 0

    def _keep(self) -> None:
        pause, failures = 0.0, 0
        while not self._unused(pause):
            self.process = self.server.start()
            if self._wait_for_answer():
                pause, failures = 0.0, 0
                self._publish(self.server.url())
            else:
                failures += 1
            while self.process.poll() is None:
                if self._unused(LOOK_EVERY):
                    return
            if failures == START_ATTEMPTS:
                raise SystemExit(f"{self.server.name} does not start")
            pause = min(pause * 2 + 0.5, LONGEST_PAUSE)
            _say(f"{self.server.name} ended ({self.process.returncode}), starting it again in {pause:g} s")

    def _wait_for_answer(self) -> bool:
        assert self.process is not None
        while self.process.poll() is None:
            if self.server.answers():
                return True
            if self._unused(0.03):
                return False
        return False

    def _unused(self, seconds: float) -> bool:
        """Wait a moment; True if the server is no longer wanted."""
        return self.stopping.wait(seconds) or try_lock(self.users)

    def _stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.server.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            _say(f"{self.server.name} did not stop in {STOP_SECONDS} s and is killed")
            self.process.kill()
            self.process.wait()

    def _publish(self, url: str) -> None:
        self.state.truncate(0)
        self.state.write(json.dumps({"pid": os.getpid(), "url": url}))
        self.state.flush()


def _say(text: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC {text}", flush=True)


def main() -> None:
    """Entry point of the keeper process."""
    kind, data = sys.argv[1], Path(sys.argv[2])
    raise SystemExit(Keeper(KINDS[kind](data), data).run())


if __name__ == "__main__":
    main()
