"""The web process dies between the click and the answer: who clicks again has one order, and sees which."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.check import run_checks
from core.db import engine
from tests.core.orders.steps import scalar
from tests.factories import make_partner, make_product
from tests.journeys.conftest import WAIT, Portal, ro, type_quantities
from workers.locks import wait_until

pytestmark = pytest.mark.browser
ORDERS = "select count(*) from orders"
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def place_button(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile(re.escape(ro("Place the order for {total}").split("{")[0])))


def ready_to_order(portal: Portal, page: Page) -> None:
    make_product(stock=50)
    portal.sign_in(page, *portal.add_user(make_partner()))
    type_quantities(page, 3)
    page.get_by_role("button", name=ro("View cart and order")).click()
    expect(place_button(page)).to_be_visible()
    portal.settle(page)


def die_while_waiting_for(portal: Portal, page: Page, table: str) -> None:
    """Click, and kill the web process when it waits for a table that somebody else holds; then start it again."""
    assert portal.process is not None
    with engine().connect() as other:
        other.exec_driver_sql(f"lock table {table} in access exclusive mode")
        place_button(page).click()
        assert wait_until(lambda: bool(other.exec_driver_sql(WAITING).scalar_one()), WAIT / 1000)
        portal.process.kill()
        portal.process.join()
    portal.start()


def test_before_anything_was_written_the_second_click_places_the_order(portal: Portal, page: Page) -> None:
    before = scalar(ORDERS)
    ready_to_order(portal, page)
    die_while_waiting_for(portal, page, "stock_hold")
    assert scalar(ORDERS) == before
    page.reload()
    page.get_by_role("button", name=ro("View cart and order")).click()
    place_button(page).click()
    expect(page.get_by_test_id("stAlert").filter(has_text=re.compile(r"\d{4}"))).to_be_visible()
    assert scalar(ORDERS) == before + 1
    assert not any(run_checks().values())


def test_when_all_was_written_the_cart_is_empty_and_the_order_is_there(portal: Portal, page: Page) -> None:
    before = scalar(ORDERS)
    ready_to_order(portal, page)
    die_while_waiting_for(portal, page, "message")
    assert scalar(ORDERS) == before + 1
    page.reload()
    portal.settle(page)
    expect(place_button(page)).to_have_count(0)
    portal.open(page, "/orders")
    expect(page.get_by_text(ro("Orders found: {count}").split("{")[0] + "1")).to_be_visible()
    assert scalar(ORDERS) == before + 1
    assert not any(run_checks().values())
