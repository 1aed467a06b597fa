"""Prices pasted as text from a sheet or a mail: SKU, price and, if need be, from which quantity and on which days."""

import csv
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from core.errors import Refusal
from core.i18n import N_
from core.imports import fields
from core.imports.columns import PRICE_LISTS, fold, recognised
from core.imports.fields import Reading
from core.imports.numbers import decimal_mark_of
from core.imports.problems import Fault as Unreadable
from core.pricing.staging import Fault, Wanted

MOST_LINES = 5_000
NO_PRICE = N_("There is no price in this row. Each row holds an SKU and its price.")
COMMAS = N_(
    "It cannot be told which commas part columns and which are in the price. Put tabs or semicolons between the "
    "columns."
)
TOO_MANY_CELLS = N_("The row has {found} columns; at most {most} are understood.")
CELLS = ("sku", "net", "from_quantity", "valid_from", "valid_until")
NO_CELL: dict[str, Any] = {"from_quantity": Decimal(0), "valid_from": None, "valid_until": None}
READERS: dict[str, Callable[[str, Reading], Any]] = {
    "sku": fields.sku, "net": fields.price, "from_quantity": fields.stock, "valid_from": fields.calendar_day,
    "valid_until": fields.calendar_day,
}  # fmt: skip


SIGNS = {"RON": "RON|lei", "EUR": "EUR|€", "USD": r"USD|\$", "GBP": "GBP|£"}


class TooManyLines(Refusal):
    message = N_("{count} rows are too many to paste; {most} are taken. Load them as a file instead.")


def read_pasted(text: str, decimal_mark: str, currency: str = "RON") -> tuple[list[Wanted], list[Fault]]:
    """The prices that a text wants, and the rows that cannot be read; rows are numbered as in the text.

    `decimal_mark` is what a number that could be read both ways is taken to use, where the others do not tell. The
    list's `currency` may stand behind a price. Raises TooManyLines.
    """
    money = re.compile(rf"(?<=[0-9])\s*(?:{SIGNS.get(currency, currency)})$", re.IGNORECASE)
    lines = text.splitlines()
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    header = bool(filled) and _is_header(_cells(filled[0][1], money))
    if len(filled) - header > MOST_LINES:  # before all of them are taken apart
        raise TooManyLines(count=len(filled) - header, most=MOST_LINES)
    rows = [(number, _cells(line, money)) for number, line in filled[header:]]
    numbers = (cell for _, cells in rows for cell in cells[1:3])
    reading = Reading(decimal_mark_of(numbers) or decimal_mark)
    wanted, faults = [], []
    for number, cells in rows:
        try:
            if _unclear(lines[number - 1], cells):
                raise Unreadable(COMMAS)
            wanted.append(read_row(number, dict(zip(CELLS, _checked(cells), strict=False)), reading))
        except Unreadable as fault:
            faults.append(Fault(number, fault.message, fault.params))
    return wanted, faults


def read_row(number: int, cells: dict[str, str], reading: Reading) -> Wanted:
    """A wanted price from what stands in its cells, by name (CELLS). Raises Fault."""
    values = NO_CELL | {name: READERS[name](cell, reading) for name, cell in cells.items() if cell}
    if not values.get("sku") or "net" not in values:
        raise Unreadable(NO_PRICE)
    return Wanted(number, **values)


def written_day(value: date | None) -> str:
    """A day as `read_row` reads it; empty for none."""
    return f"{value:%d.%m.%Y}" if value else ""


def _checked(cells: list[str]) -> list[str]:
    if len(cells) > len(CELLS):
        raise Unreadable(TOO_MANY_CELLS, found=len(cells), most=len(CELLS))
    return cells


def _cells(line: str, money: re.Pattern[str]) -> list[str]:
    """Between tabs or semicolons; with neither, what follows the last blank is the price; with no blank, between
    commas. `money` is what may stand behind a price."""
    parts = re.split("[\t;]", line)
    if len(parts) == 1:
        parts = money.sub("", line.strip()).rsplit(None, 1)
        if "," in parts[0] and (len(parts) == 1 or parts[0].endswith(",")):
            with suppress(csv.Error):  # longer than a cell can be: then it is none
                parts = next(csv.reader([line], skipinitialspace=True))
    cells = [part.strip().strip('"').strip() for part in parts]
    while cells and not cells[-1]:
        cells.pop()
    return [*cells[:1], *(money.sub("", cell) for cell in cells[1:2]), *cells[2:]]


def _unclear(line: str, cells: list[str]) -> bool:
    """`A,10,90`: a price of 10 from 90 on, or of 10,90?"""
    return not re.search('[\t;"]', line) and "," in line and len(cells) == 3 and all(map(str.isdigit, cells[1:]))


def _is_header(cells: list[str]) -> bool:
    return len(cells) > 1 and recognised(PRICE_LISTS, cells[0]) and not re.search("[0-9]", fold(cells[1]))
