"""Files that say who uses an embedded server.

The kernel drops a file lock when its holder ends, however it ends: nothing here can go stale.
"""

import fcntl
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO


def open_lock(path: Path) -> IO[str]:
    """Open (and make) a lock file; closing it drops the lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a+")


def try_lock(file: IO[str], *, shared: bool = False) -> bool:
    """Take the lock without waiting; False if somebody else holds it."""
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_shared(file: IO[str]) -> None:
    """Wait for a shared lock."""
    fcntl.flock(file, fcntl.LOCK_SH)


def is_locked(path: Path) -> bool:
    """True if another process holds the lock exclusively."""
    with open_lock(path) as file:
        return not try_lock(file, shared=True)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.03) -> bool:
    """Ask again and again until `condition` is true or the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
