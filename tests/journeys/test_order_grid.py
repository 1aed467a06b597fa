"""The order grid, typed into as people do: by keyboard, fast, from a sheet, on a phone, with everything going wrong."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.core.orders import steps
from tests.factories import make_partner, make_product
from tests.journeys.conftest import (
    Portal,
    Profiles,
    cart_of,
    expect_kept,
    place_cart,
    quantity_fields,
    ro,
    type_quantities,
)

Enter = Callable[..., Page]


@pytest.fixture(scope="module")
def shelf(portal: Portal) -> list[int]:
    """Products in the order of the page: twelve plain ones, one in sixes, one of which four are left, a hostile one."""
    plain = [make_product(stock=500, name=f"A{n:02} goods").id for n in range(12)]
    sixes = make_product(stock=500, name="B in sixes", multiple=Decimal(6))
    few = make_product(stock=4, name="C few are left")
    hostile = make_product(stock=5, name="D <img src=x onerror=alert(1)> \"'&")
    return [*plain, sixes.id, few.id, hostile.id]


def test_a_column_typed_as_fast_as_fingers_go_is_kept_and_totalled(
    portal: Portal, enter: Enter, shelf: list[int]
) -> None:
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    type_quantities(page, *range(1, 13), pause=15)
    assert cart_of(person) == {product: n for n, product in enumerate(shelf[:12], 1)}
    expect(page.locator(".bar")).to_contain_text("943,80")  # 78 at 10 lei and 21 % VAT
    page.reload()
    expect(quantity_fields(page).nth(11)).to_have_value("12")


def test_the_keys_do_what_a_sheets_do(portal: Portal, enter: Enter, shelf: list[int]) -> None:
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    fields = quantity_fields(page)
    type_quantities(page, "2,5")
    expect(fields.nth(1)).to_be_focused()
    page.keyboard.type("77")
    page.keyboard.press("Escape")
    expect(fields.nth(1)).to_have_value("")
    page.keyboard.press("ArrowDown")
    expect(fields.nth(2)).to_be_focused()
    page.keyboard.press("+")
    page.keyboard.press("ArrowUp")
    expect(fields.nth(1)).to_be_focused()
    expect_kept(page)
    assert cart_of(person) == {shelf[0]: Decimal("2.5"), shelf[2]: 1}


def test_a_pasted_column_fills_the_rows_from_the_one_it_is_pasted_into(
    portal: Portal, enter: Enter, shelf: list[int]
) -> None:
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    quantity_fields(page).nth(2).evaluate("""field => {
        const sheet = new DataTransfer()
        sheet.setData('text/plain', '3\\r\\n4,5\\r\\n6\\r\\n')
        field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: sheet, bubbles: true, cancelable: true}))
    }""")
    expect(quantity_fields(page).nth(4)).to_have_value("6")
    expect_kept(page)
    assert cart_of(person) == {shelf[2]: 3, shelf[3]: Decimal("4.5"), shelf[4]: 6}


def test_what_cannot_be_ordered_so_is_corrected_in_its_row(portal: Portal, enter: Enter, shelf: list[int]) -> None:
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    fields = quantity_fields(page)
    fields.nth(12).fill("10")
    fields.nth(12).press("Enter")
    expect(fields.nth(12)).to_have_value("12")
    fields.nth(13).fill("9")
    fields.nth(13).press("Enter")
    row = page.get_by_role("row").filter(has_text="C few are left")
    row.get_by_role("button", name="4", exact=False).last.click()
    expect(fields.nth(13)).to_have_value("4")
    fields.nth(0).fill("many")
    fields.nth(0).press("Enter")
    expect(fields.nth(12)).to_have_value("12")
    expect(page.get_by_text("onerror=alert(1)")).to_be_visible()
    expect_kept(page)
    assert cart_of(person) == {shelf[12]: 12, shelf[13]: 4}


def test_nothing_is_lost_by_leaving_reloading_closing_or_a_cut(portal: Portal, enter: Enter, shelf: list[int]) -> None:
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    fields = quantity_fields(page)
    fields.nth(0).click()
    page.keyboard.type("11")
    page.locator("[data-testid=stSidebarNavLink]").nth(3).click()  # without Enter
    expect(page).to_have_url(portal.url + "/orders")
    portal.open(page, "/catalog")
    expect(fields.nth(0)).to_have_value("11")
    fields.nth(1).click()
    page.keyboard.type("22")
    page.reload()
    expect(fields.nth(1)).to_have_value("22")
    expect_kept(page)
    page.context.set_offline(True)
    fields.nth(2).click()
    page.keyboard.type("33")
    page.keyboard.press("Enter")
    expect(page.locator(".bar")).not_to_have_attribute("data-state", "kept")
    page.context.set_offline(False)
    expect_kept(page)
    fields.nth(3).click()
    page.keyboard.type("44")
    other = page.context.new_page()
    page.close(run_before_unload=True)
    portal.open(other, "/catalog")
    expect(quantity_fields(other).nth(3)).to_have_value("44")
    expect_kept(other)
    assert cart_of(person) == {product: 11 * n for n, product in enumerate(shelf[:4], 1)}


def test_a_click_in_a_row_tells_why_opens_the_product_or_joins_the_waiting_list(
    portal: Portal, enter: Enter, shelf: list[int]
) -> None:
    sold_out = make_product(name="E is sold out")
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    row = page.get_by_role("row").filter(has_text="E is sold out")
    row.locator(".why").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(ro("this is the price"))
    dialog.get_by_role("button", name=ro("Close the window")).click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".bell")).to_have_count(1)
    row.locator(".bell").click()
    dialog.get_by_role("button", name=ro("Tell me when it is back")).click()
    expect(page.get_by_text(ro("Waiting list: {count}").format(count=1))).to_be_visible()
    assert steps.scalar("select quantity from stock_wait where product_id = :id", id=sold_out.id) == 1
    row.locator("a.name").click()
    expect(page).to_have_url(f"{portal.url}/product?product={sold_out.id}")
    expect(page.get_by_role("heading", name="E is sold out")).to_be_visible()


def test_on_a_phone_rows_are_cards_that_need_no_sideways_scrolling(
    portal: Portal, profiles: Profiles, shelf: list[int]
) -> None:
    person = portal.add_user(make_partner())
    page = profiles.take(390, 844, has_touch=True).new_page()
    portal.sign_in(page, *person, path="/catalog")
    quantity_fields(page).first.wait_for()
    type_quantities(page, 3, 4)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert cart_of(person) == {shelf[0]: 3, shelf[1]: 4}


def test_a_mistyped_word_without_diacritics_is_found_and_ordered_by_keyboard_alone(
    portal: Portal, enter: Enter, shelf: list[int]
) -> None:
    product = make_product(stock=50, name="Țeavă multistrat 20x2")
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    page.locator(".st-key-catalog_filters input").first.click()
    page.keyboard.type("mulitstrat teava", delay=30)
    expect(page.locator("a.name")).to_have_text(["Țeavă multistrat 20x2"])
    expect(page.locator(".st-key-corrected")).to_contain_text("multistrat")
    assert "search=" in page.url or "q=" in page.url
    shared = page.context.new_page()
    portal.open(shared, page.url.removeprefix(portal.url))
    expect(shared.locator("a.name")).to_have_text(["Țeavă multistrat 20x2"])
    shared.close()
    type_quantities(page, 5)
    place_cart(portal, page)
    assert steps.scalar("select quantity from order_line where product_id = :id", id=product.id) == 5


def test_a_star_in_two_tabs_does_what_each_of_them_shows(portal: Portal, enter: Enter, shelf: list[int]) -> None:
    person = portal.add_user(make_partner())
    first = enter(person, "/catalog?q=A00")
    second = first.context.new_page()
    second.goto(f"{portal.url}/catalog?q=A00")
    stars = "select count(*) from favourite join app_user on app_user.id = user_id where email = :email"
    for page in (first, second):
        expect(page.locator(".star")).to_have_attribute("aria-pressed", "false")
    for page in (first, second):
        page.bring_to_front()  # in a tab that nobody looks at the browser draws once a second
        page.locator(".star").click()
        page.locator(".why").click()  # clicks are answered in their order
        expect(page.get_by_role("dialog")).to_be_visible()
        assert steps.scalar(stars, email=person[0]) == 1
