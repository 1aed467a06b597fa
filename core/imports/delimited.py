"""From the lines of a text to rows: delimiter, quotes, line ends."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from core.i18n import N_
from core.imports.decoding import line_of
from core.imports.problems import Problem
from core.imports.records import AS_TEXT, Record, Records

BAD_QUOTES = N_("The quotes in this row are not closed, or text follows a closing quote.")
UNCLOSED = N_("The quote that opens on this line is closed nowhere. Close it, or write it twice if it is meant.")
TOO_LONG = N_("A field of this row is too long to be a field. Is a quote before it not closed?")

LOOKED_AT = 30
_DECLARED = re.compile(r'\ufeff?"?sep=([,;|\t])"?[ \t;,|]*(?:\r\n|\r|\n|$)', re.IGNORECASE)


Lines = Callable[[], Iterator[str]]
"""The lines of a text from the first one on, as often as they are asked for."""


def delimiter_of(lines: Lines, known: Callable[[Sequence[str]], int]) -> str:
    """What `sep=;` on the first line says; else the delimiter under which a row among the first ones has the most
    names of columns (`known` counts them), and then the most cells in most rows."""
    if declared := _DECLARED.match(next(lines(), "")):
        return declared[1]

    def mark(delimiter: str) -> tuple[int, int]:
        first = [row.cells for row in islice(records(lines, delimiter), LOOKED_AT) if isinstance(row, Record)]
        widths = sorted(len(cells) for cells in first)
        return max(map(known, first), default=0), widths[len(widths) // 2] if widths else 0

    return max(AS_TEXT, key=mark)


def records(lines: Lines, delimiter: str) -> Records:
    """Every row with the line it begins on. A fault in the quoting ends the file."""
    above = int(bool(_DECLARED.match(next(lines(), ""))))
    reader = csv.reader(islice(lines(), above, None), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + above + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _fault(str(error), lines, line, delimiter)
            return
        yield Record(line, cells)


def _fault(error: str, lines: Lines, line: int, delimiter: str) -> Problem:
    if "unexpected end" in error:
        return Problem(_opened(lines, line, delimiter), "", UNCLOSED)
    return Problem(line, "", TOO_LONG if "field larger" in error else BAD_QUOTES)


def _opened(lines: Lines, line: int, delimiter: str) -> int:
    """The line of the quote that nothing closes, in the row that begins on `line`: of its quoted fields the last."""
    row = "".join(islice(lines(), line - 1, None))
    places = [found.start(1) for found in re.finditer(rf'(?:^|{re.escape(delimiter)})(")(?:[^"]|"")*(?:"|$)', row)]
    return line + line_of(row, places[-1]) - 1 if places else line
