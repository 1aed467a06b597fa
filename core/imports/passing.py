"""Rows below the header that are no rows of the table: blank ones, titles of sections, totals, the header once more."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from core.imports.columns import Column, fold
from core.imports.numbers import decimal_mark_of, parse_number
from core.imports.problems import Fault
from core.imports.records import AGAIN, BLANK, SECTION, TOTAL, Record, Row

_NAMES = (
    "total, total general, total gen, subtotal, sub total, grand total, sume, suma, total lei, total ron, total fara "
    "tva, total cu tva, total stoc, total pagina, total bucati, report, de reportat"
)
_TOTALS = frozenset(fold(name) for name in _NAMES.split(","))
_LONGEST = 40
MOST_SUMS = 20
"""So many rows of nothing but numbers are looked at."""


def passed_over(record: Record, names: Sequence[str], places: dict[str, int], columns: Sequence[Column]) -> str:
    """What a row is that is passed over (a sentence of core.imports.records); empty where it is one of the table."""
    filled = record.filled
    if not filled:
        return BLANK
    total, section = fold(filled[0]) in _TOTALS if len(filled[0]) <= _LONGEST else False, len(filled) == 1
    if total or section:
        cells = {name: record.cells[at].strip() for name, at in places.items() if at < len(record.cells)}
        if total and _has_no_text_beside(cells, columns):
            return TOTAL
        if section and _is_section(filled[0], cells, names, columns):
            return SECTION
    return AGAIN if len(names) > 1 and filled == [name for name in names if name] else ""


def sum_rows(rows: Iterable[Row], candidates: Collection[int], columns: Sequence[Column]) -> list[int]:
    """Of the lines that say nothing but numbers those where one of them is what its column comes to since the last
    such row."""
    numbers = [column.name for column in columns if column.is_number]
    above: dict[str, list[str]] = {name: [] for name in numbers}
    found = list[int]()
    for row in rows:
        if row.line in candidates and any(_comes_to(row.cells[name], above[name]) for name in numbers):
            found.append(row.line)
            above = {name: [] for name in numbers}
            if len(found) == len(candidates):
                break
            continue
        for name in numbers:
            above[name].append(row.cells[name])
    return found


def _has_no_text_beside(cells: dict[str, str], columns: Sequence[Column]) -> bool:
    """“Total” is a brand, too."""
    return sum(bool(cells.get(column.name, "")) for column in columns if not column.is_number) <= 1


def _is_section(text: str, cells: dict[str, str], names: Sequence[str], columns: Sequence[Column]) -> bool:
    """A title is of words and fills no row: something else is required. Where it could, a code has no blanks in it."""
    complete = all(cells.get(column.name) for column in columns if column.required)
    words = any(map(str.isalpha, text))
    return len(names) > 1 and words and (not complete or (len(names) > 2 and " " in text))


def _comes_to(cell: str, above: list[str]) -> bool:
    if not cell:
        return False
    mark = decimal_mark_of([*above, cell])
    try:
        total = sum((parse_number(text, mark or ",") for text in above if text), Decimal())
        return total == parse_number(cell, mark or ",")
    except Fault:
        return False
