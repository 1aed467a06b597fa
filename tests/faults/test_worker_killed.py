"""A worker that dies in the middle leaves the rest to the next one: nothing twice, nothing lost."""

from datetime import timedelta

import pytest

from benchmarks.soak.portal import Portal, until
from benchmarks.soak.verdict import mail_states, verdict, waiting
from core import clock
from core.db import engine
from tests.core.orders import steps
from tests.core.orders.steps import scalar
from tests.faults.conftest import blocked, full_carts, jobs_wait

ORDERS = 3
LAPSED = "select count(*) from orders where status = 'lapsed'"


@pytest.mark.parametrize("all_of_it", [True, False], ids=["the worker", "only the process of the job"])
def test_a_sweep_that_was_killed_in_the_middle_is_done_by_the_next(portal: Portal, all_of_it: bool) -> None:
    before = clock.now() - timedelta(days=5)
    for buyer, token in full_carts(ORDERS):
        steps.place(buyer, token, before)
    with engine().connect() as other:
        other.exec_driver_sql("lock table stock_hold in share mode")
        portal.start("worker")
        jobs_wait("sweep")
        until(blocked, "the sweep has ended orders and is about to release their goods")
        assert portal.kill("worker") if all_of_it else portal.kill_job()
    until(lambda: not blocked(), "the server noticed")
    assert scalar(LAPSED) == 0
    jobs_wait("sweep", "relay")
    until(lambda: not waiting() and scalar(LAPSED) == ORDERS, "the orders lapsed and everybody was told")
    assert scalar("select count(*) from event where kind = 'order_lapsed'") == ORDERS
    assert scalar("select held from stock") == 0
    assert verdict([], portal.mails) == []
    assert set(portal.mails.came.values()) == {1}


def test_a_mail_whose_worker_was_killed_before_the_server_had_it_goes_out_by_itself(portal: Portal) -> None:
    with portal.mails.silent("RCPT"):
        kill_while_sending(portal, "RCPT")
    assert mail_states() == {"taken": 1, "queued": 2 * ORDERS - 1}
    let_the_lease_end()
    until(lambda: not waiting(), "every mail went out")
    assert mail_states() == {"sent": 2 * ORDERS}
    assert verdict([], portal.mails) == []


def test_a_mail_whose_worker_was_killed_before_the_servers_answer_waits_for_a_person(portal: Portal) -> None:
    with portal.mails.silent("DATA"):
        kill_while_sending(portal, "DATA")
    assert mail_states() == {"sending": 1, "queued": 2 * ORDERS - 1}
    let_the_lease_end()
    until(lambda: not waiting(), "every other mail went out")
    assert mail_states() == {"sent": 2 * ORDERS - 1, "uncertain": 1}
    assert verdict([], portal.mails) == []
    assert set(portal.mails.came.values()) == {1}


def kill_while_sending(portal: Portal, point: str) -> None:
    """Kill the worker in the first mail of a few orders."""
    for buyer, token in full_carts(ORDERS):
        steps.place(buyer, token, clock.now())
    portal.start("worker")
    jobs_wait("relay")
    until(lambda: any(where == point for where, _ in portal.mails.waiting), "a mail is on its way")
    assert portal.kill("worker")


def let_the_lease_end() -> None:
    with engine().begin() as connection:
        connection.exec_driver_sql("update mail set next_try_at = now() where state in ('taken', 'sending')")
    jobs_wait("send_waiting")
