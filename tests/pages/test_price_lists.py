"""The page of price lists, run as Streamlit runs it, on a real database."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.pricing.models import PriceList
from pages.ui.text import LANGUAGE_KEY
from tests.core.pricing.list_steps import events, prices, scalar
from tests.factories import make_list_price, make_partner, make_price_list, make_product, make_user
from tests.pages.conftest import shown_error

EVERYWHERE = ("text_input", "text_area", "selectbox", "date_input")


@pytest.fixture
def open_page(app: AppTest, sign_in: Callable[[User], None]) -> Callable[..., AppTest]:
    """Opens the page, with a list and one of its sections, as somebody of a role who reads a language."""

    def _open(found: PriceList | None = None, section: str = "", role: str = "admin", language: str = "en") -> AppTest:
        sign_in(make_user(language=language, role=role))
        st.session_state[LANGUAGE_KEY] = language  # AppTest names the options of widgets outside the page's session
        app.run()
        if found:
            app.query_params["list"] = str(found.id)
        app.switch_page("pages/staff/prices.py").run()
        if section and found:
            app.segmented_control(key=f"section-{found.id}").set_value(section).run()
        assert not app.exception
        return app

    return _open


def field(app: AppTest, label: str) -> Any:
    return next(found for kind in EVERYWHERE for found in getattr(app, kind) if found.label == label)


def press(app: AppTest, label: str) -> AppTest:
    next(found for found in app.button if found.label == label).click().run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """All that is said on the page, without the signs that keep Markdown from changing it."""
    said = [*app.error, *app.warning, *app.info, *app.markdown, *app.caption, *app.toast]
    return "\n".join(element.value for element in said).replace("\\", "")


def type_in(app: AppTest, found: PriceList, edits: dict[str, Any]) -> AppTest:
    """AppTest types in no sheet: what the browser would send is put in its place."""
    key = next(editor.key for editor in app.data_editor)
    assert key.startswith(f"sheet-{found.id}")
    app.session_state[key] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | edits
    return press(app.run(), "Save the prices")


def test_an_empty_portal_says_so_and_a_list_is_made(open_page: Callable[..., AppTest]) -> None:
    app = open_page()
    assert "There are no price lists yet." in words(app)
    field(app, "Name").set_value("Export")
    field(app, "Currency").set_value("EUR")
    field(app, "Lei for one unit of it").set_value("4.97")
    press(app, "Make it")
    assert scalar("select lei_rate from price_list where name = 'Export'") == Decimal("4.97")
    assert "1 EUR = 4.97" in words(app)
    assert "The list is empty." in words(app)


def test_a_wrong_currency_is_refused_in_words(open_page: Callable[..., AppTest]) -> None:
    app = open_page()
    field(app, "Name").set_value("Export")
    field(app, "Currency").set_value("E1")
    press(app, "Make it")
    assert "“E1” is no currency" in shown_error(app)
    assert scalar("select count(*) from price_list") == 0


def test_the_sheet_saves_what_was_typed_pasted_and_ticked(open_page: Callable[..., AppTest]) -> None:
    found, one, two = make_price_list(), make_product(sku="A"), make_product(sku="B")
    make_list_price(found, one, "5")
    make_list_price(found, one, "4", from_quantity=10)
    app = open_page(found, language="ro")
    app.session_state[app.data_editor[0].key] = {
        "edited_rows": {0: {"net": "1.234,50"}},
        "added_rows": [{"sku": "B", "net": "2,5", "from_quantity": "24", "valid_from": "1.1.2030"}],
        "deleted_rows": [1],
    }
    next(button for button in app.run().button if (button.key or "").endswith("-save")).click().run()
    assert not app.exception
    assert prices(found, one) == [(0, Decimal("1234.5"), None, None)]
    assert [row[:2] for row in prices(found, two)] == [(24, Decimal("2.5"))]
    (event,) = events("prices_set")
    assert (event["added"], event["changed"], event["removed"]) == (1, 1, 1)


def test_faults_are_told_row_by_row_and_nothing_is_saved(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list()
    make_list_price(found, make_product(sku="A"), "5")
    app = open_page(found)
    type_in(app, found, {"edited_rows": {0: {"net": "cheap"}}, "added_rows": [{"sku": "A", "net": ""}]})
    assert "“cheap” is not a number" in words(app)
    type_in(app, found, {"edited_rows": {0: {"net": "6"}}, "added_rows": [{"sku": "Z", "net": "1"}]})
    assert "Rows with mistakes: 1" in words(app)
    assert "no product with the SKU Z" in app.dataframe[-1].value["reason"][0]
    assert prices(found) == [("A", 0, 5, None, None)]


def test_a_colleagues_change_is_told_before_it_is_overwritten(open_page: Callable[..., AppTest]) -> None:
    found, product = make_price_list(), make_product(sku="A")
    item = make_list_price(found, product, "5")
    app = open_page(found)
    scalar("update price_list_item set net = 5.2 where id = :id returning 1", id=item.id)
    type_in(app, found, {"edited_rows": {0: {"net": "6"}}})
    assert "a colleague has changed this price to 5.2" in app.dataframe[-1].value["reason"][0]
    assert prices(found, product) == [(0, Decimal("5.2"), None, None)]
    press(app, "Save the prices")
    assert prices(found, product) == [(0, 6, None, None)]


def test_while_something_is_unsaved_the_page_does_not_turn(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list()
    make_list_price(found, make_product(sku="A"), "5")
    app = open_page(found)
    app.session_state[app.data_editor[0].key] = {"edited_rows": {0: {"net": "6"}}, "added_rows": [], "deleted_rows": []}
    app.run()
    assert field(app, "Search").disabled
    assert app.segmented_control(key=f"section-{found.id}").disabled
    assert next(button for button in app.button if button.label == "All price lists").disabled
    assert "then you can look further" in words(app)
    press(app, "Discard")
    assert not field(app, "Search").disabled
    assert prices(found) == [("A", 0, 5, None, None)]


def test_a_block_pasted_into_one_cell_is_the_rows_it_stands_for(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list()
    for sku in "ABC":
        make_product(sku=sku)
    app = open_page(found)
    block = "A\t5.5\r\nB\t1,250\t24\tignored\n\nC\t7\n"
    type_in(app, found, {"added_rows": [{"sku": block.replace("\tignored", "")}, {}]})
    assert [row[:3] for row in prices(found)] == [("A", 0, Decimal("5.5")), ("B", 24, 1250), ("C", 0, 7)]
    type_in(app, found, {"edited_rows": {0: {"net": "6\n7"}}})
    assert "Row 4, SKU: Enter a value." in words(app)


def test_pasted_rows_are_checked_shown_and_saved(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list()
    make_list_price(found, make_product(sku="A"), "5")
    make_product(sku="B 2")
    app = open_page(found, "paste")
    field(app, "Prices").set_value("Cod\tPreț\nA\t5,50\nB 2;1,25;10\nB 2 1,30\nX\t1\n")
    press(app, "Check")
    assert list(app.dataframe[-1].value["row"]) == [5]
    field(app, "Prices").set_value("Cod\tPreț\nA\t5,50\nB 2;1,25;10\nB 2 1,30\n")
    press(app, "Check")
    assert "added: 2 · changed: 1" in words(app)
    assert len(prices(found)) == 1
    press(app, "Save the prices")
    assert [row[:3] for row in prices(found)] == [
        ("A", 0, Decimal("5.5")),
        ("B 2", 0, Decimal("1.3")),
        ("B 2", 10, Decimal("1.25")),
    ]


def test_a_raise_is_shown_then_done_or_planned_and_taken_back(open_page: Callable[..., AppTest]) -> None:
    found, product = make_price_list(), make_product(sku="A", list_price=Decimal("5.2"))
    make_list_price(found, product, "5")
    app = open_page(found, "raise")
    field(app, "Raise by").set_value("-10 %")
    press(app, "Show what would happen")
    assert app.metric[0].value == "1"
    assert prices(found, product) == [(0, 5, None, None)]
    press(app, "Change 1 price now")
    assert prices(found, product) == [(0, Decimal("4.5"), None, None)]
    field(app, "Raise by").set_value("20")
    field(app, "When").set_value("later")
    press(app, "Show what would happen")
    assert "above the base list price: 1" in words(app)
    press(app, next(button.label for button in app.button if button.label.startswith("Plan it for")))
    assert [row[1] for row in prices(found, product)] == [Decimal("4.5"), Decimal("5.4")]
    app.segmented_control(key=f"section-{found.id}").set_value("planned").run()
    assert "dearer 1" in words(app)
    next(button for button in app.button if (button.key or "").startswith("do-withdraw")).click().run()
    assert prices(found, product) == [(0, Decimal("4.5"), None, None)]


def test_a_raise_by_nothing_readable_is_refused(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list()
    app = open_page(found, "raise")
    press(app, "Show what would happen")
    assert "Raise by" in shown_error(app)
    field(app, "Raise by").set_value("-5000")
    press(app, "Show what would happen")
    assert "a percentage from -100" in shown_error(app)


def test_products_are_put_in_the_list_after_a_look(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list()
    make_product(sku="A", brand="X", list_price=Decimal(10))
    make_product(sku="B", brand="Y")
    app = open_page(found, "add")
    field(app, "Brand").set_value("X")
    field(app, "Less, %").set_value("15")
    press(app, "Show what would be added")
    assert prices(found) == []
    press(app, "Add 1 product")
    assert prices(found) == [("A", 0, Decimal("8.5"), None, None)]


def test_a_list_is_renamed_copied_and_deleted_when_nobody_has_it(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list(name="Old")
    make_list_price(found, make_product(sku="A"), "10")
    make_partner(price_list_id=found.id)
    app = open_page(found, "list")
    assert "Used by partners: 1" in words(app)
    field(app, "Name").set_value("Older")
    press(app, "Save")
    assert scalar("select name from price_list") == "Older"
    field(app, "Name of the new list").set_value("New")
    field(app, "Prices changed by, %").set_value("5")
    press(app, "Copy")
    assert scalar(
        "select net from price_list_item join price_list l on l.id = price_list_id where name = 'New'"
    ) == Decimal("10.5")
    app.segmented_control(key=f"section-{scalar('select max(id) from price_list')}").set_value("list").run()
    next(button for button in app.button if (button.key or "").startswith("do-delete-list")).click().run()
    assert scalar("select array_agg(name) from price_list") == ["Older"]


def test_another_rate_is_shown_in_lei_before_it_holds(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list(currency="EUR", lei_rate=Decimal(5))
    make_list_price(found, make_product(sku="A"), "10")
    app = open_page(found, "list")
    field(app, "Lei for one unit of it").set_value("5.2")
    press(app, "Save")
    assert "worth something else in lei: 1. For example A: 50.00 RON becomes 52.00 RON" in said(app)
    assert scalar("select lei_rate from price_list") == 5
    press(app, "Change it")
    assert scalar("select lei_rate from price_list") == Decimal("5.2")


def test_a_price_of_nothing_is_asked_about_before_it_is_saved(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list()
    make_list_price(found, make_product(sku="A"), "5")
    app = type_in(open_page(found), found, {"edited_rows": {0: {"net": "0"}}})
    assert "these would be free: A" in said(app)
    assert prices(found) == [("A", 0, 5, None, None)]
    press(app, "Save the prices")
    assert prices(found) == [("A", 0, 0, None, None)]


def said(app: AppTest) -> str:
    return words(app).replace("\N{NO-BREAK SPACE}", " ")


def test_two_lists_are_compared(open_page: Callable[..., AppTest]) -> None:
    one, two, product = make_price_list(name="L1"), make_price_list(name="L2"), make_product(sku="A")
    make_list_price(one, product, "10")
    make_list_price(two, product, "12")
    app = press(open_page(role="analyst"), "Compare two lists")
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["sku"], row["percent"]) == ("A", "+20 %")


def test_who_only_sees_prices_finds_no_way_to_change_them(open_page: Callable[..., AppTest]) -> None:
    found, tomorrow = make_price_list(), clock.now().date() + timedelta(days=2)
    make_list_price(found, make_product(sku="A"), "5", valid_from=tomorrow)
    app = open_page(found, role="accounting")
    assert app.segmented_control(key=f"section-{found.id}").options == ["Prices", "Planned"]
    assert len(app.data_editor) == 0
    app.segmented_control(key=f"section-{found.id}").set_value("planned").run()
    assert not any("back" in button.label for button in app.button)


def test_a_list_that_is_gone_is_told(open_page: Callable[..., AppTest]) -> None:
    found = make_price_list()
    scalar("delete from price_list where id = :id returning 1", id=found.id)
    assert "does not exist" in shown_error(open_page(found))
