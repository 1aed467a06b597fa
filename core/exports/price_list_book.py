"""The price list as XLSX: a sheet of prices, one of what they are from a quantity on, one of what has changed.

Sheets are written row by row and never held in memory. Every text is written as a text: none becomes a formula, a link
or a number.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.exports.price_list import Cell, Kind, Listing, filters_in_words
from core.exports.taken import Change, Taken
from core.i18n import N_, translate
from core.orders.browsing import CatalogRow

FORMATS = {"text": "@", "price": "#,##0.00##", "percent": "0.##", "quantity": "General", "stock": "General",
           "day": "dd.mm.yyyy"}  # fmt: skip
LONGEST_CELL = 32767
CHANGES = {"new": N_("new"), "gone": N_("gone"), "dearer": N_("dearer"), "cheaper": N_("cheaper")}
_BREAKS: tuple[tuple[str, Kind, int], ...] = (
    (N_("SKU"), "text", 16), (N_("Name"), "text", 50), (N_("From this quantity on"), "quantity", 12),
    (N_("Your price, net lei"), "price", 12),
)  # fmt: skip
_CHANGES: tuple[tuple[str, Kind, int], ...] = (
    (N_("What"), "text", 12), (N_("SKU"), "text", 16), (N_("Name"), "text", 50),
    (N_("Price before, net lei"), "price", 12), (N_("Price now, net lei"), "price", 12),
    (N_("Change, %"), "percent", 10),
)  # fmt: skip


class PriceListBook:
    """Give it the rows batch by batch, then `close` it. `taken`: the list of last time, if it had the same filters."""

    def __init__(self, file: IO[bytes], listing: Listing, language: str, taken: Taken | None) -> None:
        self._book = Workbook(file, {"constant_memory": True})
        self._book.set_properties({
            "title": translate(N_("Price list"), language) + f" {listing.on:%d.%m.%Y}",
            "author": listing.company.name, "company": listing.company.name, "subject": listing.partner.name,
            "created": listing.as_of.replace(tzinfo=None),
        })  # fmt: skip
        self._columns, self._language, self._taken = listing.columns, language, taken
        self._formats = {kind: self._book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
        self._head = self._book.add_format({"bold": True, "text_wrap": True, "bg_color": "#0F766E",
                                            "font_color": "white", "valign": "vcenter"})  # fmt: skip
        wide = [(column.name, column.kind, column.width) for column in self._columns]
        chosen = filters_in_words(listing.filters, language)
        above = f"{translate(N_('Filters'), language)}: {chosen}" if chosen else ""
        self._prices = _Sheet(self, N_("Prices"), wide, above)
        self._breaks = _Sheet(self, N_("From a quantity on"), _BREAKS)
        self._changes = _Sheet(self, N_("Changes"), _CHANGES) if taken else None

    def add(self, rows: Iterable[CatalogRow]) -> None:
        """The next products, and what has changed of them."""
        for row in rows:
            self._prices.write([column.cell(row, self._language) for column in self._columns])
            for step in row.more:
                self._breaks.write([row.sku, row.name, step.from_quantity, step.unit_price])
            if self._taken and row.unit_price is not None:
                change = self._taken.compare(row.product_id, row.sku, row.name, row.unit_price)
                if change:
                    self._write_change(change)

    def close(self) -> None:
        """What is gone, and the end of the file."""
        for change in self._taken.gone() if self._taken else ():
            self._write_change(change)
        for sheet in (self._prices, self._breaks, self._changes):
            if sheet:
                sheet.finish()
        self._book.close()

    def sheet(self, name: str) -> Worksheet:
        return self._book.add_worksheet(translate(name, self._language))

    def format(self, kind: Kind) -> Format:
        return self._formats[kind]

    def write_head(self, sheet: Worksheet, row: int, columns: Iterable[tuple[str, Kind, int]]) -> None:
        sheet.set_row(row, 32)
        sheet.freeze_panes(row + 1, 0)
        for at, (name, _kind, width) in enumerate(columns):
            sheet.set_column(at, at, width)
            sheet.write_string(row, at, translate(name, self._language), self._head)

    def _write_change(self, change: Change) -> None:
        what = translate(CHANGES[change.kind], self._language)
        if self._changes:
            percent = None if change.percent is None else round(change.percent, 1)
            self._changes.write([what, change.sku, change.name, change.old, change.new, percent])


class _Sheet:
    """A sheet that grows row by row under its head, which has a line of words `above` it or none."""

    def __init__(
        self, book: PriceListBook, name: str, columns: Iterable[tuple[str, Kind, int]], above: str = ""
    ) -> None:
        self._columns = tuple(columns)
        self._sheet = book.sheet(name)
        self._formats = [book.format(kind) for _name, kind, _width in self._columns]
        self._head = self._rows = 1 if above else 0
        if above:
            self._sheet.write_string(0, 0, above)
        book.write_head(self._sheet, self._head, self._columns)

    def write(self, cells: Iterable[Cell]) -> None:
        self._rows += 1
        for at, (cell, style) in enumerate(zip(cells, self._formats, strict=True)):
            match cell:
                case None | "":
                    continue
                case date():
                    self._sheet.write_datetime(self._rows, at, cell, style)
                case Decimal():
                    self._sheet.write_number(self._rows, at, float(cell), style)
                case _:
                    self._sheet.write_string(self._rows, at, cell[:LONGEST_CELL], style)

    def finish(self) -> None:
        self._sheet.autofilter(self._head, 0, self._rows, len(self._columns) - 1)
