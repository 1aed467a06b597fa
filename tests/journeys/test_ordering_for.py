"""Staff order for a partner, from its page in the register to its own list of orders."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from core.db import transaction
from core.i18n import translate
from core.orders.queries import order_detail
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_company, make_partner, make_product, set_own_price
from tests.journeys.conftest import Portal, Profiles, type_quantities
from tests.journeys.test_main_job import place_cart

pytestmark = pytest.mark.browser


def ro(message: str) -> str:
    return translate(message, "ro")


@pytest.fixture
def other(profiles: Profiles) -> Page:
    """A browser of somebody else."""
    return profiles.take().new_page()


def test_staff_order_for_a_partner_and_its_owner_finds_the_order(portal: Portal, page: Page, other: Page) -> None:
    make_company()
    partner = make_partner(name="Electro Șoim SRL", discount=Decimal(10))
    product = make_product(name="Cablu CYY-F 3×2,5", sku="CYY-325", stock=50, list_price=Decimal("12.5"))
    make_product(name="Doză aparat", sku="DZ-1", stock=5)
    set_own_price(partner.id, product.id, "8.4")
    portal.sign_in(page, *portal.add_user(role="sales"), path="/staff-partners")
    steps_in(portal, page)
    expect(page).to_have_url(portal.url + "/catalog")
    banner = page.locator(".st-key-viewing")
    expect(banner).to_contain_text("Electro Șoim SRL")
    type_quantities(page, 4)
    order_id = place_cart(portal, page)
    with transaction(SYSTEM) as session:
        found = order_detail(session, order_id)
    assert (found.order.partner_id, found.order.ordered_by, found.order.placed_by_staff) == (
        partner.id, "Ana Popescu", True,
    )  # fmt: skip
    assert found.lines[0].unit_price == Decimal("8.4")
    portal.open(page, f"/orders?order={order_id}")
    expect(page.get_by_role("button", name=ro("Cancel the order"))).to_have_count(0)
    portal.open(page, "/staff-partners")
    expect(page.get_by_text(ro("You have no access to this page"))).to_be_visible()
    page.locator(".st-key-end_view button").click()
    expect(page).to_have_url(portal.url + "/staff-queue")
    expect(banner).to_have_count(0)
    portal.sign_in(other, *portal.add_user(partner), path=f"/orders?order={order_id}")
    expect(other.locator("[data-testid=stMain]")).to_contain_text("Ana Popescu")
    steps.assert_invariants()


def steps_in(portal: Portal, page: Page) -> None:
    """From the list of partners to the catalogue at the first one's prices."""
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    portal.settle(page)
    box = table.locator("canvas").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + 15, box["y"] + 40 + 19)
    opens = page.locator("[class*=st-key-order-for-]").get_by_role("button").first
    opens.wait_for()
    opens.click()
    page.locator("[data-testid=stPopoverBody] input").fill("comandă la telefon")
    page.locator("[data-testid=stPopoverBody] input").press("Tab")
    portal.settle(page)
    page.locator("[class*=st-key-order-for-start-] button").click()
