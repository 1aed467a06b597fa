"""Quantities as people write them: `12`, `12 buc`, `x12`, `1.250,5 m`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.catalog.units import COUNTED, MEASURED
from core.imports.numbers import AMBIGUOUS, decimal_mark_of, parse_number
from core.imports.problems import Fault
from core.search import fold

UNITS = (COUNTED | MEASURED) - {"m2", "m3"}
"""Words that a quantity may have beside it. M2 and M3 are screws more often than areas and volumes."""
MONEY = frozenset(("lei", "leu", "ron", "eur", "euro", "usd", "€", "$", "%"))
TIMES = frozenset("x×*")
MOST_DIGITS = 7
"""What has more digits is a code, a bar code most likely."""

_SHAPE = re.compile(
    r"(?P<times>[x×*]?)\s*(?P<number>-?[0-9.,][0-9.,\u00a0\u202f]*(?: [0-9]{3})*)\s*"
    r"(?P<word>[^\W\d_]+[²³]?|[€$%x×*])?\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """`values`: one number, or two where `1.250` can be a thousand or one and a bit. `marked`: a unit or a times sign
    says that it is a quantity. `unit`: its unit as it was written, folded. `money`: it is a price."""

    text: str
    values: tuple[Decimal, ...]
    marked: bool = False
    unit: str = ""
    money: bool = False


def amount_of(text: str, mark: str | None = None) -> Amount | None:
    """The quantity that a cell or a word stands for; None where it is no number. `mark` is the text's decimal mark."""
    found = _SHAPE.fullmatch(text.strip())
    if not found or sum(sign.isdigit() for sign in found["number"]) > MOST_DIGITS:
        return None
    word = fold(found["word"] or "")
    if word and word not in UNITS | MONEY | TIMES:
        return None
    values = _values(found["number"].strip(), mark)
    marked = bool(found["times"] or word in UNITS or word in TIMES)
    return Amount(text, values, marked, word if word in UNITS else "", word in MONEY) if values else None


def mark_of(texts: Iterable[str]) -> str | None:
    """The decimal mark that the numbers among these words show, if they agree."""
    numbers = (found["number"].strip() for text in texts if (found := _SHAPE.fullmatch(text.strip())))
    return decimal_mark_of(numbers)


def _values(number: str, mark: str | None) -> tuple[Decimal, ...]:
    try:
        return (parse_number(number, mark),)
    except Fault as fault:
        if fault.message != AMBIGUOUS:
            return ()
        return fault.params["thousands"], fault.params["fraction"]
