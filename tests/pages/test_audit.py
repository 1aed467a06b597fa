"""The audit's page, run as Streamlit runs it, on a real database."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.audit import PAGE_SIZE
from core.audit_fields import FIELDS
from core.audit_words import GROUPS
from core.auth.models import User
from core.db import transaction
from core.events import record
from core.principal import SYSTEM, Principal, visitor
from pages.ui.audit import GROUP_NAMES, VALUES, shown
from tests.factories import make_partner, make_user

FILE = "pages/staff/audit.py"
NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def happened(kind: str, who: Principal = SYSTEM, at: datetime = NOON, **values: Any) -> int:
    with transaction(who) as session:
        return record(session, kind, at, **values).id


@pytest.fixture
def admin(database: str) -> User:
    return make_user(name="Ioana Marcu", email="ioana@rampa.example", language="en")


@pytest.fixture
def page(app: AppTest, admin: User, sign_in: Callable[[User], None]) -> AppTest:
    """The page, not drawn yet, for an administrator whose own log-in is the first entry."""
    sign_in(admin)
    return app.run().switch_page(FILE)


def rows(page: AppTest) -> list[dict[str, str]]:
    return page.dataframe[0].value.to_dict("records") if page.dataframe else []


def words(page: AppTest) -> str:
    """What the entry below the table says, without the signs that keep Markdown from changing it."""
    return "\n".join(text.value.replace("\\", "").replace(":small[]", "") for text in page.main.markdown)


def choose(page: AppTest, number: int, newest: int, oldest: int, count: int) -> AppTest:
    key = f"audit en {newest} {oldest} {count}"
    page.session_state[key] = {"selection": {"rows": [number], "columns": [], "cells": []}}
    return page.run()


def export(page: AppTest) -> dict[str, list[str]]:
    """The filters that the export's address names."""
    (link,) = [each.proto for each in page.get("page_link") if "Take out" in each.proto.label]
    assert link.page == "staff-exports"
    query = parse_qs(link.query_string)
    assert query.pop("table") == ["audit"]
    return query


def test_who_did_what_when_about_what_and_from_where(page: AppTest, admin: User) -> None:
    partner = make_partner(name="Instal SRL")
    who = Principal("staff", admin.id, role="admin", address="192.0.2.7")
    happened("order_claimed", who, order_id=1004, partner_id=partner.id)
    happened("login_failures", visitor("198.51.100.1"), user=admin.id, tries=5)
    lapsed = happened("order_lapsed", order_id=1005, partner_id=partner.id)
    page.run()
    assert not page.exception
    assert rows(page)[:3] == [
        {"at": "23.11.2026, 12:00", "who": "The system", "what": "Order lapsed", "about": "Order 1005",
         "partner": "Instal SRL", "address": ""},
        {"at": "23.11.2026, 12:00", "who": "Somebody not logged in", "what": "Several wrong passwords in a row",
         "about": "Ioana Marcu", "partner": "", "address": "198.51.100.1"},
        {"at": "23.11.2026, 12:00", "who": "Ioana Marcu", "what": "Order claimed", "about": "Order 1004",
         "partner": "Instal SRL", "address": "192.0.2.7"},
    ]  # fmt: skip
    assert len(rows(page)) == lapsed


def test_an_entry_shows_all_that_was_written_down(page: AppTest) -> None:
    partner = make_partner(name="Instal *SRL*", code="P77")
    changes = {"discount": ["5.00", "7.50"], "name": ["", "[x](http://evil.example)"], "email": ["a@x.ro", ""]}
    newest = happened("partner_changed", partner_id=partner.id, changes=changes)
    page.run()
    choose(page, 0, newest, 1, newest)
    assert not page.exception
    assert page.main.subheader[0].value == "Partner changed"
    assert f"Entry {newest}, 23.11.2026, 12:00:00" in [caption.value for caption in page.caption]
    told = words(page)
    for said in ("Partner: Instal *SRL* (P77)", "Discount: 5 → 7.5", "E-mail: a@x.ro → –"):
        assert said.replace(": ", ":] ") in told
    assert "\\[x\\]\\(http" in page.main.markdown[-1].value  # as text


def test_filters_narrow_the_list_and_go_along_with_the_export(page: AppTest, admin: User) -> None:
    happened("settings_changed", visitor("10.1.2.3"), at=datetime(2026, 11, 1, 10, tzinfo=UTC), by=admin.id)
    happened("settings_changed", visitor("10.9.9.9"), by=admin.id)
    page.run()
    everything = len(rows(page))
    assert export(page) == {}
    page.text_input(key="audit_person").set_value("marcu")
    page.text_input(key="audit_words").set_value("10.1.").run()
    assert [row["address"] for row in rows(page)] == ["10.1.2.3"]
    page.text_input(key="audit_words").set_value("")
    page.date_input(key="audit_since").set_value(date(2026, 11, 1))
    page.date_input(key="audit_until").set_value(date(2026, 11, 1))
    page.button_group(key="audit_groups").set_value(["settings", "mails"]).run()
    assert [row["address"] for row in rows(page)] == ["10.1.2.3"]
    assert export(page) == {
        "since": ["2026-11-01"], "until": ["2026-11-01"], "groups": ["settings", "mails"], "person": ["marcu"],
    }  # fmt: skip
    page.text_input(key="audit_partner").set_value("nobody").run()
    assert "No entry matches" in page.info[0].value
    assert not page.get("page_link")
    assert everything > 2


def test_older_and_newer_entries_are_a_click_away(page: AppTest) -> None:
    newest = [happened("order_claimed", order_id=order) for order in range(2 * PAGE_SIZE)][-1]
    page.run()
    assert page.button(key="audit_newer").disabled
    first = rows(page)
    page.button(key="audit_older").click().run()
    second = rows(page)
    page.button(key="audit_older").click().run()
    assert len(first) + len(second) + len(rows(page)) == newest
    assert page.button(key="audit_older").disabled
    page.button(key="audit_newer").click().run()
    assert rows(page) == second
    page.button(key="audit_newer").click().run()
    assert rows(page) == first
    page.button(key="audit_older").click()
    page.text_input(key="audit_words").set_value("7").run()
    assert [row["about"] for row in rows(page)] == ["Order 7"]


def test_a_colleague_who_is_no_administrator_is_refused(
    app: AppTest, database: str, sign_in: Callable[[User], None]
) -> None:
    sign_in(make_user(role="sales", language="en"))
    page = app.run().switch_page(FILE).run()
    assert not page.dataframe
    assert page.main.subheader[0].value == "You have no access to this page"


@pytest.mark.parametrize(("field", "value", "read"), [
    ("role", "buyer", "Buyer"), ("two_factor_roles", "admin, sales", "Administrator, Sales"), ("active", "False", "No"),
    ("status", "on_hold", "On hold"), ("groups", "logins, goods", "Log-ins, Products and stock"),
    ("list_price", "12.3456", "12.3456\xa0RON"), ("limit", "1500.00", "1,500.00\xa0RON"), ("discount", "7.50", "7.5"),
    ("since", "2026-11-01", "01.11.2026"), ("name", "12", "12"), ("amount", "a lot", "a lot"), ("limit", "", ""),
    ("role", "one of later", "one of later"), ("unheard_of", "1", "1"),
])  # fmt: skip
def test_values_are_read_as_people_write_them(field: str, value: str, read: str) -> None:
    assert shown(field, value) == read


def test_every_group_and_every_field_with_named_values_is_known() -> None:
    assert GROUP_NAMES.keys() == GROUPS.keys()
    assert FIELDS.keys() >= VALUES.keys()
