"""The rows behind a figure of the reports as a file."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api import reports
from core import clock
from core.auth.models import User
from core.db import transaction
from core.principal import SYSTEM
from core.reports.refreshing import refresh
from tests.core.documents.steps import TODAY, claimed_order, issue, pay, set_up_company
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user

ADDRESS = "/exports/report.csv"
SALES = {"what": "sales", "first": "2026-11-01", "last": "2026-11-30"}


def table(written: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written, newline=""), delimiter=";"))


@pytest.fixture
def analyst(database: str) -> User:
    return make_user(role="analyst", language="ro")


@pytest.fixture
def order(database: str) -> int:
    found = steps.order(make_buyer(name="=cmd()", code="P77"), {make_product(stock=9, sku="X1", name="Cablu").id: 3})
    with transaction(SYSTEM) as session:
        refresh(session, NOON)
    return found


def test_a_figure_comes_as_a_file_that_a_spreadsheet_opens(
    client: TestClient, analyst: User, order: int, sign_in: Callable[[User], None]
) -> None:
    sign_in(analyst)
    answer = client.get(ADDRESS, params=SALES)
    assert answer.status_code == 200
    today = clock.local_date(clock.now(), "Europe/Bucharest")
    assert answer.headers["content-disposition"] == f'attachment; filename="sales-{today}.csv"'
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    _head, row = table(answer.content.decode("utf-8-sig"))
    assert row == [
        str(order), "2026-11-23", "P77", "'=cmd()", "X1", "Cablu", "3,000", "buc", "10,0000", "30,00",
    ]  # fmt: skip


def test_more_lines_than_a_batch_holds_come_all_of_them_once(
    client: TestClient, analyst: User, sign_in: Callable[[User], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "BATCH", 2)
    goods = [make_product(stock=9).id for _ in range(5)]
    steps.order(make_buyer(), dict.fromkeys(goods, 1))
    with transaction(SYSTEM) as session:
        refresh(session, NOON)
    sign_in(analyst)
    for what in (SALES, {"what": "dead", "days": "1"} | {"what": "sales", "first": "2026-11-23", "last": "2026-11-23"}):
        rows = table(client.get(ADDRESS, params=what).content.decode("utf-8-sig"))[1:]
        assert len({row[4] for row in rows}) == len(rows) == 5


@pytest.mark.parametrize(("asked", "lines"), [
    ({"by": "category", "key": ""}, 1), ({"by": "category", "key": "None"}, 0), ({"by": "brand", "key": ""}, 1),
    ({"by": "partner", "key": "999"}, 0), ({"by": "region", "key": "CJ"}, 0), ({"by": "product", "key": "999"}, 0),
    ({"what": "groups", "by": "brand"}, 1), ({"what": "groups", "by": "partner"}, 1), ({"what": "orders"}, 1),
    ({"what": "orders", "status": "lapsed"}, 0), ({"what": "invoices"}, 0),
    ({"what": "invoices", "age": "over_90"}, 0), ({"what": "dead", "days": "90"}, 0),
    ({"what": "invoices", "on": "2026-11-23"}, 0), ({"what": "issued", "on": "2026-11-23"}, 0),
    ({"what": "turnover", "category": ""}, 1), ({"what": "turnover", "category": "None"}, 0),
    ({"what": "movements", "product": "999"}, 0),
])  # fmt: skip
def test_the_address_says_which_rows(
    client: TestClient, analyst: User, order: int, sign_in: Callable[[User], None], asked: dict[str, Any], lines: int
) -> None:
    sign_in(analyst)
    answer = client.get(ADDRESS, params=SALES | asked)
    assert answer.status_code == 200
    assert len(table(answer.text)) == 1 + lines


@pytest.mark.parametrize("asked", [
    {"what": "secrets"}, {"what": ""}, {"first": "yesterday"}, {"first": "2026-12-31"}, {"by": "colour", "key": "x"},
    {"by": "partner", "key": "x"}, {"by": "product", "key": "99999999999"}, {"what": "orders", "status": "x"},
    {"what": "groups"}, {"what": "groups", "by": "x"}, {"what": "invoices", "age": "x"},
    {"what": "dead", "days": "x"}, {"what": "dead", "days": "0"}, {"what": "turnover"}, {"what": "movements"},
    {"what": "movements", "product": "x"}, {"what": "issued"}, {"what": "issued", "on": "x"},
    {"what": "invoices", "on": "2026-13-01"},
])  # fmt: skip
def test_what_the_reports_do_not_have_is_refused_in_words(
    client: TestClient, analyst: User, sign_in: Callable[[User], None], asked: dict[str, str]
) -> None:
    sign_in(analyst)
    answer = client.get(ADDRESS, params=SALES | asked)
    assert answer.status_code == 400
    assert answer.text


def test_what_came_and_left_of_a_product_comes_as_a_file(
    client: TestClient, analyst: User, order: int, sign_in: Callable[[User], None]
) -> None:
    steps.claim(make_staff(), order)
    steps.ship(make_staff(), order)
    with transaction(SYSTEM) as session:
        product = session.scalars(text("select product_id from order_line")).one()
    sign_in(analyst)
    answer = client.get(ADDRESS, params={"what": "movements", "product": product})
    came, left = sorted(table(answer.content.decode("utf-8-sig"))[1:], key=lambda row: row[1], reverse=True)
    assert (came[1], came[2], came[5:]) == ("Recepție", "9,000", ["", ""])
    assert (left[1], left[2], left[5:]) == ("Livrată", "-3,000", [str(order), "'=cmd()"])


def test_the_invoices_of_an_earlier_day_come_as_they_stood_then(
    client: TestClient, analyst: User, sign_in: Callable[[User], None]
) -> None:
    set_up_company()
    document = issue(claimed_order(), NOON - timedelta(days=40))
    pay(document, "121", TODAY - timedelta(days=5))
    sign_in(analyst)
    day = str(TODAY - timedelta(days=6))
    asked = ({"what": "invoices", "on": day}, {"what": "issued", "on": day}, {"what": "invoices", "on": str(TODAY)})
    then, issued, paid = (table(client.get(ADDRESS, params=each).content.decode("utf-8-sig"))[1:] for each in asked)
    assert (then[0][0], then[0][-1], issued[0][-1], paid) == (document.full_number, "121,00", "121,00", [])


def test_only_who_may_see_reports_takes_them_out(
    client: TestClient, database: str, sign_in: Callable[[User], None]
) -> None:
    assert client.get(ADDRESS, params=SALES).status_code == 401
    for user in (make_user(role="warehouse"), make_user(make_partner())):
        sign_in(user)
        assert client.get(ADDRESS, params=SALES).status_code == 403
