"""Amounts of lei written out in Romanian, as a receipt needs them (no library gets them right)."""

from decimal import Decimal
from itertools import pairwise

from core.money import CENT

LARGEST = Decimal("999999999999.99")
"""What an amount can be, here as in the database."""

_TO_NINETEEN = (
    "zero", "unu", "doi", "trei", "patru", "cinci", "șase", "șapte", "opt", "nouă", "zece", "unsprezece",
    "doisprezece", "treisprezece", "paisprezece", "cincisprezece", "șaisprezece", "șaptesprezece", "optsprezece",
    "nouăsprezece",
)  # fmt: skip
_TENS = ("", "", "douăzeci", "treizeci", "patruzeci", "cincizeci", "șaizeci", "șaptezeci", "optzeci", "nouăzeci")

# What is counted changes 1 and 2: lei and bani are masculine, thousands feminine, millions and billions neuter.
_GENDERS = {
    "masculine": {},
    "feminine": {1: "una", 2: "două", 12: "douăsprezece"},
    "neuter": {2: "două", 12: "douăsprezece"},
}
_GROUPS = (
    (10**9, "un miliard", "miliarde", "neuter"),
    (10**6, "un milion", "milioane", "neuter"),
    (10**3, "o mie", "mii", "feminine"),
)


def amount_in_words(amount: Decimal) -> str:
    """`101.37` → "o sută unu lei și treizeci și șapte de bani". For 0 to LARGEST with whole bani, else ValueError."""
    if not (amount.is_finite() and 0 <= amount <= LARGEST and amount == amount.quantize(CENT)):
        raise ValueError(f"no amount to write out: {amount}")
    lei, bani = divmod(int(amount * 100), 100)
    words = _counted(lei, "un leu", "lei")
    return f"{words} și {_counted(bani, 'un ban', 'bani')}" if bani else words


def _counted(number: int, one: str, many: str, gender: str = "masculine") -> str:
    """A number with what it counts: from 20 on, within each hundred, with "de" between them."""
    if number == 1:
        return one
    linked = number > 0 and not 0 < number % 100 < 20
    return f"{_number(number, gender)} {'de ' if linked else ''}{many}"


def _number(number: int, gender: str) -> str:
    parts = []
    bounds = pairwise([(10**12, "", "", ""), *_GROUPS])
    for (above, *_), (size, one, many, own_gender) in bounds:
        if count := number % above // size:
            parts.append(_counted(count, one, many, own_gender))
    if number % 1000 or not parts:
        parts.append(_below_thousand(number % 1000, gender))
    return " ".join(parts)


def _below_thousand(number: int, gender: str) -> str:
    hundreds, rest = divmod(number, 100)
    parts = []
    if hundreds:
        parts.append("o sută" if hundreds == 1 else f"{_small(hundreds, 'feminine')} sute")
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        parts.append(f"{_TENS[tens]} și {_small(ones, gender)}" if ones else _TENS[tens])
    elif rest or not hundreds:
        parts.append(_small(rest, gender))
    return " ".join(parts)


def _small(number: int, gender: str) -> str:
    return _GENDERS[gender].get(number, _TO_NINETEEN[number])
