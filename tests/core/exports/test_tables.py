"""Tables that are taken out: every format opened again and compared with plain SQL, cell by cell, and who gets what."""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow.parquet as parquet
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from core.db import transaction
from core.documents.issuing import issue_invoice
from core.errors import NotAllowed
from core.exports import asking, xlsx_file
from core.exports.asking import TABLES, Asked, columns_for, offered, query, run
from core.exports.csv_file import csv_pieces
from core.exports.parquet_file import frame, write_parquet
from core.exports.tables import Column
from core.exports.xlsx_file import About, TooManyRows, about_export, write_xlsx
from core.i18n import translate
from core.partners.models import Partner
from core.permissions import PARTNER_ROLES, PERMISSIONS, STAFF_ROLES
from core.principal import SYSTEM, Principal
from core.receivables.payments import record_payment
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.factories import (
    make_buyer,
    make_company,
    make_partner,
    make_product,
    make_staff,
    make_user,
    principal_of,
    set_own_price,
)

pytestmark = pytest.mark.usefixtures("database")

HOSTILE = '=cmd|"/c calc"!A1 & <b>;\\ %s {x}\n„Ștefan”\t\x07'
SOON = NOON + timedelta(hours=1)


@pytest.fixture
def staff() -> Principal:
    return make_staff(role="admin")


@pytest.fixture
def story(staff: Principal) -> Principal:
    """Orders of two partners with hostile names: invoiced and paid in part, cut, lapsed. Returns the first's buyer."""
    make_company()
    product = make_product(
        stock=100, name=HOSTILE, sku="+49-1", brand="-Ș", category="A > B", list_price=Decimal("2.3456")
    )
    other = make_product(stock=50, unit="m")
    buyer = make_buyer(name=HOSTILE.replace("\x07", ""), county="CJ", cui="RO18189442", address="Str. 1", city="Cluj")
    first = steps.order(buyer, {product.id: 7, other.id: "3"})
    steps.claim(staff, first)
    with transaction(staff) as session:
        invoice = issue_invoice(session, first, SOON)
        record_payment(
            session, invoice.partner_id, Decimal("5.00"), SOON.date(), SOON, pays={invoice.id: Decimal("5.00")}
        )
    steps.order(make_buyer(), {product.id: 2})
    cut = steps.order(buyer, {other.id: "10"})
    steps.claim(staff, cut)
    steps.cancel_part(staff, cut, {1: 4})
    steps.order(buyer, {product.id: 1}, NOON - timedelta(days=40))
    steps.lapse(NOON)
    return buyer


def all_of(table: str, who: Principal = SYSTEM) -> Asked:
    """All columns; of every partner where one must be named."""
    with transaction(who) as session:
        codes = tuple(session.scalars(select(Partner.code)))
        narrowed = {"partner": codes} if TABLES[table].required else {}
        return Asked(table, tuple(column.name for column in columns_for(session, TABLES[table])), narrowed=narrowed)


def plain(who: Principal, asked: Asked) -> list[tuple]:
    with transaction(who) as session:
        found = query(session, asked, SOON)
        return run(session, found.text, found.params)


def columns(asked: Asked) -> list[Column]:
    known = {column.name: column for column in TABLES[asked.table].columns}
    return [known[name] for name in asked.columns]


def as_xlsx(who: Principal, asked: Asked, language: str = "ro") -> bytes:
    target = io.BytesIO()
    with transaction(who) as session:
        found = query(session, asked, SOON)
        about = About("Comenzi", [("Filtre", "toate")])
        write_xlsx(session, found, asking.count(session, found), about, language, target)
    return target.getvalue()


def as_csv(who: Principal, asked: Asked, dialect: str, language: str = "ro") -> list[list[str]]:
    with transaction(who) as session:
        content = b"".join(csv_pieces(session, query(session, asked, SOON), language, dialect)).decode()
    text = content.removeprefix("\ufeff")
    assert (text != content) == (dialect == "excel")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if dialect == "excel" else ","))


def in_a_cell(column: Column, value: object, language: str) -> object:
    """What a spreadsheet should hold for a value of the database."""
    if value is None or value == "":
        return ""
    if column.kind == "text":
        said = translate(column.words[str(value)], language) if str(value) in column.words else str(value)
        return said.replace("\x07", "")
    return float(value) if isinstance(value, Decimal | int) else value


@pytest.mark.parametrize("table", TABLES)
def test_a_workbook_holds_what_the_database_holds_with_types_a_head_and_totals(
    story: Principal, staff: Principal, table: str
) -> None:
    asked = all_of(table)
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(staff, asked)))
    head, *rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    expected = plain(staff, asked)
    assert head == [translate(column.label, "ro") for column in columns(asked)]
    assert expected
    totals = rows.pop() if any(column.total for column in columns(asked)) else None
    assert [row[: len(head)] for row in rows] == [
        [in_a_cell(column, value, "ro") for column, value in zip(columns(asked), row, strict=True)] for row in expected
    ]
    for place, column in enumerate(columns(asked)):
        if column.total and totals:
            assert totals[place] == pytest.approx(float(sum(row[place] or 0 for row in expected)))
    assert book.get_sheet_by_index(1).to_python()[0][0] == "Comenzi"


@pytest.mark.parametrize("table", TABLES)
def test_a_csv_for_excel_has_commas_and_no_formula_and_a_plain_one_what_the_database_holds(
    story: Principal, staff: Principal, table: str
) -> None:
    asked, expected = all_of(table), plain(staff, all_of(table))
    head, *rows = as_csv(staff, asked, "plain")
    assert head == list(asked.columns)
    assert rows == [["" if value is None else str(value) for value in row] for row in expected]
    head, *rows = as_csv(staff, asked, "excel")
    assert len(rows) == len(expected)
    for row, values in zip(rows, expected, strict=True):
        for column, cell, value in zip(columns(asked), row, values, strict=True):
            assert cell == in_excel(column, value)


def in_excel(column: Column, value: object) -> str:
    if value is None:
        return ""
    if column.kind == "text":
        said = translate(column.words[str(value)], "ro") if str(value) in column.words else str(value)
        return f"'{said}" if said[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and said else said
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return str(value).replace(".", ",")


@pytest.mark.parametrize("table", TABLES)
def test_parquet_and_the_frame_hold_the_types_and_values_of_the_database(
    story: Principal, staff: Principal, table: str
) -> None:
    asked, target = all_of(table), io.BytesIO()
    expected = [tuple("" if value is None and column.kind == "text" else value
                      for column, value in zip(columns(asked), row, strict=True))
                for row in plain(staff, asked)]  # fmt: skip
    with transaction(staff) as session:
        assert write_parquet(session, query(session, asked, SOON), target) == len(expected)
        found = frame(session, query(session, asked, SOON))
    read = parquet.read_table(io.BytesIO(target.getvalue()))
    assert [tuple(row.values()) for row in read.to_pylist()] == expected
    assert list(found.columns) == list(asked.columns)
    assert len(found) == len(expected)


def test_a_partner_takes_out_its_own_rows_and_nothing_of_the_distributors_people(story: Principal) -> None:
    assert [table.name for table in offered(story)] == ["orders", "lines", "documents", "payments"]
    asked = all_of("orders", story)
    assert {"claimed_by", "ordered_by", "group"}.isdisjoint(asked.columns)
    rows = plain(story, asked)
    assert len(rows) == 3
    assert {row[asked.columns.index("partner")] for row in rows} == {HOSTILE.replace("\x07", "")}
    with pytest.raises(asking.UnknownColumn):
        plain(story, Asked("orders", ("order", "claimed_by")))
    for name in ("stock", "balances", "lapsed", "movements"):
        with pytest.raises(NotAllowed):
            plain(story, Asked(name, ("partner",)))


@pytest.mark.parametrize("table", ["orders", "lines", "documents", "payments"])
def test_a_partner_gets_of_each_table_what_staff_find_under_its_code_less_the_columns_of_the_house(
    story: Principal, staff: Principal, table: str
) -> None:
    asked = all_of(table, story)
    with transaction(SYSTEM) as session:
        code = session.get_one(Partner, story.partner_id).code
    theirs = plain(story, asked)
    assert theirs
    assert theirs == plain(staff, Asked(table, asked.columns, narrowed={"partner": (code,)}))


@pytest.mark.parametrize(
    ("role", "tables"),
    [
        ("admin", set(TABLES)),
        ("warehouse", {"orders", "lines", "lapsed", "stock", "movements"}),
        ("analyst", set(TABLES) - {"audit"}),
    ],
)
def test_each_role_takes_out_what_its_pages_show(role: str, tables: set[str]) -> None:
    assert {table.name for table in offered(make_staff(role=role))} == tables


@pytest.mark.parametrize("role", [*PARTNER_ROLES, *STAFF_ROLES])
def test_every_table_opens_for_whom_the_table_of_rights_names_and_for_nobody_else(role: str) -> None:
    partner = role in PARTNER_ROLES
    who = principal_of(make_user(make_partner(), role=role)) if partner else make_staff(role=role)
    for name, table in TABLES.items():
        allowed = any(role in PERMISSIONS[action] for action in table.actions) and (table.own or not partner)
        asked = Asked(name, (table.columns[0].name,), narrowed={"partner": ("P1",)} if table.required else {})
        if allowed:
            plain(who, asked)
        else:
            with pytest.raises(NotAllowed):
                plain(who, asked)


def test_a_partners_accountant_takes_out_documents_and_a_buyer_does_not() -> None:
    partner = make_partner()
    accountant, buyer = (principal_of(make_user(partner, role=role)) for role in ("accountant", "buyer"))
    assert "documents" in {table.name for table in offered(accountant)}
    assert {table.name for table in offered(buyer)} == {"orders", "lines"}


def test_who_is_shown_no_prices_gets_no_list_prices(staff: Principal) -> None:
    hidden = principal_of(make_user(make_partner(prices_hidden=True)))
    assert "list_price" not in all_of("lines", hidden).columns
    assert "unit_price" in all_of("lines", hidden).columns


def test_a_period_and_filters_narrow_by_the_distributors_day(story: Principal, staff: Principal) -> None:
    every = Asked("orders", ("order", "status"))
    day = NOON.date()
    assert len(plain(staff, every)) == 4
    assert len(plain(staff, Asked("orders", ("order",), since=day))) == 3
    assert len(plain(staff, Asked("orders", ("order",), until=day - timedelta(days=1)))) == 1
    assert plain(staff, Asked("orders", ("status",), narrowed={"status": ("lapsed",)})) == [("lapsed",)]
    assert plain(staff, Asked("lines", ("brand",), narrowed={"brand": ("-Ș",)}, since=day)) == [("-Ș",), ("-Ș",)]
    assert plain(staff, Asked("orders", ("order",), narrowed={"partner": ("' or 1=1 --",)})) == []
    with pytest.raises(asking.PeriodBackwards):
        plain(staff, Asked("orders", ("order",), since=day, until=day - timedelta(days=1)))


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (Asked("users", ("email",)), asking.UnknownTable),
        (Asked("orders", ()), asking.NoColumns),
        (Asked("orders", ("order", "order) from app_user --")), asking.UnknownColumn),
        (Asked("orders", ("order",), narrowed={"1=1": ("x",)}), asking.UnknownColumn),
    ],
)
def test_what_there_is_not_is_refused_in_words(staff: Principal, asked: Asked, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        plain(staff, asked)


def test_prices_are_those_that_are_charged_and_need_a_partner(story: Principal, staff: Principal) -> None:
    with pytest.raises(asking.FilterMissing, match="Partner codes"):
        plain(staff, Asked("prices", ("price",)))
    with transaction(SYSTEM) as session:
        code = session.get_one(Partner, story.partner_id).code
    product = make_product(stock=9, list_price=Decimal("100"), sku="P-1")
    set_own_price(story.partner_id, product.id, "77.7")
    make_product(active=False, sku="P-2")
    asked = Asked("prices", ("sku", "price", "why"), narrowed={"partner": (code,), "sku": ("P-1", "P-2")})
    assert plain(staff, asked) == [("P-1", Decimal("77.7000"), "own_price")]


def test_an_empty_export_opens_too(staff: Principal) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(staff, Asked("orders", ("order", "partner")))))
    assert book.get_sheet_by_index(0).to_python() == [["Comandă", "Partener"]]


def test_more_rows_than_a_sheet_holds_are_refused(staff: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 0)
    make_product()
    with pytest.raises(TooManyRows, match="0 rows at most, and this has 1"):
        as_xlsx(staff, Asked("stock", ("sku",)))


def test_the_second_sheet_says_what_was_taken_out_by_whom_and_when(staff: Principal) -> None:
    with transaction(staff) as session:
        about = about_export(
            query(session, Asked("orders", ("order",)), SOON), 1234, "Status: lapsed", "Ana", SOON, "en"
        )
    assert about.title == "Orders"
    assert dict(about.facts) == {
        "Made on": "23.11.2026 11:00",
        "Made by": "Ana",
        "Chosen": "Status: lapsed",
        "Rows": "1,234",
    }
