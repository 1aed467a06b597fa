"""Orders that lapse a second, and whether anybody who claims one waits meanwhile.

100,000 open orders of 8 lines, with some products in many of them; a tenth is past its deadline. The sweep ends these
as the worker does it, batch by batch, each in a transaction of its own, while another process claims orders that still
have time, one after the other, as the page does. One order in eleven is claimed and waits for its payment; one in 97
waits for goods that others hold: what comes free goes there.
"""

import multiprocessing
import statistics
import time
from typing import Any

from sqlalchemy import text

from benchmarks import large
from benchmarks.lapse_rows import MAKE, TABLES
from benchmarks.place import HISTORY
from core import clock
from core.check import run_checks
from core.db import engine, transaction
from core.imports.files import apply
from core.orders.lapsing import lapse_due
from core.orders.lifecycle import claim
from core.principal import SYSTEM, Principal

ORDERS = 100_000
LINES = 8
DUE = 10_000
PAUSE = 0.01
"""Seconds between two claims: somebody who claims all the time would be a second sweep."""

Claimable = tuple[Principal, list[int]]


def run(orders: int = ORDERS, due: int = DUE) -> list[dict[str, Any]]:
    """One row: what lapsed, how fast, and how long claims took meanwhile, in milliseconds."""
    load(orders, due)
    assert not (broken := _broken()), broken
    context = multiprocessing.get_context("spawn")
    ready, over, results = context.Event(), context.Event(), context.Queue()
    claiming = context.Process(target=_claim_until, args=(_claimable(), ready, over, results))
    claiming.start()
    ready.wait()
    begin = time.perf_counter()
    lapsed = _sweep()
    elapsed = time.perf_counter() - begin
    over.set()
    waits = sorted(results.get())
    claiming.join()
    return [{
        "orders": lapsed,
        "orders_per_s": round(lapsed / elapsed, 1),
        "claims": len(waits),
        "claim_wait_p50_ms": round(statistics.median(waits), 2),
        "claim_wait_p99_ms": round(waits[int(len(waits) * 0.99)], 2),
        "claim_wait_max_ms": round(waits[-1], 2),
        "broken": sum(len(found) for found in _broken().values()),
    }]  # fmt: skip


def load(orders: int, due: int) -> None:
    """Products and partners of the history, and so many open orders, of which so many are `due`."""
    with transaction(SYSTEM) as session:
        for kind in ("products", "partners"):
            apply(session, kind, (HISTORY / f"{kind}.csv").read_bytes())
        session.execute(text(large.PEOPLE))
    parameters = {"orders": orders, "every": orders // due, "lines": LINES, "now": clock.now(), "zone": large.ZONE}
    with large.writing() as cursor:
        large.write(cursor, TABLES, MAKE, parameters)
    large.vacuum()


def _sweep() -> int:
    """As the job `sweep` does it."""
    lapsed, last = 0, 0
    while last is not None:
        with transaction(SYSTEM) as session:
            ended, last = lapse_due(session, clock.now(), last)
        lapsed += ended
    return lapsed


def _claimable() -> Claimable:
    with engine().connect() as connection:
        clerk = connection.execute(text("select id from app_user where kind = 'staff'")).scalar_one()
        return Principal("staff", clerk, role="admin"), list(connection.execute(_WAITING).scalars())


def _claim_until(claimable: Claimable, ready: Any, over: Any, results: Any) -> None:
    """Claim until it is said that it is enough; hands back each claim's milliseconds."""
    clerk, order_ids = claimable
    _claim(clerk, order_ids[0])  # opens the connection and loads what is needed
    ready.set()
    waits = []
    for order_id in order_ids[1:]:
        waits.append(_claim(clerk, order_id))
        if over.wait(PAUSE):
            break
    results.put(waits)


def _claim(clerk: Principal, order_id: int) -> float:
    begin = time.perf_counter()
    with transaction(clerk) as session:
        claim(session, order_id, clock.now())
    return (time.perf_counter() - begin) * 1000


def _broken() -> dict[str, list[str]]:
    return {name: found for name, found in run_checks().items() if found}


_WAITING = text("""
    select id from orders where status = 'placed' and claim_deadline > now() + interval '30 minutes'
    order by id * 7919 % 10007, id
""")
