"""What mails say and who hears of new orders, on the page of mails as Streamlit runs it."""

import pytest
from streamlit.testing.v1 import AppTest

from core.db import transaction
from core.notifications.order_addresses import order_addresses
from core.notifications.wording import own_words
from core.principal import SYSTEM
from tests.core.notifications import steps
from tests.factories import make_product, make_staff
from tests.pages.test_mails import open_page

THANKS = "Thank you. The goods below are held for you at these prices."
NEW_TAB = "New orders"


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    steps.open_company(order_emails=["comenzi@electro.example"])


@pytest.fixture
def page(cookies: dict[str, str]) -> AppTest:
    return open_tab(cookies, "Texts")


def open_tab(cookies: dict[str, str], name: str) -> AppTest:
    page = open_page(make_staff(role="admin", language="en"), cookies)
    page.session_state["mails_tab"] = name
    page.run()
    assert not page.exception
    return page


def sentence(page: AppTest, start: str):
    """The field that holds the sentence that begins so."""
    fields = [*page.text_input, *page.text_area]
    return next(field for field in fields if str(field.value).startswith(start))


def save(page: AppTest) -> AppTest:
    next(button for button in page.button if button.label == "Save").click().run()
    assert not page.exception
    return page


def kept() -> dict[str, str]:
    with transaction(SYSTEM) as session:
        return own_words(session, "order_confirmed", "en")


def test_a_sentence_is_changed_shown_in_the_preview_and_put_back(page: AppTest) -> None:
    sentence(page, "Thank you").set_value("Great choice.")
    save(page)
    assert kept() == {THANKS: "Great choice."}
    assert "Great choice." in page.code[0].value
    next(button for button in page.button if button.label == "Back to the standard texts").click().run()
    assert kept() == {}
    assert THANKS in page.code[0].value


def test_a_placeholder_that_is_not_there_is_named_and_what_was_typed_stays(page: AppTest) -> None:
    sentence(page, "We have received your order {number}: ").set_value("Order {nr}")
    save(page)
    said = page.error[0].value.replace("\\", "")
    assert said == "“{nr}” cannot stand in this sentence. In braces you can write {number}, {total}."
    assert sentence(page, "Order {nr}")
    assert kept() == {}


def test_a_mail_is_tried(page: AppTest) -> None:
    next(button for button in page.button if button.label == "Send it to me").click().run()
    steps.handle_all()
    assert steps.only_mail().template == "order_confirmed"


def test_who_looks_after_a_brand_is_entered_in_a_table(cookies: dict[str, str]) -> None:
    make_product(brand="Hager")
    page = open_tab(cookies, NEW_TAB)
    assert any("Every new order is told to: comenzi" in each.value for each in page.markdown)
    key = "order-addresses-en-0-table"
    page.session_state[key] = {"edited_rows": {0: {"emails": "ana@"}}, "added_rows": [], "deleted_rows": []}
    save(page)
    assert "is not an e\\-mail address" in page.error[0].value
    page.session_state[key] = {"edited_rows": {0: {"emails": "ana@x.ro"}}, "added_rows": [], "deleted_rows": []}
    save(page)
    with transaction(SYSTEM) as session:
        assert order_addresses(session) == {"Hager": ["ana@x.ro"]}


def test_sales_staff_see_mails_and_change_nothing(cookies: dict[str, str]) -> None:
    assert [tab.label for tab in open_page(make_staff(role="sales"), cookies).tabs] == []
