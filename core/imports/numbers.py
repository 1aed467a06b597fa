"""Numbers as people and programs write them."""

import re
from collections.abc import Iterable
from decimal import Decimal

from core.i18n import N_
from core.imports.problems import Fault

NOT_A_NUMBER = N_("“{value}” is not a number. Write it like 1234.50 or 1234,50.")
AMBIGUOUS = N_(
    "“{value}” can mean {thousands} or {fraction}. Write it without a thousands separator, or with two decimals."
)

CURRENCIES = {
    "lei": "RON", "ron": "RON", "eur": "EUR", "euro": "EUR", "€": "EUR", "usd": "USD", "$": "USD", "gbp": "GBP",
    "£": "GBP",
}  # fmt: skip

_SHAPE = re.compile(r"-?([0-9]+([.,][0-9]+)*|[.,][0-9]+)", re.ASCII)
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}([.,][0-9]{3})+", re.ASCII)
_BLANK_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}([ \u00a0\u202f][0-9]{3})+(?![0-9])", re.ASCII)
_THIN = re.compile("[\u2000-\u200a\u202f\u205f]")
_BLANKS = re.compile("[ \u00a0\u202f]")


class Exact(str):
    """A number that a workbook holds as one, written out: its point is the decimal mark, whatever people use."""

    __slots__ = ()


def exact(literal: str) -> Exact:
    """From a literal of JSON, to the 15 digits that a workbook knows: all of a bar code, none of what adding fractions
    leaves behind."""
    if len(literal) < 16 and literal.removesuffix(".0").isdigit():
        return Exact(literal.removesuffix(".0"))
    return Exact(f"{Decimal(f'{Decimal(literal):.15g}').normalize() + 0:f}")


def parse_number(text: str, decimal_mark: str | None = None) -> Decimal:
    """The number that `text` stands for, exactly; raises Fault where it is none or could be two.

    The rule: digits, and between them points, commas and blanks (which only group thousands).
    1. Points and commas together: the last kind is the decimal mark and stands once, the other kind groups
       thousands: `1.234,50` and `1,234.50` are both 1234.50.
    2. One kind, several times: it groups thousands: `1.234.567`.
    3. One kind, once: it is the decimal mark (`1234,5`, `0.125`, `12,50`), except
    4. where exactly three digits follow it and one to three, not beginning with 0, stand before it (`1.234`):
       that is thousands or thousandths, and only the rest of the file can tell. `decimal_mark` is what the
       file was seen to use (see `decimal_mark_of`); without it the number is refused as ambiguous.
    Thousands always come in groups of three; currency signs, percent signs and exponents are not numbers.
    """
    if isinstance(text, Exact):
        return Decimal(text)
    compact = _without_blanks(text.strip())
    if not _SHAPE.fullmatch(compact):
        raise Fault(NOT_A_NUMBER, value=text)
    marks = _marks(compact)
    if len(marks) == 1 and _GROUPED.fullmatch(compact):
        return _with_known_mark(compact, marks[0], decimal_mark)
    return _with_own_mark(compact, marks)


def bare(text: str, signs: str = "") -> tuple[str, str]:
    """What stands in a column of numbers without what people put around it, as `parse_number` reads it; and the sign
    that stood behind it. `signs` are those that may, as a pattern.

    Goes: the apostrophe before a number that a sheet keeps as text; the sign; blanks of every kind, if they group
    thousands. A minus at the end goes to the beginning.
    """
    if isinstance(text, Exact):
        return text, ""
    number, sign = _THIN.sub("\u00a0", text).strip("'’ \u00a0"), ""
    if signs and (found := re.search(rf"(?<=[0-9,.\u00a0 -])({signs})\.?$", number, re.IGNORECASE)):
        number, sign = number[: found.start()].rstrip(" \u00a0"), found[1]
    if number.endswith(("-", "−")):
        number = f"-{number[:-1].rstrip()}"
    return number.replace("−", "-"), sign


def decimal_mark_of(texts: Iterable[str]) -> str | None:
    """The decimal mark that all unmistakable numbers among `texts` use; None if there are none, or they differ."""
    seen = marks_of(texts)
    return next(iter(seen)) if len(seen) == 1 else None


def marks_of(texts: Iterable[str]) -> frozenset[str]:
    """The decimal marks that the unmistakable numbers among `texts` use."""
    return frozenset(mark for text in texts if (mark := _unmistakable_mark(text)))


def _without_blanks(text: str) -> str:
    grouped = _BLANK_GROUPED.match(text)
    return _BLANKS.sub("", grouped[0]) + text[grouped.end() :] if grouped else text


def _marks(compact: str) -> list[str]:
    return [character for character in compact if character in ".,"]


def _with_known_mark(compact: str, mark: str, decimal_mark: str | None) -> Decimal:
    thousands, fraction = compact.replace(mark, ""), compact.replace(mark, ".")
    if decimal_mark is None:
        raise Fault(AMBIGUOUS, value=compact, thousands=Decimal(thousands), fraction=Decimal(fraction))
    return Decimal(fraction if mark == decimal_mark else thousands)


def _with_own_mark(compact: str, marks: list[str]) -> Decimal:
    whole, fraction = compact, "0"
    if len(marks) == 1 or len(set(marks)) == 2:
        whole, _, fraction = compact.rpartition(marks[-1])
    groups = _marks(whole)
    if groups and (len(set(groups)) > 1 or (whole != compact and marks[-1] in groups) or not _GROUPED.fullmatch(whole)):
        raise Fault(NOT_A_NUMBER, value=compact)
    return Decimal(f"{re.sub('[.,]', '', whole)}.{fraction}")


def _unmistakable_mark(text: str) -> str | None:
    try:
        parse_number(text)
    except Fault:
        return None
    if isinstance(text, Exact):
        return None
    marks = _marks(text)
    if len(marks) > 1 and len(set(marks)) == 1:  # `1.234.567` groups with points: its decimal mark would be the comma
        return "," if marks[0] == "." else "."
    return marks[-1] if marks else None
