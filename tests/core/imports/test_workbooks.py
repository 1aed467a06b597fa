"""Workbooks: the sheet that is meant, every cell as it was meant, and nothing that a hostile one holds does harm."""

import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.imports import headers
from core.imports.fields import Reading, calendar_day, ean, price, yes_no
from core.imports.workbooks import FAULTS
from tests.core.imports.dialects import PRODUCTS, cells, read, read_all, refused, told
from tests.core.imports.workbooks import ods, repacked, with_password, write, xls, xlsx

HEAD = ["Cod produs", "Denumire", "Preț listă"]
ROWS = [HEAD, ["CB-15", "Țeavă ştanţată", 12.5], [1001, "Cablu", 3]]
READ = [("CB-15", "Țeavă ștanțată", "12.5"), ("1001", "Cablu", "3")]


@pytest.mark.parametrize("make", [xlsx, ods, xls])
def test_workbooks_of_every_kind_are_read_alike(make: Any) -> None:
    table = read(make(ROWS))
    assert cells(table, "sku", "name", "list_price") == READ
    assert [row.line for row in table.rows] == [2, 3]
    assert told(table.understood)[0] == "A workbook, of which the sheet “Foaie1” was read."


def test_the_first_visible_sheet_with_a_header_is_taken() -> None:
    def fill(book: Any) -> None:
        write(book, "Ascunsa", ROWS).hide()
        write(book, "Instructiuni", [["Completați foaia următoare"], ["și trimiteți-o"]])
        write(book, "Date", [HEAD, ["B", "Bec", 2]]).activate()
        write(book, "Vechi", ROWS)

    table = read(xlsx(fill=fill))
    assert (table.understood.sheet, cells(table, "sku")) == ("Date", [("B",)])


def test_a_workbook_whose_only_header_is_hidden_is_told_what_is_missing() -> None:
    def fill(book: Any) -> None:
        write(book, "Date", [["Xyzzy", "Qwfp"], ["eu", "nimic"]]).activate()
        write(book, "Ascunsa", ROWS).hide()

    assert {message for _, message in refused(xlsx(fill=fill))} == {headers.MISSING}


def test_merged_cells_give_their_value_to_the_first_of_them() -> None:
    def fill(book: Any) -> None:
        sheet = write(book, "Date", [[*HEAD, "Marca"], ["A", "", 1, ""]])
        sheet.merge_range(2, 1, 2, 3, "Unu")
        sheet.write(2, 0, "B")

    assert cells(read(xlsx(fill=fill)), "sku", "name", "brand") == [("A", "", ""), ("B", "Unu", "")]


def test_formulas_give_their_value() -> None:
    def fill(book: Any) -> None:
        sheet = write(book, "Date", [HEAD, ["A", "Unu"]])
        sheet.write_formula(1, 2, "=0.1+0.2", None, 0.30000000000000004)

    assert cells(read(xlsx(fill=fill)), "list_price") == [("0.3",)]


def test_dates_and_booleans_become_text_that_the_fields_understand() -> None:
    table = read(xlsx([[*HEAD, "Disponibil din", "Activ"], ["A", "Unu", 1, date(2026, 12, 31), False],
                       ["B", "Doi", 1, datetime.combine(date(2027, 1, 2), time(8, 30)), True]]))  # fmt: skip
    read_cells = cells(table, "expected_on", "active")
    assert [calendar_day(day, Reading()) for day, _ in read_cells] == [date(2026, 12, 31), date(2027, 1, 2)]
    assert [yes_no(active, Reading()) for _, active in read_cells] == [False, True]


@pytest.mark.parametrize("make", [xlsx, ods, xls])
def test_a_bar_code_that_is_a_number_arrives_with_all_its_digits(make: Any) -> None:
    ((code,),) = cells(read(make([[*HEAD, "Cod bare"], ["A", "Unu", 1, 5941234567899]])), "ean")
    assert ean(code, Reading()) == "5941234567899"


def test_a_number_of_a_workbook_is_never_taken_for_thousands() -> None:
    ((written,),) = cells(read(xlsx([HEAD, ["A", "Unu", 1.234]])), "list_price")
    assert price(written, Reading(",")) == price(written, Reading()) == Decimal("1.234")


def test_a_letterhead_above_and_columns_to_the_left_that_are_empty_do_not_matter() -> None:
    rows = [["", "SC Furnizor SRL"], [], ["", "Ofertă", "", "valabilă 30 de zile"], [], *[["", *row] for row in ROWS]]
    table = read(xlsx(rows))
    assert cells(table, "sku", "name", "list_price") == READ
    assert (table.rows[0].line, table.understood.header, table.understood.above) == (6, (5,), 2)


def test_a_control_character_in_a_cell_is_refused_with_its_line() -> None:
    data = repacked(xlsx([HEAD, ["A", "UnuX", 1]]), lambda _, content: content.replace(b"UnuX", "Unu\x85".encode()))
    ((line, _),) = refused(data)
    assert line == 2


def bomb(name: str, megabytes: int) -> bytes:
    """A small file that is large when it is unpacked."""
    target = io.BytesIO(ods(ROWS) if name == "content.xml" else xlsx(ROWS))
    packed = zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED, compresslevel=1)
    with packed as archive, archive.open(f"more/{name}", "w") as entry:
        for _ in range(megabytes):
            entry.write(b" " * 1024 * 1024)
    return target.getvalue()


@pytest.mark.parametrize("name", ["content.xml", "sheet1.xml"])
def test_a_workbook_that_inflates_beyond_the_limit_is_refused(name: str) -> None:
    data = bomb(name, 401)
    assert len(data) < 4 * 1024 * 1024
    assert refused(data) == [(None, FAULTS["too large"])]


def test_an_archive_that_says_less_than_it_holds_is_refused() -> None:
    honest = ods(ROWS, before=f"<!--{' ' * 5_000_000}-->")
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        size = archive.getinfo("content.xml").file_size
    lie = honest.replace(size.to_bytes(4, "little"), (3000).to_bytes(4, "little"))
    assert len(read(honest).rows) == 2
    assert refused(lie) == [(None, FAULTS["damaged"])]


def test_a_cell_in_the_last_row_of_the_last_column_is_refused() -> None:
    def fill(book: Any) -> None:
        write(book, "Date", ROWS).write(1_048_575, 16_383, 1)

    assert refused(xlsx(fill=fill)) == [(None, FAULTS["too large"])]


@pytest.mark.parametrize("make", [xlsx, ods])
def test_an_external_entity_does_nothing(make: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SECRET")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    if make is ods:
        data = ods([HEAD, ["A", "&e;", 1]], before=doctype)
    else:
        data = repacked(xlsx([HEAD, ["A", "UnuX", 1]]), lambda name, content: content.replace(
            b'standalone="yes"?>', b'standalone="yes"?>' + doctype.encode()).replace(b"UnuX", b"&e;")
            if name.endswith("sharedStrings.xml") else content)  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"&e;" in b"".join(map(archive.read, archive.namelist()))
    assert "SECRET" not in str(read_all(data, PRODUCTS))


@pytest.mark.parametrize("data", [
    b"PK\x03\x04 rest of a workbook", b"\xd0\xcf\x11\xe0 old workbook", xlsx(ROWS)[:2000], xls(ROWS)[:3000],
])  # fmt: skip
def test_a_damaged_workbook_is_refused_in_a_sentence(data: bytes) -> None:
    assert refused(data) == [(None, FAULTS["damaged"])]


def test_a_workbook_with_a_password_is_refused_for_it() -> None:
    assert refused(with_password()) == [(None, FAULTS["password"])]


def test_an_error_in_a_formula_is_an_empty_cell() -> None:
    def fill(book: Any) -> None:
        write(book, "Date", [[*HEAD, "Stoc"], ["A", "Unu", 1]]).write_formula(1, 3, "=1/0", None, "#DIV/0!")

    assert cells(read(xlsx(fill=fill)), "stock") == [("",)]


def test_an_empty_workbook_is_refused() -> None:
    ((line, message),) = refused(xlsx([]))
    assert (line, message) == (None, "The file is empty.")
