"""The rows behind a figure of the reports as CSV: numbers as people in the user's country write them."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from core.exports.csv_text import BOM, csv_text, harmless
from core.i18n import N_, translate

What = Literal["sales", "groups", "orders", "invoices", "issued", "dead", "turnover", "movements"]
Cell = str | int | Decimal | date | None
DECIMAL_MARKS = {"ro": ",", "en": "."}
COLUMNS: dict[What, dict[str, str]] = {
    "sales": {
        "order_id": N_("Order"), "day": N_("Placed"), "partner_code": N_("Partner code"), "partner": N_("Partner"),
        "sku": N_("SKU"), "name": N_("Product"), "quantity": N_("Quantity"), "unit": N_("Unit"),
        "unit_price": N_("Unit price, lei"), "net": N_("Net, lei"),
    },
    "groups": {
        "name": N_("Name"), "net": N_("Net, lei"), "before": N_("A year before, lei"), "lines": N_("Lines"),
    },
    "orders": {
        "order_id": N_("Order"), "day": N_("Placed"), "partner": N_("Partner"), "status": N_("State"),
        "hours": N_("Hours until claimed"), "ordered": N_("Ordered, lei"), "shipped": N_("Delivered, lei"),
    },
    "invoices": {
        "number": N_("Document"), "partner": N_("Partner"), "issued_on": N_("Issued"), "due_on": N_("Due"),
        "days": N_("Days late"), "gross": N_("Total, lei"), "open": N_("Open, lei"),
    },
    "issued": {
        "number": N_("Document"), "partner": N_("Partner"), "issued_on": N_("Issued"), "due_on": N_("Due"),
        "gross": N_("Total, lei"),
    },
    "dead": {
        "sku": N_("SKU"), "name": N_("Product"), "on_hand": N_("On stock"), "unit": N_("Unit"),
        "value": N_("Value, lei"), "last_sold": N_("Last sold"),
    },
    "turnover": {
        "sku": N_("SKU"), "name": N_("Product"), "on_hand": N_("On stock"), "unit": N_("Unit"),
        "stock": N_("On stock, lei"), "average": N_("Average stock, lei"), "sold": N_("Sold in 365 days, lei"),
        "turns": N_("Turns a year"), "days": N_("Days in stock"),
    },
    "movements": {
        "day": N_("Date"), "kind": N_("Kind"), "quantity": N_("Quantity"), "balance": N_("On stock"),
        "unit": N_("Unit"), "order_id": N_("Order"), "partner": N_("Partner"),
    },
}  # fmt: skip
"""What is in the file about which rows: names of their fields, and what these are called."""


def report_head(what: What, language: str) -> str:
    """How the file begins: the names of the columns."""
    return BOM + csv_text([[translate(name, language) for name in COLUMNS[what].values()]])


def report_lines(rows: Iterable[Sequence[Cell]], language: str) -> str:
    """The lines of these rows, whose cells are in the order of the columns."""
    return csv_text([_written(cell, language) for cell in row] for row in rows)


def _written(cell: Cell, language: str) -> str:
    match cell:
        case None:
            return ""
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}".replace(".", DECIMAL_MARKS[language])
        case int():
            return str(cell)
        case _:
            return harmless(cell)
