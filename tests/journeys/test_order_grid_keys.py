"""The order grid by keyboard alone, from a sheet and on a phone; its arithmetic is that of the server."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from core.catalog.quantities import fitting, fitting_within
from core.imports.numbers import parse_number
from core.imports.problems import Fault
from core.money import format_amount, round_amount, totals
from core.orders.keeping import scaled
from core.pricing.models import PartnerPrice
from tests.core.orders import steps
from tests.factories import add, make_partner, make_product
from tests.journeys.conftest import Portal, Profiles, cart_of, expect_kept, place_cart, quantity_fields, ro

Enter = Callable[..., Page]


@pytest.fixture(scope="module")
def shelf(portal: Portal) -> dict[str, int]:
    make = {
        "plain": make_product(stock=500, sku="P-1", name="A plain"),
        "pack": make_product(stock=500, sku="P-2", name="B by the pack", pack=6),
        "last": make_product(stock=500, sku="P-3", name="C last", multiple=Decimal("2.5"), vat_class="reduced"),
    }
    return {name: product.id for name, product in make.items()}


def focused_name(page: Page) -> str:
    """What a screen reader says of the focused element, also inside the grid."""
    return str(
        page.evaluate("""() => {
        let at = document.activeElement
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
        return at?.getAttribute('aria-label') ?? at?.textContent ?? ''
    }""")
    )


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what is called so."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in focused_name(page):
            return
    pytest.fail(f"no Tab leads to {words}")


def test_tab_leaves_a_field_in_which_nothing_was_typed_and_goes_down_the_column_where_something_was(
    portal: Portal, enter: Enter, shelf: dict[str, int]
) -> None:
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    fields = quantity_fields(page)
    fields.nth(0).focus()
    page.keyboard.press("Tab")
    assert focused_name(page) == "B by the pack"
    page.keyboard.press("Shift+Tab")
    expect(fields.nth(0)).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    expect(fields.nth(1)).to_be_focused()
    page.keyboard.type("2")
    page.keyboard.press("Shift+Tab")
    expect(fields.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Enter")
    expect(fields.nth(0)).to_be_focused()
    fields.nth(2).focus()
    page.keyboard.type("many")
    page.keyboard.press("Tab")
    expect(fields.nth(2)).not_to_be_focused()
    expect_kept(page)
    assert cart_of(person) == {shelf["plain"]: 1, shelf["pack"]: 2}


def test_plus_and_minus_go_by_the_pack_and_by_the_multiple(portal: Portal, enter: Enter, shelf: dict[str, int]) -> None:
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    for row, keys, shown in ((1, "++-", "6"), (2, "++", "5"), (0, "+-", "")):
        quantity_fields(page).nth(row).focus()
        page.keyboard.type(keys)
        expect(quantity_fields(page).nth(row)).to_have_value(shown)
    expect_kept(page)
    assert cart_of(person) == {shelf["pack"]: 6, shelf["last"]: 5}


def test_a_star_keeps_the_focus_when_its_row_is_drawn_anew(portal: Portal, enter: Enter, shelf: dict[str, int]) -> None:
    page = enter(portal.add_user(make_partner()), "/catalog")
    star = page.locator(".star").first
    star.evaluate("star => { star.dataset.first = ''; star.focus() }")
    page.keyboard.press("Space")
    expect(page.locator(".star[data-first]")).to_have_count(0)
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()


def test_the_way_back_from_a_product_leads_to_its_row(portal: Portal, enter: Enter, shelf: dict[str, int]) -> None:
    page = enter(portal.add_user(make_partner()), "/catalog")
    page.set_viewport_size({"width": 390, "height": 500})
    page.get_by_role("link", name="C last").click()
    expect(page.locator(".product-picture, .no-picture").first).to_be_visible()
    portal.settle(page)
    page.go_back()
    expect(page.get_by_role("link", name="C last")).to_be_focused()
    expect(page.get_by_role("link", name="C last")).to_be_in_viewport()


def paste(field: Locator, text: str) -> None:
    field.evaluate(
        """(field, text) => {
            const sheet = new DataTransfer()
            sheet.setData('text/plain', text)
            field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: sheet, bubbles: true, cancelable: true}))
        }""",
        text,
    )


def test_a_pasted_block_gives_its_numbers_and_what_is_beyond_the_last_row_is_said(
    portal: Portal, enter: Enter, shelf: dict[str, int]
) -> None:
    person = portal.add_user(make_partner())
    page = enter(person, "/catalog")
    paste(quantity_fields(page).nth(1), "P-2\t3\tpcs\r\nP-3\t5\r\nP-4\t7\r\n")
    expect(quantity_fields(page).nth(2)).to_have_value("5")
    words = ro("Quantities pasted: {count}. Beyond the last row: {beyond}.").format(count=2, beyond=1)
    expect(page.locator(".bar")).to_contain_text(words)
    expect_kept(page)
    assert cart_of(person) == {shelf["pack"]: 3, shelf["last"]: 5}


@pytest.mark.parametrize("phone", [False, True])
def test_from_the_search_to_a_placed_order_by_keyboard_alone_and_on_a_phone(
    portal: Portal, profiles: Profiles, shelf: dict[str, int], phone: bool
) -> None:
    pipe = make_product(stock=50, name=f"Țeavă multistrat 20x2 {phone}")
    person = portal.add_user(make_partner())
    page = (profiles.take(390, 844, has_touch=True) if phone else profiles.take(1360, 900)).new_page()
    portal.sign_in(page, *person, path="/catalog")
    quantity_fields(page).first.wait_for()
    page.locator(".st-key-catalog_q input").focus()
    page.keyboard.type(f"mulitstrat teava {phone}")
    page.keyboard.press("Enter")
    expect(quantity_fields(page)).to_have_count(1)
    expect(quantity_fields(page).first).to_be_focused()
    page.keyboard.type("5")
    if phone:
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        place_cart(portal, page)
    else:
        page.keyboard.press("F9")
        expect(page.get_by_role("dialog")).to_contain_text("multistrat")
        tab_to(page, ro("Place the order for {total}").split("{")[0])
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        portal.settle(page)
    assert steps.scalar("select quantity from order_line where product_id = :id", id=pipe.id) == 5


def test_sums_are_right_while_the_server_says_nothing(portal: Portal, enter: Enter, shelf: dict[str, int]) -> None:
    partner = make_partner()
    for start, net in ((0, "1.2345"), (10, "0.9995")):
        price = {"partner_id": partner.id, "product_id": shelf["plain"], "from_quantity": start, "net": Decimal(net)}
        add(PartnerPrice(**price))
    page = enter(portal.add_user(partner), "/catalog")
    page.route("**/cart/keep", lambda route: None)
    fields = quantity_fields(page)
    for row, typed in enumerate(("9,5", "7", "4")):
        fields.nth(row).fill(typed)
        fields.nth(row).press("Enter")
    expect(fields.nth(2)).to_have_value("5")  # in multiples of 2.5
    lines = [(Decimal("11.73"), Decimal(21)), (Decimal(70), Decimal(21)), (Decimal(50), Decimal(11))]
    expect_sums(page, lines)
    fields.nth(0).fill("10,5")  # a price break, and not entered
    expect_sums(page, [(Decimal("10.49"), Decimal(21)), *lines[1:]])
    fields.nth(0).press("Enter")
    page.unroute("**/cart/keep")
    page.reload()
    expect_kept(page)
    expect_sums(page, [(Decimal("10.49"), Decimal(21)), *lines[1:]])


def expect_sums(page: Page, lines: list[tuple[Decimal, Decimal]]) -> None:
    sums = totals(lines)
    for name, value in (("net", sums.net), ("vat", sums.vat), ("gross", sums.gross)):
        expect(page.locator(f".bar .{name} b")).to_have_text(format_amount(value, "ro"))


QUANTITIES = [Decimal(q) for q in ("0.001", "0.5", "1", "2.499", "5", "6", "7", "11.999", "12", "100.25", "999999")]
RULES = [
    {"least": least, "multiple": multiple}
    for least in (None, Decimal("0.75"), Decimal(10))
    for multiple in (None, Decimal("2.5"), Decimal(6))
]
PRICES = [Decimal(p) for p in ("0", "0.0001", "0.3333", "1.005", "1.2345", "19.99", "9999999.9999")]
SUMS = [
    [(Decimal(bani).scaleb(-2), Decimal(rate)) for bani, rate in lines]
    for lines in ([(1, 21), (2, 11)], [(5, 9), (5, 9)], [(333, 21), (333, 21), (50, 11), (99_999_999_999, 21)], [])
]
TYPED = [
    *("5", "2,5", "2.5", "1.250", "1,250", "1.250,5", "1,250.5", "1 250", "0,125", "0.125", ".5", ",5", "5,", "1.2.3"),
    *("1.234.567", "12,34,567", "1,2.3,4", "many", "-1", "1e3", "0,0000", "999999", "1234567,5", "٣", "1.25.250"),
]


def of_python(typed: str, mark: str) -> int | None:
    """In thousandths, None for what is no quantity."""
    try:
        value = parse_number(typed, mark)
    except Fault:
        return None
    return scaled(value, 3) if 0 <= value <= 999_999 and value == round(value, 3) else None


def test_the_browser_counts_and_reads_numbers_as_the_server_does(
    portal: Portal, enter: Enter, shelf: dict[str, int]
) -> None:
    page = enter(portal.add_user(make_partner()), "/catalog")
    fits = [(q, rule) for q in QUANTITIES for rule in RULES]
    nets = [(q, price) for q in QUANTITIES for price in PRICES]
    typed = [(text, mark) for text in TYPED for mark in ",."]
    with page.expect_request("**/numbers.js*") as served:
        page.reload()
    given: dict[str, Any] = {
        "served": served.value.url,
        "fits": [[scaled(q, 3), {name: scaled(value, 3) for name, value in rule.items() if value}] for q, rule in fits],
        "nets": [[scaled(q, 3), scaled(price, 4)] for q, price in nets],
        "sums": [[[scaled(net, 2), scaled(rate, 2)] for net, rate in lines] for lines in SUMS],
        "typed": typed,
    }
    counted = page.evaluate(_COUNT, given)
    assert counted["fits"] == [
        [scaled(fitting(q, **rule), 3), scaled(fitting_within(q, **rule), 3)] for q, rule in fits
    ]
    assert counted["nets"] == [scaled(round_amount(q * price), 2) for q, price in nets]
    expected = [totals(lines) for lines in SUMS]
    assert counted["sums"] == [[scaled(one.net, 2), scaled(one.vat, 2), scaled(one.gross, 2)] for one in expected]
    assert dict(zip(typed, counted["typed"], strict=True)) == {one: of_python(*one) for one in typed}
    assert counted["prices"] == [100, 100, 90, 90]


_COUNT = """async given => {
    const numbers = await import(given.served)
    const row = {price: 100, breaks: [[10000, 90]]}
    return {
        fits: given.fits.map(([q, row]) => [numbers.fitting(row, q), numbers.takeable(row, q)]),
        nets: given.nets.map(([q, price]) => numbers.lineNet(q, price)),
        sums: given.sums.map(lines => Object.values(numbers.totals(lines))),
        typed: given.typed.map(([typed, mark]) => numbers.parse(typed, mark).q ?? null),
        prices: [1, 9999, 10000, 10001].map(q => numbers.priceAt(row, q)),
    }
}"""
