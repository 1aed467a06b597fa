"""Start the portal's processes, and say when they are ready."""

import http.client
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from api.listening import PortTakenError, bind
from workers.embedded import SetupError
from workers.environment import Installation
from workers.processes import Supervisor, portal

ASK_EVERY = 0.3
PATIENCE = 45.0


class Choice(NamedTuple):
    """Which processes run here, and where the web process listens."""

    host: str = "127.0.0.1"
    workers: int = 1
    only: Sequence[str] = ()


class PortTaken(SetupError):
    """The web process would find its port taken."""

    exit_code = 2


def require_free_port(host: str, port: int) -> None:
    """Find out before anything is started."""
    try:
        bind(host, port).close()
    except PortTakenError as error:
        raise PortTaken(str(error)) from error


def run_processes(place: Installation, port: int, choice: Choice, *, echo: bool, on_ready: Callable[[], None]) -> int:
    """Run until a signal comes; `on_ready` is called once, when every part answers."""
    services = portal(port, choice.host, choice.workers, choice.only)
    supervisor = Supervisor(services, place.logs, leases=place.leases, echo=echo)
    with_web = not choice.only or "web" in choice.only
    return supervisor.run(ReadyWatch(choice.host, port, on_ready) if with_web else lambda: None)


class ReadyWatch:
    """Asks /healthz now and then until everything is well; tells what is missing when that takes long."""

    def __init__(self, host: str, port: int, on_ready: Callable[[], None]) -> None:
        self.address = ("127.0.0.1" if host == "0.0.0.0" else host, port)  # noqa: S104 (compared, not bound)
        self.on_ready = on_ready
        self.done = False
        self.complain_at = time.monotonic() + PATIENCE
        self.next = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if self.done or now < self.next:
            return
        self.next = now + ASK_EVERY
        states = ask_health(*self.address)
        if states and all(state == "ok" for state in states.values()):
            self.done = True
            self.on_ready()
        elif now > self.complain_at:
            self.complain_at = float("inf")
            missing = [f"{name} ({state})" for name, state in states.items() if state != "ok"]
            print("Still waiting for " + ", ".join(missing or ["web"]), file=sys.stderr)


def ask_health(host: str, port: int) -> dict[str, str]:
    """The answer of /healthz; empty while nobody listens."""
    connection = http.client.HTTPConnection(host, port, timeout=2.5)
    try:
        connection.request("GET", "/healthz")
        return dict(json.loads(connection.getresponse().read()))
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return {}
    finally:
        connection.close()


def announce(port: int, logs: Path, log_ins: Iterable[tuple[str, str, str]], set_up: str | None = None) -> None:
    """Print where the portal is and who can log in, or how somebody will: on the terminal only, in no file."""
    lines = [f"Rampa is ready: http://localhost:{port}"]
    if set_up:
        lines += ["", "Nobody can log in yet. Open this link and become the administrator; it works once:"]
        lines += [f"  {set_up}"]
    rows = list(log_ins)
    if rows:
        role_width, mail_width = (max(len(row[column]) for row in rows) for column in (0, 1))
        lines += ["", "Log in as:"]
        lines += [f"  {role:<{role_width}}  {mail:<{mail_width}}  {password}" for role, mail, password in rows]
    lines += ["", f"Logs are in {logs}. Ctrl-C stops everything."]
    print("\n" + "\n".join(lines) + "\n", flush=True)
