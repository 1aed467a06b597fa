"""Which of our documents and orders the text of a payment names, in the many ways in which people write them.

`FCT 01023`, `fct1023`, `FCT nr. 1023/15.11.2026`, `facturi FCT 1023, 1024 si 1030`, `c/v fact. 1023`, `comanda 15`. A
range (`FCT 1023-1030`) is nothing that is named: which of them are meant only a person can tell.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from core.search import fold

T = TypeVar("T")
LONGEST_NUMBER = 9
MOST = 60
"""So many numbers of one text are looked up."""
_NR = r"(?:[\s.:]*\b(?:seria|serie|nr|no|numar(?:ul)?|num)\b)*[\s.:#/_-]*"
_NUMBER = rf"0*(\d{{1,{LONGEST_NUMBER}}})(?!\d)(?!\.\d{{3}}(?!\d))"
_DATE = re.compile(r"\s*(?:/|din(?: data(?: de)?)?|-|\bdt\b\.?)?\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d)")
_JOIN = r"\s*(?:[,;+&/]|\bsi\b|\band\b|\s)\s*"
_INVOICE_WORDS = r"(?:factur[aie]\w*|facturi\w*|fact|fac|f-?ra|ff|invoices?|inv)"
_ORDER_WORDS = r"(?:comand\w*|comenzi\w*|cmd|cda|orders?)"


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a text names: (series as `plain` has it, number), numbers after the word invoice without a series, and
    numbers of orders."""

    documents: tuple[tuple[str, int], ...] = ()
    bare: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()


def plain(series: str) -> str:
    """A series without case, blanks and signs."""
    return re.sub("[^a-z0-9]", "", fold(series))


def mentioned(text: str, series: Collection[str]) -> Mentions:
    """What a text names; `series` are ours, as they are printed, of documents of all kinds."""
    folded = " ".join(fold(text).split())
    known = _of_series(frozenset(series))
    return Mentions(
        tuple(_once(known.numbers(folded)))[:MOST] if known else (),
        tuple(_once(number for _, number in _BARE.numbers(folded)))[:MOST],
        tuple(_once(number for _, number in _ORDER.numbers(folded)))[:MOST],
    )


def _once(found: Iterable[T]) -> Iterable[T]:
    return dict.fromkeys(found)


class _Lists:
    """Lists of numbers, each after a word (a pattern): the first number, the further ones, and a range."""

    def __init__(self, word: str) -> None:
        self.first = re.compile(rf"(?<![a-z0-9])({word}){_NR}{_NUMBER}")
        self.further = re.compile(
            rf"{_JOIN}(?:{_INVOICE_WORDS}\b[\s.]*)?(?:({word}){_NR})?{_NUMBER}(?![a-z]|[.,]\d\d(?!\d))"
        )
        self.range = re.compile(rf"\s*(?:-|–|\bpana la\b|\bla\b)\s*(?:(?:{word}){_NR})?\d{{2}}")

    def numbers(self, text: str) -> Iterator[tuple[str, int]]:
        place = 0
        while found := self.first.search(text, place):
            word = plain(found[1])
            number, place = int(found[2]), found.end()
            while True:
                if dated := _DATE.match(text, place):
                    place = dated.end()
                elif ranged := self.range.match(text, place):
                    place = ranged.end()
                    break  # neither its first number nor its last
                yield word, number
                further = self.further.match(text, place)
                if further is None:
                    break
                word = plain(further[1]) if further[1] else word
                number, place = int(further[2]), further.end()


@lru_cache(maxsize=8)
def _of_series(series: frozenset[str]) -> _Lists | None:
    """A series may be written with other signs between its letters and digits than ours, or with none."""
    forms = {}
    for name in series:
        if runs := re.findall("[a-z]+|[0-9]+", fold(name)):
            forms[r"[\s./_-]*".join(runs)] = len(plain(name))
    return _Lists("|".join(sorted(forms, key=lambda form: -forms[form]))) if forms else None


_BARE = _Lists(_INVOICE_WORDS + r"\b")
_ORDER = _Lists(_ORDER_WORDS + r"\b")
