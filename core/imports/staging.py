"""Rows of a file in a temporary table: what the statements of every kind start from."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
from core.imports import fields
from core.imports.changes import Written
from core.imports.columns import Column
from core.imports.fields import Reading
from core.imports.numbers import AMBIGUOUS, CURRENCIES, bare, marks_of
from core.imports.problems import Fault, Problem
from core.imports.records import Row

NO_VALUE = N_("There is no {column}.")
UNDECIDED = N_(
    "The column has {count:number|numbers} that can be read in two ways, and none that decides: “{value}” can mean "
    "{thousands} or {fraction}. Write one number of the column with two decimals."
)
REPEATED = N_("{key} stands on lines {lines}. Keep one of them.")

SIGNS: dict[Callable[[str, Reading], Any], str] = {
    fields.price: "lei|ron", fields.price_in_any_currency: "|".join(map(re.escape, CURRENCIES)),
    fields.discount: "%", fields.vat_class: "%", fields.open_amount: "lei|ron",
}  # fmt: skip
"""What may stand behind the numbers of a column in a file, as a pattern."""

Value = TypeVar("Value")
MOST_KNOWN = 5_000
"""So many different cells of a column are remembered."""
Incoming = dict[str, Any]
"""The values of one row by column name, and its `line`; a cell that is empty or absent has no entry. The currency that
stood behind a price is there by the column's name and `_currency`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its columns, what identifies a row (nothing: `check` finds what stands there twice), and the
    steps over the staged rows, in this order.

    `types` are the SQL types of the staged columns. `lock` keeps the rows it will change as they are, `check`
    finds what only the database can tell, `count` is SQL for (created, changed), `write` carries it out. `writes`: the
    tables that it writes, each after those it refers to. `compare` is SQL for
    the rows that are changed: `line`, the `name` of what it is about, and the columns as they are (`old`) and as the
    file has them (`new`), JSON without what it does not say; empty if nothing can change. `counts`: the column `stock`
    is what was counted.
    `undo` takes back what is not taken back row by row (session, id of the run, instant).
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    types: dict[str, str]
    lock: Callable[[Session], None]
    check: Callable[[Session], list[Problem]]
    count: str
    write: Callable[[Session, datetime], None]
    writes: tuple[Written, ...]
    compare: str
    counts: bool = False
    undo: Callable[[Session, int, datetime], None] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A column of a row that is changed: as it is, and as the file has it."""

    line: int
    name: str
    column: str
    old: str
    new: str


class Known:
    """What cells were found to be: most columns say the same things again and again."""

    def __init__(self) -> None:
        self.of_texts: dict[str, dict[str, Any]] = defaultdict(dict)
        self.of_numbers: dict[str, dict[str, Any]] = defaultdict(dict)  # of a workbook: they mean what they say

    def like(self, name: str, cell: str) -> dict[str, Any]:
        """What was kept of the column's cells of this kind."""
        return (self.of_texts if type(cell) is str else self.of_numbers)[name]

    def get(self, name: str, cell: str) -> Any:
        """What was kept of such a cell of the column; else None."""
        return self.like(name, cell).get(cell)

    def keep(self, name: str, cell: str, value: Value) -> Value:
        """Keep it, while there are not too many of the column."""
        cells = self.like(name, cell)
        if len(cells) < MOST_KNOWN:
            cells[cell] = value
        return value


class Marks:
    """Which decimal marks the numbers of each column show; filled row by row."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.signs = {column.name: SIGNS.get(column.read, "") for column in columns if column.is_number}
        self.seen = {name: set[str]() for name in self.signs}
        self.known = Known()

    def look(self, row: Row) -> None:
        for name, signs in self.signs.items():
            cell = row.cells[name]
            if not ("." in cell or "," in cell) or self.known.get(name, cell) is not None:
                continue
            self.seen[name] |= self.known.keep(name, cell, marks_of([bare(cell, signs)[0]]))

    def readings(self, vat_classes: dict[Decimal, str]) -> dict[str, Reading]:
        """How each column is read; `vat_classes` by rate."""
        return {column.name: Reading(self._mark_of(column.name), vat_classes) for column in self.columns}

    def _mark_of(self, name: str) -> str | None:
        """That of the column's own numbers; where they show none, that of all the others together."""
        marks = self.seen.get(name) or set[str]().union(*self.seen.values())
        return next(iter(marks)) if len(marks) == 1 else None


class Keys:
    """The lines on which the same key stands; filled row by row."""

    def __init__(self, key: tuple[str, ...], columns: Collection[str]) -> None:
        self.key = key if all(name in columns for name in key) else ()
        self.first: dict[tuple[str, ...], int] = {}
        self.lines: dict[tuple[str, ...], list[int]] = {}

    def look(self, row: Row) -> None:
        if not self.key or not all(key := tuple(row.cells[name] for name in self.key)):
            return
        first = self.first.setdefault(key, row.line)
        if first != row.line:
            self.lines.setdefault(key, [first]).append(row.line)

    def problems(self) -> list[Problem]:
        """One for each key that stands twice."""
        return [
            Problem(found[1], self.key[-1], REPEATED, {"key": ", ".join(key), "lines": ", ".join(map(str, found))})
            for key, found in self.lines.items()
        ]


def read_rows(
    columns: Sequence[Column], rows: Iterable[Row], readings: dict[str, Reading], problems: list[Problem]
) -> Iterator[Incoming]:
    """The rows without fault, as they are asked for; `problems` gets what is wrong with the others. An empty cell says
    nothing: what is there stays."""
    faults, known = list[Problem](), Known()
    for row in rows:
        values, found = _read_row(columns, row, readings, known)
        faults += found
        if not found:
            yield values
    problems += _undecided_once(faults)


def stage(session: Session, kind: Kind, rows: Iterable[Incoming]) -> int:
    """Put the rows in the temporary table `incoming`, which lasts until the transaction ends; how many they are."""
    names = _make_table(session, kind)
    count = 0
    cursor = session.connection().connection.cursor()
    try:
        with cursor.copy(f"copy incoming ({', '.join(names)}) from stdin") as copy:
            for values in rows:
                copy.write_row([values.get(name) for name in names])
                count += 1
    finally:
        cursor.close()
    session.execute(text("analyze incoming"))
    return count


def staged(session: Session) -> Iterator[bytes]:
    """What is staged, as pieces to be kept for `stage_again`."""
    cursor = session.connection().connection.cursor()
    try:
        with cursor.copy("copy incoming to stdout") as copy:
            for piece in copy:
                yield bytes(piece)
    finally:
        cursor.close()


def stage_again(session: Session, kind: Kind, pieces: Iterable[bytes]) -> int:
    """Put there what was staged before; how many rows that are."""
    _make_table(session, kind)
    cursor = session.connection().connection.cursor()
    try:
        with cursor.copy("copy incoming from stdin") as copy:
            for piece in pieces:
                copy.write(piece)
        rows: int = cursor.rowcount
    finally:
        cursor.close()
    session.execute(text("analyze incoming"))
    return rows


def _make_table(session: Session, kind: Kind) -> list[str]:
    types = ", ".join(f"{name} {sql_type}" for name, sql_type in kind.types.items())
    session.execute(text("drop table if exists pg_temp.incoming"))
    session.execute(text(f"create temp table incoming (line int, {types}) on commit drop"))
    return ["line", *kind.types]


def as_object(columns: Mapping[str, str]) -> str:
    """SQL: these columns (name → expression) as a JSON object, without those that are null."""
    pairs = ", ".join(f"'{name}', {sql}" for name, sql in columns.items())
    return f"jsonb_strip_nulls(jsonb_build_object({pairs}))"


def changes(session: Session, kind: Kind, most: int) -> list[Change]:
    """What the staged rows change, column by column, in the order of the file, up to `most`."""
    if not kind.compare:
        return []
    rows = session.execute(text(f"select * from ({kind.compare}) compared order by line limit {most}"))
    return [
        Change(row.line, row.name, name, _shown(row.old.get(name)), _shown(value))
        for row in rows
        for name, value in row.new.items()
        if _shown(value) != _shown(row.old.get(name))
    ][:most]


def _shown(value: Any) -> str:
    """A value of JSON as it is shown: numbers without zeros at their end."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{Decimal(str(value)).normalize():f}"
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def problems_from(session: Session, query: str, column: str, message: str) -> list[Problem]:
    """A problem for every row of a query, whose first column is the line and whose others fill the message."""
    found = session.execute(text(query)).mappings()
    return [Problem(row["line"], column, message, {k: v for k, v in row.items() if k != "line"}) for row in found]


def _read_row(
    columns: Sequence[Column], row: Row, readings: dict[str, Reading], known: Known
) -> tuple[Incoming, list[Problem]]:
    values: Incoming = {"line": row.line}
    faults = []
    for column in columns:
        cell = row.cells[column.name]
        try:
            if cell:
                read = known.get(column.name, cell)
                values |= read or known.keep(column.name, cell, _read(column, cell, readings[column.name]))
            elif column.required:
                raise Fault(NO_VALUE, column=column.name)
        except Fault as fault:
            faults.append(fault.at(row.line, column.name))
    return values, faults


def _read(column: Column, cell: str, reading: Reading) -> Incoming:
    """The value of a cell, if there is more in it than a sign, and the currency behind it."""
    read: Incoming = {}
    if column.is_number:
        cell, sign = bare(cell, SIGNS.get(column.read, ""))
        if currency := CURRENCIES.get(sign.lower()):
            read[f"{column.name}_currency"] = currency
    if cell:
        read[column.name] = column.read(cell, reading)
    elif column.required:
        raise Fault(NO_VALUE, column=column.name)
    return read


def _undecided_once(problems: list[Problem]) -> list[Problem]:
    """A column that nothing decides is told of once, at the first number that can be read in two ways."""
    undecided = Counter(problem.column for problem in problems if problem.message == AMBIGUOUS)
    told, kept = set[str](), []
    for problem in problems:
        if problem.message != AMBIGUOUS or undecided[problem.column] == 1:
            kept.append(problem)
        elif problem.column not in told:
            told.add(problem.column)
            params = problem.params | {"count": undecided[problem.column]}
            kept.append(Problem(problem.line, problem.column, UNDECIDED, params))
    return kept
