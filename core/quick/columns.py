"""Which column of a table holds the code, and which the quantity."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.imports.columns import fold as folded
from core.quick.amounts import amount_of

_CODES = (
    "sku, cod, code, cod produs, cod articol, cod intern, articol, product code, stock code, item, item code, item no, "
    "part number, referinta, reference, ref, art nr, cod furnizor, codul nostru, your code, our code"
)
_BAR_CODES = "ean, ean13, gtin, cod de bare, cod bare, barcode, bar code"
_QUANTITIES = (
    "cantitate, cant, qty, quantity, quantities, buc, bucati, nr buc, numar bucati, pcs, pieces, comanda, necesar, "
    "cantitate comandata, order quantity, order qty, qty ordered, de comandat"
)
CODES = frozenset(folded(name) for name in _CODES.split(","))
BAR_CODES = frozenset(folded(name) for name in _BAR_CODES.split(","))
QUANTITIES = frozenset(folded(name) for name in _QUANTITIES.split(","))
_NO_QUANTITY = re.compile("pret|price|valoare|value|total|suma|amount|tva|vat|stoc|crt|discount|reducere|^(nr|no|pu)$")

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Columns:
    """Counted from 0. `others` are further columns in which a code may stand. `titles` names the columns where the
    first row does so, else it is empty; `width` is how many there are."""

    code: int | None
    quantity: int | None
    others: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()
    width: int = 0


def names_columns(row: Cells) -> bool:
    """Is it the first row of a table, that names a code and a quantity?"""
    names = {folded(cell) for cell in row}
    return bool(names & (CODES | BAR_CODES)) and bool(names & QUANTITIES)


def guess(
    rows: Sequence[Cells], is_code: Callable[[str], bool], code: int | None = None, quantity: int | None = None
) -> Columns:
    """What the columns of a table are, by their names, else by what stands in them; `code` and `quantity` are those
    that somebody has chosen. `is_code` tells whether a cell is a code that there is."""
    titles = _titles(rows, is_code)
    width = max(len(row) for row in rows)
    body = [[*row, *[""] * (width - len(row))] for row in rows[1 if titles else 0 :]]
    names = [folded(title) for title in titles] + [""] * (width - len(titles))
    known = [sum(is_code(row[at]) for row in body if row[at]) for at in range(width)]
    if code is None or code >= width:
        code = _code(body, names, known, quantity)
    if quantity is None or quantity >= width:
        quantity = _quantity(body, names, code)
    named = CODES | BAR_CODES
    others = (at for at in range(width) if names[at] in named or known[at] * 2 > len(body))
    return Columns(code, quantity, tuple(at for at in others if at not in (code, quantity)), titles, width)


def _titles(rows: Sequence[Cells], is_code: Callable[[str], bool]) -> tuple[str, ...]:
    first = rows[0]
    named = {folded(cell) for cell in first} & (CODES | BAR_CODES | QUANTITIES)
    return tuple(first) if named and not any(is_code(cell) or amount_of(cell) for cell in first) else ()


def _code(body: list[list[str]], names: list[str], known: list[int], quantity: int | None) -> int | None:
    """The named column in which most codes are found, else any in which some are, else the first with words."""
    places = [at for at in range(len(names)) if at != quantity]
    named = [at for at in places if names[at] in CODES] + [at for at in places if names[at] in BAR_CODES]
    found = max(named or places, key=lambda at: known[at], default=None)
    return found if named or (found is not None and known[found]) else _first_with_words(body, places)


def _first_with_words(body: list[list[str]], places: list[int]) -> int | None:
    def words(at: int) -> int:
        return sum(bool(row[at]) and amount_of(row[at]) is None for row in body)

    return max(places, key=words, default=None)


def _quantity(body: list[list[str]], names: list[str], code: int | None) -> int | None:
    """The named column, else of those with numbers one with whole ones, on the right of the code."""
    places = [at for at in range(len(names)) if at != code]
    if named := [at for at in places if names[at] in QUANTITIES]:
        return named[0]
    numeric = [at for at in places if not _NO_QUANTITY.search(names[at]) and _counts([row[at] for row in body])]
    return min(numeric, key=lambda at: (not _whole([row[at] for row in body]), at < (code or 0), at), default=None)


def _counts(cells: list[str]) -> bool:
    """Are they quantities: numbers, not prices, and not just the numbers of the rows?"""
    found = [amount_of(cell) for cell in cells if cell]
    if not found or any(amount is None or amount.money for amount in found):
        return False
    running = [str(number) for number in range(1, len(cells) + 1)]
    return len(cells) < 3 or [cell.rstrip(".") for cell in cells] != running


def _whole(cells: list[str]) -> bool:
    found = [amount for cell in cells if (amount := amount_of(cell))]
    return all(value == int(value) for amount in found for value in amount.values[:1])
