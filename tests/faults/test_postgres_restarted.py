"""PostgreSQL goes away under load: who got an error clicks again, and has one order."""

import contextlib
import os
import signal

import pytest
from sqlalchemy.exc import OperationalError

from benchmarks.soak.portal import Portal, until
from core.db import engine
from tests.faults.conftest import Clients, all_told, blocked, full_carts, nothing_is_broken

ORDERS = 10


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "killed"])
def test_orders_are_placed_once_although_the_database_went_away_meanwhile(
    portal: Portal, clients: Clients, how: signal.Signals
) -> None:
    carts = full_carts(ORDERS)
    portal.start("worker", "scheduler")
    until(portal.is_ready, "the worker is there")
    with contextlib.suppress(OperationalError), engine().connect() as other:
        other.exec_driver_sql("lock table stock_hold in share mode")
        clients.start(carts[::2])
        clients.start(carts[1::2])
        until(blocked, "an order is about to be written")
        os.kill(portal.postmaster(), how)
    answers = clients.finish()
    assert sum(answer.errors for answer in answers) > 0
    portal.wait_for_servers()
    all_told(portal, ORDERS)
    nothing_is_broken(portal, answers, ORDERS)
