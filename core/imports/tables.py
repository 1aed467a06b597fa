"""From text to rows with the lines they stand on: delimiter, quotes, line ends."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.i18n import N_
from core.imports.columns import Column, fold, match, recognised
from core.imports.decoding import EMPTY, READ_AS_1250, decode
from core.imports.problems import Fault, Problem

FIELDS = N_(
    "The row has {found} fields, but the first line names {expected} columns. Is a text with “{delimiter}” unquoted?"
)
BAD_QUOTES = N_("The quotes in this row are not closed, or text follows a closing quote.")
TOO_LONG = N_("A field of this row is too long to be a field. Is a quote before it not closed?")
NO_ROWS = N_("The file has a first line with the names of the columns, but no rows.")
TOO_BIG = N_("The file is larger than {limit} MB. Split it.")

DELIMITERS = ",;\t"
LIMIT_MB = 20


@dataclass(slots=True)
class Row:
    """The cells of one row by column name (stripped; absent columns are not there), and its line in the file."""

    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Table:
    """A file as read: the rows that have the right shape, the faults of the others, notices, columns present."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


def read_table(data: bytes, columns: tuple[Column, ...]) -> Table:
    """The rows of a CSV file, or the faults that keep it from being read; never raises."""
    try:
        if len(data) > LIMIT_MB * 1024 * 1024:
            raise Fault(TOO_BIG, limit=LIMIT_MB)
        text, encoding = decode(data)
    except Fault as fault:
        return Table(problems=[fault.at()])
    table = _read(text, columns)
    if encoding == "cp1250":
        table.notices.insert(0, Problem(None, "", READ_AS_1250))
    return table


def _read(text: str, columns: tuple[Column, ...]) -> Table:
    delimiter = sniff(text, columns)
    records = _records(text, delimiter)
    first = next(records, None)
    if first is None or isinstance(first, Problem):
        return Table(problems=[first or Problem(None, "", EMPTY)])
    places, problems, notices = match(columns, first[1])
    table = Table([], problems, notices, [name for name in places])
    if not problems:
        _fill(table, records, places, len(first[1]), delimiter)
    return table


def sniff(text: str, columns: tuple[Column, ...]) -> str:
    """The delimiter under which the first line yields the most known columns, and then the most fields."""

    def score(delimiter: str) -> tuple[int, int]:
        first = next(_records(text, delimiter), None)
        header = first[1] if isinstance(first, tuple) else []
        return len({fold(name) for name in header if recognised(columns, name)}), len(header)

    return max(DELIMITERS, key=score)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]] | Problem]:
    """Every record that is not blank with the line it begins on. A fault in the quoting ends the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(line, "", TOO_LONG if "field larger" in str(error) else BAD_QUOTES)
            return
        if any(cell.strip() for cell in record):
            yield line, record


def _fill(
    table: Table,
    records: Iterator[tuple[int, list[str]] | Problem],
    places: dict[str, int],
    width: int,
    delimiter: str,
) -> None:
    for record in records:
        if isinstance(record, Problem):
            table.problems.append(record)
        elif len(record[1]) < width or any(cell.strip() for cell in record[1][width:]):
            params = {"found": len(record[1]), "expected": width, "delimiter": delimiter.replace("\t", "tab")}
            table.problems.append(Problem(record[0], "", FIELDS, params))
        else:
            table.rows.append(Row(record[0], {name: record[1][index].strip() for name, index in places.items()}))
    if not table.rows and not table.problems:
        table.problems.append(Problem(None, "", NO_ROWS))
