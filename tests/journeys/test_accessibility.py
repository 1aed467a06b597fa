"""Every page with its first data, in light and in dark: what axe-core finds by WCAG 2.1 AA, and nothing wider than a
telephone."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError

from core import clock
from pages.ui.menu import PAGES
from tests.core.documents.steps import issue, set_up_company
from tests.core.orders import steps
from tests.factories import make_partner, make_product
from tests.journeys.conftest import Portal
from tests.journeys.test_order_life import person

pytestmark = pytest.mark.browser

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
GRAVE = ("serious", "critical")
PHONE = {"width": 390, "height": 844}
AXE = Axe()


@pytest.fixture(scope="module")
def people(portal: Portal) -> dict[str, tuple[str, str]]:
    """Somebody of each side, and an order with its invoice."""
    set_up_company()
    found = {"partner": portal.add_user(make_partner()), "staff": portal.add_user()}
    product = make_product(stock=20, name="Cablu CYY-F", list_price=Decimal(10), rrp=Decimal(12), brand="Marca")
    buyer, staff = person(found["partner"][0]), person(found["staff"][0])
    order = steps.order(buyer, {product.id: 2}, clock.now())
    steps.claim(staff, order, clock.now())
    issue(order, clock.now())
    steps.order(buyer, {product.id: 1}, clock.now())
    steps.fill(buyer, {product.id: 3})
    return found


def addresses(side: str) -> list[str]:
    return [f"/{entry.url}" for entry in PAGES if entry.side in (side, "both") and entry.listed]


def faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical: rule, element and why."""
    found = AXE.run(page, options=RULES).response["violations"]
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


@pytest.mark.parametrize("side", ["public", "partner", "staff"])
def test_nobody_is_shut_out_of_a_page_by_how_it_looks_and_none_is_wider_than_a_telephone(
    portal: Portal, page: Page, people: dict[str, tuple[str, str]], side: str
) -> None:
    if side == "public":
        visit(portal, page, ["/", *(f"/{entry.url}" for entry in PAGES if entry.side == "public")], faults)
    else:
        portal.sign_in(page, *people[side])
        visit(portal, page, addresses(side), lambda shown: faults(shown) + too_wide(shown))


@pytest.mark.parametrize("side", ["partner", "staff"])
def test_the_dark_pages_are_as_readable_as_the_light_ones(
    portal: Portal, page: Page, people: dict[str, tuple[str, str]], side: str
) -> None:
    page.emulate_media(color_scheme="dark")
    portal.sign_in(page, *people[side])
    assert page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme") == "dark"
    visit(portal, page, addresses(side)[:4], faults)


def visit(portal: Portal, page: Page, paths: list[str], look: Callable[[Page], list[str]]) -> None:
    """All faults of all pages at once: one run tells everything that is to be mended."""
    found: list[str] = []
    for path in paths:
        portal.open(page, path)
        found += look(page)
    assert found == []
