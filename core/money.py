"""Amounts: Decimal only, rounded half up, formatted for people."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import format_decimal

CENT = Decimal("0.01")
LARGEST_EXPONENT = 15
"""Of a number that is written out for people; no amount or quantity that can be kept comes near."""


def round_amount(value: Decimal) -> Decimal:
    """`value` to two decimals, half away from zero; never a negative zero."""
    return value.quantize(CENT, ROUND_HALF_UP) + Decimal(0)


def round_share(percent: Decimal) -> Decimal:
    """A percentage as it is shown: to one decimal, half away from zero."""
    return percent.quantize(Decimal("0.1"), ROUND_HALF_UP) + Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """Net, VAT and gross of a cart, an order or a document, in one currency."""

    net: Decimal = Decimal("0.00")
    vat: Decimal = Decimal("0.00")

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def totals(lines: list[tuple[Decimal, Decimal]]) -> Totals:
    """Totals of (line net, VAT rate in percent) pairs: VAT once per rate on the sum of its lines (FISCAL 2)."""
    bases: dict[Decimal, Decimal] = {}
    for net, rate in lines:
        bases[rate] = bases.get(rate, Decimal(0)) + net
    vat = sum((round_amount(base * rate / 100) for rate, base in bases.items()), Decimal("0.00"))
    return Totals(round_amount(sum(bases.values(), Decimal(0))), vat)


def format_amount(value: Decimal, language: str, currency: str = "RON", decimals: int = 2) -> str:
    """`1.234,50 lei` in Romanian, `1,234.50 RON` in English; the blank before the currency does not break."""
    pattern = "#,##0." + "0" * decimals
    unit = "lei" if (language, currency) == ("ro", "RON") else currency
    return f"{_formatted(value, pattern, language)}\N{NO-BREAK SPACE}{unit}"


def format_quantity(value: Decimal | int, language: str) -> str:
    """A quantity, or a count, without trailing zeros: `1.250`, `2,5`."""
    return _formatted(value, "#,##0.###", language)


def _formatted(value: Decimal | int, pattern: str, language: str) -> str:
    """A refusal may show what somebody typed: NaN and 1E+999999, on which Babel fails, are shown as they are."""
    value = Decimal(value)  # counts are whole numbers of Python's own
    if not value.is_finite() or value.adjusted() > LARGEST_EXPONENT:
        return str(value)
    return _written(value or Decimal(0), pattern, language)  # never a negative zero


@lru_cache(maxsize=20_000)
def _written(value: Decimal, pattern: str, language: str) -> str:
    """Pages write the same numbers again and again, and Babel takes its time."""
    return format_decimal(value, pattern, locale=language)
