"""The supervisor: what dies starts again, and nothing outlives it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.listening import bind
from api.serve import PORT_TAKEN_EXIT
from workers.embedded import ROOT
from workers.locks import wait_until
from workers.processes import Service, Supervisor
from workers.spawn import session_members

SECONDS = 20
SLEEPER = "import time; print('here', flush=True); time.sleep(600)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"
SUPERVISE = """
import sys
from pathlib import Path
from workers.processes import Service, Supervisor
Supervisor([Service("one", [sys.executable, "-c", sys.argv[2]])], Path(sys.argv[1])).run()
"""


def supervise(folder: Path, script: str, *steps: Callable[[Supervisor, Service], bool]) -> Supervisor:
    """Run a supervisor over one service in this thread; each step is asked until true, then it is stopped."""
    service = Service("one", [sys.executable, "-c", script])
    supervisor = Supervisor([service], folder, echo=False)
    left = list(steps)
    deadline = time.monotonic() + SECONDS

    def tick() -> None:
        if left and left[0](supervisor, service):
            left.pop(0)
        if not left or time.monotonic() > deadline:
            supervisor.signals += 1

    supervisor.run(tick)
    assert not left, "a step was never reached"
    return supervisor


def said_here(supervisor: Supervisor, _service: Service) -> bool:
    log = supervisor.log_dir / "one.log"
    return log.exists() and "here" in log.read_text()


def test_a_killed_process_starts_again(tmp_path: Path) -> None:
    seen: list[int] = []

    def kill(_supervisor: Supervisor, service: Service) -> bool:
        assert service.process is not None
        seen.append(service.process.pid)
        service.process.kill()
        return True

    def runs_again(_supervisor: Supervisor, service: Service) -> bool:
        return service.process is not None and service.process.pid != seen[0]

    supervise(tmp_path, SLEEPER, said_here, kill, runs_again)
    assert "one ended (-9); it starts again in 0.5 s" in (tmp_path / "rampa.log").read_text()


def test_stopping_ends_children_and_their_children(tmp_path: Path) -> None:
    members: list[int] = []

    def two_processes(_supervisor: Supervisor, service: Service) -> bool:
        assert service.process is not None
        members[:] = session_members(service.process.pid)
        return len(members) == 2

    supervise(tmp_path, PARENT, said_here, two_processes)
    assert len(members) == 2
    assert not any(_lives(pid) for pid in members)


def test_a_second_signal_kills_at_once(tmp_path: Path) -> None:
    def ask_twice(supervisor: Supervisor, _service: Service) -> bool:
        supervisor.signals += 1
        return True

    began = time.monotonic()
    supervise(tmp_path, STUBBORN, said_here, ask_twice)
    assert time.monotonic() - began < 5


def test_a_process_that_gives_up_stops_everything(tmp_path: Path) -> None:
    service = Service("one", [sys.executable, "-c", "raise SystemExit(2)"])
    supervisor = Supervisor([service], tmp_path, echo=False)
    assert supervisor.run() == 2
    assert service.process is None


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -9)])
def test_no_process_outlives_the_supervisor(tmp_path: Path, number: signal.Signals, code: int) -> None:
    script = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    command = [sys.executable, "-c", SUPERVISE, str(tmp_path), script]
    supervisor = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    log = tmp_path / "one.log"
    assert wait_until(lambda: log.exists() and log.read_text().endswith("\n"), SECONDS)
    child = int(log.read_text())

    supervisor.send_signal(number)
    assert supervisor.wait(SECONDS) == code
    assert wait_until(lambda: not _lives(child), SECONDS)


def test_a_taken_port_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "api.serve", "--port", str(port)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == PORT_TAKEN_EXIT
    assert done.stderr == f"Port {port} is taken: stop what uses it or choose another with --port\n"


def test_the_listening_socket_is_one_that_asyncio_sends_on_without_delay() -> None:
    with bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def _lives(pid: int) -> bool:
    """True for a running process; one that only waits to be collected counts as ended."""
    try:
        return os.getsid(pid) != -1 and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
