"""A line written freely falls into words: between them stand the code and the quantity."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from core.quick.amounts import MONEY, TIMES, UNITS, Amount, amount_of
from core.quick.lines import MOST_LINES, clean
from core.search import fold

LONGEST_CODE = 64
MOST_WORDS = 40
"""Words of a line that are looked at for its code."""
MOST_WORDS_IN_CODE = 3
_BULLET = re.compile(r"^\s*(?:[-–—•·*>]+\s+|[0-9]{1,3}[.)]\s+)")
_SOFT = re.compile("[ \t;|]+|,(?![0-9])|(?<![0-9]),")  # a comma between digits may be a decimal mark
_HARD = re.compile(r"[ \t;|,:=()\[\]]+")
_MONEY = "|".join(re.escape(word) for word in sorted(MONEY, key=len, reverse=True))
_PRICE = re.compile(rf"(?<!\S)(?:(?:{_MONEY})\s*[0-9][0-9.,]*|[0-9][0-9.,]*\s*(?:{_MONEY})(?!\w))", re.IGNORECASE)
_BETWEEN = re.compile(r",(?![0-9])|[;+&](?=\s)|\s(?:și|si|and|plus)\s", re.IGNORECASE)
_TIMES_AFTER = re.compile(r"([0-9]{1,6})[x×*](\S+)", re.IGNORECASE)
_TIMES_BEFORE = re.compile(r"(\S+)[x×*]([0-9]{1,6})", re.IGNORECASE)
_AROUND = "\"'„”“«»‘’"


@lru_cache(maxsize=20_000)
def key(text: str) -> str:
    """A code as it is looked up: folded; empty for what cannot be one."""
    folded = fold(clean(text)).strip(_AROUND)
    return folded if len(folded) <= LONGEST_CODE and any(sign.isalnum() for sign in folded) else ""


@lru_cache(maxsize=MOST_LINES)
def ways(text: str) -> tuple[tuple[str, ...], ...]:
    """The ways a line falls into words, the most likely first: without what numbers it in a list, as it stands, and
    with every sign between letters taken for a blank: without prices, or the comma of one would make two numbers."""
    plain, bare = clean(text), _BULLET.sub("", clean(text))
    apart = _words(_PRICE.sub(" ", bare), _HARD)
    found = [_words(bare, _SOFT), _words(plain, _SOFT), apart, _multiplied(apart)]
    return tuple(dict.fromkeys(tuple(words) for words in found if words))


def spans(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Every stretch of words, from and to, in which a code is looked for: up to three, or all but a few at an end."""
    count = len(words)
    tried = set()
    for begin in range(min(count, MOST_WORDS)):
        for end in range(begin + 1, min(begin + MOST_WORDS_IN_CODE, count) + 1):
            tried.add((begin, end))
    tried |= {(begin, count - cut) for begin in range(3) for cut in range(3) if begin < count - cut}
    yield from sorted(tried, key=lambda span: (span[0] - span[1], span[0]))


def joined(words: Sequence[str], span: tuple[int, int]) -> str:
    return " ".join(words[span[0] : span[1]])


def amounts(words: Sequence[str], mark: str | None) -> list[tuple[int, int, Amount]]:
    """The numbers of a line with the words they take up, from and to: a unit, a times sign or the second half of
    `1 250` included. Prices are left out."""
    found = []
    for at in range(len(words)):
        for end in (at + 1, at + 2):
            amount = amount_of(joined(words, (at, end)), mark) if _is_one(words[at:end], end - at) else None
            if amount and not amount.money and not priced(words, at, end):
                found.append(_with_marks(words, at, end, amount))
    return found


def priced(words: Sequence[str], at: int, end: int) -> bool:
    """Is the number a price: money stands after it, also as in `16,68 lei/buc`, or before it and after no other?"""
    if _is(words, end, MONEY) or (end < len(words) and fold(words[end].partition("/")[0]) in MONEY):
        return True
    return _is(words, at - 1, MONEY) and not (at > 1 and amount_of(words[at - 2]))


def unread(words: Sequence[str], span: tuple[int, int]) -> str:
    """What stands beside the code and may have been meant as a quantity."""
    begin, end = span
    beside = [at for at in range(len(words)) if not begin <= at < end and any(sign.isdigit() for sign in words[at])]
    return " ".join(words[at] for at in beside if not priced(words, at, at + 1))


def pieces(text: str) -> list[str]:
    """The parts of a line between commas and the like, in which several products may stand."""
    return [piece.strip() for piece in _BETWEEN.split(text) if piece.strip()]


def _is_one(stretch: Sequence[str], length: int) -> bool:
    """Two words are one number only as in `1 250`."""
    if length == 1 or len(stretch) == 1:
        return length == 1
    return bool(re.fullmatch("[0-9]{1,3}", stretch[0]) and re.match("[0-9]{3}(?![0-9])", stretch[1]))


def _with_marks(words: Sequence[str], at: int, end: int, amount: Amount) -> tuple[int, int, Amount]:
    """With the unit or times sign beside it, which tells that it is a quantity."""
    if _is(words, end, UNITS | TIMES):
        text = joined(words, (at, end + 1))
        return at, end + 1, replace(amount, text=text, marked=True, unit=_unit(words[end]) or amount.unit)
    if _is(words, at - 1, UNITS | TIMES):
        return at - 1, end, replace(amount, marked=True, unit=amount.unit or _unit(words[at - 1]))
    return at, end, amount


def _unit(word: str) -> str:
    word = fold(word).rstrip(".,:;")
    return word if word in UNITS else ""


def _is(words: Sequence[str], at: int, among: frozenset[str]) -> bool:
    return 0 <= at < len(words) and fold(words[at]).rstrip(".,:;") in among


def _words(text: str, between: re.Pattern[str]) -> list[str]:
    return [word for piece in between.split(text) if (word := _bare(piece))]


def _bare(piece: str) -> str:
    """A word without quotes, brackets around it, and the stops after it."""
    word = piece.strip(_AROUND).rstrip(":;,").lstrip("([").strip(_AROUND)
    word = word if "(" in word or "[" in word else word.rstrip(")]")
    return word if any(sign.isalnum() for sign in word) or word in TIMES | MONEY else ""


def _multiplied(words: list[str]) -> list[str]:
    """`12xCB-15` and `CB-15x12` in their parts."""
    parts: list[str] = []
    for word in words:
        if (found := _TIMES_AFTER.fullmatch(word)) or (found := _TIMES_BEFORE.fullmatch(word)):
            parts += [found[1], "x", found[2]]
        else:
            parts.append(word)
    return parts
