"""Where the header stands, what its names mean, and what below it is no row of the table."""

from itertools import combinations

import pytest

from core.imports import columns, headers
from core.imports.columns import PARTNERS, PRICE_LISTS, PRICES, PRODUCTS, STOCK, Column, fold, folded_names
from core.imports.tables import NO_ROWS
from tests.core.imports.dialects import cells, read, refused, told

HEAD = "Cod;Denumire;Preț\n"


@pytest.mark.parametrize(("name", "column"), [
    ("Cod art.", "sku"), ("COD PRODUS *", "sku"), ("Den. produs", "name"), ("Denumire  articol:", "name"),
    ("Pret fara TVA", "list_price"), ("Preț listă (lei, fără TVA)", "list_price"), ("PU [RON]", "list_price"),
    ("Preț unitar fără TVA (lei/buc)", "list_price"), ("UM", "unit"), ("U.M.", "unit"), ("Cod bare", "ean"),
    ("EAN-13", "ean"), ("Stoc disp.", "stock"), ("Stoc (buc)", "stock"), ("Cota TVA %", "vat"), ("Marcă", "brand"),
    ("Greutate [kg]", "weight"), ("Buc/bax", "pack"), ("Unit price", "list_price"), ("Product code", "sku"),
])  # fmt: skip
def test_names_of_columns_are_understood_as_suppliers_write_them(name: str, column: str) -> None:
    assert list(headers.match(PRODUCTS, [name])[0]) == [column]


@pytest.mark.parametrize("name", ["Preț cu TVA", "Preț (EUR)", "Preț (lei/100 m)", "Greutate (g)", "Nr. crt.", "(lei)"])
def test_what_could_mean_something_else_is_not_taken_for_a_known_column(name: str) -> None:
    assert headers.match(PRODUCTS, [name])[0] == {}


@pytest.mark.parametrize("kind", [PRODUCTS, PARTNERS, STOCK, PRICES, PRICE_LISTS])
def test_no_name_means_two_columns_of_a_kind(kind: tuple[Column, ...]) -> None:
    assert [(a.name, b.name) for a, b in combinations(kind, 2) if folded_names(a) & folded_names(b)] == []


def test_a_letterhead_above_the_header_is_passed_over() -> None:
    table = read("SC Furnizor SRL;;\nOfertă de preț;;valabilă 30 de zile\n\n" + HEAD + "A;Unu;1\n")
    assert (cells(table, "sku"), table.rows[0].line, table.understood.header) == ([("A",)], 5, (4,))
    assert told(table.understood)[1:] == [
        "The names of the columns stand on line 4.", "Above them, 2 lines were passed over.",
    ]  # fmt: skip


def test_the_header_is_looked_for_in_the_first_30_rows() -> None:
    assert read("Adresă\n" * 29 + HEAD + "A;Unu;1\n").understood.header == (30,)
    assert (1, headers.MISSING) in refused("Adresă\n" * 30 + HEAD + "A;Unu;1\n")


def test_a_header_over_two_rows_is_joined() -> None:
    table = read("Cod;Denumire;Preț;;Stoc\n;;cu TVA;fără TVA;disp.\nA;Unu;1,21;1;5\n")
    assert cells(table, "sku", "list_price", "stock") == [("A", "1", "5")]
    assert told(table.understood)[1] == "The names of the columns stand on the lines 1 and 2."


def test_a_title_over_several_columns_is_no_part_of_their_names() -> None:
    table = read("Cod;Denumire;Date comerciale;;\n;;UM;Preț;Stoc\nA;Unu;buc;1;5\n")
    assert cells(table, "unit", "list_price", "stock") == [("buc", "1", "5")]


def test_a_row_of_units_below_the_header_belongs_to_it() -> None:
    table = read("Cod;Denumire;Preț;Stoc\n;;(lei);(buc)\nA;Unu;1;5\n")
    assert (cells(table, "sku"), table.understood.header) == ([("A",)], (1, 2))


def test_a_first_row_of_words_is_not_taken_for_a_second_row_of_the_header() -> None:
    assert cells(read("Cod;Denumire;Preț;UM;Obs\nA;Produs;gratis;buc;stoc\n"), "sku") == [("A",)]


def test_titles_of_sections_are_passed_over_and_counted() -> None:
    table = read(HEAD + "Cabluri electrice;;\nA;Unu;1\n;Becuri;\nB;Doi;2\n")
    assert cells(table, "sku") == [("A",), ("B",)]
    assert told(table.understood)[-1] == "2 titles of sections were passed over, on line 2, 4."


def test_a_partner_of_whom_there_is_only_the_code_is_no_title_of_a_section() -> None:
    table = read("Cod client;Nume;Oraș\nClienți din Brașov;;\nC-1;;\n", PARTNERS)
    assert cells(table, "code") == [("C-1",)]


def test_totals_are_passed_over_and_counted() -> None:
    table = read(HEAD + "A;Unu;1\nSubtotal;;1\nB;Doi;2,5\n;TOTAL GENERAL;3,5\nTotal:;;\n")
    assert cells(table, "sku") == [("A",), ("B",)]
    assert told(table.understood)[-1] == "3 rows with totals were passed over, on line 3, 5, 6."


def test_sums_without_a_word_are_passed_over_and_other_numbers_are_not() -> None:
    assert cells(read(HEAD + "A;Unu;1,25\nB;Doi;2\n;;3,25\n"), "sku") == [("A",), ("B",)]
    assert cells(read("Cod;Denumire;Preț;Stoc\nA;Unu;1;5\n;;7;9\n"), "sku", "stock") == [("A", "5"), ("", "9")]


def test_a_number_alone_is_no_title() -> None:
    assert cells(read(HEAD + "A;Unu;1\n1001;;\n;;7\n"), "sku", "list_price") == [("A", "1"), ("1001", ""), ("", "7")]


def test_a_long_name_of_an_unknown_column_is_told_shortened() -> None:
    (notice,) = read(f"cod;denumire;pret;{'observații ' * 50}\nA;Unu;1;\n").notices
    assert len(notice.text("en")) < 150


def test_total_is_a_brand_too() -> None:
    table = read("Cod;Denumire;Preț;Marcă\nT-1;Total Quartz 5W40;120;Total\nTOTAL;Ulei;1;Total\n")
    assert len(table.rows) == 2


def test_blank_rows_and_repeated_headers_are_passed_over_and_counted() -> None:
    table = read(HEAD + "A;Unu;1\n;;\n\n" + HEAD + "B;Doi;2\n")
    assert cells(table, "sku") == [("A",), ("B",)]
    assert told(table.understood)[-2:] == [
        "2 blank rows were passed over.",
        "1 repeated row with the names of the columns was passed over, on line 5.",
    ]


def test_a_table_of_nothing_but_totals_has_no_rows() -> None:
    assert refused(HEAD + "Total;;5\n") == [(None, NO_ROWS)]


def test_names_are_data_that_people_can_read() -> None:
    for kind in (PRODUCTS, PARTNERS, STOCK, PRICES, PRICE_LISTS):
        assert all(fold(name) for column in kind for name in column.aliases.split(","))
    assert {fold(unit) for unit in columns.UNITS} == columns.UNITS
