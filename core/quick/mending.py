"""Changing single lines of the pasted text: the text stays the one thing that is checked."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

from core.quick.columns import Columns
from core.quick.lines import Line


def replaced(text: str, changes: dict[Line, str | None]) -> str:
    """The text with some of its lines changed, or taken out (None). A line that is not there any more as it was read
    stays as it is: somebody was faster."""
    physical = text.replace("\0", "").splitlines()
    for line, new in sorted(changes.items(), key=lambda change: -change[0].number):
        begin = line.number - 1
        end = begin + len(line.text.split("\n"))
        if "\n".join(physical[begin:end]) == line.text:
            physical[begin:end] = [] if new is None else [new]
    return "\n".join(physical)


def only(lines: Iterable[Line]) -> str:
    """A text of just these lines."""
    return "\n".join(line.text for line in lines)


def written(line: Line, code: str, quantity: Decimal, columns: Columns | None, delimiter: str) -> str:
    """The line with another code and quantity: in their columns in a table, else in place of all that it says."""
    number = _plain(quantity)
    if not line.cells or columns is None or columns.code is None or columns.quantity is None:
        return f"{code} {number}"
    cells = list(line.cells) + [""] * (columns.width - len(line.cells))
    cells[columns.code], cells[columns.quantity] = code, number
    row = io.StringIO()
    csv.writer(row, delimiter=delimiter, lineterminator="").writerow(cells)
    return row.getvalue()


def _plain(quantity: Decimal) -> str:
    """A number that can be read in one way only: `1.125` could be a thousand."""
    whole, _, part = f"{quantity.normalize():f}".partition(".")
    return f"{whole}.{part.ljust(4, '0') if len(part) == 3 else part}" if part else whole
