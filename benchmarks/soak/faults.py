"""What breaks: each fault is done to a running portal, and what can last is over when its function returns."""

import os
import signal
import sys
import time
from collections.abc import Callable

from benchmarks.soak.disk import filled
from benchmarks.soak.portal import Portal, stopped

Fault = Callable[[Portal, float], None]
"""Given the portal and for how many seconds, where it lasts."""


def _kill_worker(portal: Portal, _seconds: float) -> None:
    portal.kill("worker")


def _kill_job(portal: Portal, _seconds: float) -> None:
    portal.kill_job()


def _kill_scheduler(portal: Portal, _seconds: float) -> None:
    portal.kill("scheduler")


def _kill_web(portal: Portal, _seconds: float) -> None:
    portal.kill("web")


def _stop_redis(portal: Portal, seconds: float) -> None:
    with stopped(portal.redis_server()):
        time.sleep(seconds)


def _kill_redis(portal: Portal, _seconds: float) -> None:
    os.kill(portal.redis_server(), signal.SIGKILL)


def _empty_redis(portal: Portal, _seconds: float) -> None:
    portal.forget_queue()


def _restart_postgres(portal: Portal, _seconds: float) -> None:
    os.kill(portal.postmaster(), signal.SIGINT)


def _kill_postgres(portal: Portal, _seconds: float) -> None:
    os.kill(portal.postmaster(), signal.SIGKILL)


def _silence_mail_server(portal: Portal, seconds: float) -> None:
    with portal.mails.silent("RCPT"):
        time.sleep(seconds)


def _second_scheduler(portal: Portal, seconds: float) -> None:
    second = portal.run(sys.executable, "-m", "workers.run", "scheduler")
    time.sleep(seconds)
    portal.end(second)


def fill_disk(portal: Portal, seconds: float) -> None:
    """Only where the database has a disk of its own."""
    with filled(portal.data / "postgres"):
        time.sleep(seconds / 4)


FAULTS: dict[str, Fault] = {
    "worker killed": _kill_worker,
    "job killed": _kill_job,
    "scheduler killed": _kill_scheduler,
    "web killed": _kill_web,
    "Redis silent": _stop_redis,
    "Redis killed": _kill_redis,
    "Redis emptied": _empty_redis,
    "PostgreSQL restarted": _restart_postgres,
    "PostgreSQL killed": _kill_postgres,
    "mail server silent": _silence_mail_server,
    "two schedulers": _second_scheduler,
}
DISK_FULL = "disk full"
