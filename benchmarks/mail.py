"""The mails of 1,000 orders of a real wholesaler's history: two for each, through one worker to a mail server.

Scheduler and worker run as in production; the server answers at once and counts what it gets by Message-ID. In the
second run the worker is killed ten times (SIGKILL, with the job that it does) and started again. Of mails that were on
their way when it died, `again` are sent again when the dead worker's lease is over, since the server cannot have them;
of `uncertain` ones nobody knows whether they arrived, so they wait for a person instead of going out twice.
"""

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from email import message_from_bytes
from email.policy import default
from typing import Any

import psutil
from aiosmtpd.controller import Controller
from sqlalchemy import text

from benchmarks.place import fill_carts, history, load
from core import clock, queue
from core.company import company
from core.config import ROOT
from core.db import transaction
from core.orders.placing import place
from core.principal import SYSTEM

ORDERS = 1_000
KILLS = 10
PORT = 8925
PATIENCE = 600
ENVIRONMENT = {
    "DEMO": "false", "SECRET_KEY": "only for this benchmark and nothing else", "SMTP_HOST": "127.0.0.1",
    "SMTP_PORT": str(PORT), "SMTP_STARTTLS": "false", "MAIL_FROM": "portal@bench.example",
}  # fmt: skip


class Counting:
    """A mail server that remembers how often each mail came."""

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.came[str(message_from_bytes(envelope.content, policy=default)["Message-ID"])] += 1
        return "250 OK"


def run() -> list[dict[str, Any]]:
    """One row without and one with the killing."""
    orders = history()[:ORDERS]
    load(orders)
    with transaction(SYSTEM) as session:
        company(session).order_emails = ["orders@bench.example"]
    return [_through(orders, kills) for kills in (0, KILLS)]


def _through(orders: Any, kills: int) -> dict[str, Any]:
    queue.connection().flushdb()
    with transaction(SYSTEM) as session:
        session.execute(_FORGET)
    for principal, token in fill_carts(orders):
        with transaction(principal) as session:
            place(session, token, clock.now())
    server = Counting()
    controller = Controller(server, hostname="127.0.0.1", port=PORT)
    controller.start()
    processes = {role: _start(role) for role in ("worker", "scheduler")}
    try:
        _kill_now_and_then(processes, server, kills)
        _wait_for_the_end()
    finally:
        for process in processes.values():
            _end(process)
        controller.stop()
    return _row(server, kills)


def _kill_now_and_then(processes: dict[str, "subprocess.Popen[bytes]"], server: Counting, kills: int) -> None:
    """Each time after so many more mails have come, in the middle of the work."""
    for kill in range(kills):
        enough = (kill + 1) * 2 * ORDERS // (kills + 1)
        _until(lambda enough=enough: len(server.came) >= enough)
        _end(processes["worker"])
        processes["worker"] = _start("worker")


def _wait_for_the_end() -> None:
    def over() -> bool:
        with transaction(SYSTEM) as session:
            return session.execute(_OPEN).scalar_one() == 0

    _until(over)


def _until(true: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the mails did not go out in time")
        threading.Event().wait(0.05)


def _start(role: str) -> "subprocess.Popen[bytes]":
    here = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    command = ["env", *here, sys.executable, "-m", "workers.run", role]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Without a chance to tidy up, and with the process that does the job."""
    family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    for member in family:
        member.send_signal(signal.SIGKILL)
    process.wait()


def _row(server: Counting, kills: int) -> dict[str, Any]:
    with transaction(SYSTEM) as session:
        row = session.execute(_FIGURES).one()
    return {
        "kills": kills, "mails": row.mails, "mails_per_s": round(row.sent / float(row.seconds), 1),
        "seconds": round(float(row.seconds), 1), "sent": row.sent, "again": row.again,
        "uncertain": row.uncertain,
        "twice": sum(times > 1 for times in server.came.values()),
        "lost": max(0, row.sent - len(server.came)),
        "unhandled_events": row.unhandled,
    }  # fmt: skip


_FORGET = text("truncate mail, outbox")
# A mail whose worker died stays as it is until its lease is over. Here that counts at once.
_OPEN = text("""
    select (select count(*) from outbox where handled_at is null) + (select count(*) from mail where state = 'queued')
         + (select count(*) from mail
            where state in ('taken', 'sending') and next_try_at > now() + interval '295 seconds')
""")
_FIGURES = text("""
    select count(*) as mails, count(*) filter (where state = 'sent') as sent,
           count(*) filter (where state in ('sending', 'uncertain')) as uncertain,
           count(*) filter (where state = 'taken') as again,
           extract(epoch from max(sent_at) - min(created_at)) as seconds,
           (select count(*) from outbox where handled_at is null) as unhandled
    from mail
""")
