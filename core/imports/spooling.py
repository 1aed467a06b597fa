"""Rows of a file on disk: it is gone through twice, since only its whole column tells how a number is meant."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from core.imports.columns import Column
from core.imports.numbers import Exact
from core.imports.passing import MOST_SUMS, sum_rows
from core.imports.records import TOTAL, Row
from core.imports.tables import Table

_JSON = json.JSONEncoder(ensure_ascii=False)
Look = Callable[[Row], object]
_NUMBER = "\x01"
"""Before a number that a workbook held as one: no text has this sign."""


@dataclass(slots=True)
class Spool:
    """The rows of a table, `count` of them, which can be read again and again."""

    file: IO[str]
    columns: list[str]
    count: int = 0
    left_out: set[int] = field(default_factory=set)

    def rows(self) -> Iterator[Row]:
        """In the order of the file."""
        self.file.seek(0)
        for text in self.file:
            line, *cells = json.loads(text)
            if line not in self.left_out:
                yield Row(line, dict(zip(self.columns, map(_read, cells), strict=True)))

    def sample(self, most: int) -> list[Row]:
        """The first rows."""
        return list(islice(self.rows(), most))


@contextmanager
def spooled(table: Table, columns: tuple[Column, ...], look: Look = lambda _: None) -> Iterator[Spool]:
    """All rows of a table but those that are sums of others; each is shown to `look` as it comes from the file."""
    present = [column for column in columns if column.name in table.columns]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        spool, sums = Spool(file, list(table.columns)), list[int]()
        texts = [column.name for column in present if not column.is_number]
        for row in table.rows:
            if len(sums) < MOST_SUMS and not any(row.cells[name] for name in texts):  # nothing but numbers
                sums.append(row.line)
            file.write(_JSON.encode([row.line, *map(_written, row.cells.values())]) + "\n")
            spool.count += 1
            look(row)
        if sums:
            found = sum_rows(spool.rows(), sums, present)
            spool.left_out = set(found)
            spool.count -= len(found)
            if found:
                table.understood.passed[TOTAL] = sorted(table.understood.passed.get(TOTAL, []) + found)
        yield spool


def _written(cell: str) -> str:
    return _NUMBER + cell if isinstance(cell, Exact) else cell


def _read(cell: str) -> str:
    return Exact(cell[1:]) if cell.startswith(_NUMBER) else cell
