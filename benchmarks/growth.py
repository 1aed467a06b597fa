"""What becomes of each figure when there are ten and a hundred times as many orders, or products.

Orders: a real wholesaler's history (benchmarks/large.py), of each order at most 8 lines, so often that there are
10,000, 100,000 and 1,000,000 orders over three years, with deliveries, movements, invoices and payments. Products: the
assortment of benchmarks/assortment.py, 1,000, 10,000 and 100,000 of them. Each size has a database of its own. A
figure's time is that of the transactions that the page or the worker opens for it, at the median; `reads` names the
indexes, and the tables read from end to end, in the plans at the greatest size.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from benchmarks import assortment, large, place
from core import clock
from core.check import run_checks
from core.config import ROOT
from core.db import engine, migrate, transaction
from core.orders import queue
from core.orders.lapsing import lapse_due
from core.orders.lifecycle import claim
from core.orders.queries import order_detail, orders_page
from core.orders.searching import Filters, search_page
from core.principal import SYSTEM, Principal
from core.quick.checking import check as check_lines
from core.receivables.balances import balance
from core.receivables.debtors import debtors
from core.receivables.listing import documents_page
from core.reports import own, sales
from core.reports.periods import named_period
from workers.environment import scratch

ORDERS = (10_000, 100_000, 1_000_000)
PRODUCTS = (1_000, 10_000, 100_000)
HISTORY_ORDERS = 18_402
"""So many orders with goods that were sold has the history."""
LINES = 8
PLACED = 200
ROUNDS = 20

Figure = tuple[Principal, Callable[[Session], object]]


def run(orders: tuple[int, ...] = ORDERS, products: tuple[int, ...] = PRODUCTS) -> list[dict[str, Any]]:
    """One row per figure: milliseconds at each size, and what was read at the greatest."""
    return _grown("orders", orders, _with_orders) + _grown("products", products, _with_products)


def _grown(what: str, sizes: tuple[int, ...], measure: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for nth, size in enumerate(sizes):
        with _database():
            for name, found in measure(size).items():
                row = rows.setdefault(name, {"of": what, "figure": name, "small": "", "middle": "", "large": ""})
                row[("small", "middle", "large")[nth]] = found["ms"]
                row["reads"] = found["reads"]
    return list(rows.values())


@contextmanager
def _database() -> Iterator[None]:
    """A new one, which everything in the block uses."""
    engine().dispose()
    engine.cache_clear()
    with scratch(ROOT / "var" / "bench", "rampa_growth"):
        migrate()
        yield
        engine().dispose()
    engine.cache_clear()


def _with_orders(count: int) -> dict[str, Any]:
    times = -(-count // HISTORY_ORDERS)
    large.load(times, count / (times * HISTORY_ORDERS), LINES)
    large.summarise()
    large.vacuum()
    clerk, buyer = _people()
    today = clock.now().date()
    year = named_period("last_12_months", today)
    with transaction(clerk) as session:
        one = orders_page(session)[0][0]
    figures: dict[str, Figure] = {
        "the partner's orders": (buyer, lambda session: orders_page(session)),
        "the partner's orders, searched": (buyer, lambda session: orders_page(session, search="12")),
        "the partner's documents": (buyer, lambda session: documents_page(session, today)),
        "the partner's overdue documents": (buyer, lambda session: documents_page(session, today, state="overdue")),
        "the partner's balance": (buyer, lambda session: balance(session, today)),
        "what the partner bought by month": (buyer, lambda session: own.bought_by_month(session, year)),
        "all orders": (clerk, lambda session: orders_page(session)),
        "all orders, searched by a name": (clerk, lambda session: orders_page(session, search=one.partner)),
        "an order": (clerk, lambda session: order_detail(session, one.id)),
        "the claim queue": (clerk, lambda session: queue.waiting(session, clock.now())),
        "all documents": (clerk, lambda session: documents_page(session, today)),
        "receivables": (clerk, lambda session: debtors(session, today)),
        "the totals of a year": (clerk, lambda session: sales.totals(session, year)),
        "a year by product": (clerk, lambda session: sales.breakdown(session, year, "product")),
    }
    placed = _placing()
    found = {name: _measured(*figure) for name, figure in figures.items()}
    return placed | found | _ending() | {"./rampa check": _timed(run_checks)}


def _with_products(count: int) -> dict[str, Any]:
    assortment.build(clock.now(), count)
    made = _timed(lambda: assortment.refresh_all(clock.now()))
    assortment.vacuum()
    buyer = assortment.buyer(7)
    with transaction(SYSTEM) as session:
        name = session.scalars(text("select name from product order by md5(name) limit 1")).one()
        skus = session.scalars(text("select sku from product order by md5(sku) limit 100")).all()
    asked = {
        "the catalogue": Filters(),
        "the catalogue, in stock": Filters(in_stock=True),
        "the catalogue, two words": Filters(search=" ".join(name.split()[:2])),
        "the catalogue, a rare word": Filters(search=name.split()[-2]),
        "the catalogue, a typo": Filters(search=name.split()[-2][:-1] + "q"),
        "the catalogue by own price": Filters(sort="price"),
        "the catalogue, a category": Filters(category="Raion 3"),
    }
    figures: dict[str, Figure] = {
        title: (buyer, lambda session, filters=filters: search_page(session, filters, clock.now()))
        for title, filters in asked.items()
    }
    lines = "\n".join(f"{sku} 3" for sku in skus)
    figures["a quick order of 100 lines"] = (buyer, lambda session: check_lines(session, lines, clock.now()))
    found = {title: _measured(*figure) for title, figure in figures.items()}
    return found | {"all sort keys made": made}


def _people() -> tuple[Principal, Principal]:
    """A clerk, and an owner of the partner with most orders."""
    with transaction(SYSTEM) as session:
        clerk = session.execute(text("select id from app_user where kind = 'staff'")).scalar_one()
        buyer = session.execute(_BUSIEST).one()
    return Principal("staff", clerk, None, role="admin"), Principal("partner", buyer.id, buyer.partner_id, role="owner")


def _placing() -> dict[str, Any]:
    """PLACED orders of the history, with every limit asked; the plans are not looked at."""
    orders = place.history(PLACED)
    place.load(orders, files=False)
    with transaction(SYSTEM) as session:
        session.execute(place.LIMITS)
    row = place.replay(orders, 1, checked=False)
    return {"placing an order of 19 lines": {"ms": row["p50_ms"], "reads": ""}}


def _ending() -> dict[str, Any]:
    """A tenth of the placed orders is claimed, the others lapse in batches; milliseconds an order."""
    clerk, _ = _people()
    with transaction(SYSTEM) as session:
        open_ones = session.scalars(text("select id from orders where status = 'placed' order by id")).all()
    claimed = [
        _timed(lambda order_id=order_id: _claim(clerk, order_id))["ms"] for order_id in open_ones[: PLACED // 10]
    ]
    lapsed = _timed(lambda: _lapse(len(open_ones) - len(claimed)))["ms"] / (len(open_ones) - len(claimed))
    return {
        "claiming an order": {"ms": statistics.median(claimed), "reads": ""},
        "an order of a sweep": {"ms": round(lapsed, 2), "reads": ""},
    }


def _claim(clerk: Principal, order_id: int) -> None:
    with transaction(clerk) as session:
        claim(session, order_id, clock.now())


def _lapse(count: int) -> None:
    """All that waits to be claimed; orders that wait for their payment have no deadline here."""
    late, after, ended = clock.now() + timedelta(days=30), 0, 0
    while after is not None:
        with transaction(SYSTEM) as session:
            done, after = lapse_due(session, late, after)
        ended += done
    assert ended >= count, f"{ended} of {count} orders lapsed"


def _timed(work: Callable[[], object]) -> dict[str, Any]:
    begin = time.perf_counter()
    work()
    return {"ms": round((time.perf_counter() - begin) * 1000, 1), "reads": ""}


def _measured(principal: Principal, figure: Callable[[Session], object]) -> dict[str, Any]:
    times = []
    for _round in range(ROUNDS):
        begin = time.perf_counter()
        with transaction(principal) as session:
            figure(session)
        times.append((time.perf_counter() - begin) * 1000)
    return {"ms": round(statistics.median(times), 1), "reads": ", ".join(sorted(_reads(principal, figure)))}


def _reads(principal: Principal, figure: Callable[[Session], object]) -> set[str]:
    """The indexes and whole tables in the plans of the figure's statements, made for the same principal."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with transaction(principal) as session:
        event.listen(engine(), "before_cursor_execute", note)
        figure(session)
        event.remove(engine(), "before_cursor_execute", note)
        cursor = session.connection().connection.cursor()
        found: set[str] = set()
        for statement, parameters in asked:
            cursor.execute(f"explain (format json) {statement}", parameters)
            [(plan,)] = cursor.fetchall()
            found |= set(_scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    return found


def _scans(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan" and node["Plan Rows"] > SMALL:
        yield f"all of {node['Relation Name']}"
    elif "Index Name" in node and node.get("Plan Rows", 0) >= 1 and node["Index Name"].startswith(("ix_", "uq_")):
        yield node["Index Name"]
    for child in node.get("Plans", ()):
        yield from _scans(child)


SMALL = 1_000
"""A table of fewer rows is read from end to end because that is cheaper."""
_BUSIEST = text("""
    select app_user.id, app_user.partner_id
    from (select partner_id from orders group by partner_id order by count(*) desc limit 1) busiest
    join app_user using (partner_id) order by app_user.id limit 1
""")
