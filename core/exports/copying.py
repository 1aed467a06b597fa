"""Rows as the database writes them, piece by piece: formatting a million lines is its work, not Python's."""

import io
from collections.abc import Iterator
from typing import Any

from psycopg import sql
from sqlalchemy.orm import Session

from core.exports.asking import Query
from core.exports.tables import Column
from core.i18n import translate

FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"


def copied(session: Session, query: Query, outer: str, options: str) -> Iterator[bytes]:
    """What `copy (outer) to stdout (options)` gives, in pieces of no certain size; `{}` in `outer` is the query."""
    statement, rows = query.wrapped(outer), 0
    cursor = session.connection().connection.cursor()
    command = sql.SQL(f"copy ({statement}) to stdout ({options})")
    try:
        with cursor.copy(command, query.params) as copy:
            for piece in copy:
                rows += bytes(piece).count(b"\n")
                query.progress(rows)
                yield bytes(piece)
    finally:
        cursor.close()


class Stream(io.RawIOBase):
    """Pieces of bytes as a file to be read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            piece = next(self.pieces, None)
            if piece is None:
                return 0
            self.rest = piece
        count = min(len(buffer), len(self.rest))
        buffer[:count], self.rest = self.rest[:count], self.rest[count:]
        return count


def in_words(column: Column, value: str, language: str) -> str:
    """SQL: a text column's `value` under the name that it has in a language; unknown ones stay as they are."""
    if not column.words:
        return value
    cases = " ".join(f"when {literal(key)} then {literal(translate(name, language))}"
                     for key, name in column.words.items())  # fmt: skip
    return f"case {value} {cases} else {value} end"


def literal(words: str) -> str:
    """SQL: a text of our own, as it can stand in a statement with parameters."""
    quoted = words.replace("'", "''").replace("%", "%%")
    return f"'{quoted}'"


def harmless(value: str) -> str:
    """SQL: a text that a spreadsheet would take for a formula, made a text."""
    signs = ", ".join(f"chr({ord(sign)})" for sign in FORMULA_SIGNS)
    return f"case when left({value}, 1) in ({signs}) then '''' || {value} else {value} end"
