"""A page of the catalogue: 50 of 100,000 products, found, counted, priced, with their stock, as the page asks for it.

20 price lists of 50,000 rows, 300 partners with own prices (benchmarks/assortment.py). The time is that of a
transaction from its begin to its end; queries are the statements in it that read a table. `page 900` is reached by its
key.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import event, text

from benchmarks import assortment
from core import clock
from core.db import engine, transaction
from core.orders.searching import CatalogPage, Filters, search_page
from core.principal import SYSTEM

ROUNDS = 120
DEEP = 900

Case = Callable[[int], tuple[Filters, dict[str, str | None]]]
"""What the n-th call of a case asks for: filters, and the keys to go on from."""


def run() -> list[dict[str, Any]]:
    """One row per case; times in milliseconds. The last one says how long making all sort keys took."""
    as_of = clock.now()
    assortment.build(as_of)
    begin = time.perf_counter()
    assortment.refresh_all(as_of)
    made = round(time.perf_counter() - begin, 1)
    assortment.vacuum()
    rows = [_measure(case, asks) for case, asks in _cases().items()]
    return [*rows, {"case": f"all sort keys made in {made} s"}]


def _cases() -> dict[str, Case]:
    with transaction(SYSTEM) as session:
        paths = session.scalars(text("select path from category order by id")).all()
        words = session.scalars(text("select word from search_word order by md5(word) limit 40")).all()
        pairs = session.scalars(text("select name from product order by md5(name) limit 40")).all()
    top = [path for path in paths if ">" not in path]
    leaves = [path for path in paths if path.count(">") == max(each.count(">") for each in paths)]
    deep = {sort: _key_of_page(DEEP, sort) for sort in ("name", "price")}

    def among(**values: Any) -> Case:
        return lambda n: (Filters(**{name: of[n % len(of)] if isinstance(of, list) else of
                                     for name, of in values.items()}), {})  # fmt: skip

    return {
        "first page": among(),
        "in stock": among(in_stock=True),
        "leaf category": among(category=leaves),
        "root category": among(category=top),
        "one word": among(search=list(words)),
        "two words": among(search=[" ".join(name.split()[:2]) for name in pairs]),
        "a typo": among(search=[word[:2] + word[3:] for word in words if len(word) > 5]),
        "word and category": among(search=list(words), category=top),
        "price": among(sort="price"),
        "price down": among(sort="price_down"),
        "price, in stock": among(sort="price", in_stock=True),
        "price, root category": among(sort="price", category=top),
        "price, leaf category": among(sort="price", category=leaves),
        "price, one word": among(sort="price", search=list(words)),
        "promotions": among(promotions=True),
        f"page {DEEP}": lambda _n: (Filters(), {"after": deep["name"]}),
        f"page {DEEP}, price": lambda _n: (Filters(sort="price"), {"after": deep["price"]}),
    }


def _key_of_page(number: int, sort: str) -> str | None:
    """The key of the page before it, for the first partner; others go on from the same place."""
    key = None
    with transaction(assortment.buyer(2)) as session:
        for _page in range(number - 1):
            key = search_page(session, Filters(sort=sort), clock.now(), after=key).after
    return key


def _measure(case: str, asks: Case) -> dict[str, Any]:
    times: list[float] = []
    queries: set[int] = set()
    found: CatalogPage | None = None
    for n in range(ROUNDS + 10):
        filters, keys = asks(n)
        with _counted() as statements:
            begin = time.perf_counter()
            with transaction(assortment.buyer(1 + n * 7 % assortment.PARTNERS)) as session:
                found = search_page(session, filters, clock.now(), **keys)
            times.append((time.perf_counter() - begin) * 1000)
        queries.add(sum(" from " in statement for statement in statements))
    times = sorted(times[10:])
    assert found is not None
    return {
        "case": case,
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "queries": max(queries),
        "found": found.total,
    }


class _counted:
    """The statements of a block."""

    def __enter__(self) -> list[str]:
        self.statements: list[str] = []
        event.listen(engine(), "before_cursor_execute", self._note)
        return self.statements

    def __exit__(self, *_: object) -> None:
        event.remove(engine(), "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(" ".join(statement.split()))
