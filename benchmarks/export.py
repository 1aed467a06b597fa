"""A million order lines as a file, out of more than five million: XLSX, CSV and Parquet, each in a process of its own.

`s` is the wall clock from asking to the whole file on disk, `rss_mb` the most memory of the process that writes it; the
first row is a process that writes nothing.
"""

import multiprocessing
import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks import large
from core import clock
from core.db import transaction
from core.exports.asking import TABLES, Asked, count, query
from core.exports.csv_file import csv_pieces
from core.exports.parquet_file import write_parquet
from core.exports.xlsx_file import about_export, write_xlsx
from core.principal import SYSTEM

ROWS = 1_000_000
COLUMNS = (
    "order", "position", "placed", "status", "partner_code", "partner", "county", "sku", "name", "brand", "unit",
    "quantity", "list_price", "unit_price", "vat_rate", "net",
)  # fmt: skip
FORMATS = ("nothing", "csv", "csv plain", "parquet", "xlsx")


def run() -> list[dict[str, Any]]:
    """One row per format; the period is the latest that holds a million lines."""
    lines = large.load()
    asked = Asked("lines", COLUMNS, since=since())
    assert set(COLUMNS) <= {column.name for column in TABLES["lines"].columns}
    return [_measured(form, asked) | {"of": lines} for form in FORMATS]


def since() -> Any:
    """The first whole day after which there are no more than ROWS lines."""
    with transaction(SYSTEM) as session:
        at = session.execute(_FIRST, {"rows": ROWS}).scalar_one()
    return at.date() + timedelta(days=1)


def _measured(form: str, asked: Asked) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=_write, args=(form, asked, results))
    process.start()
    found: dict[str, Any] = results.get()
    process.join()
    return {"format": form} | found


def _write(form: str, asked: Asked, results: Any) -> None:
    with tempfile.TemporaryDirectory() as folder, transaction(SYSTEM) as session:
        path, begin, rows = Path(folder) / "export", time.perf_counter(), 0
        path.touch()
        if form != "nothing":
            found = query(session, asked, clock.now())
            rows = count(session, found)
            with path.open("wb") as target:
                if form == "parquet":
                    write_parquet(session, found, target)
                elif form == "xlsx":
                    about = about_export(found, rows, "", "Benchmark", clock.now(), "ro")
                    write_xlsx(session, found, rows, about, "ro", target)
                else:
                    target.writelines(csv_pieces(session, found, "ro", "plain" if form == "csv plain" else "excel"))
        results.put({
            "rows": rows, "s": round(time.perf_counter() - begin, 1),
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "mb": path.stat().st_size >> 20,
        })  # fmt: skip


_FIRST = text("""
    select placed_at from orders where id <= (
        select min(order_id) from (select order_id from order_line order by order_id desc limit :rows) last
    ) order by placed_at desc limit 1
""")
