"""From a file (CSV, Excel, OpenDocument) to a text with a row on each line, as if it had been pasted."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from core.errors import Refusal
from core.i18n import N_
from core.imports.decoding import decode
from core.imports.problems import Fault
from core.imports.workbooks import WORKBOOKS
from core.quick.amounts import amount_of
from core.quick.columns import guess, names_columns
from core.quick.lines import MOST_CHARACTERS, MOST_LINES, clean

MOST_MEGABYTES = 5
MOST_COLUMNS = 40
SECONDS = 20
TYPES = ["csv", "txt", "tsv", "xlsx", "xlsm", "xls", "ods"]


class FileTooBig(Refusal):
    message = N_("The file is too big: at most {megabytes} MB and {lines} lines with a quantity. Send it in parts.")


class FileUnreadable(Refusal):
    message = N_("This file cannot be read: it is damaged, has a password or is no table. Save it as XLSX or CSV.")


class FileNotText(Refusal):
    message = N_("{reason}")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(reason=fault.at().text("en"))

    def text(self, language: str) -> str:
        return self.fault.at().text(language)


@dataclass(frozen=True, slots=True)
class FileText:
    """The rows of a file, a tab between the cells. `left_out` counts those without a quantity in a table that names a
    column for it: price lists are ordered from like this."""

    text: str
    rows: int
    left_out: int


def read_file(data: bytes) -> FileText:
    """The first sheet of a workbook that has something, or a text file. Raises FileTooBig, FileUnreadable, FileNotText;
    nothing that a file holds can do more harm than that."""
    if len(data) > MOST_MEGABYTES * 1024 * 1024:
        raise FileTooBig(megabytes=MOST_MEGABYTES, lines=MOST_LINES)
    cells = _workbook(data) if data.startswith(WORKBOOKS) else _text(data)
    rows = [row for row in ([clean(cell) for cell in row[:MOST_COLUMNS]] for row in cells) if any(row)]
    kept = _with_quantity(rows)
    text = "\n".join(_line(row) for row in _without_empty_columns(kept))
    if len(kept) > MOST_LINES or len(text) > MOST_CHARACTERS:
        raise FileTooBig(megabytes=MOST_MEGABYTES, lines=MOST_LINES)
    if not kept:
        raise FileUnreadable
    return FileText(text, len(kept), len(rows) - len(kept))


def _text(data: bytes) -> list[list[str]]:
    try:
        text, _ = decode(data)
    except Fault as fault:
        raise FileNotText(fault) from fault
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = max("\t;,|", key=lambda sign: first.count(sign))
    if delimiter not in first or (delimiter == "," and not names_columns(next(csv.reader([first])))):
        return [[line] for line in lines]
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise FileUnreadable from error


def _workbook(data: bytes) -> list[list[str]]:
    program = [sys.executable, "-I", str(Path(__file__).with_name("workbook.py"))]
    try:
        done = subprocess.run(program, input=data, capture_output=True, timeout=SECONDS, check=True, env={})  # noqa: S603 (our own program; the file is its input)
        rows: list[list[str]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise FileUnreadable from error
    return rows


def _with_quantity(rows: list[list[str]]) -> list[list[str]]:
    """Under named columns, the rows that have a quantity other than 0, and the names; else all."""
    if not rows or not names_columns(rows[0]):
        return rows
    place = guess(rows[:1], lambda _: False).quantity

    def has_one(row: list[str]) -> bool:
        cell = row[place] if place is not None and place < len(row) else ""
        amount = amount_of(cell)
        return bool(cell) and not (amount and not any(amount.values))

    return [rows[0], *filter(has_one, rows[1:])]


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    used = [at for at in range(width) if any(at < len(row) and row[at] for row in rows)]
    return [[row[at] if at < len(row) else "" for at in used] for row in rows]


def _line(cells: list[str]) -> str:
    """A row as a sheet puts it on the clipboard. One that is a single cell stays as it was written."""
    if len(cells) == 1:
        return cells[0].replace("\t", " ")
    line = io.StringIO()
    csv.writer(line, delimiter="\t", lineterminator="").writerow(cells)
    return line.getvalue()
