"""What an unknown line may have meant: a SKU one letter away, or the words of a name, mistyped ones too."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise
from string import ascii_lowercase, digits

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.permissions import authorize
from core.quick.deciding import Wish
from core.quick.goods import Goods, goods_of
from core.quick.tokens import key
from core.search import MOST_WORDS, fold

MOST_AT_ONCE = 25
"""Lines that are looked into in one go."""
MOST_SUGGESTED = 4
LEAST_LIKE = 0.6
"""How much of a code, or of the words of a line, a product has to have to be suggested."""
LONGEST_NEAR = 24
"""A longer code is not tried with another letter."""
_BOUNDARY = re.compile("(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_SIGNS = re.compile("[-_./ ]")
_NO_WORD = re.compile("[^0-9a-z\u0080-\uffff]+")

Tries = list[tuple[int, str]]
"""Line numbers with queries of type tsquery."""


def suggest(session: Session, wishes: Sequence[Wish], as_of: datetime) -> dict[int, list[Goods]]:
    """By line number, the products offered to the signed-in partner that the unknown ones of these lines are nearest
    to, the nearest first. All lines are asked for together, the first MOST_AT_ONCE of them. Changes nothing."""
    me = authorize(session, "orders.place")
    unknown = [wish for wish in wishes if wish.meaning == "unknown" and wish.code][:MOST_AT_ONCE]
    found: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    _add(session, found, _NEAR, _near_tries(unknown), me.partner_id)
    rounds: list[tuple[str, Callable[[list[Wish]], Tries]]] = [
        (_BY_WORDS, _word_tries),
        (_SQUEEZED, _squeezed_tries),
        (_BY_WORDS, _apart_tries),
        (_BY_WORDS, lambda left: _forgiving_tries(session, left)),
    ]
    for query, tries in rounds:  # each for those that nothing was found for yet
        left = [wish for wish in unknown if not found[wish.line.number]]
        _add(session, found, query, tries(left), me.partner_id)
    nearest = {wish.line.number: _nearest(wish, found[wish.line.number]) for wish in unknown}
    goods = goods_of(session, {product for products in nearest.values() for product in products}, as_of)
    return {line: [goods[product] for product in products if product in goods] for line, products in nearest.items()}


def _add(
    session: Session, found: dict[int, dict[int, tuple[str, str]]], query: str, tries: Tries, partner: int | None
) -> None:
    if not tries:
        return
    asked = {"lines": [line for line, _ in tries], "tries": [asked for _, asked in tries], "partner": partner}
    for row in session.execute(text(query), asked):
        found[row.line][row.id] = row.sku_folded, row.name_folded


def _nearest(wish: Wish, found: dict[int, tuple[str, str]]) -> list[int]:
    typed = key(wish.code) or fold(wish.code)
    like = {product: _likeness(typed, *names) for product, names in found.items()}
    near = [product for product in found if max(like[product], _share(typed, *found[product])) >= LEAST_LIKE]
    return sorted(near, key=lambda product: (-like[product], product))[:MOST_SUGGESTED]


def _likeness(typed: str, sku: str, name: str) -> float:
    return max(SequenceMatcher(None, typed, other).ratio() for other in (sku, name, f"{sku} {name}"))


def _share(typed: str, sku: str, name: str) -> float:
    """How much of what was typed stands in the product. Of a single code all of it, or its number says nothing:
    `ZIDAR-0077` is not everything for a mason."""
    there = {part for word in _words(f"{sku} {name}", most=None) for part in (word, *_BOUNDARY.split(word))}
    parts = [part for word in _words(typed) for part in (_BOUNDARY.split(word) if word not in there else [word])]
    found = [part for part in parts if any(other.startswith(part) or _alike(part, other) for other in there)]
    if len(found) < len(parts) and " " not in typed and any(sign.isdigit() for sign in typed):
        return 0
    return len("".join(found)) / max(len("".join(parts)), 1)


def _alike(typed: str, other: str) -> bool:
    return len(typed) >= 4 and typed.isalpha() and near(typed, other)


def _near_tries(wishes: Iterable[Wish]) -> Tries:
    return [(wish.line.number, near) for wish in wishes for near in sorted(near_codes(wish.code))]


def near_codes(code: str) -> set[str]:
    """The code and every one with one letter more, less, another, or two swapped: digits and letters apart.

    Of several words the first that has a digit counts: what is not a code at all is nowhere near one.
    """
    words = [word for word in fold(code).split() if any(sign.isdigit() for sign in word)]
    word = words[0] if words else fold(code)
    if not 3 <= len(word) <= LONGEST_NEAR or " " in word:
        return set()
    near = {word[:at] + word[at + 1 :] for at in range(len(word))}
    near |= {word[:at] + two + one + word[at + 2 :] for at, (one, two) in enumerate(pairwise(word))}
    for at in range(len(word) + 1):
        beside = word[max(at - 1, 0) : at + 1]
        letters = "".join(kind for kind in (digits, ascii_lowercase) if set(kind) & set(beside)) + "-"
        near |= {word[:at] + letter + word[at:] for letter in letters}
        near |= {word[:at] + letter + word[at + 1 :] for letter in letters}
    return near | {word}


def _word_tries(wishes: Iterable[Wish]) -> Tries:
    """All words of the line, in any order."""
    return [(wish.line.number, query) for wish in wishes if (query := _all(_words(wish.code)))]


def _squeezed_tries(wishes: Iterable[Wish]) -> Tries:
    """The code, and the first word, without any sign: `CAB-5X6` is `cab5x6`."""
    tries: Tries = []
    for wish in wishes:
        words = fold(wish.code).split()
        squeezed = {_SIGNS.sub("", word) for word in ("".join(words), *words[:1])}
        tries += [(wish.line.number, word) for word in squeezed if len(word) >= 3]
    return tries


def _apart_tries(wishes: Iterable[Wish]) -> Tries:
    """The words taken apart between letters and digits, as those of SKUs are."""
    apart = ((wish, [part for word in _words(wish.code) for part in _BOUNDARY.split(word)]) for wish in wishes)
    return [(wish.line.number, query) for wish, parts in apart if (query := _all(parts))]


def _forgiving_tries(session: Session, wishes: Sequence[Wish]) -> Tries:
    """With mistyped words as they are spelt, else with one word left out."""
    words = {word for wish in wishes for word in _words(wish.code)}
    spelt = _spelt(session, {word for word in words if len(word) >= 4 and word.isalpha()})
    tries: Tries = []
    for wish in wishes:
        mine = _words(wish.code)
        corrected = [word if word not in spelt else "|".join(spelt[word]) for word in mine]
        ways = [corrected, *([*corrected[:at], *corrected[at + 1 :]] for at in range(len(mine)) if len(mine) > 1)]
        tries += [(wish.line.number, query) for query in dict.fromkeys(map(_all, ways)) if query]
    return tries


def _spelt(session: Session, words: set[str]) -> dict[str, list[str]]:
    """For each word those one letter away that stand in some product, itself among them if it does."""
    shorter = {word: {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))} for word in words}
    asked = sorted(set().union(*shorter.values())) if shorter else []
    rows = session.execute(_SPELT, {"deletions": asked}).all() if asked else []
    spelt = {
        word: sorted({row.word for row in rows if row.deletion in tried and near(word, row.word)})
        for word, tried in shorter.items()
    }
    # Also for a word that is known: it may be one of products that only others know of.
    return {word: found for word, found in spelt.items() if set(found) - {word}}


def near(one: str, other: str) -> bool:
    """Are two words the same but for one letter more, less or different, or two swapped?"""
    if one == other:
        return True
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])


def _words(code: str, most: int | None = MOST_WORDS) -> list[str]:
    return [word[:40] for word in _NO_WORD.split(fold(code)) if word][:most]


def _all(words: Sequence[str]) -> str:
    """A tsquery of all the words, each as a beginning; one letter finds too much. `|` stands between spellings."""
    telling = [word for word in words if len(word) > 1]
    return " & ".join("(" + " | ".join(f"'{one}':*" for one in word.split("|")) + ")" for word in telling)


_NEAR = f"""
    select given.line, product.id, product.sku_folded, product.name_folded
    from unnest(cast(:lines as int[]), cast(:tries as text[])) given(line, code)
    join product on product.sku_folded = given.code join partner on partner.id = :partner where {OFFERED}
"""
_SQUEEZED = f"""
    select given.line, product.id, product.sku_folded, product.name_folded
    from product join unnest(cast(:lines as int[]), cast(:tries as text[])) given(line, code)
      on given.code = translate(product.sku_folded, '-_./ ', '')
    join partner on partner.id = :partner where {OFFERED}
"""
_BY_WORDS = f"""
    select given.line, found.id, found.sku_folded, found.name_folded
    from unnest(cast(:lines as int[]), cast(:tries as text[])) given(line, query)
    cross join lateral (
        select * from (
            select product.id, product.sku_folded, product.name_folded
            from product join partner on partner.id = :partner
            where product.words @@ cast(given.query as tsquery) and {OFFERED} limit 300
        ) matching order by length(sku_folded), sku_folded limit 8
    ) found
"""
_SPELT = text("select deletion, word from word_deletion where deletion = any(:deletions)")
