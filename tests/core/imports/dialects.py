"""Files as suppliers and accountants send them, made for a test, and what is read of them."""

from collections.abc import Sequence

from core.imports import columns
from core.imports.records import Understood
from core.imports.tables import Table, read_table

PRODUCTS = columns.PRODUCTS
STOCK = columns.STOCK


def read(data: bytes | str, kind: tuple[columns.Column, ...] = PRODUCTS) -> Table:
    """A file that has no fault in its shape."""
    table = read_table(data.encode() if isinstance(data, str) else data, kind)
    assert [problem.text("en") for problem in table.problems] == []
    assert all(sentence.text(language) for sentence in table.understood.sentences() for language in ("ro", "en"))
    return table


def cells(table: Table, *names: str) -> list[tuple[str, ...]]:
    """What stands in these columns, row by row."""
    return [tuple(row.cells[name] for name in names) for row in table.rows]


def refused(data: bytes | str, kind: Sequence[columns.Column] = PRODUCTS) -> list[tuple[int | None, str]]:
    """Line and message of what is wrong with a file; every message is a whole sentence in both languages."""
    found = read_table(data.encode() if isinstance(data, str) else data, tuple(kind)).problems
    assert all("{" not in problem.text(language) for problem in found for language in ("ro", "en"))
    return [(problem.line, problem.message) for problem in found]


def told(understood: Understood) -> list[str]:
    """The sentences about how a file was understood, in English."""
    return [sentence.text("en") for sentence in understood.sentences()]
