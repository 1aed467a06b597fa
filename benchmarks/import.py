"""Files of 100,000 products and 50,000 prices, from being given to being loaded, while somebody orders all the time.

Each file is looked at and loaded as the worker does it, in a process of its own: `look_s` until a person sees what
would happen, `load_s` from their consent to the commit; `rows_per_s` counts both. `order_max_ms` is the longest that
an order of one of the products took meanwhile, `failed` how many orders were refused or gave up.
"""

import csv
import io
import multiprocessing
import re
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core import clock
from core.db import transaction
from core.errors import Refusal
from core.imports import runs
from core.orders.cart import own_cart
from core.orders.filling import set_quantities
from core.orders.placing import place
from core.principal import SYSTEM, Principal

PRODUCTS, PRICES, THERE = 100_000, 50_000, 1_000
HEAD = ["Cod produs", "EAN", "Denumire", "Marcă", "Categorie", "UM", "Bax", "TVA", "Preț listă", "Stoc", "Greutate",
        "Descriere"]  # fmt: skip
Rows = Iterable[list[Any]]


def run() -> list[dict[str, Any]]:
    """One row per file."""
    _load("products", _csv(_products(THERE, Decimal("9.5"))))
    _load("partners", b"cod client,denumire,discount\nC-1,Partener,5\n")
    buyer = _buyer()
    files: list[tuple[str, str, Callable[[], bytes]]] = [
        ("products, new", "products", lambda: _csv(_products(PRODUCTS, Decimal("9.5")))),
        ("products, the same", "products", lambda: _csv(_products(PRODUCTS, Decimal("9.5")))),
        ("products, other prices, XLSX", "products", lambda: _xlsx(_products(PRODUCTS, Decimal("9.7")))),
        ("own prices, new", "prices", lambda: _csv(_prices(Decimal("8.1")))),
        ("own prices, changed", "prices", lambda: _csv(_prices(Decimal("8.2")))),
        ("stock counted", "stock", lambda: _csv(_counts())),
    ]
    return [_measured(name, kind, make(), buyer) for name, kind, make in files]


def _measured(name: str, kind: str, data: bytes, buyer: Principal) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    results, stop = context.Queue(), context.Event()
    orders = context.Process(target=_order, args=(buyer, stop, results))
    orders.start()
    assert results.get() == "ready"
    answers = context.Queue()
    work = context.Process(target=_import, args=(kind, data, answers))
    work.start()
    found: dict[str, Any] = answers.get()
    work.join()
    stop.set()
    latencies, failed = results.get()
    orders.join()
    total = found["look_s"] + found["load_s"]
    rows = found.pop("rows")
    return {"file": name, "rows": rows, "rows_per_s": round(rows / total)} | found | {
        "orders": len(latencies), "order_p50_ms": round(latencies[len(latencies) // 2], 1),
        "order_max_ms": round(latencies[-1]), "failed": failed,
    }  # fmt: skip


def _load(kind: str, data: bytes) -> dict[str, Any]:
    with transaction(SYSTEM) as session:
        run_id = runs.start(session, kind, data, "bench", clock.now())
    times = []
    for state in ("looked", "done"):
        begin = time.perf_counter()
        runs.work_next(clock.now(), run_id)
        times.append(round(time.perf_counter() - begin, 1))
        with transaction(SYSTEM) as session:
            run = runs.run(session, run_id)
            assert run.state == state, (run.state, run.said, run.preview and run.preview.problems[:3])
            if state == "looked":
                runs.load(session, run_id)
    return {"rows": run.created + run.changed + run.unchanged, "look_s": times[0], "load_s": times[1]}


def _import(kind: str, data: bytes, answers: Any) -> None:
    found = _load(kind, data)
    answers.put(found | {"rss_mb": _most_memory()})


def _most_memory() -> int:
    """Of this program in MB; `ru_maxrss` would tell that of the larger one it was started by."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024


def _order(buyer: Principal, stop: Any, results: Any) -> None:
    """One order after the other, of one product each, until told to stop."""
    latencies, failed, at = [], 0, 0
    with transaction(SYSTEM) as session:
        ids = list(session.scalars(text(f"select id from product order by id limit {THERE}")))
    results.put("ready")
    while not stop.is_set() or not latencies:
        at += 1
        with transaction(buyer) as session:
            set_quantities(session, {ids[at % THERE]: Decimal(1)})
            token = own_cart(session).token
        begin = time.perf_counter()
        try:
            with transaction(buyer) as session:
                place(session, token, clock.now())
        except (Refusal, OperationalError):
            failed += 1
        latencies.append((time.perf_counter() - begin) * 1000)
    results.put((sorted(latencies), failed))


def _buyer() -> Principal:
    with transaction(SYSTEM) as session:
        user = session.execute(_USER).one()
    return Principal("partner", user.id, user.partner_id, role="owner")


def _products(count: int, price: Decimal) -> Rows:
    for n in range(count):
        yield [f"P-{n:06}", _ean(n), f"Produsul numărul {n} cu un nume de lungime obișnuită", f"Marca {n % 200}",
               f"Grupa {n % 20} > Familia {n % 400}", "buc", 10, 21, price + n % 1000, 5_000, "0,35",
               "O descriere scurtă a produsului"]  # fmt: skip


def _prices(net: Decimal) -> Rows:
    return (["C-1", f"P-{n:06}", net + n % 1000] for n in range(PRICES))


def _counts() -> Rows:
    return ([f"P-{n:06}", 6_000 + n % 7] for n in range(PRODUCTS))


def _csv(rows: Rows) -> bytes:
    """As Excel in Romania writes it."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    first, *rest = rows
    writer.writerow(_head(first))
    writer.writerows([str(cell).replace(".", ",") if isinstance(cell, Decimal) else cell for cell in row]
                     for row in (first, *rest))  # fmt: skip
    return target.getvalue().encode("utf-8-sig")


def _xlsx(rows: Rows) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        for at, row in enumerate(rows, 1):
            sheet.write_row(at, 0, row)
    return target.getvalue()


def _head(row: list[Any]) -> list[str]:
    return {len(HEAD): HEAD, 3: ["Cod client", "Cod produs", "Preț net"], 2: ["Cod produs", "Stoc"]}[len(row)]


def _ean(n: int) -> str:
    digits = f"594{n:09}"
    return digits + str(-sum(int(d) * (1, 3)[at % 2] for at, d in enumerate(digits)) % 10)


_USER = text("""
    insert into app_user (email, name, kind, partner_id, role, password_hash)
    select 'buyer@bench.example', 'Bench', 'partner', id, 'owner', '-' from partner returning id, partner_id
""")
