"""Runs of imports for tests: a file given, looked at, loaded and undone as a person and a worker do it together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text

from core import clock
from core.db import transaction
from core.imports import runs
from core.imports.runs import Run
from core.principal import SYSTEM, Principal


def given(kind: str, data: str | bytes, who: Principal = SYSTEM, mapping: Mapping[str, str] | None = None) -> int:
    """A run that waits to be looked at."""
    content = data.encode() if isinstance(data, str) else data
    with transaction(who) as session:
        return runs.start(session, kind, content, "test.csv", clock.now(), mapping)


def seen(run_id: int) -> Run:
    with transaction(SYSTEM) as session:
        return runs.run(session, run_id)


def work(run_id: int, as_of: datetime | None = None) -> Run:
    """Everything that the run waits for."""
    while runs.work_next(as_of or clock.now(), run_id):
        pass
    return seen(run_id)


def looked(kind: str, data: str | bytes, who: Principal = SYSTEM, mapping: Mapping[str, str] | None = None) -> Run:
    run = work(given(kind, data, who, mapping))
    assert run.state == "looked", run.said
    return run


def loaded(kind: str, data: str | bytes, who: Principal = SYSTEM) -> Run:
    """A file that has no fault, loaded."""
    run = looked(kind, data, who)
    assert run.preview is not None
    assert [problem.text("en") for problem in run.preview.problems] == []
    with transaction(who) as session:
        runs.load(session, run.id)
    run = work(run.id)
    assert run.state == "done", run.said
    return run


def undone(run_id: int, who: Principal = SYSTEM) -> Run:
    """The run after somebody wanted it undone."""
    with transaction(who) as session:
        runs.undo(session, run_id)
    return work(run_id)


TABLES = (
    "product", "category", "product_audience", "product_image", "stock", "stock_movement", "stock_month", "partner",
    "partner_price", "price_list_item",
)  # fmt: skip


def everything() -> dict[str, Any]:
    """Every row of every table that imports write, to be compared; without the numbers of movements."""
    with transaction(SYSTEM) as session:
        return {table: sorted(session.scalars(text(f"select to_jsonb(t)::text from {table} t"))) for table in TABLES}


def said(run: Run) -> str:
    """What the run tells of why it went no further, in English."""
    return run.said.text("en") if run.said else ""
