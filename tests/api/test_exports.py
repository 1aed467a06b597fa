"""The audit as a file."""

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from api import exports
from api.exports import NoSuchFilter, audit_csv, read_filters
from core import clock
from core.audit import Filters
from core.auth.models import User
from core.db import engine, transaction
from core.events import Event, record
from core.exports.csv_text import harmless
from core.principal import SYSTEM, Principal, visitor
from tests.core.auth.conftest import somebody_waits
from tests.factories import make_partner, make_staff, make_user

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADDRESS = "/exports/audit.csv"
EVENING = datetime(2026, 11, 22, 22, 5, 9, tzinfo=UTC)
"""00:05 the next day in Bucharest."""


def happened(kind: str, who: Principal = SYSTEM, **values: Any) -> int:
    with transaction(who) as session:
        return record(session, kind, EVENING, **values).id


def table(written: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written, newline=""), delimiter=";"))


def written(admin: Principal, filters: Filters | None = None) -> list[list[str]]:
    """The whole file for somebody who just asked for it, the names of the columns first."""
    return table("".join(audit_csv(admin, filters or Filters(), 10**9, "Europe/Bucharest")).removeprefix("\ufeff"))


@pytest.fixture
def admin(database: str) -> User:
    return make_user(name="Ioana Marcu", email="ioana@rampa.example", language="en")


def test_an_administrator_gets_a_file_that_a_spreadsheet_opens(
    client: TestClient, admin: User, sign_in: Callable[[User], None]
) -> None:
    partner = make_partner(name="Instal Țurcanu SRL", code="P77")
    event = happened(
        "order_cancelled", visitor("192.0.2.7"), partner_id=partner.id, order_id=1004, reason="prea\nscump; „da”"
    )
    sign_in(admin)
    answer = client.get(ADDRESS, params={"groups": "orders"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    today = clock.local_date(clock.now(), "Europe/Bucharest")
    assert answer.headers["content-disposition"] == f'attachment; filename="audit-{today}.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfEntry;")
    head, row = table(answer.content.decode("utf-8-sig"))
    assert head[1] == "When (Europe/Bucharest)"
    assert row == [
        str(event), "2026-11-23 00:05", "Somebody not logged in", "", "Order cancelled", "order_cancelled", "P77",
        "Instal Țurcanu SRL", "1004", "", "", "", "", "192.0.2.7", "Reason: prea\nscump; „da”",
    ]  # fmt: skip


def test_the_export_leaves_an_entry_with_its_filters_and_does_not_hold_it(
    client: TestClient, admin: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(admin)
    rows = table(client.get(ADDRESS, params={"since": "2026-11-01", "person": "ioana"}).text)
    with transaction(SYSTEM) as session:
        event = session.query(Event).order_by(Event.id.desc()).first()
    assert event is not None
    assert (event.kind, event.user_id, event.address) == ("audit_exported", admin.id, "192.0.2.7")
    assert event.data == {"since": "2026-11-01", "person": "ioana"}
    assert [row[5] for row in rows[1:]] == ["user_signed_in"]


def test_who_is_not_signed_in_is_refused_or_led_to_the_login(client: TestClient) -> None:
    assert client.get(ADDRESS).status_code == 401
    answer = client.get(ADDRESS, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?next=%2Fstaff-audit")


@pytest.mark.parametrize("role", ["owner", "sales", "warehouse", "accounting", "analyst"])
def test_others_get_nothing_and_leave_no_entry(
    client: TestClient, database: str, sign_in: Callable[[User], None], role: str
) -> None:
    sign_in(make_user(make_partner(), role=role) if role == "owner" else make_user(role=role))
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.headers["cache-control"]) == (403, "private, no-store")
    with transaction(SYSTEM) as session:
        assert session.query(Event).filter_by(kind="audit_exported").count() == 0


@pytest.mark.parametrize("query", ["since=yesterday", "until=2026-02-30", "groups=logins&groups=unheard"])
def test_a_filter_that_there_is_not_is_no_reason_to_export_everything(
    client: TestClient, admin: User, sign_in: Callable[[User], None], query: str
) -> None:
    with pytest.raises(NoSuchFilter):
        read_filters(QueryParams(query))
    sign_in(admin)
    assert client.get(f"{ADDRESS}?{query}").status_code == 400


@pytest.mark.parametrize(("cell", "safe"), [
    ("=1+1", "'=1+1"), ("+40 7", "'+40 7"), ("-5", "'-5"), ("@sum", "'@sum"), ("\tx", "'\tx"), ("\rx", "'\rx"),
    ("\nx", "'\nx"), ("5-3=2", "5-3=2"), ("", ""),
])  # fmt: skip
def test_no_cell_is_a_formula(cell: str, safe: str) -> None:
    assert harmless(cell) == safe


def test_names_that_people_chose_run_nothing_in_a_spreadsheet(database: str) -> None:
    about = make_user(name='=HYPERLINK("http://evil.example")')
    happened("user_blocked", user=about.id)
    assert written(make_staff())[1][11] == '\'=HYPERLINK("http://evil.example")'


def test_batches_follow_each_other_without_a_gap_and_no_transaction_waits_for_the_reader(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 2)
    ids = [happened("order_claimed", order_id=order) for order in range(1, 6)]
    chunks, seen = audit_csv(make_staff(), Filters(), 10**9, "Europe/Bucharest"), []
    for chunk in chunks:
        assert engine().pool.checkedout() == 0  # type: ignore[attr-defined]
        seen += table(chunk)
    assert [row[0] for row in seen[1:]] == [str(event) for event in reversed(ids)]


def test_what_is_more_than_one_file_holds_is_said_in_its_last_line(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 2)
    monkeypatch.setattr(exports, "MOST_EXPORTED", 4)
    for _ in range(5):
        happened("order_claimed")
    rows = written(make_staff())
    assert len(rows) == 1 + 4 + 1
    assert len(rows[-1]) == 1


def test_others_are_served_while_an_export_waits_for_the_database(
    client: TestClient, admin: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(admin)
    with ThreadPoolExecutor(1) as pool:
        with transaction(SYSTEM) as session:
            session.execute(text("lock table product in access exclusive mode"))  # which only the reading needs
            waiting = pool.submit(client.get, ADDRESS)
            assert somebody_waits()
            assert client.get("/documents/none.pdf").status_code == 404
        assert waiting.result().status_code == 200
