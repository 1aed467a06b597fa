"""Orders per second: the first 2,000 orders of a real wholesaler's history, placed by 1, 4 and 16 clients.

Each client is a process with its own connection and calls what the page calls: `transaction` and `place`, with
prices, holds, events and outbox, on a server with its default settings. Every general limit is set, so wide that it
lets all orders pass: each is asked, of every order. Carts are filled beforehand; stock is raised to what the carts
want, so that every order goes through. Every row begins with empty tables of orders, stock and events.

In the variant `hot` every order wants the same two products; in `scarce` too, and there are fewer of them than orders:
all of them must be sold, and who comes too late must be told that they are short, and nothing else. For the others
`bound_orders_per_s` is what the same server does with hardly more than writing the same rows (benchmarks/bound.py), and
`share` how much of that Rampa reaches. Times are of all tries, the refused ones as well.
"""

import csv
import gzip
import multiprocessing
import resource
import statistics
import sys
import time
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import psutil
from sqlalchemy import text

from benchmarks import bound
from core import clock
from core.check import run_checks
from core.config import ROOT
from core.db import engine, transaction
from core.imports.files import apply
from core.orders.placing import Shortage, place
from core.principal import SYSTEM, Principal

HISTORY = ROOT.parent / "shared" / "data" / "online_retail"
ORDERS = 2_000
CLIENTS = (1, 4, 16)
HOT_CLIENTS = (4, 16)
SCARCE_CLIENTS = 16
TRIES = 320
UNITS = 200
"""So many of each of the two scarce products are there, for TRIES orders of one of each."""

Orders = list[tuple[str, dict[str, Decimal]]]
"""Partner code and quantity per SKU."""
Work = list[tuple[Principal, Any]]
"""Carts to place: whose, and the cart's token."""


def run(orders: int = ORDERS, tries: int = TRIES, units: int = UNITS) -> list[dict[str, Any]]:
    """One row per variant and number of clients; times in milliseconds, CPU of Python and PostgreSQL together."""
    found = history(max(orders, tries))
    load(found)
    with transaction(SYSTEM) as session:
        session.execute(LIMITS)
    all_lines, hot = found[:orders], _of_the_same_two(found)
    rows = [_with_bound("history", all_lines, clients) for clients in CLIENTS]
    rows += [_with_bound("hot", hot[:orders], clients) for clients in HOT_CLIENTS]
    bound.clean()
    scarce = replay(hot[:tries], SCARCE_CLIENTS, units=units)
    return [*rows, {"variant": "scarce"} | scarce]


def _with_bound(variant: str, orders: Orders, clients: int) -> dict[str, Any]:
    bound.clean()
    row = {"variant": variant} | replay(orders, clients)
    most = bound.orders_per_s(clients)
    return row | {"bound_orders_per_s": round(most, 1), "share": round(row["orders_per_s"] / most, 3)}


def _of_the_same_two(orders: Orders) -> Orders:
    """As many orders of the same partners, each for one of both products that most orders want."""
    wanted = Counter(sku for _, lines in orders for sku in lines)
    lines = {sku: Decimal(1) for sku, _ in wanted.most_common(2)}
    return [(code, lines) for code, _ in orders]


def history(orders: int = ORDERS) -> Orders:
    """The first so many orders in time order; lines of one SKU are summed."""
    found: dict[str, tuple[str, dict[str, Decimal]]] = {}
    with gzip.open(HISTORY / "order_lines.csv.gz", "rt", newline="") as source:
        for row in csv.DictReader(source):
            if row["order_ref"] not in found and len(found) == orders:
                break
            _, lines = found.setdefault(row["order_ref"], (row["partner_code"], defaultdict(Decimal)))
            lines[row["sku"]] += Decimal(row["quantity"])
    return list(found.values())


def load(orders: Orders, *, files: bool = True) -> None:
    """The products and partners of the `files`, if they are not there yet; every third partner gets a discount, every
    tenth own prices."""
    with transaction(SYSTEM) as session:
        for kind in ("products", "partners") if files else ():
            apply(session, kind, (HISTORY / f"{kind}.csv").read_bytes())
        for statement in (_DISCOUNTS, _OWN_PRICES):
            session.execute(statement)
        users = [{"email": _email(number), "code": code} for number, (code, _) in enumerate(orders)]
        session.execute(_USER, users)


def fill_carts(orders: Orders, units: int | None = None) -> Work:
    """A full cart for every order, one user each, and stock for all of them, or so many `units` of each product."""
    lines = [(_email(number), sku, wanted) for number, (_, cart) in enumerate(orders) for sku, wanted in cart.items()]
    emails, skus, quantities = (list(column) for column in zip(*lines, strict=True))
    with transaction(SYSTEM) as session:
        session.execute(_CARTS)
        session.execute(_CART_LINES, {"emails": emails, "skus": skus, "quantities": quantities})
        session.execute(_RECEIPT, {"units": units})
        work = [
            (Principal("partner", row.id, row.partner_id, role="owner"), row.token) for row in session.execute(_WORK)
        ]
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What has rows already; an empty table that is analysed would be planned as if it stayed empty.
        connection.execute(text("vacuum analyze product, partner, partner_price, app_user, stock, cart, cart_line"))
    return work


def _email(number: int) -> str:
    return f"buyer{number}@bench.example"


def replay(orders: Orders, clients: int, *, checked: bool = True, units: int | None = None) -> dict[str, Any]:
    """Place the orders with so many clients; `checked`: look for what was oversold, in all there is. `units`: of each
    product there are so many, and not what is wanted of it."""
    work = fill_carts(orders, units)
    deadlocks, spent = _deadlocks(), server_cpu()
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(clients + 1), context.Queue()
    processes = [context.Process(target=_client, args=(work[n::clients], gate, results)) for n in range(clients)]
    for process in processes:
        process.start()
    gate.wait()
    begin = time.perf_counter()
    outcomes = [results.get() for _ in processes]
    elapsed = time.perf_counter() - begin
    for process in processes:
        process.join()
    times = sorted(ms for latencies, _, _ in outcomes for ms in latencies)
    cpu = sum(seconds for _, seconds, _ in outcomes) + server_cpu() - spent
    failed = sum((failures for _, _, failures in outcomes), Counter[str]())
    sold = len(times) - failed.total()
    broken = sum(len(found) for found in run_checks().values()) if checked else 0
    return {
        "clients": clients,
        "orders_per_s": round(sold / elapsed, 1),
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
        "cpu_ms_per_order": round(cpu / len(times) * 1000, 2),
        "lines_per_order": round(sum(len(skus) for _, skus in orders) / len(orders), 1),
        "sold": sold,
        "oversold": broken,
        "short": failed["Shortage"],
        "other_failures": failed.total() - failed["Shortage"],
        "deadlocks": _deadlocks() - deadlocks,
    }


def _client(work: Work, gate: Any, results: Any) -> None:
    """Place the carts one after the other; hands back each one's milliseconds, this process's CPU seconds, and how many
    were refused, by the name of what refused them."""
    with engine().connect() as connection:
        connection.execute(text("select 1"))
    latencies, failures = [], Counter[str]()
    gate.wait()
    before = resource.getrusage(resource.RUSAGE_SELF)
    for principal, token in work:
        begin = time.perf_counter()
        try:
            with transaction(principal) as session:
                place(session, token, clock.now())
        except Exception as error:  # noqa: BLE001 (whatever it is, it is counted, and the others go on)
            failures[type(error).__name__] += 1
            if not isinstance(error, Shortage):
                print(f"an order failed: {error!r}", file=sys.stderr)
        latencies.append((time.perf_counter() - begin) * 1000)
    after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    results.put((latencies, seconds, failures))


def _deadlocks() -> int:
    with engine().connect() as connection:
        return int(connection.execute(text(
            "select deadlocks from pg_stat_database where datname = current_database()")).scalar_one())  # fmt: skip


def server_cpu() -> float:
    """CPU seconds of the PostgreSQL server so far, its ended processes included; it must run on this machine."""
    with engine().connect() as connection:
        backend = connection.execute(text("select pg_backend_pid()")).scalar_one()
    server = psutil.Process(backend).parent()
    assert server is not None
    own = server.cpu_times()
    living = [child.cpu_times() for child in server.children(recursive=True)]
    return sum(t.user + t.system for t in [own, *living]) + own.children_user + own.children_system


# Each is asked, and none is reached.
LIMITS = text("""
    update company set min_order = 0.01, max_order = 999999999, max_open_orders = 100000, max_open_value = 99999999999,
                       credit_limit = 99999999999, overdue_block = 99999999999, overdue_block_days = 3650,
                       max_per_order = 999999999, max_per_period = 999999999
""")
_DISCOUNTS = text("update partner set discount = 5 * (id % 3)")
_OWN_PRICES = text("""
    insert into partner_price (partner_id, product_id, net)
    select partner.id, product.id, list_price * 0.8 from partner, product
    where partner.id % 10 = 0 and product.id % 20 = 0
""")
_USER = text("""
    insert into app_user (email, name, kind, role, partner_id, password_hash)
    select :email, 'Buyer', 'partner', 'owner', id, '-' from partner where code = :code
""")
_CARTS = text("""
    insert into cart (user_id, partner_id) select id, partner_id from app_user where email like 'buyer%@bench.example'
    on conflict do nothing
""")
_CART_LINES = text("""
    insert into cart_line (cart_id, product_id, quantity)
    select cart.id, product.id, line.quantity
    from unnest(cast(:emails as text[]), cast(:skus as text[]), cast(:quantities as numeric[]))
        as line (email, sku, quantity)
    join app_user using (email) join cart on cart.user_id = app_user.id join product using (sku)
""")
_RECEIPT = text("""
    with wanted as (
        select product_id, coalesce(cast(:units as int), sum(quantity)) as quantity from cart_line group by product_id
    ),
    received as (
        insert into stock_movement (product_id, quantity, kind, at)
        select product_id, quantity, 'receipt', now() from wanted
    )
    update stock set on_hand = on_hand + wanted.quantity from wanted where stock.product_id = wanted.product_id
""")
_WORK = text("""
    select app_user.id, app_user.partner_id, cart.token
    from cart join app_user on app_user.id = cart.user_id
    where exists (select from cart_line where cart_id = cart.id) order by app_user.id
""")
