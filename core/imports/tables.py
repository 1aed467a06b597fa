"""From a file to rows by column name: the header is found, what is no row of the table is passed over and counted."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice

from core.i18n import N_
from core.imports.bundles import is_bundle, table_of
from core.imports.columns import Column, known_names
from core.imports.decoding import EMPTY, NAMES, READ_AS, encoding_of, lines_of
from core.imports.delimited import LOOKED_AT, delimiter_of, records
from core.imports.headers import Header, find_header, is_header, match
from core.imports.passing import passed_over
from core.imports.problems import Fault, Problem
from core.imports.records import Record, Records, Row, Understood, stripped
from core.imports.workbooks import WORKBOOKS, opened

FIELDS = N_(
    "The row has {found} fields, but the header names {expected} columns. Is a text with “{delimiter}” unquoted?"
)
NO_ROWS = N_("The file has a row with the names of the columns, but none below it.")
TOO_BIG = N_("The file is larger than {limit} MB. Split it.")

LIMIT_MB = 20
ZIP_MB = 100
"""So much a ZIP with a table and pictures may have."""
FIRST = 100
TYPES = ["xlsx", "xlsm", "xls", "ods", "csv", "tsv", "txt"]
"""What the names of files that are taken end in."""


@dataclass(slots=True)
class Table:
    """A file that is being read. `names` are those in its header, `columns` the known ones among them and where they
    stand. `rows` come as they are asked for, and only once; what is wrong, was passed over or is worth telling is
    complete when the last of them has come. `first` are all cells of the first FIRST of them."""

    rows: Iterator[Row] = field(default_factory=lambda: iter(()))
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    understood: Understood = field(default_factory=Understood)
    first: list[list[str]] = field(default_factory=list)


@contextmanager
def opened_table(data: bytes, columns: tuple[Column, ...]) -> Iterator[Table]:
    """A file, to be read row by row, or the faults that keep it from being read; raises nothing of its own."""
    with ExitStack() as stack:
        try:
            if is_bundle(data):
                data = table_of(data, TYPES, LIMIT_MB)
            if len(data) > LIMIT_MB * 1024 * 1024:
                raise Fault(TOO_BIG, limit=str(LIMIT_MB))
            opened = _opened_workbook if data.startswith(WORKBOOKS) else _opened_text
            table = stack.enter_context(opened(data, columns))
        except Fault as fault:
            table = Table(problems=[fault.at()])
        yield table


@contextmanager
def _opened_workbook(data: bytes, columns: tuple[Column, ...]) -> Iterator[Table]:
    """The first visible sheet that has a header."""

    def has_header(first: Sequence[Record | Problem]) -> bool:
        return is_header(find_header([row for row in first if isinstance(row, Record)], columns), columns)

    with opened(data, has_header) as sheet:
        table = Table(understood=Understood(sheet=sheet.name))
        _read_records(table, sheet.first, sheet.rest, columns)
        yield table


@contextmanager
def _opened_text(data: bytes, columns: tuple[Column, ...]) -> Iterator[Table]:
    encoding = encoding_of(data)
    lines = partial(lines_of, data, encoding)
    delimiter = delimiter_of(lines, lambda cells: known_names(columns, cells))
    table = Table(understood=Understood(encoding=NAMES[encoding], delimiter=delimiter))
    if not encoding.startswith("utf"):
        table.notices.append(Problem(None, "", READ_AS, {"encoding": NAMES[encoding]}))
    rows = records(lines, delimiter)
    first = list(islice(rows, LOOKED_AT))
    _read_records(table, first, rows, columns)
    yield table


def _read_records(table: Table, first: Sequence[Record | Problem], rest: Records, columns: tuple[Column, ...]) -> None:
    """The rows of a file, of which the first ones are known: the header is among them."""
    header = find_header([row for row in first if isinstance(row, Record)], columns)
    if header is None:
        table.problems += [row for row in first if isinstance(row, Problem)] or [Problem(None, "", EMPTY)]
        return
    places, problems, notices = match(columns, header.names, header.lines[0])
    table.names, table.columns, table.problems, table.notices = header.names, places, problems, table.notices + notices
    table.understood.header = header.lines
    above = [row for row in first if isinstance(row, Record) and row.line < header.lines[0]]
    table.understood.above = sum(bool(row.filled) for row in above)
    present = [column for column in columns if column.name in places]
    below = (row for row in chain(first, rest) if isinstance(row, Problem) or row.line > header.lines[-1])
    table.rows = _rows(table, below, header, present)


def _rows(table: Table, below: Records, header: Header, columns: Sequence[Column]) -> Iterator[Row]:
    try:
        for record in below:
            if isinstance(record, Problem):
                table.problems.append(record)
            elif passed := passed_over(record, header.names, table.columns, columns):
                table.understood.passed.setdefault(passed, []).append(record.line)
            elif any(cell.strip() for cell in record.cells[len(header.names) :]):
                table.problems.append(_too_long(record, header, table.understood.delimiter))
            else:
                if len(table.first) < FIRST:
                    table.first.append(record.cells)
                yield Row(record.line, _cells(record, table.columns))
    except Fault as fault:  # a workbook that turns out to be too large
        table.problems.append(fault.at())
    if not table.first and not table.problems:
        table.problems.append(Problem(None, "", NO_ROWS))


def _cells(record: Record, places: dict[str, int]) -> dict[str, str]:
    """By name; a row that is too short is filled with nothing."""
    return {name: stripped(record.cells[at]) if at < len(record.cells) else "" for name, at in places.items()}


def _too_long(record: Record, header: Header, delimiter: str) -> Problem:
    params = {"found": len(record.cells), "expected": len(header.names), "delimiter": delimiter.replace("\t", "tab")}
    return Problem(record.line, "", FIELDS, params)
