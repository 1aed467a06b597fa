"""Which VAT a line carries on a document: category, rate, and why there is none (FISCAL 2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.models import VAT_CLASSES
from core.errors import Refusal
from core.i18n import N_
from core.money import round_amount

CATEGORIES = dict(zip(VAT_CLASSES, ("S", "S", "Z", "E", "AE", "E"), strict=True))
"""VAT class → category of UNCL 5305: standard rate, zero rate, exempt, reverse charge."""
NOT_REGISTERED = "O"
NO_VAT_NEEDED = "Furnizor neînregistrat în scopuri de TVA"


class ReverseChargeNeedsPayer(Refusal):
    message = N_(
        "{name} is sold under reverse charge, but {partner} is not registered for VAT. Give the product another VAT"
        " class, or correct the partner."
    )


class Vat(NamedTuple):
    """Category, rate in percent, and the reason that is printed where there is no VAT."""

    category: str
    rate: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VatTotal:
    """Base and VAT of all lines with one category and rate."""

    category: str
    rate: Decimal
    reason: str
    base: Decimal
    vat: Decimal


class Taxed(Protocol):
    """A line: its VAT and its net amount."""

    @property
    def tax(self) -> Vat: ...
    @property
    def net(self) -> Decimal: ...


def vat_of(vat_class: str, rate: Decimal, registered: bool, reasons: dict[str, str]) -> Vat:
    """The VAT of a class at its `rate`, if the seller is `registered` for it; `reasons` as `reasons_of` gives them."""
    if not registered:
        return Vat(NOT_REGISTERED, Decimal(0), NO_VAT_NEEDED)
    return Vat(CATEGORIES[vat_class], rate, reasons.get(vat_class, ""))


def reasons_of(session: Session, day: date) -> dict[str, str]:
    """VAT class → why it carries no VAT on that day."""
    return {row.vat_class: row.reason for row in session.execute(_REASONS, {"day": day})}


def vat_totals(lines: Iterable[Taxed]) -> list[VatTotal]:
    """Per category and rate, the highest rate first: base, and VAT half-up on it. Never summed by line (FISCAL 2)."""
    bases: dict[tuple[str, Decimal], Decimal] = {}
    reasons: dict[tuple[str, Decimal], list[str]] = {}
    for line in lines:
        key = line.tax.category, line.tax.rate
        bases[key] = bases.get(key, Decimal("0.00")) + line.net
        if line.tax.reason and line.tax.reason not in reasons.setdefault(key, []):
            reasons[key].append(line.tax.reason)
    ordered = sorted(bases.items(), key=lambda item: (-item[0][1], item[0][0]))
    return [
        VatTotal(category, rate, "; ".join(reasons.get((category, rate), [])), base, round_amount(base * rate / 100))
        for (category, rate), base in ordered
    ]


def total(parts: Sequence[VatTotal]) -> tuple[Decimal, Decimal]:
    """Net and VAT of a document."""
    return sum((part.base for part in parts), Decimal("0.00")), sum((part.vat for part in parts), Decimal("0.00"))


_REASONS = text("""
    select distinct on (vat_class) vat_class, reason from vat_rate where valid_from <= :day
    order by vat_class, valid_from desc
""")
