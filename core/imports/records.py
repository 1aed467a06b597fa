"""What all readers hand on: rows of cells with the lines they stand on, and how the file was understood."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.i18n import N_
from core.imports.numbers import Exact
from core.imports.problems import Problem

AS_TEXT = {
    ",": N_("A text in {encoding}, with commas between the columns."),
    ";": N_("A text in {encoding}, with semicolons between the columns."),
    "\t": N_("A text in {encoding}, with tabs between the columns."),
    "|": N_("A text in {encoding}, with vertical bars between the columns."),
}
AS_SHEET = N_("A workbook, of which the sheet “{sheet}” was read.")
HEADER = N_("The names of the columns stand on line {line}.")
HEADERS = N_("The names of the columns stand on the lines {line} and {last}.")
ABOVE = N_("Above them, {count:line was|lines were} passed over.")
BLANK = N_("{count:blank row was|blank rows were} passed over.")
SECTION = N_("{count:title of a section was|titles of sections were} passed over, on line {lines}.")
TOTAL = N_("{count:row with a total was|rows with totals were} passed over, on line {lines}.")
AGAIN = N_("{count:repeated row with the names of the columns was|repeated rows with the names of the columns were} "
           "passed over, on line {lines}.")  # fmt: skip

MOST_NAMED = 8
"""Of what was passed over, so many lines are named."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a file as it stands there, and the line it begins on (1 is the first)."""

    line: int
    cells: list[str]

    @property
    def filled(self) -> list[str]:
        """The cells that say something."""
        return [text for cell in self.cells if (text := cell.strip())]


@dataclass(slots=True)
class Row:
    """The cells of one row by column name (stripped; absent columns are not there), and its line in the file."""

    line: int
    cells: dict[str, str]


Records = Iterator[Record | Problem]
"""Rows in the order of the file; blank ones too. A fault in the shape of the file is the last of them."""


def stripped(cell: str) -> str:
    """Without blanks around it; a number of a workbook stays one."""
    return cell if isinstance(cell, Exact) else cell.strip()


@dataclass(slots=True)
class Understood:
    """How a file was read: `encoding` and `delimiter` of a text or the `sheet` of a workbook, the lines of the header,
    how many rows stand above it, and the lines passed over below it by the sentence that tells of them."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header: tuple[int, ...] = ()
    above: int = 0
    passed: dict[str, list[int]] = field(default_factory=dict)

    def sentences(self) -> list[Problem]:
        """For the page: what was understood, to be compared with the file."""
        told = [Problem(None, "", AS_SHEET, {"sheet": self.sheet})] if self.sheet else []
        if self.delimiter:
            told.append(Problem(None, "", AS_TEXT[self.delimiter], {"encoding": self.encoding}))
        if self.header:
            message = HEADER if len(self.header) == 1 else HEADERS
            told.append(Problem(None, "", message, {"line": str(self.header[0]), "last": str(self.header[-1])}))
        if self.above:
            told.append(Problem(None, "", ABOVE, {"count": self.above}))
        return told + [_passed(message, lines) for message, lines in self.passed.items()]


def _passed(message: str, lines: list[int]) -> Problem:
    named = ", ".join(map(str, lines[:MOST_NAMED])) + (", …" if len(lines) > MOST_NAMED else "")
    return Problem(None, "", message, {"count": len(lines), "lines": named})
