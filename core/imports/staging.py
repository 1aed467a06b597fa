"""Rows of a file in a temporary table: what the statements of every kind start from."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
from core.imports import fields
from core.imports.columns import Column
from core.imports.fields import Reading
from core.imports.numbers import AMBIGUOUS, CURRENCIES, bare, marks_of
from core.imports.problems import Fault, Problem
from core.imports.records import Row
from core.imports.tables import Table

NO_VALUE = N_("There is no {column}.")
UNDECIDED = N_(
    "The column has {count:number|numbers} that can be read in two ways, and none that decides: “{value}” can mean "
    "{thousands} or {fraction}. Write one number of the column with two decimals."
)
REPEATED = N_("{key} stands on lines {lines}. Keep one of them.")

SIGNS: dict[Callable[[str, Reading], Any], str] = {
    fields.price: "lei|ron", fields.price_in_any_currency: "|".join(map(re.escape, CURRENCIES)),
    fields.discount: "%", fields.vat_class: "%",
}  # fmt: skip
"""What may stand behind the numbers of a column in a file, as a pattern."""

Incoming = dict[str, Any]
"""The values of one row by column name, and its `line`; a cell that is empty or absent has no entry. The currency that
stood behind a price is there by the column's name and `_currency`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its columns, what identifies a row (nothing: `check` finds what stands there twice), and the
    steps over the staged rows, in this order.

    `types` are the SQL types of the staged columns. `lock` keeps the rows it will change as they are, `check`
    finds what only the database can tell, `count` is SQL for (created, changed), `write` carries it out.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    types: dict[str, str]
    lock: Callable[[Session], None]
    check: Callable[[Session], list[Problem]]
    count: str
    write: Callable[[Session, datetime], None]


def read_rows(kind: Kind, table: Table, vat_classes: dict[Decimal, str]) -> tuple[list[Incoming], list[Problem]]:
    """The rows without fault, and the faults of the others. An empty cell says nothing: what is there stays."""
    present = [column for column in kind.columns if column.name in table.columns]
    reading = _readings(present, table.rows, vat_classes)
    good, problems = [], []
    for row in table.rows:
        values, faults = _read_row(present, row, reading)
        problems += faults
        if not faults:
            good.append(values)
    return good, _undecided_once(problems) + _repeated(kind, table)


def stage(session: Session, kind: Kind, rows: list[Incoming]) -> None:
    """Put the rows in the temporary table `incoming`, which lasts until the transaction ends."""
    types = ", ".join(f"{name} {sql_type}" for name, sql_type in kind.types.items())
    session.execute(text("drop table if exists pg_temp.incoming"))
    session.execute(text(f"create temp table incoming (line int, {types}) on commit drop"))
    session.execute(
        text(f"insert into incoming select * from jsonb_to_recordset(cast(:rows as jsonb)) as r(line int, {types})"),
        {"rows": json.dumps(rows, default=str)},
    )
    session.execute(text("analyze incoming"))


def problems_from(session: Session, query: str, column: str, message: str) -> list[Problem]:
    """A problem for every row of a query, whose first column is the line and whose others fill the message."""
    found = session.execute(text(query)).mappings()
    return [Problem(row["line"], column, message, {k: v for k, v in row.items() if k != "line"}) for row in found]


def _readings(columns: list[Column], rows: list[Row], vat_classes: dict[Decimal, str]) -> dict[str, Reading]:
    """How each column is read. It has the decimal mark that its own numbers show; where they show none, that of all the
    others together."""
    marks = {
        column.name: marks_of(bare(row.cells[column.name], SIGNS.get(column.read, ""))[0] for row in rows)
        for column in columns
        if column.is_number
    }
    all_marks = frozenset().union(*marks.values())
    return {column.name: Reading(_only(marks.get(column.name) or all_marks), vat_classes) for column in columns}


def _only(marks: frozenset[str]) -> str | None:
    return next(iter(marks)) if len(marks) == 1 else None


def _read_row(columns: list[Column], row: Row, readings: dict[str, Reading]) -> tuple[Incoming, list[Problem]]:
    values: Incoming = {"line": row.line}
    faults = []
    for column in columns:
        cell = row.cells[column.name]
        try:
            if column.is_number:
                cell, sign = bare(cell, SIGNS.get(column.read, ""))
                if currency := CURRENCIES.get(sign.lower()):
                    values[f"{column.name}_currency"] = currency
            if cell:
                values[column.name] = column.read(cell, readings[column.name])
            elif column.required:
                raise Fault(NO_VALUE, column=column.name)
        except Fault as fault:
            faults.append(fault.at(row.line, column.name))
    return values, faults


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


def _repeated(kind: Kind, table: Table) -> list[Problem]:
    lines: dict[tuple[str, ...], list[int]] = {}
    for row in table.rows:
        if kind.key and all(row.cells[name] for name in kind.key):
            lines.setdefault(tuple(row.cells[name] for name in kind.key), []).append(row.line)
    return [
        Problem(found[1], kind.key[-1], REPEATED, {"key": ", ".join(key), "lines": ", ".join(map(str, found))})
        for key, found in lines.items()
        if len(found) > 1
    ]
