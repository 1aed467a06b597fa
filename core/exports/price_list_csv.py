"""The price list as CSV, with numbers as people in the user's country write them: their spreadsheet reads numbers."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from core.exports.csv_text import BOM, csv_text, harmless
from core.exports.price_list import Cell, Listing, filters_in_words
from core.i18n import N_, translate
from core.orders.browsing import CatalogRow

DECIMAL_MARKS = {"ro": ",", "en": "."}


def csv_head(listing: Listing, language: str) -> str:
    """How the file begins: what was chosen, where something was, and the names of the columns."""
    chosen = filters_in_words(listing.filters, language)
    above = [[f"{translate(N_('Filters'), language)}: {chosen}"]] if chosen else []
    return BOM + csv_text([*above, [translate(column.name, language) for column in listing.columns]])


def csv_lines(listing: Listing, rows: Iterable[CatalogRow], language: str) -> str:
    """The lines of these products, in this order."""
    return csv_text([_written(column.cell(row, language), language) for column in listing.columns] for row in rows)


def _written(cell: Cell, language: str) -> str:
    match cell:
        case None:
            return ""
        case date():
            return cell.isoformat()
        case Decimal():
            return _number(cell).replace(".", DECIMAL_MARKS[language])
        case _:
            return harmless(cell)


def _number(value: Decimal) -> str:
    """All its digits but the zeros at the end."""
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
