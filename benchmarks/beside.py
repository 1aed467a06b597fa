"""Placing orders while a heavy export runs beside it, again and again, on the same server: does anybody wait for it?

2,000 orders of the wholesaler's history are placed by 2 clients over 5,000,000 older order lines, first alone, then
beside a process that takes out a million of those lines as CSV in a loop. `waits` counts the moments (of ten a second)
at which a statement waited for a lock that the export held.
"""

import multiprocessing
import threading
import time
from typing import Any

from sqlalchemy import text

from benchmarks import export, large, place
from core import clock
from core.db import engine, reading
from core.exports.asking import Asked, query
from core.exports.csv_file import csv_pieces
from core.principal import SYSTEM

CLIENTS = 2


def run() -> list[dict[str, Any]]:
    """A row alone, and a row beside the export."""
    large.load()
    orders = place.history()
    place.load(orders, files=False)
    rows = [{"beside": "nothing", "waits": 0} | place.replay(orders, CLIENTS, checked=False)]
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    exporting = context.Process(target=_export_until, args=(over, export.since()))
    exporting.start()
    waits, watching = [0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(waits, watching))
    watcher.start()
    found = place.replay(orders, CLIENTS, checked=False)
    watching.set()
    over.set()
    watcher.join()
    exporting.join()
    rows.append({"beside": "exports", "waits": waits[0]} | found)
    left_out = ("clients", "oversold", "sold", "short")
    return [{name: value for name, value in row.items() if name not in left_out} for row in rows]


def _export_until(over: Any, since: Any) -> None:
    while not over.is_set():
        with reading(SYSTEM) as session:
            found = query(session, Asked("lines", export.COLUMNS, since=since), clock.now())
            for _piece in csv_pieces(session, found, "ro", "excel"):
                if over.is_set():
                    return


def _watch(waits: list[int], over: threading.Event) -> None:
    with engine().connect() as connection:
        while not over.is_set():
            waits[0] += connection.execute(_WAITING).scalar_one()
            connection.rollback()
            time.sleep(0.1)


_WAITING = text("""
    select count(*) from pg_stat_activity waiting
    where exists (select from unnest(pg_blocking_pids(waiting.pid)) blocking (pid)
                  join pg_stat_activity blocker on blocker.pid = blocking.pid where blocker.query ilike '%copy (%')
""")
