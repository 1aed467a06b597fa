"""Text files in every encoding, with every delimiter, quote and line end that programs here write."""

import codecs
import csv
import io
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.imports import decoding, delimited, tables
from tests.core.imports.dialects import STOCK, cells, read, read_all, refused

HEAD = "sku;name;list_price\n"
NAME = "Șurub îndoit, țeavă de câine, „ștecăr”"


@pytest.mark.parametrize(("encoding", "name"), [
    ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1250", "Windows-1250"),
    ("iso8859-16", "ISO-8859-16"),
])  # fmt: skip
def test_the_encoding_is_the_one_that_makes_plausible_romanian(encoding: str, name: str) -> None:
    text = NAME.translate(str.maketrans("șțȘȚ", "şţŞŢ")) if encoding == "cp1250" else NAME
    table = read((HEAD + f"A;{text};1\n").encode(encoding))
    assert cells(table, "name") == [(NAME,)]
    assert table.understood.encoding == name


def test_utf_16_is_read_in_both_byte_orders() -> None:
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        assert cells(read(bom + (HEAD + f"A;{NAME};1\n").encode(encoding)), "name") == [(NAME,)]


def test_iso_8859_2_is_read_whatever_it_is_called() -> None:
    assert cells(read((HEAD + "A;ţeavă Şerpuită;1\n").encode("iso8859-2")), "name") == [("țeavă Șerpuită",)]


def test_a_euro_sign_tells_the_two_eastern_encodings_apart() -> None:
    for encoding in ("cp1250", "iso8859-16"):
        assert cells(read((HEAD + "A;Bon de 5 €;1\n").encode(encoding)), "name") == [("Bon de 5 €",)]


def test_cedillas_and_taken_apart_letters_become_letters_with_a_comma_below() -> None:
    assert cells(read(HEAD + "Ş1;ţeavă s\u0326i t\u0326iglă;1\n"), "sku", "name") == [("Ș1", "țeavă și țiglă")]


def test_a_file_in_utf_8_with_one_broken_letter_is_refused_with_its_line() -> None:
    data = (HEAD + "A;Țeavă îndoită și țiglă;1\n").encode() + b"B;\xff;2\n"
    assert refused(data) == [(None, decoding.UNDECODABLE)]


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_the_delimiter_is_found_by_the_names_of_the_columns(delimiter: str) -> None:
    table = read("sku;name;list_price\nA;One, two;1\n".replace(";", delimiter).replace("One, two", '"One, two"'))
    assert (cells(table, "sku", "name"), table.understood.delimiter) == ([("A", "One, two")], delimiter)


def test_the_first_line_may_say_the_delimiter() -> None:
    table = read("sep=|\r\nsku|name|list_price\r\nA|1;2;3;4;5|1\r\n")
    assert (cells(table, "name"), table.rows[0].line) == ([("1;2;3;4;5",)], 3)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(end: str) -> None:
    table = read(end.join(["sku;name;list_price", 'A;"One', 'two";1', "B;Three;2"]))
    assert [row.line for row in table.rows] == [2, 4]
    assert cells(table, "name") == [(f"One{end}two",), ("Three",)]


def test_a_quote_that_is_never_closed_is_refused_with_the_line_where_it_began() -> None:
    assert refused(HEAD + 'A;One;1\nB;"two\nlines";"3\nC;Four;4\n') == [(4, delimited.UNCLOSED)]
    assert refused("sep=;\n" + HEAD + 'A;One;1\nB;"Two;3\n') == [(4, delimited.UNCLOSED)]


def test_inches_need_no_quoting() -> None:
    assert cells(read(HEAD + 'A;Țeavă 1/2";1\n'), "name") == [('Țeavă 1/2"',)]


def test_a_row_that_is_too_short_is_filled_and_one_with_too_much_is_refused() -> None:
    assert cells(read("sku;name;list_price;brand\nA;One;1\nB;Two;2;;;\n"), "sku", "brand") == [("A", ""), ("B", "")]
    assert refused(HEAD + "A;One;1\nB;Two;1;x\nC;Three;3;;y\n") == [(3, tables.FIELDS), (4, tables.FIELDS)]


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x1b", "\x7f", "\x85"])
def test_control_characters_are_refused_in_words(sign: str) -> None:
    (problem,) = read_all((HEAD + f"A;One;1\nB;T{sign}wo;2\n").encode(), STOCK).problems
    assert problem.message == decoding.CONTROL
    assert problem.text("en").startswith(f"Line 3 holds a sign that is no text (U+{ord(sign):04X}).")


TEXTS = st.text(st.sampled_from("abcXYZ019 .,;|\t'\"\n-/%=ăâîșțĂÂÎȘȚ"), max_size=12).map(str.strip)
ROWS = st.lists(st.tuples(st.from_regex("[A-Z]{2}[0-9]{1,4}", fullmatch=True), TEXTS, TEXTS), min_size=1, max_size=8)


@st.composite
def dialects(draw: Any) -> tuple[str, str, int, str]:
    """Encoding, delimiter, quoting and line end."""
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1250", "iso8859-2", "iso8859-16"]))
    quoting = draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]))
    return encoding, draw(st.sampled_from(",;\t|")), quoting, draw(st.sampled_from(["\n", "\r\n", "\r"]))


def encoded(text: str, encoding: str) -> bytes:
    old = encoding in ("cp1250", "iso8859-2")
    return (text.translate(str.maketrans("șțȘȚ", "şţŞŢ")) if old else text).encode(encoding)


def is_utf_8(data: bytes) -> bool:
    """Also of a file that was meant otherwise: all that is not ASCII in it are pairs like `ÂŞ`, the bytes of `ª`."""
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


@settings(deadline=None)
@given(ROWS, dialects())
def test_random_tables_in_random_dialects_are_read_back_equal(
    rows: list[tuple[str, str, str]], dialect: tuple[str, str, int, str]
) -> None:
    encoding, delimiter, quoting, end = dialect
    rows = [(sku, name.replace("\n", end), text.replace("\n", end)) for sku, name, text in rows]
    target = io.StringIO()
    writer = csv.writer(target, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerows([("cod", "denumire", "descriere", "pret"), *((*row, "1") for row in rows)])
    data = encoded(target.getvalue(), encoding)
    assume(encoding.startswith("utf") or data.isascii() or not is_utf_8(data))
    table = read(data)
    assert cells(table, "sku", "name", "description", "list_price") == [(*row, "1") for row in rows]
