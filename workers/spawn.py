"""Child processes that do not outlive the process that started them."""

import contextlib
import ctypes
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

from workers.locks import wait_until

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def dying_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` (Linux): the child gets `death_signal` when this process ends, even by kill -9.

    It counts for the thread that starts the child, so start children from the main thread.
    """
    parent = os.getpid()

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it ended before the line above
            os._exit(1)

    return prepare


def session_members(leader: int) -> Iterator[int]:
    """The live processes of the session that the process `leader` opened: it, its children, their children."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _session(int(entry.name)) == leader and not _is_zombie(entry):
            yield int(entry.name)


def kill_session(leader: int) -> None:
    """Kill every process of a session, and wait the moment until they are gone."""
    for pid in session_members(leader):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: next(session_members(leader), None) is None, 2)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _is_zombie(entry: Path) -> bool:
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
