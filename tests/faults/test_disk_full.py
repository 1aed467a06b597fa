"""The database's disk is full: orders are refused with an error, and placed once there is room again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.soak.disk import filled, mounted
from benchmarks.soak.portal import Portal, until
from tests.databases import Servers
from tests.faults.conftest import Clients, all_told, full_carts, nothing_is_broken, own_servers, portal_on

ORDERS = 20
MEGABYTES = 400


@pytest.fixture
def portal(servers: Servers, tmp_path: Path) -> Iterator[Portal]:
    """One whose database has a small disk of its own."""
    with mounted(tmp_path / "small" / "postgres", MEGABYTES) as why_not:
        if why_not:
            pytest.skip(f"no small disk can be made here: {why_not}")
        with own_servers(tmp_path / "small") as own, portal_on(own, tmp_path) as portal:
            yield portal


def test_who_got_an_error_clicks_again_and_has_one_order(portal: Portal, clients: Clients) -> None:
    carts = full_carts(ORDERS)
    portal.start("worker", "scheduler")
    until(portal.is_ready, "the worker is there")
    with filled(portal.data / "postgres"):
        clients.start(carts)
        until(lambda: "DiskFull" in clients.errors(), "a buyer was told of an error")
    answers = clients.finish()
    assert sum(answer.errors for answer in answers) > 0
    portal.wait_for_servers()
    all_told(portal, ORDERS)
    nothing_is_broken(portal, answers, ORDERS)
