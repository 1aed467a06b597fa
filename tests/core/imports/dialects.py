"""Files as suppliers and accountants send them, made for a test, and what is read of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.imports import columns
from core.imports.problems import Problem
from core.imports.records import Row, Understood
from core.imports.spooling import spooled
from core.imports.tables import opened_table

PRODUCTS = columns.PRODUCTS
STOCK = columns.STOCK


@dataclass
class Read:
    """All of a file."""

    rows: list[Row]
    problems: list[Problem]
    notices: list[Problem]
    columns: list[str]
    names: list[str]
    understood: Understood


def read_all(data: bytes | str, kind: tuple[columns.Column, ...] = PRODUCTS) -> Read:
    """A file as it is, with its faults."""
    with opened_table(data.encode() if isinstance(data, str) else data, kind) as table, spooled(table, kind) as spool:
        return Read(
            list(spool.rows()), table.problems, table.notices, list(table.columns), table.names, table.understood
        )


def read(data: bytes | str, kind: tuple[columns.Column, ...] = PRODUCTS) -> Read:
    """A file that has no fault in its shape."""
    table = read_all(data, kind)
    assert [problem.text("en") for problem in table.problems] == []
    assert all(sentence.text(language) for sentence in table.understood.sentences() for language in ("ro", "en"))
    return table


def cells(table: Read, *names: str) -> list[tuple[str, ...]]:
    """What stands in these columns, row by row."""
    return [tuple(row.cells[name] for name in names) for row in table.rows]


def refused(data: bytes | str, kind: Sequence[columns.Column] = PRODUCTS) -> list[tuple[int | None, str]]:
    """Line and message of what is wrong with a file; every message is a whole sentence in both languages."""
    found = read_all(data, tuple(kind)).problems
    assert all("{" not in problem.text(language) for problem in found for language in ("ro", "en"))
    return [(problem.line, problem.message) for problem in found]


def told(understood: Understood) -> list[str]:
    """The sentences about how a file was understood, in English."""
    return [sentence.text("en") for sentence in understood.sentences()]
