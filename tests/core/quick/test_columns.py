"""Tables: their columns by name, by what stands in them, or as chosen."""

from decimal import Decimal

import pytest

from tests.core.quick.sense import asked, sense

TWO = [("CB-15", Decimal(12)), ("M6", Decimal(6))]


@pytest.mark.parametrize(
    "text",
    [
        "Cod produs;Denumire;Cantitate;Preț\nCB-15;Cablu;12;5,50\nM6;Piuliță;6;0,10",
        "cantitate\tcod\n12\tCB-15\n6\tM6",
        "SKU,Qty\nCB-15,12\nM6,6",
        "Nr. crt.|EAN|SKU|Buc\n1|5941234567899|CB-15|12\n2||M6|6",
        "Denumire;Cod de bare;Cant.\nCablu;5941234567899;12\nPiuliță;M6;6",
    ],
)
def test_named_columns_are_found(text):
    assert asked(text) == ["titles", *TWO]


@pytest.mark.parametrize(
    "text",
    [
        "CB-15\t12\nM6\t6",
        "12\tCB-15\n6\tM6",
        "1;CB-15;Cablu;12;5,50\n2;M6;Piuliță;6;0,10\n3;NOPE;Nimic;5;1,25",
        "CB-15;Cablu, roșu;12 buc;5,50 lei\nM6;Piuliță;6 buc;0,10 lei",
        '"CB-15"\t"Cablu\nroșu"\t12\nM6\tPiuliță\t6',
    ],
)
def test_columns_without_names_are_found_by_what_stands_in_them(text):
    assert asked(text)[:2] == TWO


def test_columns_can_be_chosen():
    text = "CB-15;100;12\nM6;200;6"
    assert asked(text) == [("CB-15", Decimal(100)), ("M6", Decimal(200))]
    assert asked(text, quantity_column=2) == TWO
    assert sense(text, code_column=9, quantity_column=9).columns == sense(text).columns


def test_columns_that_were_chosen_hold_for_lines_that_nobody_knows():
    found = sense("TV20;Televizor;5;300", code_column=0, quantity_column=2)
    assert [(wish.code, wish.quantity) for wish in found.wishes] == [("TV20", Decimal(5))]


def test_rows_of_a_table_without_a_quantity_order_nothing():
    assert asked("cod;cantitate\nCB-15;\nM6;6\nCABLURI;") == ["titles", "nothing", ("M6", Decimal(6)), "note"]


def test_a_line_that_is_no_row_is_read_as_it_is():
    assert asked("CB-15;12\nM6 6") == TWO
    assert asked("SKU,Qty\nCB-15,12\nM6,6,5\n") == ["titles", TWO[0], "choose"]


def test_codes_are_found_in_the_other_column_of_codes():
    assert asked("cod furnizor;EAN;cantitate\n???;5941234567899;12")[1] == ("CB-15", Decimal(12))
