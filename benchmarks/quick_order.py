"""A quick order of 1,000 lines, read, found, priced and checked among 100,000 products, as the page asks for it.

`plain`: SKU and quantity. `mixed`: rows of a sheet, lines of a mail, bar codes and own codes, one in twenty unknown; a
page of suggestions for those included. `unknown`: a file that has nothing to do with the assortment. The time is that
of a transaction from its begin to its end; queries are the statements in it.
"""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import event, text

from benchmarks import assortment
from core import clock
from core.db import engine, transaction
from core.principal import SYSTEM
from core.quick.checking import check
from core.quick.suggesting import suggest

LINES, ROUNDS = 1_000, 30
MENDED = 10
"""Lines to mend on a page."""


def run() -> list[dict[str, Any]]:
    """One row per kind of text; times in milliseconds."""
    assortment.build(clock.now())
    chance = random.Random(5)
    with transaction(SYSTEM) as session:
        products = session.execute(_PRODUCTS).all()
    texts: dict[str, Callable[[], str]] = {
        "plain": lambda: _plain(chance, products),
        "mixed": lambda: _mixed(chance, products),
        "unknown": lambda: _unknown(chance),
    }
    return [_measure(case, make) for case, make in texts.items()]


def _measure(case: str, make: Callable[[], str]) -> dict[str, Any]:
    times: list[float] = []
    queries = 0

    def count(*_: Any) -> None:
        nonlocal queries
        queries += 1

    for n in range(ROUNDS + 2):
        pasted, buyer = make(), assortment.buyer(1 + n * 7 % assortment.PARTNERS)
        queries = 0
        event.listen(engine(), "before_cursor_execute", count)
        begin = time.perf_counter()
        with transaction(buyer) as session:
            checked = check(session, pasted, clock.now())
            suggest(session, [answer.wish for answer in checked.to_mend[:MENDED]], clock.now())
        times.append((time.perf_counter() - begin) * 1000)
        event.remove(engine(), "before_cursor_execute", count)
        assert len(checked.answers) == LINES
    times = sorted(times[2:])
    return {
        "case": case,
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "queries": queries,
        "fine": len(checked.fine),
    }


def _plain(chance: random.Random, products: list[Any]) -> str:
    return "\n".join(f"{row.sku} {chance.randint(1, 20)}" for row in chance.sample(products, LINES))


def _mixed(chance: random.Random, products: list[Any]) -> str:
    shapes = ("{sku}\t{q}", "{q} x {sku}", "{sku} {name} {q} buc", "{ean};{q}", "{q} buc {sku}", "{sku}, {q}")
    lines = []
    for row in chance.sample(products, LINES):
        sku = row.sku if chance.random() > 0.05 else row.sku[:-1] + "X"
        shape = chance.choice(shapes)
        lines.append(shape.format(sku=sku, ean=row.ean, name=row.name, q=chance.randint(1, 20)))
    return "\n".join(lines)


def _unknown(chance: random.Random) -> str:
    return "\n".join(f"Z{chance.randint(0, 10**6)} șurub zincat {chance.randint(1, 9)}" for _ in range(LINES))


_PRODUCTS = text("select sku, ean, name from product where active order by id")
