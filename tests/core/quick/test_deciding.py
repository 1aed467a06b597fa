"""What people paste, and what it means."""

from decimal import Decimal

import pytest

from tests.core.quick.sense import asked, sense


@pytest.mark.parametrize(
    "line",
    [
        "CB-15 12", "cb-15 12", "12 CB-15", "12 x CB-15", "12x CB-15", "12xCB-15", "CB-15 x 12", "CB-15x12",
        "CB-15 x12",
        "CB-15\t12", "CB-15;12", "CB-15|12", "CB-15,12", "CB-15, 12", "CB-15: 12", "CB-15:12", "CB-15 = 12",
        "CB-15=12",
        "CB-15 - 12", "CB-15 – 12 buc.", "12 buc CB-15", "12 bucăți CB-15", "CB-15 12buc", "CB-15 (12 buc)",
        "buc 12 CB-15",
        "CB-15 12,00", "CB-15 12.0", '"CB-15" 12', "„CB-15” 12", '"CB-15";"12"', "1. CB-15 12",
        "3) CB-15 12", "• CB-15 12",
        "- CB-15 12", "> CB-15 12", "CB-15 Cablu roșu 12", "Cablu roșu CB-15 12 buc", "CB-15 12 buc 5,50 lei",
        "CB-15 5,50 lei 12 buc", "vă rog 12 buc din CB-15", "5941234567899 12",
        '="CB-15"\t12', "'CB-15\t12", "CB-15\u00a012", "CB-15\u200b 12",
    ],
)  # fmt: skip
def test_a_line_is_read_however_it_is_written(line):
    assert asked(line) == [("CB-15", Decimal(12))]


@pytest.mark.parametrize(
    ("line", "quantity"),
    [
        ("CB-15 1.234,5", "1234.5"), ("CB-15 1,234.5", "1234.5"), ("CB-15 2,5", "2.5"),
        ("CB-15 0.25", "0.25"),
        ("CB-15;1.250.000", None), ("CB-15 1\u00a0250", "1250"), ("CB-15 12,5 m", "12.5"),
    ],
)  # fmt: skip
def test_decimals_and_thousands_are_told_apart(line, quantity):
    assert asked(line) == [("CB-15", Decimal(quantity).normalize()) if quantity else "bad_quantity"]


@pytest.mark.parametrize(
    ("line", "quantities"),
    [("CB-15 1.250", [1250, "1.25"]), ("CB-15 12 5.50", [12, "5.5"]), ("CB-15 1 250", [1250, 250, 1])],
)
def test_what_can_be_read_in_two_ways_is_asked(line, quantities):
    [wish] = sense(line).wishes
    assert wish.meaning == "choose"
    assert sorted(option.quantity for option in wish.options) == sorted(map(Decimal, quantities))


def test_whether_a_point_groups_thousands_is_chosen_once_for_all_lines():
    assert sense("CB-15 1.250\nM6 2.500").unsure
    assert asked("CB-15 1.250\nM6 2.500", decimal_mark=",") == [("CB-15", Decimal(1250)), ("M6", Decimal(2500))]
    assert asked("CB-15 1.250", decimal_mark=".") == [("CB-15", Decimal("1.25"))]


def test_the_column_of_a_table_shows_how_its_decimals_are_written():
    assert asked("CB-15\t1.250\nM6\t2,5\n") == [("CB-15", Decimal(1250)), ("M6", Decimal("2.5"))]
    assert asked("CB-15\t1.250\nM6\t2\n")[0] == "choose"


def test_two_codes_in_one_line_are_settled_by_how_the_other_lines_are_written():
    assert asked("22423 7") == ["choose"]
    assert asked("22423 7\nCB-15 12\nM6 6") == [("22423", Decimal(7)), ("CB-15", Decimal(12)), ("M6", Decimal(6))]
    assert asked("7 22423\n12 CB-15") == [("22423", Decimal(7)), ("CB-15", Decimal(12))]


def test_a_short_word_in_the_middle_is_no_code():
    assert asked("piuliță M6 zincată 12") == ["unknown"]
    assert asked("M6 piuliță zincată 12") == [("M6", Decimal(12))]


def test_codes_of_several_words_go_before_shorter_ones():
    assert asked("AB 12 C 5\n5 x AB 12 C") == [("AB 12 C", Decimal(5))] * 2


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("CB-15", "no_quantity"), ("CB-15 -3", "bad_quantity"), ("CB-15 0", "nothing"),
        ("CB-15 1,2345", "bad_quantity"),
        ("CB-15 1000000", "bad_quantity"), ("NOPE-1 3", "unknown"), ("0722 123 456", "unknown"),
        ("Vă mulțumesc!", "note"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(line, meaning):
    assert asked(f"{line}\nM6 6")[0] == meaning


def test_a_list_of_codes_alone_counts_each_as_one():
    found = sense("5941234567899\nCB-15\n40123455")
    assert found.counted
    assert [wish.options[0].quantity for wish in found.wishes] == [1, 1, 1]


def test_a_mail_with_a_table_in_it_is_read_line_by_line():
    text = "Bună ziua,\ndin tabel:\n\nCB-15\t12\nM6\t6\n\nși încă 3 x 22423\nMulțumim"
    assert asked(text) == ["note", "note", ("CB-15", Decimal(12)), ("M6", Decimal(6)), ("22423", Decimal(3)), "note"]


def test_what_the_partner_taught_goes_before_a_sku():
    from core.quick.deciding import decide
    from core.quick.lines import read
    from tests.core.quick.sense import known

    [wish] = decide(read("M6 4"), known(m6=1)).wishes
    assert (wish.options[0].product_id, wish.by) == (1, "own")


@pytest.mark.parametrize(
    ("line", "unread"),
    [
        ("CB-15 16,68 lei", ""), ("CB-15 16,68lei", "16,68lei"), ("CB-15 lei 16,68", ""), ("CB-15 16,68 lei/buc", ""),
        ("CB-15 €16,68", "€16,68"), ("CB-15 1.016,68 RON", ""), ("CB-15 20-25", "20-25"), ("CB-15 1/2", "1/2"),
        ("CB-15 1e3", "1e3"), ("CB-15 două", ""), ("CB-15 12.05.2026", "12.05.2026"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("others", ["", "\nM6 6", "\nM6"])
def test_what_is_no_quantity_is_asked_and_counts_as_nothing(line, unread, others):
    wish = sense(line + others).wishes[0]
    assert (wish.meaning, wish.typed) == ("no_quantity", unread)


@pytest.mark.parametrize("line", ["CB-15 12 16,68 lei", "12 x CB-15 16,68 lei/buc", "CB-15 16,68 lei 12"])
def test_beside_a_price_the_quantity_is_still_read(line):
    assert asked(line) == [("CB-15", Decimal(12))]


def test_what_counts_as_one_is_nothing_but_a_code():
    assert asked("CB-15\nM6\n22423 două") == [("CB-15", Decimal(1)), ("M6", Decimal(1)), "no_quantity"]
    assert not sense("CB-15 două").counted
    assert not sense("NOPE-1 1").counted


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("CB-15 5 buc, M6 6 buc", 2), ("5 x CB-15, 6 x M6", 2), ("CB-15 5 + M6 6 + 85123A 3", 3),
        ("CB-15 5 și M6 6", 2), ("CB-15 2,5 m, M6 6", 2),
        ("CB-15 5, M6", 0), ("CB-15 5, NOPE 6", 0), ("CB-15 1.250", 0), ("CB-15 12 5.50", 0),
    ],
)  # fmt: skip
def test_several_products_in_a_line_are_parted_where_each_is_clear(line, parts):
    [wish] = sense(line).wishes
    assert len(wish.parts) == parts
    if parts:
        assert [type(one) for one in asked("\n".join(wish.parts))] == [tuple] * parts
