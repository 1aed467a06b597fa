"""Words that differ from a mistyped one in one letter: too many, missing, wrong, or swapped with the next."""

from collections.abc import Iterable

SHORTEST = 3
"""Words shorter than that, and those with digits, are taken as typed."""


def mistypable(word: str) -> bool:
    """May this be a mistyped word at all?"""
    return len(word) >= SHORTEST and not any(sign.isdigit() for sign in word)


def deletions(word: str) -> set[str]:
    """The word and what it is with one letter left out: what `word_deletion` is asked for."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def near(typed: str, known: Iterable[str]) -> list[str]:
    """Those of the known words that are `typed` but for one mistake, in order."""
    return sorted(word for word in known if word != typed and _one_mistake(typed, word))


def _one_mistake(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest, rest_long = short[at:], long[at:]
    if len(short) < len(long):
        return rest == rest_long[1:]
    return rest[1:] == rest_long[1:] or (rest[:2] == rest_long[1::-1] and rest[2:] == rest_long[2:])
