"""What a column may be whose name says nothing: its values tell. Only ever a proposal, for a person to confirm."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from core.catalog.units import COUNTED, MEASURED
from core.imports import fields
from core.imports.columns import Column
from core.imports.fields import Reading
from core.imports.numbers import Exact, bare, parse_number
from core.imports.problems import Fault

LEAST = 0.8
"""So many of the values of a column have to look right."""
_RATES = {Decimal(rate) for rate in (0, 5, 9, 11, 19, 21)}


def guess(
    columns: Sequence[Column], names: Sequence[str], taken: set[int], rows: Sequence[list[str]]
) -> dict[str, str]:
    """For columns that were not found, the names of those that hold such values, by the name of ours. `taken` are the
    places whose columns are known, `rows` the first rows of the file."""
    free = {at: values for at in range(len(names)) if at not in taken and (values := _values(rows, at)) and names[at]}
    found: dict[str, str] = {}
    wanted = {column.name for column in columns}
    for name, looks_so in _LOOKS.items():
        fitting = [at for at, values in free.items() if looks_so(values)] if name in wanted else []
        if fitting:
            found[name] = names[fitting[0]]
            del free[fitting[0]]
    return found


def _values(rows: Sequence[list[str]], at: int) -> list[str]:
    return [
        cell for row in rows if at < len(row) and (cell := row[at] if isinstance(row[at], Exact) else row[at].strip())
    ]


def _all_read(read: Callable[[str, Reading], object], pattern: str = "") -> Callable[[list[str]], bool]:
    """Most values are such, and none of the others is needed to tell them."""

    def fits(value: str) -> bool:
        try:
            return bool(re.fullmatch(pattern or ".*", value)) and bool(read(value, Reading(",")))
        except Fault:
            return False

    return lambda values: _share(values, fits) >= LEAST


def _share(values: list[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, values)) / len(values)


def _number(value: str) -> Decimal | None:
    try:
        return parse_number(bare(value, "lei|ron|%")[0], ",")
    except Fault:
        return None


def _rates(values: list[str]) -> bool:
    return len(set(values)) <= 4 and _share(values, lambda value: _number(value) in _RATES) >= LEAST


def _units(values: list[str]) -> bool:
    return _share(values, lambda value: value.lower().rstrip(".") in COUNTED | MEASURED) >= LEAST


def _codes(values: list[str]) -> bool:
    """Different ones without blanks: a price is none, and neither are the numbers of the rows."""
    if [str(at) for at in range(1, len(values) + 1)] == values:
        return False
    code = re.compile(r"(?!.*\d[.,]\d)[\w./-]{1,30}")
    different = len(set(values)) >= LEAST * len(values)
    return different and _share(values, lambda value: bool(code.fullmatch(value))) >= LEAST


def _texts(values: list[str]) -> bool:
    words = _share(values, lambda value: sum(map(str.isalpha, value)) >= 4 and " " in value)
    return words >= LEAST and len(set(values)) >= LEAST * len(values)


def _prices(values: list[str]) -> bool:
    numbers = [number for value in values if (number := _number(value)) is not None]
    return len(numbers) >= LEAST * len(values) and any(number % 1 for number in numbers)


def _counts(values: list[str]) -> bool:
    return (
        _share(values, lambda value: (number := _number(value)) is not None and number >= 0 and number % 1 == 0)
        >= LEAST
    )


# The surest first: what one column takes, the next ones do not get.
_LOOKS: dict[str, Callable[[list[str]], bool]] = {
    "ean": _all_read(fields.ean, r"'?[0-9]{8,14}"),
    "email": _all_read(fields.email),
    "cui": _all_read(fields.cui, r"(?i)(ro)?\s*[0-9]{4,10}"),
    "nc_code": _all_read(fields.nc_code, "[0-9]{8}"),
    "vat": _rates,
    "unit": _units,
    "name": _texts,
    "sku": _codes,
    "code": _codes,
    "list_price": _prices,
    "net": _prices,
    "stock": _counts,
}
