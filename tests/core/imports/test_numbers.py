"""Numbers as people write them: read exactly, or refused."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.numbers import AMBIGUOUS, NOT_A_NUMBER, decimal_mark_of, parse_number
from core.imports.problems import Fault

amounts = st.decimals(0, 10**9, places=2)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("0.125", "0.125"),
        (",5", "0.5"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234", "1234"),
        ("-3", "-3"),
        (" 7 ", "7"),
        ("1234.567", "1234.567"),
    ],
)
def test_points_commas_and_blanks_are_understood(written: str, meant: str) -> None:
    assert parse_number(written) == Decimal(meant)


@pytest.mark.parametrize(
    "written",
    ["", "abc", "1,2,3", "1.23.456", "1.234,567.8", "1,234.567,8", "12 lei", "5 %", "1e5", "NaN", "١٢", "1 23"],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(Fault) as refused:
        parse_number(written)
    assert refused.value.message == NOT_A_NUMBER


def test_three_digits_after_one_mark_are_refused_unless_the_file_tells() -> None:
    with pytest.raises(Fault) as refused:
        parse_number("1.234")
    assert refused.value.message == AMBIGUOUS
    assert parse_number("1.234", decimal_mark=",") == 1234
    assert parse_number("1.234", decimal_mark=".") == Decimal("1.234")


def test_the_files_decimal_mark_is_the_one_its_clear_numbers_share() -> None:
    assert decimal_mark_of(["1.234", "12,50", "3"]) == ","
    assert decimal_mark_of(["1,234", "0.5"]) == "."
    assert decimal_mark_of(["1.234.567"]) == ","
    assert decimal_mark_of(["1.234", "7", "x"]) is None
    assert decimal_mark_of(["0,5", "0.5"]) is None


@given(amounts)
def test_an_amount_reads_the_same_in_every_way_of_writing_it(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    romanian = english.translate(str.maketrans(",.", ".,"))
    plain = f"{amount:.2f}"
    for written in (english, romanian, plain, plain.replace(".", ","), romanian.replace(".", " ")):
        assert parse_number(written) == amount
        assert parse_number(written, decimal_mark=".") == parse_number(written, decimal_mark=",") == amount


@given(st.text())
def test_any_text_is_a_number_or_a_fault(text: str) -> None:
    with suppress(Fault):
        assert parse_number(text).is_finite()


@given(st.decimals(0, 10**9, places=4), st.sampled_from(".,"))
def test_with_the_mark_known_every_plain_number_is_read(value: Decimal, mark: str) -> None:
    assert parse_number(f"{value.normalize():f}".replace(".", mark), decimal_mark=mark) == value
