"""The order grid while the line is cut, answers are lost, others answer, and two windows have the same cart."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from core import clock
from core.auth.models import User
from core.db import transaction
from core.orders import placing
from core.orders.cart import view_cart
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_partner, make_product, principal_of
from tests.journeys.conftest import Portal, cart_of, expect_kept, quantity_fields, ro, type_quantities
from workers.locks import wait_until

Enter = Callable[..., Page]
Person = tuple[str, str]
ROUTE = "**/cart/keep"


@pytest.fixture(scope="module")
def shelf(portal: Portal) -> list[int]:
    plain = [make_product(stock=500, sku=f"P-{n}", name=f"A{n} goods").id for n in range(3)]
    return [*plain, make_product(stock=500, name="B by ten", least_quantity=10).id]


@pytest.fixture
def person(portal: Portal) -> Person:
    return portal.add_user(make_partner())


@pytest.fixture
def page(enter: Enter, person: Person, shelf: list[int]) -> Page:
    page = enter(person, "/catalog")
    quantity_fields(page).first.wait_for()
    return page


def principal(person: Person) -> Principal:
    with transaction(SYSTEM) as session:
        return principal_of(session.query(User).filter_by(email=person[0]).one())


def place_elsewhere(person: Person) -> None:
    """The cart is ordered from another device."""
    with transaction(principal(person)) as session:
        placing.place(session, view_cart(session, clock.now()).token, clock.now())


def put(page: Page, row: int, quantity: str) -> None:
    quantity_fields(page).nth(row).fill(quantity)
    quantity_fields(page).nth(row).press("Enter")


def lose_answers(route: Route) -> None:
    route.fetch()
    route.abort()


def expect_state(page: Page, state: str) -> None:
    expect(page.locator(".bar")).to_have_attribute("data-state", state)


def look_again(page: Page) -> None:
    page.evaluate("() => dispatchEvent(new Event('focus'))")


@pytest.mark.parametrize("reloaded", [False, True])
def test_what_was_ordered_elsewhere_after_its_answer_was_lost_is_told_and_not_ordered_again(
    page: Page, person: Person, shelf: list[int], reloaded: bool
) -> None:
    page.route(ROUTE, lose_answers)
    put(page, 0, "1")
    expect_state(page, "offline")
    assert cart_of(person) == {shelf[0]: 1}
    place_elsewhere(person)
    page.unroute(ROUTE)
    if reloaded:
        page.reload()
    expect(page.locator("td.quantity").first).to_contain_text("coșul a fost trimis între timp")
    expect(page.locator(".bar")).to_contain_text("P-0 × 1")
    expect(quantity_fields(page).first).to_have_value("")
    expect_kept(page)
    assert cart_of(person) == {}
    put(page, 0, "2")
    expect_kept(page)
    assert cart_of(person) == {shelf[0]: 2}
    expect(page.locator(".bar")).not_to_contain_text("P-0")


NOT_OURS = [
    (200, "<html>log in to the hotel</html>"), (200, '{"ok": true}'), (404, "<html/>"), (413, ""), (429, "{}"),
    (401, "<html/>"), (502, "<html/>"),
]  # fmt: skip


def answering(status: int, body: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, body=body)


def test_an_answer_that_is_not_ours_keeps_what_was_typed_until_there_is_one(
    page: Page, person: Person, shelf: list[int]
) -> None:
    before: dict[int, int] = {}
    for typed, (status, body) in enumerate(NOT_OURS, 3):
        page.route(ROUTE, answering(status, body))
        put(page, 0, str(typed))
        expect_state(page, "offline")
        expect(quantity_fields(page).first).to_have_value(str(typed))
        assert cart_of(person) == before, (status, body)
        page.unroute(ROUTE)
        expect_kept(page)
        before = {shelf[0]: typed}
        assert cart_of(person) == before, (status, body)


def test_a_cut_of_three_seconds_loses_nothing(page: Page, person: Person, shelf: list[int]) -> None:
    page.route(ROUTE, lambda route: route.abort())
    for row in range(3):
        put(page, row, str(row + 1))
    for _ in range(4):  # tried at once, and after 0.3, 0.7 and 1.5 seconds
        page.wait_for_event("requestfailed")
    assert cart_of(person) == {}
    page.unroute(ROUTE)
    expect_kept(page)
    assert cart_of(person) == {shelf[0]: 1, shelf[1]: 2, shelf[2]: 3}


def test_an_edit_on_which_the_server_fails_is_told_in_its_row_and_stops_no_other(
    page: Page, person: Person, shelf: list[int]
) -> None:
    def fail_on_the_first(route: Route) -> None:
        if str(shelf[0]) in route.request.post_data_json["edits"]:
            route.fulfill(status=500, body=json.dumps({"failed": "ABC123"}))
        else:
            route.continue_()

    page.route(ROUTE, fail_on_the_first)
    for row in range(3):
        put(page, row, "7")
    expect(page.locator("td.quantity").first).to_contain_text("ABC123")
    expect_kept(page)
    assert cart_of(person) == {shelf[1]: 7, shelf[2]: 7}


def test_after_the_session_has_ended_a_link_leads_to_the_log_in_and_what_was_typed_arrives(
    portal: Portal, page: Page, person: Person, shelf: list[int]
) -> None:
    page.context.clear_cookies()
    put(page, 0, "4")
    expect_state(page, "login")
    page.locator(".bar").get_by_role("link", name=ro("Log in")).click()
    portal.submit(page, *person)
    expect(quantity_fields(page).first).to_have_value("4")
    expect_kept(page)
    assert cart_of(person) == {shelf[0]: 4}


def test_a_tab_closed_while_offline_loses_nothing_and_another_user_sees_and_deletes_nothing_of_it(
    portal: Portal, page: Page, person: Person, shelf: list[int]
) -> None:
    context, other = page.context, portal.add_user(make_partner())
    context.set_offline(True)
    put(page, 0, "5")
    expect_state(page, "offline")
    quantity_fields(page).nth(1).fill("6")  # and not entered
    close(page)
    context.set_offline(False)
    theirs = as_another(portal, context, other)
    expect(quantity_fields(theirs).first).to_have_value("")
    type_quantities(theirs, 1)
    theirs.close()
    mine = as_another(portal, context, person)
    expect(quantity_fields(mine).nth(1)).to_have_value("6")
    expect_kept(mine)
    assert (cart_of(person), cart_of(other)) == ({shelf[0]: 5, shelf[1]: 6}, {shelf[0]: 1})


def close(page: Page) -> None:
    with page.expect_event("close"):
        page.close(run_before_unload=True)


def as_another(portal: Portal, context: BrowserContext, person: Person) -> Page:
    context.clear_cookies()
    page = context.new_page()
    portal.sign_in(page, *person, path="/catalog")
    return page


def test_what_was_typed_too_long_ago_is_told_and_not_sent(page: Page, portal: Portal, person: Person) -> None:
    catalog = page.url
    other = page.context.new_page()
    other.goto(f"{portal.url}/_stcore/health")  # of the same site, but no catalogue that would send what it finds
    page.context.set_offline(True)
    put(page, 0, "5")
    expect_state(page, "offline")
    page.evaluate("() => { navigator.sendBeacon = () => false }")  # a tab that closes is not cut off any more
    close(page)
    other.evaluate("""() => {
        const [name, text] = Object.entries(localStorage).find(([name]) => name.startsWith('rampa-cart'))
        localStorage.setItem(name, JSON.stringify({...JSON.parse(text), at: Date.now() - 31 * 60_000, seen: 0}))
    }""")
    other.context.set_offline(False)
    other.goto(catalog)
    expect(other.locator("td.quantity").first).to_contain_text("a trecut prea mult timp")
    expect(other.locator(".bar")).to_contain_text("P-0 × 5")
    assert cart_of(person) == {}


def test_the_same_number_typed_again_counts_where_another_device_has_changed_it(
    page: Page, person: Person, shelf: list[int]
) -> None:
    type_quantities(page, 5)
    steps.fill(principal(person), {shelf[0]: 8})
    type_quantities(page, 5)
    assert cart_of(person) == {shelf[0]: 5}


def test_two_windows_side_by_side_show_the_same(page: Page, person: Person, shelf: list[int]) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    quantity_fields(other).first.wait_for()  # before that it hears nothing of the first one
    page.bring_to_front()  # in a tab that nobody looks at the browser draws once a second
    type_quantities(page, 5)
    expect(quantity_fields(other).first).to_have_value("5")
    put(other, 0, "8")
    expect(quantity_fields(page).first).to_have_value("8")
    steps.fill(principal(person), {shelf[0]: 9})
    look_again(page)
    expect(quantity_fields(other).first).to_have_value("9")
    assert cart_of(person) == {shelf[0]: 9}


def test_a_request_that_was_held_up_does_not_undo_what_was_typed_later(
    page: Page, person: Person, shelf: list[int]
) -> None:
    held: list[Route] = []
    page.route(ROUTE, lambda route: route.continue_() if held else held.append(route))
    put(page, 0, "1")
    put(page, 0, "2")
    page.evaluate("() => ['pagehide', 'pageshow'].forEach(name => dispatchEvent(new Event(name)))")
    assert wait_until(lambda: cart_of(person) == {page.evaluate("id => id", shelf[0]): 2}, 10)  # a beacon overtakes it
    held[0].continue_()
    expect_kept(page)
    assert cart_of(person) == {shelf[0]: 2}


def test_what_is_typed_in_a_row_that_is_on_its_way_is_sent_too(page: Page, person: Person, shelf: list[int]) -> None:
    held: list[Route] = []
    page.route(ROUTE, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(ROUTE):
        put(page, 0, "1")
    put(page, 0, "2")
    held[0].continue_()
    expect_kept(page)
    expect(quantity_fields(page).first).to_have_value("2")
    assert cart_of(person) == {shelf[0]: 2}


def test_a_note_ends_with_the_cart_that_it_is_about(page: Page, person: Person) -> None:
    put(page, 3, "3")
    expect(quantity_fields(page).nth(3)).to_have_value("10")
    note = page.locator("td.quantity .note").nth(3)
    expect(note).to_have_class("note mended")
    expect_kept(page)
    place_elsewhere(person)
    look_again(page)
    expect(quantity_fields(page).nth(3)).to_have_value("")
    expect(note).to_have_class("note")
