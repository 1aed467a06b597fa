from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.amount_in_words import LARGEST, amount_in_words

EXPECTED = {
    "0": "zero lei",
    "0.01": "zero lei și un ban",
    "0.50": "zero lei și cincizeci de bani",
    "1": "un leu",
    "1.01": "un leu și un ban",
    "2.02": "doi lei și doi bani",
    "2.20": "doi lei și douăzeci de bani",
    "12": "doisprezece lei",
    "16.19": "șaisprezece lei și nouăsprezece bani",
    "20": "douăzeci de lei",
    "21": "douăzeci și unu de lei",
    "100": "o sută de lei",
    "101.37": "o sută unu lei și treizeci și șapte de bani",
    "119": "o sută nouăsprezece lei",
    "121.21": "o sută douăzeci și unu de lei și douăzeci și unu de bani",
    "200": "două sute de lei",
    "1000": "o mie de lei",
    "1001": "o mie unu lei",
    "1120": "o mie o sută douăzeci de lei",
    "2002": "două mii doi lei",
    "12000": "douăsprezece mii de lei",
    "20000": "douăzeci de mii de lei",
    "21000": "douăzeci și una de mii de lei",
    "22000": "douăzeci și două de mii de lei",
    "100000": "o sută de mii de lei",
    "101000": "o sută una mii de lei",
    "212212.12": "două sute douăsprezece mii două sute doisprezece lei și doisprezece bani",
    "1000000": "un milion de lei",
    "1000001": "un milion unu lei",
    "2000000": "două milioane de lei",
    "12000000": "douăsprezece milioane de lei",
    "21000000": "douăzeci și unu de milioane de lei",
    "1000000000": "un miliard de lei",
    "2000002000": "două miliarde două mii de lei",
}

SMALL = {
    "zero": 0, "un": 1, "o": 1, "unu": 1, "una": 1, "doi": 2, "două": 2, "trei": 3, "patru": 4, "cinci": 5, "șase": 6,
    "șapte": 7, "opt": 8, "nouă": 9, "zece": 10, "unsprezece": 11, "doisprezece": 12, "douăsprezece": 12,
    "treisprezece": 13, "paisprezece": 14, "cincisprezece": 15, "șaisprezece": 16, "șaptesprezece": 17,
    "optsprezece": 18, "nouăsprezece": 19, "douăzeci": 20, "treizeci": 30, "patruzeci": 40, "cincizeci": 50,
    "șaizeci": 60, "șaptezeci": 70, "optzeci": 80, "nouăzeci": 90,
}  # fmt: skip
LARGE = {"mie": 10**3, "mii": 10**3, "milion": 10**6, "milioane": 10**6, "miliard": 10**9, "miliarde": 10**9}

amounts = st.decimals(0, LARGEST, places=2) | st.decimals(0, 3000, places=2)


@pytest.mark.parametrize(("amount", "words"), EXPECTED.items())
def test_amounts_are_written_as_people_write_them(amount: str, words: str) -> None:
    assert amount_in_words(Decimal(amount)) == words


@given(amounts)
def test_what_is_written_reads_back_as_the_amount(amount: Decimal) -> None:
    assert read(amount_in_words(amount)) == amount


@given(amounts)
def test_de_stands_where_the_count_is_from_twenty_on_within_a_hundred(amount: Decimal) -> None:
    words = amount_in_words(amount).split()
    for place, word in enumerate(words):
        if word not in {"lei", "bani", *LARGE}:
            continue
        linked = words[place - 1] == "de"
        before = words[place - 2 if linked else place - 1]
        assert linked == (before in {"sută", "sute", *LARGE} or (before in SMALL and spoken(words, place) >= 20)), words


def test_every_hundred_lei_to_ten_million_reads_back() -> None:
    for lei in range(0, 10**7, 97):
        assert read(amount_in_words(Decimal(lei))) == lei


@pytest.mark.parametrize("amount", ["-0.01", "0.001", "1000000000000", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        amount_in_words(Decimal(amount))


def read(text: str) -> Decimal:
    """The amount that the words stand for, read from left to right as somebody would who knows only the words."""
    total = group = Decimal(0)
    amount = Decimal(0)
    for word in text.split():
        if word in {"leu", "lei", "ban", "bani"}:
            amount += (total + group) * (1 if word in {"leu", "lei"} else Decimal("0.01"))
            total = group = Decimal(0)
        elif word in {"sută", "sute"}:
            group *= 100
        elif word in LARGE:
            total, group = total + group * LARGE[word], Decimal(0)
        elif word not in {"și", "de"}:
            group += SMALL[word]
    return amount


def spoken(words: list[str], place: int) -> int:
    """Tens and ones said just before a place: `douăzeci și unu de` → 21."""
    total = 0
    for word in reversed(words[:place]):
        if word in SMALL:
            total += SMALL[word]
        elif word not in {"și", "de"}:
            break
        if total >= 10:
            break
    return total
