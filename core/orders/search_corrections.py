"""A search whose words find nothing, made again with one letter of each word forgiven.

The words that are offered instead all stand in one product that is offered to the partner: what only others may know
of is never found, nor named.
"""

from collections.abc import Iterable
from typing import Any

from core.catalog.correcting import deletions, mistypable, near
from core.orders.search_conditions import SOURCE, Conditions
from core.search import words_of

_MOST_LOOKED_AT = 1_000


def deletions_of(search: str) -> list[str]:
    """What `word_deletion` is asked for."""
    return sorted(set().union(*(deletions(word) for word in words_of(search) if mistypable(word))))


def alternatives(search: str, known: Iterable[str]) -> dict[str, Any]:
    """The parameters of `choosing`: each word as typed, and the known ones near it; empty where there are none."""
    words, known = words_of(search), list(known)
    others = [near(word, known) if mistypable(word) else [] for word in words]
    if not any(others):
        return {}
    rows = [
        (at, said, test)
        for at, word in enumerate(words)
        for said, test in [(word, f"'{word}':*"), *((other, f"'{other}'") for other in others[at])]
    ]
    per_word = [" | ".join(test for n, _, test in rows if n == at) for at in range(len(words))]
    numbers, said, tests = (list(column) for column in zip(*rows, strict=True))
    return {"at": numbers, "said": said, "tests": tests, "any_of": " & ".join(f"({tests})" for tests in per_word)}


def choosing(asked: Conditions) -> str:
    """SQL for a common table `chosen`, and a comma, with one row: the words (`said`) that stand together in the most
    products, and as `words` the search for them."""
    return f"""
        alternative as materialized (
            select at, said, cast(test as tsquery) as test from unnest(
                cast(:at as int[]), cast(:said as text[]), cast(:tests as text[])) as one (at, said, test)),
        hit as materialized (
            select product.words {SOURCE} where {asked.where("product.words @@ cast(:any_of as tsquery)")}
            limit {_MOST_LOOKED_AT}),
        best as (
            select combination from (
                select array(select distinct on (at) said from alternative where hit.words @@ test
                             order by at, test::text like '%:*' desc, said) as combination
                from hit) told
            group by combination order by count(*) desc, combination limit 1),
        chosen as materialized (
            select string_agg(said, ' ' order by at) as said,
                   cast(string_agg(format('''%s'':*', said), ' & ' order by at) as tsquery) as words
            from best, unnest(combination) with ordinality as one (said, at)),
    """


NEAR = "array(select distinct word from word_deletion where deletion = any(cast(:deletions as text[])))"
"""SQL for what may be near to the words as typed, with `deletions_of` as the parameter."""
CORRECTED = "product.words @@ (select words from chosen)"
"""SQL: what stands for the words as typed, with `choosing` before it."""
