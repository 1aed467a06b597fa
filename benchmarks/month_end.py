"""A month's end: 1,000 orders of a real wholesaler's history are invoiced in the background, then their PDFs are made.

Two processes do what the jobs do, `issue_next` and then `render_next`. One row for each of the two: seconds in all,
milliseconds of one as a worker sees it, and the memory of the larger worker.
"""

import multiprocessing
import resource
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from benchmarks.place import fill_carts, history, load
from core import clock
from core.company import company
from core.db import transaction
from core.documents import bulk, rendering
from core.orders.claiming import claim
from core.orders.placing import place
from core.principal import SYSTEM, Principal

ORDERS = 1_000
WORKERS = 2


def run() -> list[dict[str, Any]]:
    """Issuing, then rendering."""
    orders = history()[:ORDERS]
    load(orders)
    with transaction(SYSTEM) as session:
        row = company(session)
        row.name, row.cui, row.address, row.city = "Distribuție Carpați SRL", "10000024", "Strada 1", "Suceava"
        row.county = "SV"
        row.order_emails = ["orders@bench.example"]
        session.execute(_PARTNERS)
    carts = fill_carts(orders)
    with transaction(SYSTEM) as session:
        clerk = session.execute(_CLERK).scalar_one()
    for principal, token in carts:
        with transaction(principal) as session:
            order_id = place(session, token, clock.now()).order_id
        with transaction(Principal("staff", clerk, role="admin")) as session:
            claim(session, order_id, clock.now())
    with transaction(Principal("staff", clerk, role="admin", name="Clerk")) as session:
        bulk.start_run(session, clock.now().date(), False, "ro", clock.now())
    return [_at_work("issue", _issue), _at_work("render", _render)]


def _issue() -> bool:
    return bulk.issue_next(clock.now())


def _render() -> bool:
    with transaction(SYSTEM) as session:
        return rendering.render_next(session, clock.now())


def _at_work(name: str, step: Callable[[], bool]) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [context.Process(target=_work, args=(step, results)) for _ in range(WORKERS)]
    begin = time.perf_counter()
    for process in processes:
        process.start()
    outcomes = [results.get() for _ in processes]
    seconds = time.perf_counter() - begin
    for process in processes:
        process.join()
    times = sorted(ms for latencies, _ in outcomes for ms in latencies)
    with transaction(SYSTEM) as session:
        made = session.execute(_MADE).one()
    return {
        "step": name, "workers": WORKERS, "documents": len(times), "seconds": round(seconds, 1),
        "per_s": round(len(times) / seconds, 1), "p50_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1), "rss_mb": max(rss for _, rss in outcomes) // 1024,
        "issued": made.issued, "gaps": made.gaps, "files": made.files,
    }  # fmt: skip


def _work(step: Callable[[], bool], results: Any) -> None:
    """Until nothing is left; hands back each one's milliseconds and the most memory in KB."""
    latencies, more = [], True
    while more:
        begin = time.perf_counter()
        more = step()
        latencies.append((time.perf_counter() - begin) * 1000)
    results.put((latencies[:-1], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


_PARTNERS = text("""
    update partner set cui = coalesce(nullif(cui, ''), '18189442'), address = 'Str. 1', city = 'Cluj-Napoca',
                       county = 'CJ'
""")
_CLERK = text("""
    insert into app_user (email, name, kind, role, password_hash)
    values ('clerk@bench.example', 'Clerk', 'staff', 'admin', '-') returning id
""")
_MADE = text("""
    select count(*) as issued, max(number) - min(number) + 1 - count(*) as gaps,
           (select count(*) from document_file where format = 'pdf') as files
    from document where kind = 'invoice'
""")
