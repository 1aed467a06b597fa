"""The supervisor: starts the portal's processes, starts again what dies, and ends everything it started."""

# ruff: noqa: S603
# (every command is a list of our own making, and none goes through a shell)

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from logging import Formatter, LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType

from workers.embedded import ROOT, Lease
from workers.spawn import dying_with_parent, kill_session, session_members

STOP_SECONDS = 8.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_SECONDS = 60.0  # who lived that long starts again with the first pause
TICK = 0.2
LOG_BYTES, LOG_FILES = 5_000_000, 3
FATAL_EXIT = 2  # the process says itself that another try is useless (port taken)


@dataclass
class Service:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    pause: float = FIRST_PAUSE
    started: float = 0.0
    due: float = 0.0  # when to start it (again), on the monotonic clock


@dataclass
class Supervisor:
    """Runs services until a signal comes; `echo` also copies what they write to the standard error."""

    services: list[Service]
    log_dir: Path
    leases: list[Lease] = field(default_factory=list)
    echo: bool = True

    def __post_init__(self) -> None:
        self.signals = 0
        self.exit_code = 0
        self._log_files: dict[str, RotatingFileHandler] = {}
        self._selector = selectors.DefaultSelector()

    def run(self, on_tick: Callable[[], None] = lambda: None) -> int:
        """Start everything and watch it; returns the exit code after a signal or a fatal end."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            while not self.signals:
                self._look_after()
                on_tick()
                self._pump(TICK)
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)
        return self.exit_code

    def say(self, text: str) -> None:
        """One line of the supervisor's own."""
        print(text, file=sys.stderr, flush=True)
        self._log("rampa", f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.signals += 1

    def _look_after(self) -> None:
        for lease in self.leases:
            lease.ensure()
        for service in self.services:
            if service.process is not None and service.process.poll() is not None:
                self._ended(service, service.process)
            if service.process is None and time.monotonic() >= service.due and not self.signals:
                self._start(service)

    def _start(self, service: Service) -> None:
        service.started = time.monotonic()
        service.process = subprocess.Popen(
            service.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),
        )
        assert service.process.stdout is not None
        os.set_blocking(service.process.stdout.fileno(), False)
        self._selector.register(service.process.stdout, selectors.EVENT_READ, service)

    def _ended(self, service: Service, process: subprocess.Popen[bytes]) -> None:
        """Clear away what an ended process left, and plan its next start."""
        kill_session(process.pid)
        self._close_output(service, process)
        service.process = None
        if process.returncode == FATAL_EXIT:
            self.say(f"{service.name} cannot run: see {self.log_dir / service.name}.log")
            self.exit_code = FATAL_EXIT
            self.signals += 1
            return
        if time.monotonic() - service.started > STEADY_SECONDS:
            service.pause = FIRST_PAUSE
        service.due = time.monotonic() + service.pause
        self.say(f"{service.name} ended ({process.returncode}); it starts again in {service.pause:g} s")
        service.pause = min(service.pause * 2, LONGEST_PAUSE)

    def _stop(self) -> None:
        """End all at once and politely; after STOP_SECONDS, or on a second signal, by force."""
        processes = [service.process for service in self.services if service.process is not None]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for process in processes):
            if self.signals > 1 or time.monotonic() > deadline:
                break
            self._pump(0.05)
        for process in processes:
            kill_session(process.pid)
            process.wait()
        for service in self.services:
            if service.process is not None:
                self._close_output(service, service.process)
                service.process = None
        for handler in self._log_files.values():
            handler.close()

    def _pump(self, seconds: float) -> None:
        """Wait, and pass on what the processes write meanwhile."""
        if not self._selector.get_map():
            time.sleep(seconds)
        for key, _events in self._selector.select(seconds):
            if not self._pass_on(key.data):
                self._selector.unregister(key.fileobj)

    def _pass_on(self, service: Service) -> bool:
        """Copy the waiting output of one service; False at its end."""
        assert service.process is not None
        assert service.process.stdout is not None
        output = service.process.stdout.read()
        if output is None:
            return True
        text = output.decode(errors="replace")
        if text:
            self._log(service.name, text)
            if self.echo:
                sys.stderr.write(text)
                sys.stderr.flush()
        return bool(output)

    def _close_output(self, service: Service, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        if process.stdout in {key.fileobj for key in self._selector.get_map().values()}:
            self._pass_on(service)
            self._selector.unregister(process.stdout)
        process.stdout.close()

    def _log(self, name: str, text: str) -> None:
        handler = self._log_files.get(name)
        if handler is None:
            path = self.log_dir / f"{name}.log"
            handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
            handler.setFormatter(Formatter("%(message)s"))
            self._log_files[name] = handler
        handler.emit(LogRecord(name, 20, "", 0, text.rstrip("\n"), None, None))


def portal(port: int, host: str, workers: int, only: Sequence[str] = ()) -> list[Service]:
    """The processes of the portal; `only` names some of web, worker and scheduler."""
    python = sys.executable
    services = [Service("web", [python, "-m", "api.serve", "--host", host, "--port", str(port)])]
    for number in range(1, workers + 1):
        name = "worker" if workers == 1 else f"worker-{number}"
        services.append(Service(name, [python, "-m", "workers.run", "worker"]))
    services.append(Service("scheduler", [python, "-m", "workers.run", "scheduler"]))
    return [service for service in services if not only or service.name.partition("-")[0] in only]


def members(service: Service) -> list[int]:
    """The live processes of a service: itself, its children and theirs."""
    return list(session_members(service.process.pid)) if service.process is not None else []
