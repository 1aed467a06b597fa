"""Redis holds nothing that may be lost: orders are placed without it, and their mails go out when it is back."""

import os
import signal
from datetime import timedelta

import pytest
from sqlalchemy import text

from benchmarks.soak.portal import Portal, stopped, until
from core.db import engine
from core.notifications.relaying import LOST_AFTER
from tests.faults.conftest import Clients, all_told, full_carts, nothing_is_broken

ORDERS = 8


def test_orders_are_placed_while_redis_is_silent_and_their_mails_go_out_afterwards(
    portal: Portal, clients: Clients
) -> None:
    carts = full_carts(ORDERS)
    portal.start("worker", "scheduler")
    until(portal.is_ready, "the worker is there")
    with stopped(portal.redis_server()):
        clients.start(carts)
        answers = clients.finish()
        assert [answer.errors for answer in answers] == [0] * ORDERS
        assert portal.mails.came == {}
    all_told(portal, ORDERS)
    nothing_is_broken(portal, answers, ORDERS)


@pytest.mark.parametrize("forgets", [False, True], ids=["keeps all", "loses all"])
def test_mails_go_out_although_redis_was_killed(portal: Portal, clients: Clients, forgets: bool) -> None:
    carts = full_carts(ORDERS)
    portal.start("worker", "scheduler")
    clients.start(carts[:4])
    until(lambda: len(portal.mails.came) > 2, "the first mails came")
    clients.start(carts[4:])
    if forgets:
        portal.forget_queue()
    os.kill(portal.redis_server(), signal.SIGKILL)
    answers = clients.finish()
    portal.wait_for_servers()
    if forgets:
        let_time_pass(LOST_AFTER)
    all_told(portal, ORDERS)
    nothing_is_broken(portal, answers, ORDERS)


def let_time_pass(since_dispatch: timedelta) -> None:
    with engine().begin() as connection:
        passing = text("update outbox set dispatched_at = dispatched_at - :since where handled_at is null")
        connection.execute(passing, {"since": since_dispatch})
