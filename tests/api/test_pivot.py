"""The pivot table as a file over HTTP."""

import io
from collections.abc import Callable

import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from core.auth.models import User
from core.db import transaction
from core.principal import SYSTEM
from core.reports.refreshing import refresh
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_partner, make_product, make_user

QUERY = {"first": "2026-11-01", "last": "2026-11-30", "rows": "brand", "columns": "month", "measure": "net"}


@pytest.fixture
def _sold(database: str) -> None:
    steps.order(make_buyer(), {make_product(stock=9, brand="=Hager").id: 3})
    with transaction(SYSTEM) as session:
        refresh(session, NOON)


@pytest.mark.usefixtures("_sold")
def test_who_sees_reports_gets_the_workbook_and_nobody_else(
    client: TestClient, sign_in: Callable[[User], None]
) -> None:
    assert client.get("/exports/pivot.xlsx", params=QUERY).status_code == 401
    for stranger in (make_user(make_partner()), make_user(role="warehouse")):
        sign_in(stranger)
        assert client.get("/exports/pivot.xlsx", params=QUERY).status_code == 403
    sign_in(make_user(role="analyst", language="en"))
    answer = client.get("/exports/pivot.xlsx", params=QUERY)
    assert answer.headers["content-disposition"] == 'attachment; filename="pivot.xlsx"'
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[1:] == [["Brand", "2026-11", "Total"], ["=Hager", 30.0, 30.0], ["Total", 30.0, 30.0]]


@pytest.mark.parametrize(
    "change", [{"first": "x"}, {"last": ""}, {"rows": ""}, {"rows": "brand,brand"}, {"measure": "1"}, {"columns": "--"}]
)
def test_what_makes_no_table_is_refused_in_words(
    client: TestClient, sign_in: Callable[[User], None], database: str, change: dict[str, str]
) -> None:
    sign_in(make_user(role="analyst", language="en"))
    answer = client.get("/exports/pivot.xlsx", params=QUERY | change)
    assert answer.status_code == 400
    assert answer.text.endswith(".")
