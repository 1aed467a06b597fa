"""The partner's own price list as files, through the real application."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal

import pypdf
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.auth.viewing import start_viewing
from core.db import transaction
from core.principal import SYSTEM
from tests.core.exports.workbooks import read_book
from tests.factories import make_company, make_partner, make_product, make_user, principal_of

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-mode": "navigate"}
FORMS = ("csv", "xlsx", "pdf")


def sql(statement: str) -> list[tuple[object, ...]]:
    with transaction(SYSTEM) as session:
        return [tuple(row) for row in session.execute(text(statement))]


def said(form: str, content: bytes) -> str:
    """All words of a file."""
    if form == "csv":
        return content.decode("utf-8-sig")
    if form == "pdf":
        return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    return str(read_book(io.BytesIO(content)))


@pytest.fixture
def owner(database: str) -> User:
    make_company()
    make_product(stock=7, sku="CAB-1", name="Cablu țeavă", brand="Nexans", list_price=Decimal("3.4567"))
    make_product(sku="LED-1", name="Bec LED", list_price=Decimal(20))
    return make_user(make_partner(discount=Decimal(10)), language="en")


@pytest.mark.parametrize("form", FORMS)
def test_the_list_is_a_file_to_keep_and_is_remembered(
    client: TestClient, owner: User, sign_in: Callable[[User], None], form: str
) -> None:
    sign_in(owner)
    answer = client.get(f"/exports/price-list.{form}")
    assert answer.status_code == 200
    today = clock.local_date(clock.now(), "Europe/Bucharest")
    assert answer.headers["content-disposition"] == f'attachment; filename="price-list-{today}.{form}"'
    assert answer.headers["cache-control"] == "private, no-store"
    words = said(form, answer.content)
    for word in ("CAB-1", "Cablu țeavă", "Bec LED", "18"):
        assert word in words
    assert sql("select query from taken_price_list") == [("",)]
    assert sql("select data ->> 'format', data ->> 'lines' from event where kind = 'price_list_taken'") == [(form, "2")]


@pytest.mark.parametrize("form", FORMS)
def test_the_query_holds_the_catalogues_filters(
    client: TestClient, owner: User, sign_in: Callable[[User], None], form: str
) -> None:
    sign_in(owner)
    words = said(form, client.get(f"/exports/price-list.{form}", params={"brand": "Nexans", "in_stock": "1"}).content)
    assert "CAB-1" in words
    assert "LED-1" not in words
    assert sql("select query from taken_price_list") == [("brand=Nexans&in_stock=1",)]


@pytest.mark.parametrize("query", ["brand=%00", "category=%F0%9F%98%80", "search=%00%27%3B--", "search=" + "a+" * 900,
                                   "in_stock=2&mine=&unknown=1"])  # fmt: skip
def test_a_strange_query_finds_what_it_finds(
    client: TestClient, owner: User, sign_in: Callable[[User], None], query: str
) -> None:
    sign_in(owner)
    answer = client.get(f"/exports/price-list.csv?{query}")
    assert answer.status_code == 200
    assert len(list(csv.reader(io.StringIO(answer.text, newline="")))) in (2, 3, 4)  # a line of filters, if any


def test_the_second_workbook_says_what_has_changed(
    client: TestClient, owner: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(owner)
    client.get("/exports/price-list.csv")
    sql("update product set list_price = 30 where sku = 'LED-1' returning 1")
    book = read_book(io.BytesIO(client.get("/exports/price-list.xlsx").content))
    assert book["Changes"][1:] == [["dearer", "LED-1", "Bec LED", 18.0, 27.0, 50.0]]
    book = read_book(io.BytesIO(client.get("/exports/price-list.xlsx").content))
    assert book["Changes"][1:] == [["dearer", "LED-1", "Bec LED", 18.0, 27.0, 50.0]]
    other = read_book(io.BytesIO(client.get("/exports/price-list.xlsx?brand=Nexans").content))
    assert "Changes" not in other


def test_other_formats_do_not_exist(client: TestClient, owner: User, sign_in: Callable[[User], None]) -> None:
    sign_in(owner)
    assert client.get("/exports/price-list.json").status_code == 404
    assert sql("select 1 from event where kind = 'price_list_taken'") == []


def test_who_is_not_signed_in_is_sent_to_the_log_in(client: TestClient, owner: User) -> None:
    answer = client.get("/exports/price-list.xlsx", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?next=%2Fcatalog")
    assert client.get("/exports/price-list.xlsx").status_code == 401


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("role", ["accountant", "admin", "sales"])
def test_who_sees_no_catalogue_gets_no_list(
    client: TestClient, owner: User, sign_in: Callable[[User], None], form: str, role: str
) -> None:
    partner = make_partner() if role == "accountant" else None
    sign_in(make_user(partner, role=role))
    assert client.get(f"/exports/price-list.{form}").status_code == 403


@pytest.mark.parametrize("form", FORMS)
def test_who_sees_no_prices_gets_no_list(
    client: TestClient, owner: User, sign_in: Callable[[User], None], form: str
) -> None:
    sql("update partner set prices_hidden = true returning 1")
    sign_in(owner)
    answer = client.get(f"/exports/price-list.{form}")
    assert answer.status_code == 403
    assert "sees no prices" in answer.text
    assert "18" not in answer.text


@pytest.mark.parametrize("form", FORMS)
def test_staff_who_look_as_the_partner_see_its_list_and_leave_no_trace_in_it(
    client: TestClient, owner: User, sign_in: Callable[[User], None], form: str
) -> None:
    staff = make_user(role="admin", language="en")
    sign_in(staff)
    with transaction(SYSTEM) as session:
        session_id = session.scalar(text("select max(id) from login_session"))
    from dataclasses import replace

    with transaction(replace(principal_of(staff), session_id=session_id)) as session:
        start_viewing(session, owner.partner_id, "asked for help", clock.now())
    answer = client.get(f"/exports/price-list.{form}")
    assert answer.status_code == 200
    assert "CAB-1" in said(form, answer.content)
    assert sql("select 1 from taken_price_list") == []
    assert sql("select 1 from event where kind = 'price_list_taken'") == []
