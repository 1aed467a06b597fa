"""From a pasted text to its lines: which are rows of a table, and which are written freely."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import Refusal
from core.i18n import N_
from core.quick.columns import names_columns

MOST_LINES = 2_000
MOST_CHARACTERS = 400_000
LONGEST_ROW = 4_000
"""Characters of a line that is looked at for columns."""
MOST_WRAPPED = 20
"""Lines of the text that one row can go over, where a quoted cell has line breaks."""

_DELIMITERS = "\t;|"
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\0]")
_GROUPING = re.compile("(?<=[0-9])[\u00a0\u202f](?=[0-9]{3}(?![0-9]))")
_WRITTEN_AS_TEXT = re.compile(r"""^(?:="(.*)"|'(.+))$""")


class TooMuch(Refusal):
    message = N_("This is more than can be checked at once: at most {lines} lines. Split it and paste one part first.")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank; `number` counts all lines of the text from 1. A row of a table has `cells`."""

    number: int
    text: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as read, and what stands between the cells of its rows; empty where it has none."""

    lines: list[Line]
    delimiter: str

    @property
    def rows(self) -> list[Line]:
        return [line for line in self.lines if line.cells]


def read(text: str) -> Reading:
    """Every line of a text that is not blank, in order; what stands in them is not dropped. Raises TooMuch."""
    physical = text.replace("\0", "").splitlines()
    if len(text) > MOST_CHARACTERS or sum(bool(line.strip()) for line in physical) > MOST_LINES:
        raise TooMuch(lines=MOST_LINES)
    delimiter = _delimiter(physical)
    lines = [Line(number, line, _cells(line, delimiter)) for number, line in _records(physical, delimiter)]
    if delimiter == ",":  # a decimal comma is one as well: rows are only those that have the columns of the first line
        lines = [line if len(line.cells) == len(lines[0].cells) else Line(line.number, line.text) for line in lines]
    return Reading(lines, delimiter)


def clean(text: str) -> str:
    """A cell or a piece of a line without what nobody sees; a hard blank stays where it groups thousands."""
    visible = _GROUPING.sub("\N{NARROW NO-BREAK SPACE}", _INVISIBLE.sub("", text))
    return " ".join(re.split("[^\\S\u202f]+", visible)).strip()


def _delimiter(physical: list[str]) -> str:
    """Rows are the lines that have a tab, else a semicolon, else a bar; a comma only under names of columns."""
    counts = {sign: sum(sign in line for line in physical) for sign in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda sign: counts[sign])
    if counts[best]:
        return best
    first = next((line for line in physical if line.strip()), "")
    return "," if names_columns(_cells(first, ",")) else ""


def _records(physical: list[str], delimiter: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; those that a quoted cell goes over are one."""
    opened = re.compile(f'(?:^|{re.escape(delimiter)})"(?:[^"]|"")*$') if delimiter else None
    at = 0
    while at < len(physical):
        end = at + 1
        if opened and opened.search(physical[at][:LONGEST_ROW]):
            end = _closing(physical, at, opened) or end
        if any(line.strip() for line in physical[at:end]):
            yield at + 1, "\n".join(physical[at:end])
        at = end


def _closing(physical: list[str], at: int, opened: re.Pattern[str]) -> int | None:
    """Where the row that is still open in its first line ends; None where it never does."""
    for end in range(at + 2, min(at + MOST_WRAPPED, len(physical)) + 1):
        record = "\n".join(physical[at:end])
        if len(record) > LONGEST_ROW:
            break
        if not opened.search(record):
            return end
    return None


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    if not delimiter or delimiter not in line or len(line) > LONGEST_ROW:
        return ()
    [record] = csv.reader([line.replace("\n", " ").replace("\r", " ")], delimiter=delimiter)
    return tuple(_cell(cell) for cell in record)


def _cell(text: str) -> str:
    """Sheets mark text that looks like a number: `'00123`, `="00123"`."""
    found = _WRITTEN_AS_TEXT.match(clean(text))
    return clean(found[1] or found[2] or "") if found else clean(text)
