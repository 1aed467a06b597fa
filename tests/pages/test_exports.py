"""The pages of exports, run as Streamlit runs them, on a real database."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.sessions import open_session
from core.config import ROOT
from core.db import transaction
from core.exports import running
from core.exports.asking import Asked
from core.exports.saving import from_json, saved
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_group, make_product, make_staff


@pytest.fixture(autouse=True)
def _database(database: str) -> None: ...


def open_page(who: Principal, cookies: dict[str, str], **query: str | list[str]) -> AppTest:
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, who.user_id or 0, clock.now())
    page = AppTest.from_file(ROOT / "pages" / who.kind / "exports.py", default_timeout=20)
    for name, value in query.items():
        page.query_params[name] = value
    page.session_state["language"] = "en"
    page.run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def files(who: Principal) -> list[running.Run]:
    with transaction(who) as session:
        return running.runs(session, clock.now())


def test_a_small_file_is_there_at_once_with_a_link_to_it(cookies: dict[str, str]) -> None:
    buyer = make_buyer()
    steps.order(buyer, {make_product(stock=3).id: 1})
    page = press(open_page(buyer, cookies), "Make the file")
    (run,) = files(buyer)
    assert (run.state, run.form, run.rows) == ("done", "xlsx", 1)
    assert any(f"/exports/files/{run.id}" in each.value for each in page.markdown)


def test_a_large_one_waits_for_the_background(cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SMALL", 0)
    staff = make_staff(role="analyst")
    steps.order(make_buyer(), {make_product(stock=3).id: 1})
    page = press(open_page(staff, cookies), "Make the file")
    assert [run.state for run in files(staff)] == ["waiting"]
    assert any("Waits for its turn" in each.value for each in page.markdown)


def test_without_columns_nothing_is_made_and_it_says_so(cookies: dict[str, str]) -> None:
    staff = make_staff(role="sales")
    page = open_page(staff, cookies)
    columns = next(field for field in page.multiselect if field.label.startswith("Columns"))
    columns.set_value([])
    press(page, "Make the file")
    assert "at least one column" in page.error[0].value
    assert files(staff) == []


def test_what_was_chosen_is_kept_under_a_name_and_comes_back(cookies: dict[str, str]) -> None:
    staff = make_staff(role="sales")
    page = open_page(staff, cookies)
    page.selectbox[0].set_value("lapsed").run()
    next(field for field in page.multiselect if field.label.startswith("Columns")).set_value(["gross", "order"])
    next(field for field in page.text_input if field.label == "Name").set_value("Weekly")
    press(page, "Keep")
    with transaction(staff) as session:
        ((row, _whose),) = saved(session)
    assert (row.name, from_json(row.asked)) == ("Weekly", Asked("lapsed", ("gross", "order"), narrowed={}))
    page = open_page(staff, cookies)
    page.selectbox(key="export_kept").set_value(row.id).run()
    assert not page.exception
    assert next(field for field in page.multiselect if field.label.startswith("Columns")).value == ["gross", "order"]
    press(page, "Delete this name")
    assert any("Weekly is deleted" in each.value for each in page.toast)
    with transaction(staff) as session:
        assert saved(session) == []


def test_a_partner_is_offered_its_own_tables_and_no_filter_by_partner(cookies: dict[str, str]) -> None:
    page = open_page(make_buyer(), cookies)
    assert page.selectbox[0].options == ["Orders", "Order lines", "Documents", "Payments"]
    assert "Partner codes" not in [field.label for field in page.multiselect]


def test_what_a_list_was_narrowed_to_is_chosen_already(cookies: dict[str, str]) -> None:
    staff = make_staff(role="sales", language="en")
    number = steps.order(make_buyer(name="Instal SRL"), {make_product(stock=3).id: 1})
    steps.order(make_buyer(name="Electro SRL"), {make_product(stock=3).id: 1})
    page = open_page(staff, cookies, table="orders", words="instal", status=["placed", "gone"], since="2020-01-01",
                     claimed_by="x", foo="bar")  # fmt: skip
    assert next(field for field in page.text_input if field.label == "Search").value == "instal"
    assert next(field for field in page.multiselect if field.label == "Status").value == ["placed"]
    assert next(field for field in page.date_input if field.label == "From").value == date(2020, 1, 1)
    press(page, "Make the file")
    (run,) = files(staff)
    assert run.asked.narrowed == {"words": ("instal",), "status": ("placed",)}
    assert run.rows == 1
    assert number
    page.selectbox(key=page.selectbox[0].key).set_value("stock").run()
    assert not page.exception
    assert next(field for field in page.text_input if field.label == "Search").value == ""


def test_an_address_that_names_what_there_is_not_opens_the_page_as_ever(cookies: dict[str, str]) -> None:
    page = open_page(make_buyer(), cookies, table="audit", words="x", since="never")
    assert page.selectbox[0].value == "orders"
    assert next(field for field in page.text_input if field.label == "Search").value == ""


def test_a_group_and_a_colleague_are_chosen_by_name(cookies: dict[str, str]) -> None:
    make_group(name="Electricieni")
    staff = make_staff(role="sales", name="Dan Ionescu")
    page = open_page(staff, cookies)
    assert next(field for field in page.multiselect if field.label == "Partner groups").options == ["Electricieni"]
    assert "Dan Ionescu" in next(field for field in page.multiselect if field.label.startswith("Claimed by")).options
