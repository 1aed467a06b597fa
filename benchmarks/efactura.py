"""Invoices of 10 lines to the XML of e-Factura, built and checked in one process; no database.

`per_s` is both together, as it is done at issue, in invoices a second; `build_per_s` and `check_per_s` each alone.
`kb` is the size of one. `lines_1000_ms` is one invoice of 1,000 lines, built and checked: the median.
"""

import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import core.models  # noqa: F401 (relationships name their classes)
from core.documents.efactura.building import build
from core.documents.efactura.checking import Known, problems
from core.documents.models import Document
from core.documents.samples import sample, sample_lines

INVOICES = 1_000
KNOWN = Known({Decimal(21), Decimal(11)})


def run() -> list[dict[str, Any]]:
    """One row."""
    documents = [sample(number=number) for number in range(1, INVOICES + 1)]
    long = sample(lines=sample_lines(1000))
    _both(documents[0])  # what is made once: patterns, tables of codes
    return [
        {
            "invoices": INVOICES,
            "per_s": round(INVOICES / _seconds(_both, documents)),
            "build_per_s": round(INVOICES / _seconds(build, documents)),
            "check_per_s": round(INVOICES / _seconds(_check, documents)),
            "kb": round(len(build(documents[0])) / 1024, 1),
            "lines_1000_ms": round(statistics.median(_seconds(_both, [long]) for _ in range(5)) * 1000, 1),
        }
    ]


def _check(document: Document) -> None:
    assert not problems(document, KNOWN)


def _both(document: Document) -> None:
    _check(document)
    build(document)


def _seconds(step: Callable[[Document], object], documents: list[Document]) -> float:
    begin = time.perf_counter()
    for document in documents:
        step(document)
    return time.perf_counter() - begin
