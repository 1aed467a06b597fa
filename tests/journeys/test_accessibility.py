"""Every page with its first data, in light and in dark, and what opens from it: what axe-core finds by WCAG 2.1 AA, and
nothing wider than a telephone."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, TimeoutError, expect

from core import clock
from pages.ui.menu import PAGES
from tests.core.documents.steps import issue, set_up_company
from tests.core.orders import steps
from tests.factories import make_partner, make_product
from tests.journeys.conftest import Portal
from tests.journeys.test_order_life import person

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],  # what is well is not described, element by element
}
GRAVE = ("serious", "critical")
PHONE = {"width": 390, "height": 844}
AXE = Axe()
MOST_POPOVERS, MOST_TABS = 3, 5
"""Those of a page are made alike."""
DIALOGS = ".st-key-open_cart, [class*='st-key-new-']"
"""The buttons that open a page's main dialog."""


class World(NamedTuple):
    """Somebody of each side, and the addresses of single things as each side opens them."""

    people: dict[str, tuple[str, str]]
    things: dict[str, list[str]]


@pytest.fixture(scope="module")
def world(portal: Portal) -> World:
    """An order with its invoice, one that waits, and a full cart."""
    set_up_company()
    partner = make_partner()
    people = {"partner": portal.add_user(partner), "staff": portal.add_user()}
    product = make_product(stock=20, name="Cablu CYY-F", list_price=Decimal(10), rrp=Decimal(12), brand="Marca")
    buyer, staff = person(people["partner"][0]), person(people["staff"][0])
    order = steps.order(buyer, {product.id: 2}, clock.now())
    steps.claim(staff, order, clock.now())
    invoice = issue(order, clock.now())
    waiting = steps.order(buyer, {product.id: 1}, clock.now())
    steps.fill(buyer, {product.id: 3})
    things = {
        "partner": [f"/orders?order={waiting}", f"/product?product={product.id}"],
        "staff": [f"/staff-orders?order={order}", f"/staff-invoices?document={invoice.id}",
                  f"/staff-partners?partner={partner.id}"],
    }  # fmt: skip
    return World(people, things)


def addresses(side: str) -> list[str]:
    return [f"/{entry.url}" for entry in PAGES if entry.side in (side, "both") and entry.listed]


def faults(page: Page, part: str | None = None) -> list[str]:
    """What axe-core calls serious or critical in the part of the page (CSS), or all of it: rule, element and why."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("([part, rules]) => axe.run(part ?? document, rules)", [part, RULES])["violations"]
    return [
        f"{page.url}: {fault['id']}: {node['html'][:120]}: {node['failureSummary'][:160]}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"][:3]
    ]


def too_wide(page: Page) -> list[str]:
    """Has the page itself to be pushed sideways on a telephone? Tables in it shrink a little later."""
    before = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    main = "document.querySelector('[data-testid=stMain]').scrollWidth"
    try:
        page.wait_for_function(f"() => innerWidth === {PHONE['width']} && {main} <= innerWidth", timeout=5_000)
    except TimeoutError:
        return [f"{page.url}: {page.evaluate(main)} pixels wide"]
    finally:
        page.set_viewport_size(before)  # type: ignore[arg-type]
    return []


def behind(portal: Portal, page: Page) -> list[str]:
    """The faults of what opens from the page: its other tabs, its popovers and its main dialog."""
    found = []
    main = page.get_by_test_id("stMain")
    if main.get_by_role("tablist").count():
        for tab in main.get_by_role("tablist").first.get_by_role("tab").all()[1:MOST_TABS]:
            found += of_tab(portal, page, tab)
    for popover in main.locator("[data-testid=stPopover] button:enabled >> visible=true").all()[:MOST_POPOVERS]:
        found += of_popover(page, popover)
    for opener in main.locator(DIALOGS).get_by_role("button").all()[:1]:
        opener.click()
        expect(page.get_by_role("dialog").get_by_role("button").first).to_be_visible()
        portal.settle(page)
        found += faults(page, "[role=dialog]")
    return found


def with_help(page: Page) -> list[str]:
    """The faults of the page, and of its help, which is made alike on every page."""
    found = faults(page)
    page.locator("button.how").click()
    return found + faults(page, "#how-told")


def of_tab(portal: Portal, page: Page, tab: Locator) -> list[str]:
    """A tab is filled when it is opened for the first time."""
    tab.click()
    expect(tab).to_have_attribute("aria-selected", "true")
    panel = page.locator("[role=tabpanel] >> visible=true")
    expect(panel.get_by_test_id("stElementContainer").first).to_be_visible()
    portal.settle(page)
    return faults(page, "[role=tabpanel]")


def of_popover(page: Page, opener: Locator) -> list[str]:
    opener.click()
    body = page.get_by_test_id("stPopoverBody")
    expect(body).to_be_visible()
    found = faults(page, "[data-testid=stPopoverBody]")
    opener.click()
    expect(body).to_be_hidden()
    return found


@pytest.mark.parametrize("side", ["public", "partner", "staff"])
def test_nobody_is_shut_out_of_a_page_by_how_it_looks_and_none_is_wider_than_a_telephone(
    portal: Portal, page: Page, world: World, side: str
) -> None:
    if side == "public":
        visit(portal, page, ["/", *(f"/{entry.url}" for entry in PAGES if entry.side == "public")], with_help)
    else:
        portal.sign_in(page, *world.people[side])
        paths = [*addresses(side), *world.things[side]]
        visit(portal, page, paths, lambda shown: faults(shown) + too_wide(shown) + behind(portal, shown))


@pytest.mark.parametrize("side", ["partner", "staff"])
def test_the_dark_pages_are_as_readable_as_the_light_ones(portal: Portal, page: Page, world: World, side: str) -> None:
    page.emulate_media(color_scheme="dark")
    portal.sign_in(page, *world.people[side])
    assert page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme") == "dark"
    visit(portal, page, addresses(side)[:4], with_help)


def visit(portal: Portal, page: Page, paths: list[str], look: Callable[[Page], list[str]]) -> None:
    """All faults of all pages at once: one run tells everything that is to be mended."""
    found: list[str] = []
    for path in paths:
        portal.open(page, path)
        found += look(page)
    assert found == []
