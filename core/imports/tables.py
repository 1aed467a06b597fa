"""From a file to rows by column name: the header is found, what is no row of the table is passed over and counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from core.i18n import N_
from core.imports.columns import Column, known_names
from core.imports.decoding import EMPTY, NAMES, READ_AS, decode, with_comma_below
from core.imports.delimited import LOOKED_AT, delimiter_of, records
from core.imports.headers import Header, find_header, is_header, match
from core.imports.passing import passed_over, sum_rows
from core.imports.problems import Fault, Problem
from core.imports.records import TOTAL, Record, Records, Row, Understood, stripped
from core.imports.workbooks import WORKBOOKS, opened

FIELDS = N_(
    "The row has {found} fields, but the header names {expected} columns. Is a text with “{delimiter}” unquoted?"
)
NO_ROWS = N_("The file has a row with the names of the columns, but none below it.")
TOO_BIG = N_("The file is larger than {limit} MB. Split it.")

LIMIT_MB = 20
TYPES = ["xlsx", "xlsm", "xls", "ods", "csv", "tsv", "txt"]
"""What the names of files that are taken end in."""


@dataclass(slots=True)
class Table:
    """A file as read: the rows that have the right shape, the faults of the others, notices, columns present."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    understood: Understood = field(default_factory=Understood)


def read_table(data: bytes, columns: tuple[Column, ...]) -> Table:
    """The rows of a file, or the faults that keep it from being read; never raises."""
    try:
        if len(data) > LIMIT_MB * 1024 * 1024:
            raise Fault(TOO_BIG, limit=str(LIMIT_MB))
        return _read_workbook(data, columns) if data.startswith(WORKBOOKS) else _read_text(data, columns)
    except Fault as fault:
        return Table(problems=[fault.at()])


def _read_workbook(data: bytes, columns: tuple[Column, ...]) -> Table:
    """The first visible sheet that has a header."""

    def has_header(first: Sequence[Record | Problem]) -> bool:
        return is_header(find_header([row for row in first if isinstance(row, Record)], columns), columns)

    with opened(data, has_header) as sheet:
        table = Table(understood=Understood(sheet=sheet.name))
        read_records(table, sheet.first, sheet.rest, columns)
    return table


def _read_text(data: bytes, columns: tuple[Column, ...]) -> Table:
    text, encoding = decode(data)
    text = with_comma_below(text)
    delimiter = delimiter_of(text, lambda cells: known_names(columns, cells))
    table = Table(understood=Understood(encoding=NAMES[encoding], delimiter=delimiter))
    if not encoding.startswith("utf"):
        table.notices.append(Problem(None, "", READ_AS, {"encoding": NAMES[encoding]}))
    rows = records(text, delimiter)
    first = list(islice(rows, LOOKED_AT))
    read_records(table, first, rows, columns)
    return table


def read_records(table: Table, first: Sequence[Record | Problem], rest: Records, columns: tuple[Column, ...]) -> None:
    """Fill the table from the rows of a file, of which the first ones are known: the header is among them."""
    header = find_header([row for row in first if isinstance(row, Record)], columns)
    if header is None:
        table.problems += [row for row in first if isinstance(row, Problem)] or [Problem(None, "", EMPTY)]
        return
    places, problems, notices = match(columns, header.names, header.lines[0])
    table.columns, table.problems, table.notices = list(places), problems, table.notices + notices
    table.understood.header = header.lines
    above = [row for row in first if isinstance(row, Record) and row.line < header.lines[0]]
    table.understood.above = sum(bool(row.filled) for row in above)
    if not problems:
        present = [column for column in columns if column.name in places]
        below = (row for row in chain(first, rest) if isinstance(row, Problem) or row.line > header.lines[-1])
        _fill(table, below, header, places, present)


def _fill(table: Table, below: Records, header: Header, places: dict[str, int], columns: Sequence[Column]) -> None:
    for record in below:
        if isinstance(record, Problem):
            table.problems.append(record)
        elif passed := passed_over(record, header.names, places, columns):
            table.understood.passed.setdefault(passed, []).append(record.line)
        elif any(cell.strip() for cell in record.cells[len(header.names) :]):
            table.problems.append(_too_long(record, header, table.understood.delimiter))
        else:
            table.rows.append(Row(record.line, _cells(record, places)))
    if sums := sum_rows(table.rows, columns):
        table.rows = [row for row in table.rows if row.line not in sums]
        table.understood.passed[TOTAL] = sorted(table.understood.passed.get(TOTAL, []) + sums)
    if not table.rows and not table.problems:
        table.problems.append(Problem(None, "", NO_ROWS))


def _cells(record: Record, places: dict[str, int]) -> dict[str, str]:
    """By name; a row that is too short is filled with nothing."""
    return {name: stripped(record.cells[at]) if at < len(record.cells) else "" for name, at in places.items()}


def _too_long(record: Record, header: Header, delimiter: str) -> Problem:
    params = {"found": len(record.cells), "expected": len(header.names), "delimiter": delimiter.replace("\t", "tab")}
    return Problem(record.line, "", FIELDS, params)
