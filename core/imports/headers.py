"""The header of a table: on which rows it stands, and which columns it names."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest

from core.i18n import N_
from core.imports.columns import MOST_NAMES, Column, are_units, folded_names, known_names, recognised
from core.imports.columns import fold as folded
from core.imports.problems import Problem
from core.imports.records import Record

MISSING_LIKE = N_("The column {column} is missing. Is it the one called “{closest}”? Then rename that to {column}.")
MISSING = N_("The column {column} is missing. One of the first 30 rows must hold the names of the columns.")
TWICE = N_("The columns “{first}” and “{second}” both mean {column}. Keep one of them.")
IGNORED = N_("The column “{header}” is not known and was ignored.")

LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, the lines they stand on (two where they are joined), and how many are known."""

    names: list[str]
    lines: tuple[int, ...]
    known: int


def find_header(rows: Sequence[Record], columns: tuple[Column, ...]) -> Header | None:
    """Among the first rows of a file the one, or the two below each other, that name the most columns; the first of
    them where that is equal. Where hardly any is named it is the first row that says something, so that what is
    missing can be told."""
    filled = [row for row in rows if row.filled]
    best: Header | None = None
    for row, below in zip_longest(filled, filled[1:]):
        for header in (_single(row, columns), _joined(row, below, columns)):
            if header and (best is None or header.known > best.known):
                best = header
    if best and best.known < _least(columns):
        return _single(filled[0], columns)
    return best


def is_header(header: Header | None, columns: tuple[Column, ...]) -> bool:
    """Whether it names enough columns to be one."""
    return header is not None and header.known >= _least(columns)


def match(
    columns: tuple[Column, ...], names: list[str], line: int = 1
) -> tuple[dict[str, int], list[Problem], list[Problem]]:
    """Where each known column stands among the names; the faults; the notices (columns that were ignored)."""
    found = {column: _places(column, names) for column in columns}
    places = {column.name: indexes[0] for column, indexes in found.items() if indexes}
    used = {index for indexes in found.values() for index in indexes}
    unknown = [name for index, name in enumerate(names) if name.strip() and index not in used][:MOST_NAMES]
    problems = [_twice(column, names, indexes, line) for column, indexes in found.items() if len(indexes) > 1]
    problems += [_missing(column, unknown, line) for column in columns if column.required and column.name not in places]
    shown = [textwrap.shorten(name, LONGEST_SHOWN, placeholder="…") for name in unknown]
    return places, problems, [Problem(line, name, IGNORED, {"header": name}) for name in shown]


def _least(columns: tuple[Column, ...]) -> int:
    return min(2, sum(column.required for column in columns))


def _single(row: Record, columns: tuple[Column, ...]) -> Header:
    return Header([name.strip() for name in row.cells], (row.line,), known_names(columns, row.cells))


def _joined(row: Record, below: Record | None, columns: tuple[Column, ...]) -> Header | None:
    """Two rows as one header: the lower one is of words, adds to some name or holds nothing but units, and has nothing
    of its own under what every row must say."""
    if below is None or below.line > row.line + 1 or any(re.search("[0-9]", cell) for cell in below.cells):
        return None
    names, above, adds = [], "", all(map(are_units, below.filled))
    for top, low in zip_longest(map(str.strip, row.cells), map(str.strip, below.cells), fillvalue=""):
        above = top or above
        names.append(_join(columns, top, low, above))
        adds = adds or bool(low and recognised(columns, names[-1]))
        if low and not recognised(columns, names[-1]) and any(recognised((must,), top) for must in _texts(columns)):
            return None
    known, upper, lower = (known_names(columns, cells) for cells in (names, row.cells, below.cells))
    better = adds and known >= upper and known > lower
    return Header(names, (row.line, below.line), max(known, upper + 1)) if better else None


def _texts(columns: tuple[Column, ...]) -> list[Column]:
    return [column for column in columns if column.required and not column.is_number]


def _join(columns: tuple[Column, ...], top: str, low: str, above: str) -> str:
    """The first that is a known name. A title over several columns stands in the first of them (`above`)."""
    if not low:
        return top
    return next((name for name in (f"{above} {low}", low) if recognised(columns, name)), f"{top} {low}".strip())


def _places(column: Column, names: list[str]) -> list[int]:
    """Where the column stands. Its own name goes before the aliases: beside `sku`, `cod` means nothing. What a person
    has said it is called stands there as it is, and once: of two columns with one name the first is meant."""
    own = [index for index, name in enumerate(names) if folded(name) == folded(column.name)]
    if column.called is not None:
        own = [index for index in own if folded(column.name) in column.called]
        if len(column.called) == 1:
            own = [index for index, name in enumerate(names) if folded(name) in column.called][:1]
    return own or [index for index, name in enumerate(names) if recognised((column,), name)]


def _twice(column: Column, names: list[str], found: list[int], line: int) -> Problem:
    params = {"first": names[found[0]], "second": names[found[1]], "column": column.name}
    return Problem(line, column.name, TWICE, params)


def _missing(column: Column, unknown: list[str], line: int) -> Problem:
    by_fold = {folded(name): name for name in unknown}
    for name in sorted(folded_names(column), key=lambda name: name != folded(column.name)):
        if close := get_close_matches(name, by_fold, n=1, cutoff=0.6):
            return Problem(line, column.name, MISSING_LIKE, {"column": column.name, "closest": by_fold[close[0]]})
    return Problem(line, column.name, MISSING, {"column": column.name})
