"""Two schedulers by mistake double every job, and nothing that comes of one."""

import sys
from datetime import timedelta

from benchmarks.soak.portal import Portal, until
from benchmarks.soak.verdict import verdict, waiting
from core import clock
from tests.core.orders import steps
from tests.core.orders.steps import scalar
from tests.faults.conftest import full_carts

ORDERS = 4
LAPSED = "select count(*) from orders where status = 'lapsed'"


def test_orders_lapse_once_and_everybody_is_told_once(portal: Portal) -> None:
    for buyer, token in full_carts(ORDERS):
        steps.place(buyer, token, clock.now() - timedelta(days=5))
    portal.start("worker", "scheduler", workers=2)
    portal.run(sys.executable, "-m", "workers.run", "scheduler")
    until(lambda: len(portal.processes("scheduler")) == 2, "both schedulers are there")
    until(lambda: scalar(LAPSED) == ORDERS and not waiting(), "the orders lapsed and everybody was told")
    assert scalar("select count(*) from event where kind = 'order_lapsed'") == ORDERS
    assert verdict([], portal.mails) == []
    assert set(portal.mails.came.values()) == {1}
