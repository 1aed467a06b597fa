"""CSV: as Excel in Romania opens it, or plain for programs."""

from collections.abc import Iterator
from typing import Literal

from sqlalchemy.orm import Session

from core.exports.asking import Query
from core.exports.copying import copied, harmless, in_words
from core.exports.csv_text import BOM, csv_text
from core.exports.tables import Column
from core.i18n import translate

Dialect = Literal["excel", "plain"]


def csv_pieces(session: Session, query: Query, language: str, dialect: Dialect) -> Iterator[bytes]:
    """The file, in pieces. `excel`: a mark in front, semicolons, decimal commas, days as 31.12.2026, no cell a formula,
    names of values and columns in `language`. `plain`: commas, points, ISO days, names of columns as they are called
    here, texts untouched."""
    cells = ", ".join(_cell(column, language, dialect) for column in query.columns)
    outer = f"select {cells} from {{}}"
    if dialect == "plain":
        yield (",".join(column.name for column in query.columns) + "\r\n").encode()
        yield from copied(session, query, outer, "format csv")
        return
    yield (BOM + csv_text([[translate(column.label, language) for column in query.columns]])).encode()
    yield from copied(session, query, outer, "format csv, delimiter ';'")


def _cell(column: Column, language: str, dialect: Dialect) -> str:
    value = f'asked."{column.name}"'
    if dialect == "plain":
        return value
    match column.kind:
        case "text":
            return harmless(in_words(column, f"cast({value} as text)", language))
        case "number":
            return value
        case "day":
            return f"to_char({value}, 'DD.MM.YYYY')"
        case "moment":
            return f"to_char({value}, 'DD.MM.YYYY HH24:MI:SS')"
        case _:
            return f"replace(cast({value} as text), '.', ',')"
