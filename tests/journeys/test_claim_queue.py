"""The claim queue refreshes itself in a real browser: nothing fades, and what is ticked, typed or opened stays so."""

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from core import clock
from core.principal import Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff
from tests.journeys.conftest import Portal

pytestmark = pytest.mark.browser

WATCH = """() => {
  window.faintest = 1;
  const look = () => {
    for (const part of document.querySelectorAll('.st-key-queue_list [data-stale]'))
      window.faintest = Math.min(window.faintest, getComputedStyle(part).opacity);
    requestAnimationFrame(look);
  };
  look();
}"""


def card(page: Page, order_id: int) -> Locator:
    return page.locator(f".st-key-queue_order_{order_id}")


def place(hours_ago: int) -> int:
    return steps.order(make_buyer(), {make_product(stock=9).id: 1}, clock.now() - timedelta(hours=hours_ago))


@pytest.fixture
def orders(portal: Portal) -> list[int]:
    """The first has the nearest deadline."""
    return [place(hours) for hours in (9, 6, 3)]


@pytest.fixture
def colleague(portal: Portal) -> Principal:
    return make_staff(name="Dan Ion", role="warehouse")


def test_a_refresh_takes_nothing_from_under_ones_hands(
    portal: Portal, page: Page, orders: list[int], colleague: Principal
) -> None:
    portal.sign_in(page, *portal.add_user(language="en"), path="/staff-queue")
    first, second, third = orders
    card(page, third).locator("label").first.click()
    expect(page.get_by_role("button", name="Claim the ticked ones (1)")).to_be_enabled()
    search = page.get_by_label("Search", exact=True)
    search.press_sequentially("half a wo")
    page.evaluate(WATCH)
    steps.claim(colleague, first, clock.now())
    expect(card(page, first)).to_have_count(0)
    expect(search).to_be_focused()
    expect(search).to_have_value("half a wo")
    expect(card(page, third).locator("input[type=checkbox]")).to_be_checked()
    expect(card(page, second).locator("input[type=checkbox]")).not_to_be_checked()
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("Orders to claim (2)")
    assert page.evaluate("window.faintest") == 1

    search.fill("")
    portal.settle(page)
    card(page, third).get_by_role("button", name="Hold for").click()
    expect(page.get_by_text("Dan Ion", exact=True)).to_be_visible()
    steps.claim(colleague, second, clock.now())
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("Orders to claim (1)")
    expect(card(page, second)).to_have_count(0)
    portal.settle(page)
    # By keyboard: the open menu moves with its card, and the mouse would have to follow it.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(card(page, third)).to_contain_text("Held for Dan Ion")


def test_a_new_order_is_heard_by_who_wants_to_hear_it(portal: Portal, page: Page) -> None:
    portal.sign_in(page, *portal.add_user(language="en"), path="/staff-queue")
    page.get_by_role("button", name="New orders").click()
    page.get_by_text("A number in the menu and a sound").click()
    expect(page.get_by_label("So a new order sounds")).to_be_attached()
    page.keyboard.press("Escape")
    new = place(0)
    player = page.locator("audio").and_(page.get_by_label(f"Order {new} has come in"))
    expect(player).to_be_attached()
    expect(player).to_be_hidden()
    expect(player).to_have_js_property("error", None)
    expect(player).to_have_js_property("ended", True)
    expect(player).to_have_count(0)
