"""What would make ANAF or the buyer refuse a document, in sentences for who issues it. The official rules do not tell
a wrong CUI, a VAT that is off by less than a leu, a line that is not quantity times price, or an old rate (FISCAL 4).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.numbers import list_currencies

from core.documents.efactura.building import CREDIT_NOTE, SENT, TYPE_CODES
from core.documents.efactura.nodes import one_line
from core.documents.efactura.party_checks import party_problems
from core.documents.efactura.problems import Problem
from core.documents.models import Document, DocumentLine, DocumentVat
from core.documents.units import UNIT_CODES
from core.documents.vat import CATEGORIES, NOT_REGISTERED
from core.errors import Refusal
from core.i18n import N_, translate
from core.money import CENT, round_amount

KNOWN_UNITS = frozenset(UNIT_CODES.values())
KNOWN_CATEGORIES = frozenset((*CATEGORIES.values(), NOT_REGISTERED))
CORRECTED = "384"
NOTHING = Decimal("0.00")


class NotForEfactura(Refusal):
    """`problems`: each says what is wrong and what to do."""

    message = N_("e-Factura would refuse this document, so it was not issued:")

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems
        self.args = (self.text("en"),)

    def text(self, language: str) -> str:
        return " ".join([translate(self.message, language), *(problem.text(language) for problem in self.problems)])


class CannotBeBuilt(NotForEfactura):
    message = N_("No e-Factura can be made of this document:")


@dataclass(frozen=True, slots=True)
class Known:
    """What a document alone does not tell: the `rates` of VAT that were valid for it; of each line (by position) that
    completes what was rounded before, how many lines are `parts` of the same; how many `stornos` its original has."""

    rates: Collection[Decimal]
    parts: Mapping[int, int] = field(default_factory=dict)
    stornos: int = 0


def problems(document: Document, known: Known) -> list[Problem]:
    """Everything that is wrong with a document; empty where it can go to e-Factura."""
    return [
        *_head(document),
        *party_problems(document),
        *(problem for line in document.lines for problem in _line(document, line, known)),
        *_vat(document, known),
        *_totals(document),
    ]


def _head(document: Document) -> Iterator[Problem]:
    original = document.original
    if not re.search("[0-9]", document.full_number):
        yield Problem(N_("The number {number} has no digit. Use another series."), number=document.full_number)
    if (document.type_code or "380") not in TYPE_CODES:
        yield Problem(
            N_("“{value}” is no type of invoice that e-Factura knows. Issue it anew."), value=document.type_code
        )
    if document.currency not in _currencies():
        yield Problem(N_("“{value}” is no currency. Use its three letters, as EUR."), value=document.currency)
    if document.due_on < document.issued_on:
        yield Problem(N_("The due date {due} is before the day of issue {day}. Enter a later one."),
                      due=f"{document.due_on:%d.%m.%Y}", day=f"{document.issued_on:%d.%m.%Y}")  # fmt: skip
    if original is None and (document.kind == "storno" or document.type_code in (CREDIT_NOTE, CORRECTED)):
        yield Problem(N_("A storno or a corrected invoice must name the invoice that it is about. Begin from it."))
    if original is not None and original.kind in SENT and original.issued_on > document.issued_on:
        yield Problem(N_("Its date {day} is before that of {number}, which it is about ({date}). Use a later date."),
                      day=f"{document.issued_on:%d.%m.%Y}", number=original.full_number,
                      date=f"{original.issued_on:%d.%m.%Y}")  # fmt: skip
    if not document.lines:
        yield Problem(N_("There are no lines. Add at least one."))


def _line(document: Document, line: DocumentLine, known: Known) -> Iterator[Problem]:
    name, price = one_line(line.name), line.unit_price
    about: dict[str, Any] = {"line": line.position, "name": name}
    if not name:
        yield Problem(N_("Line {line}: the name is missing. Write what is sold."), line=line.position)
    if line.unit_code not in KNOWN_UNITS:
        yield Problem(N_("Line {line}, {name}: “{value}” is no unit code that e-Factura knows. Choose another unit."),
                      **about, value=line.unit_code)  # fmt: skip
    if price < 0:
        yield Problem(N_("Line {line}, {name}: the price is below zero. Use a minus quantity instead."), **about)
    right = round_amount(line.quantity * price)
    # What completes earlier parts takes their roundings, each of half a ban.
    room = CENT / 2 * (known.parts.get(line.position, 0) + 2) if line.order_line_id or line.reverses_document else 0
    if abs(line.net - right) > room:
        words = N_("Line {line}, {name}: {quantity} × {price} is {right}, not {net}. Correct the line.")
        yield Problem(words, **about, quantity=line.quantity, price=price, right=right, net=line.net)
    yield from _rate(document, line, known, about)


def _rate(document: Document, line: DocumentLine, known: Known, about: dict[str, Any]) -> Iterator[Problem]:
    category, rate = line.vat_category, line.vat_rate
    if category not in KNOWN_CATEGORIES:
        yield Problem(N_("Line {line}, {name}: “{value}” is no VAT category of e-Factura. Choose another VAT class."),
                      **about, value=category)  # fmt: skip
    if category != "S":
        if rate:
            yield Problem(N_("Line {line}, {name}: there is no VAT in category {category}, so the rate is 0 %, not"
                             " {rate} %. Correct the line."), **about, category=category, rate=rate)  # fmt: skip
        return
    # What takes back or corrects an earlier document keeps its rate.
    mirrors = document.kind == "storno" or document.type_code == CORRECTED or line.reverses_document
    if not mirrors and rate not in known.rates and rate not in _deducted(document):
        words = N_(
            "Line {line}, {name}: the VAT rate of {rate} % was not valid on {day}. Issue it with a rate of that day,"
            " or cancel the order and place it anew."
        )
        yield Problem(words, **about, rate=rate, day=f"{document.issued_on:%d.%m.%Y}")


def _vat(document: Document, known: Known) -> Iterator[Problem]:
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in document.lines:
        key = line.vat_category, line.vat_rate
        bases[key] = bases.get(key, NOTHING) + line.net
    room = CENT / 2 * (known.stornos + 2) if document.kind == "storno" else 0
    for part in document.vat_totals:
        yield from _vat_part(part, bases.pop((part.category, part.rate), NOTHING), room)
        if part.category == NOT_REGISTERED and len(document.vat_totals) > 1:
            yield Problem(N_("What is outside VAT (category O) cannot stand beside other lines. Issue two invoices."))
    for category, rate in bases:
        yield Problem(N_("The VAT of category {category}, {rate} %, is missing in the totals. Issue it anew."),
                      category=category, rate=rate)  # fmt: skip


def _vat_part(part: DocumentVat, base: Decimal, room: Decimal | int) -> Iterator[Problem]:
    right = round_amount(part.base * part.rate / 100)
    if part.base != base:
        yield Problem(N_("VAT of {rate} %: the lines come to {right}, not {base}. Issue it anew."),
                      rate=part.rate, right=base, base=part.base)  # fmt: skip
    if abs(part.vat - right) > room:
        yield Problem(N_("VAT of {rate} %: of {base} it is {right}, not {vat}. Issue it anew."),
                      rate=part.rate, base=part.base, right=right, vat=part.vat)  # fmt: skip
    if part.category == "E" and not one_line(part.reason):
        yield Problem(N_("Why there is no VAT is missing (category E). Write the reason under Settings, VAT."))


def _totals(document: Document) -> Iterator[Problem]:
    parts, rate = document.vat_totals, document.exchange_rate
    net, vat = sum((part.base for part in parts), NOTHING), sum((part.vat for part in parts), NOTHING)
    if (document.net, document.vat, document.gross) != (net, vat, net + vat):
        yield Problem(N_("The totals do not add up: {net} + {vat} is {right}, not {gross}. Issue it anew."),
                      net=net, vat=vat, right=net + vat, gross=document.gross)  # fmt: skip
    lei = sum((round_amount(part.vat * rate) for part in parts), NOTHING)
    if document.lei_vat != lei:
        yield Problem(N_("The VAT in lei is {right}, not {vat}. Check the exchange rate."),
                      right=lei, vat=document.lei_vat)  # fmt: skip


def _deducted(document: Document) -> set[Decimal]:
    """Rates of the advances that an invoice deducts: their goods have the same."""
    return {line.vat_rate for line in document.lines if line.reverses_document}


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())
