"""Imports from files: a dry run that shows what would happen, and the same thing carried out, all or nothing."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.company import company
from core.events import record
from core.i18n import N_
from core.imports import bundles, changes, counting, opening, partners, price_lists, prices, products, stock
from core.imports.columns import mapped
from core.imports.guessing import guess
from core.imports.problems import ImportRefused, Problem
from core.imports.records import Row
from core.imports.spooling import spooled
from core.imports.staging import Change, Keys, Kind, Marks, read_rows, stage, stage_again
from core.imports.staging import changes as changes_of
from core.imports.tables import FIRST, Table, opened_table
from core.permissions import authorize

KINDS: dict[str, Kind] = {
    "products": products.KIND,
    "partners": partners.KIND,
    "stock": stock.KIND,
    "prices": prices.KIND,
    "price_lists": price_lists.KIND,
    "opening": opening.KIND,
}
LABELS = {
    "products": N_("Products"),
    "partners": N_("Partners"),
    "stock": N_("Stock count"),
    "prices": N_("Partners' own prices"),
    "price_lists": N_("Price lists"),
    "opening": N_("Opening balances"),
}
SAMPLE_ROWS = 10
MOST_CHANGES = 200


ACTIONS = {
    "products": "products.edit",
    "prices": "products.edit",
    "price_lists": "prices.edit",
    "stock": "stock.count",
    "partners": "partners.edit",
    "opening": "payments.record",
}
"""What the acting principal must be allowed for each kind of file (core.permissions)."""


Tell = Callable[[str, int, int], object]
"""Hears how far an import is: its step (a key of STEPS), rows done in it, rows in all (0: not known yet)."""
STEPS = {
    "reading": N_("The file is read"),
    "understanding": N_("The rows are understood"),
    "checking": N_("The rows are compared with what is there"),
    "writing": N_("The rows are written"),
    "pictures": N_("The pictures are taken"),
}
TELL_EVERY = 1_000


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

    `names` are those in the header, `columns` says at which of them each of ours stands. `sample` holds the first rows
    as they stand in the file, by column name, for a person to recognise, and `cells` all of what stands in them;
    `understood` says how it was read. `guesses`: by their values, which of the names those of ours may be that were
    not found. `changes` are the first that there would be. `faults` are the problems in all, where not all of them were
    kept. `taken` pictures of a ZIP were taken, those `left` not, for the reasons that stand with their names.
    """

    problems: list[Problem] = field(default_factory=list)
    sample: list[Row] = field(default_factory=list)
    understood: list[Problem] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    cells: list[list[str]] = field(default_factory=list)
    guesses: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    faults: int = 0
    taken: int | None = None
    left: list[list[str]] = field(default_factory=list)


def preview(
    session: Session,
    kind: str,
    data: bytes,
    as_of: datetime | None = None,
    mapping: Mapping[str, str] | None = None,
    tell: Tell = lambda *_: None,
) -> Preview:
    """Read a file of a kind (a key of KINDS) and say what `apply` would do now; changes nothing.

    `as_of` (aware; now by default) decides which VAT rates are valid; `mapping` what the columns are called in this
    file (core.imports.columns.mapped). Raises NotAllowed.
    """
    return _plan(session, kind, data, as_of or clock.now(), mapping, tell, lock=False)


def apply(
    session: Session,
    kind: str,
    data: bytes,
    file_name: str = "",
    as_of: datetime | None = None,
    mapping: Mapping[str, str] | None = None,
    tell: Tell = lambda *_: None,
    run_id: int | None = None,
) -> Report:
    """Load a file of a kind (a key of KINDS), all of it or, with any fault, nothing; repeating it changes nothing.

    What it changes is noted for the run, if there is one. Records the event 'imported'. Raises ImportRefused with all
    faults, NotAllowed.
    """
    as_of = as_of or clock.now()
    plan = _plan(session, kind, data, as_of, mapping, tell, lock=True)
    return _carry_out(session, plan, file_name, as_of, tell, run_id)


def apply_staged(
    session: Session, seen: Preview, pieces: Iterable[bytes], file_name: str, as_of: datetime, tell: Tell, run_id: int
) -> Report:
    """As `apply`, of a file whose rows were `staged` when it was `seen` without a fault: it is not read once more."""
    authorize(session, ACTIONS[seen.kind])
    good = stage_again(session, KINDS[seen.kind], pieces)
    tell("checking", good, good)
    (created, changed, unchanged), problems = _compared(session, KINDS[seen.kind], good, lock=True)
    plan = replace(seen, created=created, changed=changed, unchanged=unchanged, problems=problems)
    return _carry_out(session, plan, file_name, as_of, tell, run_id)


def _carry_out(
    session: Session, plan: Preview, file_name: str, as_of: datetime, tell: Tell, run_id: int | None
) -> Report:
    if plan.problems:
        raise ImportRefused(plan.problems)
    tell("writing", 0, 0)
    steps = KINDS[plan.kind]
    with changes.noted(session, run_id, steps.writes):
        steps.write(session, as_of)
    if steps.counts:
        counting.write(session, as_of)
    counts = {"created": plan.created, "changed": plan.changed, "unchanged": plan.unchanged}
    record(session, "imported", as_of, imported=plan.kind, file=file_name, **counts)
    return Report(plan.kind, **counts, notices=plan.notices)


def take_back(session: Session, kind: str, run_id: int, as_of: datetime) -> None:
    """Make everything as it was before a run of a kind, or nothing. Raises NotAllowed, CannotUndo, CountBelowHeld."""
    authorize(session, ACTIONS[kind])
    steps = KINDS[kind]
    if steps.undo:
        steps.undo(session, run_id, as_of)
    bundles.undo(session, run_id)
    changes.take_back(session, run_id, steps.writes)


def names_in(kind: str, data: bytes) -> list[str]:
    """The names of the columns as they stand in a file; none where it has no header."""
    with opened_table(data, KINDS[kind].columns) as table:
        return table.names


def example(kind: str) -> bytes:
    """A small CSV file of a kind that shows every column: UTF-8 with a BOM, so that Excel reads it rightly."""
    target = io.StringIO()
    rows = csv.writer(target, delimiter=";")
    rows.writerow(column.name for column in KINDS[kind].columns)
    rows.writerow(column.example for column in KINDS[kind].columns)
    return target.getvalue().encode("utf-8-sig")


def _plan(
    session: Session,
    kind: str,
    data: bytes,
    as_of: datetime,
    mapping: Mapping[str, str] | None,
    tell: Tell,
    *,
    lock: bool,
) -> Preview:
    authorize(session, ACTIONS[kind])
    steps = KINDS[kind]
    columns = mapped(steps.columns, mapping or {})
    with opened_table(data, columns) as table:
        if table.problems:  # without its columns no row of it can be understood
            sample = list(islice(table.rows, FIRST))[:SAMPLE_ROWS]
            return _seen(kind, table, (0, 0, 0), table.problems, sample)
        present = [column for column in columns if column.name in table.columns]
        marks, keys, told = Marks(present), Keys(steps.key, table.columns), _Told(tell)

        def look(row: Row) -> None:
            marks.look(row)
            keys.look(row)
            told.count("reading")

        with spooled(table, columns, look) as spool:
            rows, faults = told.counted("understanding", spool.rows(), spool.count), list[Problem]()
            readings = marks.readings(_vat_classes(session, as_of))
            good = stage(session, steps, read_rows(present, rows, readings, faults))
            sample = spool.sample(SAMPLE_ROWS)
    tell("checking", good, good)
    counts, found = _compared(session, steps, good, lock=lock)
    problems = sorted(table.problems + faults + keys.problems() + found, key=lambda problem: problem.line or 0)
    seen = _seen(kind, table, counts, problems, sample)
    return seen if lock else replace(seen, changes=changes_of(session, steps, MOST_CHANGES))


def _compared(session: Session, steps: Kind, good: int, *, lock: bool) -> tuple[tuple[int, int, int], list[Problem]]:
    """The staged rows beside what is there: how many are new, changed and as they were, and what only shows so."""
    if lock:
        steps.lock(session)
    problems = steps.check(session)
    created, changed = session.execute(text(steps.count)).one()
    return (created, changed, good - created - changed), sorted(problems, key=lambda problem: problem.line or 0)


def _seen(kind: str, table: Table, counts: tuple[int, int, int], problems: list[Problem], sample: list[Row]) -> Preview:
    missing = [column for column in KINDS[kind].columns if column.name not in table.columns]
    guesses = guess(missing, table.names, set(table.columns.values()), table.first)
    return Preview(
        kind,
        *counts,
        notices=table.notices,
        problems=problems,
        sample=sample,
        understood=table.understood.sentences(),
        names=table.names,
        columns=table.columns,
        cells=[list(map(str, cells)) for cells in table.first[:SAMPLE_ROWS]],
        guesses=guesses,
    )


class _Told:
    """Tells of every TELL_EVERY rows."""

    def __init__(self, tell: Tell) -> None:
        self.tell, self.rows = tell, 0

    def count(self, step: str, total: int = 0) -> None:
        self.rows += 1
        if self.rows % TELL_EVERY == 0:
            self.tell(step, self.rows, total)

    def counted(self, step: str, rows: Iterator[Row], total: int) -> Iterator[Row]:
        self.rows = 0
        for row in rows:
            self.count(step, total)
            yield row


def _vat_classes(session: Session, as_of: datetime) -> dict[Decimal, str]:
    """VAT class by the rate that is valid where the distributor is on the day of `as_of`."""
    today = clock.local_date(as_of, company(session).time_zone)
    return {rate: vat_class for rate, vat_class in session.execute(_VAT_CLASSES, {"today": today})}


# A file names the rate only: 0 % stands for the zero rate, not for one of the reasons to charge none.
_VAT_CLASSES = text("""
    select distinct on (vat_class) trim_scale(rate), vat_class from vat_rate
    where valid_from <= :today and vat_class in ('standard', 'reduced', 'zero') order by vat_class, valid_from desc
""")
