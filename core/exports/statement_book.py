"""The statement of account as XLSX: a sheet of entries, one of what is open at the end.

Every text is written as a text: none becomes a formula, a link or a number. Days are days and amounts are numbers.
"""

import io
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from core.company import Company
from core.i18n import N_, translate
from core.receivables.statement import Statement
from core.receivables.words import entry_in_words

Cell = str | Decimal | date | int | None
Style = str

LONGEST_CELL = 32767
HEAD = 4
"""Rows above the table: whose account it is, with whom, of which days."""
_ENTRIES = (
    (N_("Date"), 11), (N_("Document"), 14), (N_("Explanation"), 48), (N_("Due on"), 11), (N_("Debit, lei"), 14),
    (N_("Credit, lei"), 14), (N_("Balance, lei"), 15),
)  # fmt: skip
_OPEN = (
    (N_("Invoice"), 16), (N_("Issued on"), 12), (N_("Due on"), 12), (N_("Days late"), 12), (N_("Total, lei"), 15),
    (N_("Still open, lei"), 15),
)  # fmt: skip


def statement_xlsx(statement: Statement, company: Company, language: str) -> bytes:
    """The workbook, in a language of core.i18n.LANGUAGES."""
    file = io.BytesIO()
    book = Workbook(file, {"constant_memory": True})
    days = f"{statement.first:%d.%m.%Y} – {statement.last:%d.%m.%Y}"
    title = translate(N_("Statement of account"), language)
    book.set_properties({"title": f"{title} {days}", "author": company.name, "subject": statement.partner.name})
    write = _writer(book)
    above = (f"{title} {days}", company.name, _whose(statement))
    entries = book.add_worksheet(translate(N_("Statement"), language))
    _head(write, entries, above, [(translate(name, language), width) for name, width in _ENTRIES])
    _entries(write, entries, statement, language)
    still_open = book.add_worksheet(translate(N_("Open at the end"), language))
    _head(write, still_open, above, [(translate(name, language), width) for name, width in _OPEN])
    _open_invoices(write, still_open, statement, language)
    book.close()
    return file.getvalue()


Write = Callable[[Worksheet, int, Sequence[Cell], Style], None]


def _writer(book: Workbook) -> Write:
    """Writes a row of typed cells in a style: 'head', 'plain' or 'sum'."""
    looks: dict[str, dict[str, object]] = {
        "head": {"bold": True, "text_wrap": True, "bg_color": "#0F766E", "font_color": "white", "valign": "vcenter"},
        "plain": {},
        "sum": {"bold": True, "top": 1},
    }
    codes = {str: "@", Decimal: "#,##0.00", date: "dd.mm.yyyy", int: "0"}
    formats = {
        (style, kind): book.add_format(look | {"num_format": code})
        for style, look in looks.items()
        for kind, code in codes.items()
    }

    def write(sheet: Worksheet, row: int, cells: Sequence[Cell], style: Style) -> None:
        for at, cell in enumerate(cells):
            match cell:
                case None | "":
                    sheet.write_blank(row, at, None, formats[style, str])
                case date():
                    sheet.write_datetime(row, at, cell, formats[style, date])
                case Decimal():
                    sheet.write_number(row, at, float(cell), formats[style, Decimal])
                case int():
                    sheet.write_number(row, at, cell, formats[style, int])
                case _:
                    sheet.write_string(row, at, cell[:LONGEST_CELL], formats[style, str])

    return write


def _head(write: Write, sheet: Worksheet, above: Sequence[str], columns: Sequence[tuple[str, int]]) -> None:
    for row, words in enumerate(above):
        write(sheet, row, [words], "plain")
    for at, (_name, width) in enumerate(columns):
        sheet.set_column(at, at, width)
    sheet.set_row(HEAD, 30)
    write(sheet, HEAD, [name for name, _width in columns], "head")
    sheet.freeze_panes(HEAD + 1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)


def _entries(write: Write, sheet: Worksheet, statement: Statement, language: str) -> None:
    opening = translate(N_("Opening balance"), language)
    write(sheet, HEAD + 1, [statement.first, None, opening, None, None, None, statement.opening], "sum")
    row = HEAD + 1
    for row, entry in enumerate(statement.entries, HEAD + 2):
        what = entry_in_words(entry.kind, entry.method, entry.reference, language)
        debit, credit = entry.debit or None, entry.credit or None
        write(sheet, row, [entry.day, entry.number, what, entry.due_on, debit, credit, entry.balance], "plain")
    closing = translate(N_("Closing balance"), language)
    sums = [statement.debit, statement.credit, statement.closing]
    write(sheet, row + 1, [statement.last, None, closing, None, *sums], "sum")


def _open_invoices(write: Write, sheet: Worksheet, statement: Statement, language: str) -> None:
    row = HEAD
    for row, invoice in enumerate(statement.open, HEAD + 1):
        late = invoice.overdue_days or None
        write(
            sheet, row, [invoice.number, invoice.issued_on, invoice.due_on, late, invoice.gross, invoice.open], "plain"
        )
    total = translate(N_("Open on invoices"), language)
    write(sheet, row + 1, [total, None, None, None, None, statement.open_total], "sum")
    if statement.unused:
        unused = translate(N_("Paid, and not yet used for an invoice"), language)
        write(sheet, row + 2, [unused, None, None, None, None, -statement.unused], "plain")
    closing = translate(N_("Closing balance"), language)
    write(sheet, row + 3, [closing, None, None, None, None, statement.closing], "sum")


def _whose(statement: Statement) -> str:
    return " · ".join(part for part in (statement.partner.name, statement.partner.code, statement.partner.cui) if part)
