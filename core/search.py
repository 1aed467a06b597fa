"""Finding text as people type it: any words in any order, with or without diacritics."""

import re
import unicodedata
from typing import Any

from stdnum import ean

ACCENTED, PLAIN = "ăâîșțşţĂÂÎȘȚŞŢ", "aaiststAAISTST"
MOST_WORDS = 8
LONGEST = 300
"""Characters of a search that count: somebody may paste a file."""
_BETWEEN = re.compile(r"[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
_MARKS = re.compile(r"[\u0300-\u036f]")
_IN_A_CODE = re.compile(r"[\s-]+")
_PLAIN = str.maketrans(ACCENTED, PLAIN)
_LIKE_SIGNS = str.maketrans({sign: "\\" + sign for sign in "\\%_"})


def fold(words: str) -> str:
    """Lower case without Romanian diacritics."""
    return without_nul(words).translate(_PLAIN).lower()


def without_nul(text: str) -> str:
    """PostgreSQL has no place for the character NUL in a text."""
    return text.replace("\0", "")


def folded_sql(expression: str) -> str:
    """SQL that folds a text expression as `fold` does."""
    return f"lower(translate({expression}, '{ACCENTED}', '{PLAIN}'))"


def words_of(search: str) -> list[str]:
    """The words of a search as `words` holds them (migration 0007: search_words); beyond MOST_WORDS they do not
    count. An EAN is one word, also where it was typed in groups."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", without_nul(one_code(search[:LONGEST])))).lower()
    return [word[:40] for word in _BETWEEN.sub(" ", plain).split()[:MOST_WORDS]]


def one_code(typed: str) -> str:
    """An EAN without the blanks and hyphens between its groups; everything else as it was typed."""
    digits = _IN_A_CODE.sub("", typed)
    return digits if ean.is_valid(digits) else typed


def tsquery(search: str) -> str | None:
    """A text of type tsquery that finds `words` in which every word of `search` stands, or begins one; None where it
    has no words."""
    return " & ".join(f"'{word}':*" for word in words_of(search)) or None


def word_clauses(folded_column: str, search: str) -> tuple[list[str], dict[str, Any]]:
    """SQL conditions, and their parameters, that every word of `search` stands somewhere in an SQL expression
    that is folded already. Words beyond MOST_WORDS do not count."""
    words = fold(search[:LONGEST]).split()[:MOST_WORDS]
    params = {f"word{n}": f"%{word.translate(_LIKE_SIGNS)}%" for n, word in enumerate(words)}
    return [f"{folded_column} like :word{n}" for n in range(len(words))], params
