"""Files: what is read of them, and that nothing they hold does harm."""

import io
import zipfile

import pytest
import xlsxwriter

from core.db import transaction
from core.errors import Refusal
from core.quick.drafts import Draft, draft, keep
from core.quick.files import MOST_MEGABYTES, FileNotText, FileTooBig, FileUnreadable, read_file
from core.quick.lines import MOST_CHARACTERS, MOST_LINES, read
from tests.core.quick.sense import asked
from tests.factories import make_buyer

ROWS = [
    ["Cod", "Denumire", "Cantitate"],
    ["CB-15", "Cablu; roșu\n3x2,5", 12],
    [22423, "Ceainic", 2.5],
    ["M6", "Piuliță", None],
]
MANIFEST = """<?xml version="1.0"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""
ODS = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>
 <table:table table:name="A">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"""
CELL = '<table:table-cell office:value-type="string"{repeat}><text:p>{text}</text:p></table:table-cell>'


def workbook(rows: list[list[object]], sheets: int = 1) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        pages = [book.add_worksheet() for _ in range(sheets)]
        for at, row in enumerate(rows):
            pages[-1].write_row(at, 0, row)
    return target.getvalue()


def ods(rows: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", ODS.format(rows=rows))
    return target.getvalue()


def cells(*texts: str, repeat: str = "") -> str:
    return "<table:table-row>" + "".join(CELL.format(text=text, repeat=repeat) for text in texts) + "</table:table-row>"


def test_a_workbook_is_read_like_its_rows_on_the_clipboard():
    found = read_file(workbook(ROWS))
    assert (found.rows, found.left_out) == (3, 1)
    assert [wish for wish in asked(found.text) if wish != "titles"] == [("CB-15", 12), ("22423", pytest.approx(2.5))]


def test_the_first_sheet_with_something_on_it_is_read():
    assert read_file(workbook([["CB-15", 3]], sheets=3)).text == "CB-15\t3"


def test_open_document_is_read():
    assert asked(read_file(ods(cells("CB-15", "12") + cells("M6", "6"))).text) == [("CB-15", 12), ("M6", 6)]


def test_numbers_of_a_sheet_are_never_taken_for_thousands():
    assert asked(read_file(workbook([["CB-15", 1.125], ["M6", 1250]])).text) == [
        ("CB-15", pytest.approx(1.125)),
        ("M6", 1250),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
def test_text_files_are_read(encoding):
    data = "Cod;Denumire;Cant.\r\nȘURUB8;șurub;12\r\nM6;;6\r\n".replace("Ș", "S").encode(encoding, "replace")
    assert asked(read_file(data).text)[2] == ("M6", 6)


def test_a_text_file_without_columns_is_read_line_by_line():
    assert asked(read_file(b"CB-15 12\n3 x M6, urgent\n").text) == [("CB-15", 12), ("M6", 3)]
    assert asked(read_file(b"cod,cantitate\nCB-15,12\n").text) == ["titles", ("CB-15", 12)]


def bomb() -> bytes:
    """A cell in the last row of the last column: as a table it would be 17 billion cells."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet()
        page.write(0, 0, "CB-15")
        page.write(1_048_575, 16_383, 1)
    return target.getvalue()


def inflated() -> bytes:
    """A megabyte or so that is gigabytes when unpacked."""
    return ods(cells("A") * 1 + "<!--" + " " * 110_000_000 + "-->")


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 no archive", workbook(ROWS)[:2000], b"\xd0\xcf\x11\xe0 no workbook", bomb(),
        ods(cells("A", repeat=' table:number-columns-repeated="16384"') * 1000),
        ods(cells("A").replace("<table:table-row>", '<table:table-row table:number-rows-repeated="1048576">')),
        ods("<!DOCTYPE x><table:table-row/>"), workbook([]),
    ],
)  # fmt: skip
def test_hostile_workbooks_are_refused_in_a_sentence(data):
    with pytest.raises((FileUnreadable, FileTooBig)) as refused:
        read_file(data)
    assert refused.value.text("en")


def test_a_workbook_that_inflates_without_end_is_refused():
    data = inflated()
    assert len(data) < MOST_MEGABYTES * 1024 * 1024
    with pytest.raises(FileUnreadable):
        read_file(data)


@pytest.mark.parametrize("data", [b"", b"   ", b"%PDF-1.7", b"\0\1\2\3", b"<html><table></table>"])
def test_what_is_no_table_is_refused_in_a_sentence(data):
    with pytest.raises((FileNotText, FileUnreadable)) as refused:
        read_file(data)
    assert refused.value.text("ro")


def test_what_is_too_big_is_refused():
    with pytest.raises(FileTooBig):
        read_file(b"a" * (MOST_MEGABYTES * 1024 * 1024 + 1))
    with pytest.raises(FileTooBig):
        read_file(b"CB-15;12\n" * (MOST_LINES + 1))


def test_of_a_long_price_list_only_what_has_a_quantity_counts():
    rows = b"cod;pret;cantitate\n" + b"CB-15;5,50;\n" * 20_000 + b"M6;1,10;6\nCB-15;5,50;0\n"
    found = read_file(rows)
    assert (asked(found.text), found.left_out) == (["titles", ("M6", 6)], 20_001)


@pytest.mark.usefixtures("database")
def test_what_was_pasted_is_kept_for_its_user_and_partner_alone():
    buyer, other = make_buyer(), make_buyer()
    with transaction(buyer) as session:
        assert draft(session) == Draft()
        first = keep(session, Draft("first"))
        keep(session, Draft("CB-15 12\n\0M6", 0, 1, first.version))
    with transaction(buyer) as session:
        assert draft(session) == Draft("CB-15 12\nM6", 0, 1, 2)
    with transaction(other) as session:
        assert draft(session) == Draft()


def test_nothing_that_is_read_is_more_than_can_be_checked():
    try:
        read(read_file(b"x" * MOST_CHARACTERS).text)
    except Refusal as refusal:
        pytest.fail(refusal.text("en"))
