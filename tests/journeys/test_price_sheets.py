"""The sheets of prices, filled as staff fill them: a block copied in Excel, pasted where the caption says."""

import re
from datetime import date

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.core.orders import steps
from tests.factories import (
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_promotion,
    set_own_price,
)
from tests.journeys.conftest import Portal, ro

BLOCK = "{0}-1\t10,90\n{0}-2\t1,25\t24\n{0}-3\t7\n"


def paste_into_the_last_row(page: Page, rows: int, block: str) -> None:
    """Click on the empty row under `rows` others, which opens its first cell, and paste there."""
    page.evaluate("text => navigator.clipboard.writeText(text)", block)
    sheet, height = page.locator(".stDataFrameGlideDataEditor:visible").last, 35
    sheet.click(position={"x": 100, "y": height * (rows + 1) + height / 2})
    expect(page.locator(".gdg-input")).to_be_visible()
    page.keyboard.press("Control+v", delay=500)  # as long as fingers take: until then the browser makes the row
    expect(page.locator(".gdg-input")).to_have_value(re.compile("-3"))
    page.keyboard.press("Enter")


def save(page: Page, portal: Portal) -> None:
    button = page.get_by_role("button", name=ro("Save the prices"))
    expect(button).to_be_enabled()
    button.click()
    expect(button.last).to_be_disabled()
    portal.settle(page)


# One sheet on three pages: every page once, and the sheet with rows in it and without.
@pytest.mark.parametrize(("kind", "rows"), [("list", 0), ("list", 1), ("own", 1), ("promotion", 0)])
def test_a_block_from_excel_is_pasted_into_the_last_row_and_saved(
    portal: Portal, context: BrowserContext, page: Page, kind: str, rows: int
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    name = f"{kind}{rows}".upper()
    products = [make_product(sku=f"{name}-{n}") for n in (1, 2, 3)]
    there = make_product(sku=f"{name}-0")
    if kind == "list":
        found = make_price_list()
        address, table = f"/staff-prices?list={found.id}", f"price_list_item where price_list_id = {found.id}"
        if rows:
            make_list_price(found, there, "5")
    elif kind == "own":
        partner = make_partner()
        address = f"/staff-partners?partner={partner.id}"
        table = f"partner_price where partner_id = {partner.id}"
        if rows:
            set_own_price(partner.id, there.id, "5")
    else:
        offer = {"product": there, "net": "5"} if rows else {}
        made = make_promotion(valid_until=date(2030, 1, 1), **offer)
        address, table = f"/staff-price-rules?promotion={made.id}", f"promotion_item where promotion_id = {made.id}"
    portal.sign_in(page, *portal.add_user(), path=address)
    if kind == "own":
        page.get_by_role("tab", name=re.compile(f"^{ro('Prices')}$")).click()
    block = BLOCK.format(name)
    if kind == "promotion":
        block = block.replace("\t24", "\t\t24")
    paste_into_the_last_row(page, rows, block)
    save(page, portal)
    kept = steps.scalar(f"select json_agg(json_build_array(product_id, net, from_quantity) order by id) from {table}")
    before = [[there.id, 5, 0]] if rows else []
    one, two, three = (product.id for product in products)
    assert kept == [*before, [one, 10.9, 0], [two, 1.25, 24], [three, 7, 0]]
