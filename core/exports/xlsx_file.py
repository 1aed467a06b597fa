"""XLSX with a million rows: XlsxWriter makes the workbook around them, the database the rows themselves.

Cell by cell in Python a million rows take minutes. So the workbook is made with one row of each format, and what that
row looks like in the sheet tells how the database is to write the others.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import xlsxwriter
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.exports.asking import Query, run
from core.exports.copying import copied, in_words
from core.exports.tables import Column, Kind
from core.i18n import N_, translate
from core.money import format_quantity

MOST_ROWS = 1_048_574
"""What a sheet holds, less its head and the totals."""
SHEET = "xl/worksheets/sheet1.xml"
FORMATS: dict[Kind, str] = {
    "text": "@", "number": "0", "quantity": "#,##0.###", "money": "#,##0.00", "price": "#,##0.00##", "percent": "0.##",
    "day": "dd.mm.yyyy", "moment": "dd.mm.yyyy hh:mm:ss",
}  # fmt: skip
WIDTHS: dict[Kind, int] = {
    "text": 24, "number": 10, "quantity": 12, "money": 14, "price": 12, "percent": 10, "day": 12, "moment": 20,
}  # fmt: skip
_SIGNS_NOT_IN_XML = "".join(chr(code) for code in range(1, 32) if chr(code) not in "\t\n\r")


class TooManyRows(Refusal):
    message = N_(
        "A sheet holds {most} rows at most, and this has {count}. Choose a shorter period, or take it as CSV or "
        "Parquet."
    )

    def text(self, language: str) -> str:
        numbers = {name: format_quantity(value, language) for name, value in self.params.items()}
        return translate(self.message, language).format_map(numbers)


@dataclass(frozen=True, slots=True)
class About:
    """What the second sheet says: rows of name and value, translated."""

    title: str
    facts: Sequence[tuple[str, str]]


def write_xlsx(session: Session, query: Query, rows: int, about: About, language: str, target: IO[bytes]) -> None:
    """Write the workbook: a sheet of `rows` rows (as counted in this transaction) with typed cells, a frozen head with
    filters and the totals below, and a sheet that says what this is. Raises TooManyRows."""
    if rows > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS, count=rows)
    shell, totals = _shell(query, rows, about, language), _totals(session, query)
    with zipfile.ZipFile(shell) as empty, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for entry in empty.infolist():
            if entry.filename != SHEET:
                made.writestr(entry, empty.read(entry))
        head, styles, tail = _around(empty.read(SHEET).decode(), len(query.columns))
        with made.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(head.encode())
            for piece in _rows(session, query, styles, language):
                sheet.write(piece)
            sheet.write(_totals_row(totals, styles, language).encode())
            sheet.write(tail.encode())


def _shell(query: Query, rows: int, about: About, language: str) -> io.BytesIO:
    """The workbook with its head and, below it, two empty rows: one of the cells' formats, one of the totals'."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(translate(query.table.label, language)[:31])
        title = book.add_format({"bold": True, "bg_color": "#0f766e", "font_color": "#ffffff", "text_wrap": True,
                                 "valign": "vcenter"})  # fmt: skip
        for place, column in enumerate(query.columns):
            sheet.set_column(place, place, WIDTHS[column.kind])
            sheet.write_string(0, place, translate(column.label, language), title)
            sheet.write_blank(1, place, None, book.add_format({"num_format": FORMATS[column.kind]}))
            sheet.write_blank(2, place, None, book.add_format({"num_format": FORMATS[column.kind], "bold": True,
                                                               "top": 1}))  # fmt: skip
        sheet.set_row(0, 30)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(rows, 1), len(query.columns) - 1)
        second = book.add_worksheet(translate(N_("About"), language))
        second.set_column(0, 0, 28)
        second.set_column(1, 1, 70)
        second.write_string(0, 0, about.title, book.add_format({"bold": True, "font_size": 14}))
        for row, (name, value) in enumerate(about.facts, start=2):
            second.write_string(row, 0, name, book.add_format({"font_color": "#5d6b69"}))
            second.write_string(row, 1, value)
    made.seek(0)
    return made


@dataclass(frozen=True, slots=True)
class Styles:
    """The formats (numbers in the workbook) of each column's cells, and of its total."""

    cells: list[str]
    totals: list[str]


def _around(sheet: str, columns: int) -> tuple[str, Styles, str]:
    """What stands in the sheet's XML before and after the two empty rows, and the formats of their cells."""
    start = sheet.index('<row r="2"')
    end = sheet.index("</sheetData>")
    styles = re.findall(r'<c r="[A-Z]+[23]" s="(\d+)"/>', sheet[start:end])
    head = re.sub(r'<dimension ref="[^"]*"/>', "", sheet[:start])
    return head, Styles(styles[:columns], styles[columns:]), sheet[end:]


def _rows(session: Session, query: Query, styles: Styles, language: str) -> Iterator[bytes]:
    cells = " || ".join(_cell(column, style, language) for column, style in zip(query.columns, styles.cells,
                                                                              strict=True))  # fmt: skip
    outer = f"select '<row>' || {cells} || '</row>' from {{}}"
    for piece in copied(session, query, outer, "format text"):
        yield piece.replace(b"\\\\", b"\\") if b"\\" in piece else piece


def _cell(column: Column, style: str, language: str) -> str:
    """SQL: the cell of a row as XML; an empty one where there is nothing."""
    value, empty = f'asked."{column.name}"', f"'<c s=\"{style}\"/>'"
    if column.kind == "text":
        words = _escaped(f"nullif({in_words(column, f'cast({value} as text)', language)}, '')")
        start, end = f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
        return f"coalesce('{start}' || {words} || '{end}', {empty})"
    number = value
    if column.kind == "day":
        number = f"({value} - date '1899-12-30')"
    if column.kind == "moment":
        number = f"round(extract(epoch from {value} - timestamp '1899-12-30') / 86400, 12)"
    return f"coalesce('<c s=\"{style}\"><v>' || {number} || '</v></c>', {empty})"


def _escaped(words: str) -> str:
    """SQL: a text inside XML. Line ends would end the row that the database hands over."""
    signs = "".join(f"\\x{ord(sign):02x}" for sign in _SIGNS_NOT_IN_XML)
    clean = f"translate({words}, E'{signs}', '')"
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        clean = f"replace({clean}, '{sign}', '{name}')"
    for code in (9, 10, 13):
        clean = f"replace({clean}, chr({code}), '&#{code};')"
    return clean


def _totals(session: Session, query: Query) -> list[Any]:
    """The sum of each column that has one, None for the others."""
    if not any(column.total for column in query.columns):
        return []
    sums = ", ".join(f'sum(asked."{column.name}")' if column.total else "null" for column in query.columns)
    return list(run(session, query.wrapped(f"select {sums} from {{}}"), query.params)[0])


def _totals_row(totals: Sequence[Any], styles: Styles, language: str) -> str:
    if not totals:
        return ""
    label = translate(N_("Total"), language)
    cells = []
    for place, (total, style) in enumerate(zip(totals, styles.totals, strict=True)):
        if total is not None:
            cells.append(f'<c s="{style}"><v>{total}</v></c>')
        elif place == 0:
            cells.append(f'<c s="{style}" t="inlineStr"><is><t>{label}</t></is></c>')
        else:
            cells.append(f'<c s="{style}"/>')
    return f"<row>{''.join(cells)}</row>"


def about_export(query: Query, rows: int, chosen: str, who: str, made_at: datetime, language: str) -> About:
    """What the second sheet says; `chosen` are the filters in words, `made_at` is on the distributor's clock."""
    facts = (
        (N_("Made on"), f"{made_at:%d.%m.%Y %H:%M}"), (N_("Made by"), who), (N_("Chosen"), chosen),
        (N_("Rows"), format_quantity(rows, language)),
    )  # fmt: skip
    shown = [(translate(name, language), value) for name, value in facts if value]
    return About(translate(query.table.label, language), shown)
