"""Every fault of a file is found at its place, said plainly, and nothing is loaded."""

import pytest
from sqlalchemy import text

from core.db import transaction
from core.imports import decoding, delimited, fields, headers, numbers, staging, stock, tables
from core.imports.counting import BELOW_HELD
from core.imports.files import apply, preview
from core.imports.prices import UNKNOWN_PARTNER
from core.imports.problems import ImportRefused, Problem
from core.principal import SYSTEM
from tests.factories import make_partner, make_product

pytestmark = pytest.mark.usefixtures("database")

HEAD = "sku,name,list_price\n"
FULL = "sku,name,list_price,pack,vat,stock\n"
PARTNERS = "code,name,cui,vat_payer,email,discount,payment_days\n"


def faults(kind: str, data: bytes) -> list[Problem]:
    """The faults, after checking that loading the file is refused for the same ones and changes no row."""
    with transaction(SYSTEM) as session:
        shown = preview(session, kind, data)
    before = rows()
    with pytest.raises(ImportRefused) as refused, transaction(SYSTEM) as session:
        apply(session, kind, data)
    assert refused.value.problems == shown.problems
    assert rows() == before
    assert refused.value.text("ro")
    assert refused.value.text("en")
    return shown.problems


def rows() -> list[int]:
    names = ("product", "category", "partner", "partner_price", "stock", "stock_movement", "event")
    with transaction(SYSTEM) as session:
        return [session.scalar(text(f"select count(*) from {name}")) or 0 for name in names]


@pytest.mark.parametrize(
    ("kind", "content", "line", "column", "message"),
    [
        ("products", HEAD + "A,One,1\n,Two,1\n", 3, "sku", staging.NO_VALUE),
        ("products", HEAD + "A,,1\n", 2, "name", staging.NO_VALUE),
        ("products", HEAD + "A,One,\n", 2, "list_price", staging.NO_VALUE),
        ("products", HEAD + "A,One,abc\n", 2, "list_price", numbers.NOT_A_NUMBER),
        ("products", HEAD + "A,One,1.234\n", 2, "list_price", numbers.AMBIGUOUS),
        ("products", HEAD + "A,One,-1\n", 2, "list_price", fields.NEGATIVE),
        ("products", HEAD + "A,One,1.23456\n", 2, "list_price", fields.DECIMALS),
        ("products", HEAD + "A,One,99999999999\n", 2, "list_price", fields.TOO_LARGE),
        ("products", FULL + "A,One,1,,,-5\n", 2, "stock", fields.NEGATIVE),
        ("products", FULL + "A,One,1,0,,\n", 2, "pack", fields.ZERO),
        ("products", FULL + "A,One,1,,19,\n", 2, "vat", fields.UNKNOWN_VAT),
        ("products", HEAD + "A,One,1\n\nB,Two,1\nA,Three,1\n", 5, "sku", staging.REPEATED),
        ("products", HEAD + f"A,{'x' * 201},1\n", 2, "name", fields.TOO_LONG),
        ("products", HEAD + f"{'x' * 65},One,1\n", 2, "sku", fields.TOO_LONG),
        ("products", HEAD + "A,One,1,50\n", 2, "", tables.FIELDS),
        ("products", HEAD + "A,One\n", 2, "list_price", staging.NO_VALUE),
        ("products", HEAD + 'A,"One\ntwo",1\nB,"Two,1\n', 4, "", delimited.UNCLOSED),
        ("products", HEAD + f'A,"{"x" * 200_000}",1\n', 2, "", delimited.TOO_LONG),
        ("products", "sku,nmae,list_price\nA,One,1\n", 1, "name", headers.MISSING_LIKE),
        ("products", "sku,name\nA,One\n", 1, "list_price", headers.MISSING),
        ("products", "cod,cod produs,name,list_price\nA,A,One,1\n", 1, "sku", headers.TWICE),
        ("products", HEAD, None, "", tables.NO_ROWS),
        ("partners", PARTNERS + "C,One,18547291,,,,\n", 2, "cui", fields.BAD_CUI),
        ("partners", PARTNERS + "C,One,,maybe,,,\n", 2, "vat_payer", fields.BAD_YES_NO),
        ("partners", PARTNERS + "C,One,,,a@b@c,,\n", 2, "email", fields.BAD_EMAIL),
        ("partners", PARTNERS + "C,One,,,,101,\n", 2, "discount", fields.TOO_LARGE),
        ("partners", PARTNERS + "C,One,,,,,2.5\n", 2, "payment_days", fields.NOT_WHOLE),
        ("partners", PARTNERS + "C,One,,,,,\nC,Two,,,,,\n", 3, "code", staging.REPEATED),
        ("stock", "sku,stock\nnowhere,1\n", 2, "sku", stock.UNKNOWN_SKU),
        ("prices", "partner,sku,net\nnobody,KNOWN,1\n", 2, "partner", UNKNOWN_PARTNER),
        ("prices", "partner,sku,net\nC-1,nowhere,1\n", 2, "sku", stock.UNKNOWN_SKU),
    ],
)
def test_a_fault_is_reported_with_line_and_column(
    kind: str, content: str, line: int | None, column: str, message: str
) -> None:
    make_product(sku="KNOWN")
    make_partner(code="C-1")
    found = faults(kind, content.encode())
    assert [(problem.line, problem.column, problem.message) for problem in found] == [(line, column, message)]
    assert "{" not in found[0].text("en")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", decoding.EMPTY),
        (b" \r\n ", decoding.EMPTY),
        ("\ufeff\n".encode("utf-16-le"), decoding.EMPTY),
        (b"<!DOCTYPE html><html><table>", decoding.HTML),
        (b"%PDF-1.7 sku,name", decoding.NOT_TEXT),
        (b"sku,name\0,list_price\nA,B,1\n", decoding.CONTROL),
        (b"sku,name,list_price\nA,\x81\x83,1\n", decoding.UNDECODABLE),
        (b"\x89PNG\r\n\x1a\n\0\0\0", decoding.NOT_TEXT),
    ],
)
def test_what_is_no_csv_file_is_refused_as_a_whole(data: bytes, message: str) -> None:
    found = faults("products", data)
    assert [(problem.line, problem.message) for problem in found] == [(None, message)]


def test_all_faults_of_a_file_are_reported_at_once_in_the_order_of_its_lines() -> None:
    found = faults("products", (FULL + "A,One,x,0,,\n,Two,1,,,\nC,Three,1,,7,\nC,Four,1,,,\n").encode())
    places = [(problem.line, problem.column) for problem in found]
    assert places == [(2, "pack"), (2, "list_price"), (3, "sku"), (4, "vat"), (5, "sku")]


def test_a_repeated_sku_names_all_its_lines() -> None:
    (found,) = faults("products", (HEAD + "A,One,1\nB,Two,1\nA,Three,1\nA ,Four,1\n").encode())
    assert found.params == {"key": "A", "lines": "2, 4, 5"}


def test_a_misspelt_column_names_the_header_that_it_may_be() -> None:
    (found,) = faults("products", b"sku,denumirre,list_price\nA,One,1\n")
    assert found.params == {"column": "name", "closest": "denumirre"}


def test_a_count_below_what_is_held_is_refused() -> None:
    product = make_product(stock=10)
    with transaction(SYSTEM) as session:
        session.execute(text("update stock set held = 4"))
    (found,) = faults("stock", f"sku,stock\n{product.sku},3\n".encode())
    assert (found.line, found.column, found.message) == (2, "stock", BELOW_HELD)
    assert found.text("en").startswith("3 is less than the 4 held")
