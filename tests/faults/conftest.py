"""A portal of real processes over servers of its own, which a test may kill."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.soak.buying import Answer
from benchmarks.soak.portal import Portal, until
from benchmarks.soak.sink import Sink
from benchmarks.soak.verdict import verdict, waiting
from core import db, queue
from core.config import ROOT
from core.installation import installation
from core.principal import SYSTEM, Principal
from tests import factories
from tests.core.notifications import steps as mailing
from tests.core.notifications.conftest import free_port
from tests.core.orders import steps
from tests.databases import Servers, fresh_database
from workers.embedded import Lease, Urls, leases

SETTINGS = {"SMTP_HOST": "127.0.0.1", "SMTP_STARTTLS": "false", "MAIL_FROM": "portal@electro.example"}


@dataclass
class Own:
    """Servers of the faults' own, with a migrated database to copy."""

    servers: Servers
    leases: list[Lease]
    template: str


@contextmanager
def own_servers(folder: Path) -> Iterator[Own]:
    """Servers over a folder."""
    with leases(folder, "postgres", "redis") as taken:
        servers = Servers(*(lease.url() for lease in taken))
        with fresh_database(servers, folder) as template:
            db.migrate()
            with db.transaction(SYSTEM) as session:
                installation(session).steps_open = False
            db.engine().dispose()
            yield Own(servers, taken, template)


@contextmanager
def portal_on(own: Own, folder: Path) -> Iterator[Portal]:
    """A portal over such servers, of which no process runs yet but the mail server; settings() and engine() point at
    its database."""
    port, web = free_port(), free_port()
    sink = Sink(port)
    settings = SETTINGS | {"SMTP_PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{web}"}
    with fresh_database(own.servers, folder, own.template):
        portal = Portal(Urls(os.environ["DATABASE_URL"], own.servers.redis), own.leases, settings, sink, web)
        portal.forget_queue()
        sink.start()
        try:
            yield portal
        finally:
            portal.stop()
            sink.stop()
            portal.wait_for_servers()


@pytest.fixture(scope="session")
def own(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """After those of all other tests: these leave their addresses in the environment."""
    with own_servers(tmp_path_factory.mktemp("faults")) as found:
        yield found


@pytest.fixture
def portal(own: Own, tmp_path: Path) -> Iterator[Portal]:
    with portal_on(own, tmp_path) as found:
        yield found


def full_carts(count: int, stock: int = 1_000) -> list[tuple[Principal, str]]:
    """So many buyers, each with two of the same product in the cart; and an address that hears of every order."""
    mailing.open_company(order_emails=["orders@electro.example"])
    product = factories.make_product(stock=stock)
    buyers = [factories.make_buyer() for _ in range(count)]
    return [(buyer, str(steps.fill(buyer, {product.id: 2}))) for buyer in buyers]


class Clients:
    """Processes that place carts, and submit again what they got no answer to."""

    def __init__(self, portal: Portal, folder: Path) -> None:
        self.portal, self.folder = portal, folder
        self.started: list[tuple[subprocess.Popen[bytes], Path]] = []

    def start(self, carts: list[tuple[Principal, str]]) -> None:
        number = len(self.started)
        given, said = self.folder / f"carts-{number}", self.folder / f"answers-{number}"
        lines = [{"user": who.user_id, "partner": who.partner_id, "token": token} for who, token in carts]
        given.write_text("\n".join(json.dumps(line) for line in lines))
        with said.open("wb") as output, (self.folder / "errors").open("ab") as errors:
            command = [sys.executable, "-m", "benchmarks.soak.buying", str(given)]
            self.started.append((subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=errors), said))

    def errors(self) -> str:
        """What the database has said to them."""
        return (self.folder / "errors").read_text()

    def answers(self) -> list[Answer]:
        """What they were told so far."""
        lines = [line for _, said in self.started for line in said.read_text().split("\n")[:-1]]
        return [Answer(**json.loads(line)) for line in lines]

    def finish(self) -> list[Answer]:
        """What all of them were told in the end."""
        for process, _ in self.started:
            assert process.wait(90) == 0
        return self.answers()


@pytest.fixture
def clients(portal: Portal, tmp_path: Path) -> Iterator[Clients]:
    found = Clients(portal, tmp_path)
    yield found
    for process, _ in found.started:
        process.kill()
        process.wait()


def all_told(portal: Portal, orders: int) -> None:
    """Wait until both mails of so many orders have come."""
    until(lambda: len(portal.mails.came) >= 2 * orders and not waiting(), f"{2 * orders} mails came")


def nothing_is_broken(portal: Portal, answers: list[Answer], orders: int) -> None:
    """So many orders, each once, each told to two people once."""
    assert verdict(answers, portal.mails) == []
    assert steps.scalar("select count(*) from orders") == orders
    assert set(portal.mails.came.values()) == {1}
    assert len(portal.mails.came) == 2 * orders


def jobs_wait(*names: str) -> None:
    """Put jobs of workers/jobs.py into the queue, as the timetable would."""
    for name in names:
        queue.queue().enqueue_call(f"workers.jobs.{name}", result_ttl=0)


def blocked() -> bool:
    """Does a statement wait for a lock?"""
    return steps.scalar(_BLOCKED) > 0


_BLOCKED = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
