"""The file with the reasons: every row of the file, what is wrong beside it, and never a formula."""

import io

import pytest
from python_calamine import load_workbook

from core import clock
from core.db import transaction
from core.imports.errors_file import errors_file
from core.principal import SYSTEM
from tests.core.imports.running import given, loaded, looked, work
from tests.core.imports.workbooks import xlsx

pytestmark = pytest.mark.usefixtures("database")


def made(run_id: int, language: str = "en") -> list[list[object]]:
    with transaction(SYSTEM) as session:
        book = load_workbook(io.BytesIO(errors_file(session, run_id, clock.now(), language)))
    return book.get_sheet_by_index(0).to_python()


def test_every_row_has_its_reasons_beside_it() -> None:
    run = looked("products", "Oferta;;\ncod;denumire;pret\nA;Unu;1,20\nB;Doi;scump\nB;Trei;-2\n;;\n")
    head, *rows = made(run.id)
    assert head == ["What is wrong", "cod", "denumire", "pret"]
    assert [row[1:] for row in rows] == [["A", "Unu", "1,20"], ["B", "Doi", "scump"], ["B", "Trei", "-2"]]
    assert rows[0][0] == ""
    assert rows[1][0] == "list_price: “scump” is not a number. Write it like 1234.50 or 1234,50."
    assert rows[2][0] == "list_price: -2 is negative.\nsku: B stands on lines 4, 5. Keep one of them."
    assert made(run.id, "ro")[0][0] == "Problemă"


def test_what_begins_like_a_formula_stays_text_and_numbers_stay_numbers() -> None:
    run = looked("products", xlsx([["cod", "denumire", "pret"], ["=cmd|' /C calc'!A0", "@SUM(1)", 1.5], ["B", "", 2]]))
    _, first, second = made(run.id)
    assert first[1:] == ["=cmd|' /C calc'!A0", "@SUM(1)", 1.5]
    assert second[0] == "name: There is no name."


def test_the_corrected_file_is_taken() -> None:
    run = looked("products", "cod;denumire;pret\nA;Unu;1,20\nB;Doi;scump\n")
    head, *rows = made(run.id)
    rows[1][3] = "2,50"
    again = loaded("products", xlsx([head, *rows]))
    assert again.created == 2


def test_the_columns_that_a_person_told_apart_are_those_of_the_file() -> None:
    run = work(
        given("products", "Ident;Ce;Bani\nA;Unu;x\n", mapping={"sku": "Ident", "name": "Ce", "list_price": "Bani"})
    )
    assert made(run.id)[0] == ["What is wrong", "Ident", "Ce", "Bani"]
