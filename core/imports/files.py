"""Imports from files: a dry run that shows what would happen, and the same thing carried out, all or nothing."""

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.company import company
from core.db import transaction
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.imports import partners, price_lists, prices, products, stock
from core.imports.problems import ImportRefused, Problem
from core.imports.records import Row, Understood
from core.imports.staging import Kind, read_rows, stage
from core.imports.tables import read_table
from core.permissions import authorize
from core.principal import SYSTEM

KINDS: dict[str, Kind] = {
    "products": products.KIND,
    "partners": partners.KIND,
    "stock": stock.KIND,
    "prices": prices.KIND,
    "price_lists": price_lists.KIND,
}
LABELS = {
    "products": N_("Products"),
    "partners": N_("Partners"),
    "stock": N_("Stock count"),
    "prices": N_("Partners' own prices"),
    "price_lists": N_("Price lists"),
}
SAMPLE_ROWS = 10


ACTIONS = {
    "products": "products.edit",
    "prices": "products.edit",
    "price_lists": "prices.edit",
    "stock": "stock.count",
    "partners": "partners.edit",
}
"""What the acting principal must be allowed for each kind of file (core.permissions)."""


class UnknownKind(Refusal):
    message = N_("There is no import called “{kind}”. There are: {kinds}.")


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did: rows created, changed, and found as they were already; what was passed over."""

    kind: str
    created: int
    changed: int
    unchanged: int
    notices: list[Problem] = field(default_factory=list)

    def __str__(self) -> str:
        """For the command line and logs."""
        summary = f"{self.kind}: {self.created} created, {self.changed} changed, {self.unchanged} unchanged"
        return "\n".join([summary, *(notice.text("en") for notice in self.notices)])


@dataclass(frozen=True, slots=True)
class Preview(Report):
    """What an import would do. With `problems` it can only be refused; the counts are of the rows without fault.

    `sample` holds the first rows as they stand in the file, by column name, for a person to recognise; `understood`
    says how it was read.
    """

    problems: list[Problem] = field(default_factory=list)
    sample: list[Row] = field(default_factory=list)
    understood: Understood = field(default_factory=Understood)


def preview(session: Session, kind: str, data: bytes, as_of: datetime | None = None) -> Preview:
    """Read a file of a kind (a key of KINDS) and say what `apply` would do now; changes nothing.

    `as_of` (aware; now by default) decides which VAT rates are valid. Raises NotAllowed.
    """
    return _plan(session, kind, data, as_of or clock.now(), lock=False)


def apply(session: Session, kind: str, data: bytes, file_name: str = "", as_of: datetime | None = None) -> Report:
    """Load a file of a kind (a key of KINDS), all of it or, with any fault, nothing; repeating it changes nothing.

    Records the event 'imported'. Raises ImportRefused with all faults, NotAllowed.
    """
    as_of = as_of or clock.now()
    plan = _plan(session, kind, data, as_of, lock=True)
    if plan.problems:
        raise ImportRefused(plan.problems)
    KINDS[kind].write(session, as_of)
    counts = {"created": plan.created, "changed": plan.changed, "unchanged": plan.unchanged}
    record(session, "imported", as_of, imported=kind, file=file_name, **counts)
    return Report(kind, **counts, notices=plan.notices)


def import_file(kind: str, path: Path | str) -> Report:
    """Load the file at `path` in a transaction of the system: for the command line.

    `kind` is a key of KINDS. Raises UnknownKind, ImportRefused, OSError.
    """
    if kind not in KINDS:
        raise UnknownKind(kind=kind, kinds=", ".join(KINDS))
    data = Path(path).read_bytes()
    with transaction(SYSTEM) as session:
        return apply(session, kind, data, Path(path).name)


def example(kind: str) -> bytes:
    """A small CSV file of a kind that shows every column: UTF-8 with a BOM, so that Excel reads it rightly."""
    target = io.StringIO()
    rows = csv.writer(target, delimiter=";")
    rows.writerow(column.name for column in KINDS[kind].columns)
    rows.writerow(column.example for column in KINDS[kind].columns)
    return target.getvalue().encode("utf-8-sig")


def _plan(session: Session, kind: str, data: bytes, as_of: datetime, *, lock: bool) -> Preview:
    authorize(session, ACTIONS[kind])
    steps = KINDS[kind]
    table = read_table(data, steps.columns)
    rows, problems = read_rows(steps, table, _vat_classes(session, as_of))
    stage(session, steps, rows)
    if lock:
        steps.lock(session)
    problems = sorted(table.problems + problems + steps.check(session), key=lambda problem: problem.line or 0)
    created, changed = session.execute(text(steps.count)).one()
    unchanged = len(rows) - created - changed
    sample = table.rows[:SAMPLE_ROWS]
    return Preview(kind, created, changed, unchanged, table.notices, problems, sample, table.understood)


def _vat_classes(session: Session, as_of: datetime) -> dict[Decimal, str]:
    """VAT class by the rate that is valid where the distributor is on the day of `as_of`."""
    today = clock.local_date(as_of, company(session).time_zone)
    return {rate: vat_class for rate, vat_class in session.execute(_VAT_CLASSES, {"today": today})}


# A file names the rate only: 0 % stands for the zero rate, not for one of the reasons to charge none.
_VAT_CLASSES = text("""
    select distinct on (vat_class) trim_scale(rate), vat_class from vat_rate
    where valid_from <= :today and vat_class in ('standard', 'reduced', 'zero') order by vat_class, valid_from desc
""")
