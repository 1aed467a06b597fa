"""Logging in, staying in and getting out, in a real browser."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core import clock
from core.auth.models import User
from core.auth.users import set_active
from core.db import transaction
from core.principal import SYSTEM
from tests.factories import make_partner
from tests.journeys.conftest import Portal, Profiles

pytestmark = pytest.mark.browser

FORM = "[data-testid=stForm]"
MENU = "[data-testid=stSidebarNavLink]"


def test_the_first_address_opened_after_a_start_shows_the_login_and_leads_there(portal: Portal, page: Page) -> None:
    """Must stay the first test of the module: Streamlit once took such an address for unknown."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    email, password = portal.add_user(language="en")
    portal.open(page, "/staff-settings?from=mail")
    assert not page.get_by_role("dialog").count()
    assert not page.locator(MENU).count()
    portal.submit(page, email, password)
    expect(page.locator(MENU).first).to_be_visible()
    expect(page).to_have_url(portal.url + "/staff-settings?from=mail")
    assert not [text for text in complaints if "Content Security Policy" in text or "does not seem to exist" in text]


@pytest.mark.parametrize(("staff", "start", "entries"), [(False, "/catalog", 11), (True, "/staff-queue", 19)])
def test_everybody_starts_on_their_own_page_with_their_own_menu(
    portal: Portal, page: Page, staff: bool, start: str, entries: int
) -> None:
    portal.log_in(page, *portal.add_user(None if staff else make_partner()))
    expect(page).to_have_url(portal.url + start)
    expect(page.locator(MENU)).to_have_count(entries)


def test_a_wrong_password_says_so_and_the_right_one_still_gets_in(portal: Portal, page: Page) -> None:
    email, password = portal.add_user(make_partner())
    portal.open(page)
    portal.submit(page, email, "wrong")
    expect(page.locator("[data-testid=stAlert]")).to_be_visible()
    portal.submit(page, email, password)
    expect(page.locator(MENU).first).to_be_visible()


def test_a_reload_and_a_second_tab_are_signed_in(portal: Portal, context: BrowserContext, page: Page) -> None:
    portal.log_in(page, *portal.add_user(make_partner()), path="/orders")
    page.reload()
    expect(page.locator(MENU).first).to_be_visible()
    second = context.new_page()
    portal.open(second, "/documents")
    expect(second.locator(MENU).first).to_be_visible()
    assert second.url == portal.url + "/documents"


def test_the_cookies_are_out_of_reach_of_scripts(portal: Portal, context: BrowserContext, page: Page) -> None:
    portal.log_in(page, *portal.add_user(make_partner()))
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    assert all(cookies[name]["httpOnly"] and cookies[name]["sameSite"] == "Lax" for name in ("sid", "pre"))
    assert not {"sid", "pre"} & {part.split("=")[0].strip() for part in page.evaluate("document.cookie").split(";")}


def test_logging_out_ends_it_in_the_other_tab_and_for_a_copied_cookie(
    portal: Portal, profiles: Profiles, context: BrowserContext, page: Page
) -> None:
    portal.log_in(page, *portal.add_user(make_partner()))
    second = context.new_page()
    portal.open(second, "/orders")
    copied = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "sid")
    page.locator(".st-key-log_out button").click()
    expect(page.locator(FORM)).to_be_visible()
    assert "sid" not in {cookie["name"] for cookie in context.cookies()}
    second.get_by_text("English").click()
    expect(second.locator(FORM)).to_be_visible()
    expect(second.locator(MENU)).to_have_count(0)
    thief = profiles.take()
    thief.add_cookies([{"name": "sid", "value": copied, "url": portal.url}])
    stolen = thief.new_page()
    portal.open(stolen, "/orders")
    expect(stolen.locator(FORM)).to_be_visible()
    expect(stolen.locator(MENU)).to_have_count(0)
    request = urllib.request.Request(portal.url + "/documents/1.pdf", headers={"cookie": f"sid={copied}"})
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=10)


def test_after_a_login_and_a_logout_next_door_the_form_of_an_old_tab_asks_once_more(
    portal: Portal, context: BrowserContext, page: Page
) -> None:
    email, password = portal.add_user(make_partner())
    old = context.new_page()
    portal.open(old, "/orders")
    portal.log_in(page, email, password)
    page.locator(".st-key-log_out button").click()
    expect(page.locator(FORM)).to_be_visible()
    portal.submit(old, email, password)
    expect(old.locator("[data-testid=stAlert]")).to_be_visible()
    portal.submit(old, email, password)
    expect(old.locator(MENU).first).to_be_visible()


def test_a_block_shows_the_login_at_the_next_click(portal: Portal, page: Page) -> None:
    email, password = portal.add_user(make_partner())
    portal.sign_in(page, email, password)
    with transaction(SYSTEM) as session:
        set_active(session, session.query(User).filter_by(email=email).one().id, False, clock.now())
    page.locator(MENU).nth(1).click()
    expect(page.locator(FORM)).to_be_visible()


def test_a_partner_who_opens_a_staff_address_is_told_and_led_back(portal: Portal, page: Page) -> None:
    portal.log_in(page, *portal.add_user(make_partner(), language="en"), path="/staff-invoices")
    expect(page.get_by_text("You have no access to this page")).to_be_visible()
    expect(page.locator(MENU)).to_have_count(11)
    page.get_by_text("Go to your start page").click()
    expect(page).to_have_url(portal.url + "/catalog")


def test_the_language_chosen_stays_for_the_next_login(portal: Portal, page: Page) -> None:
    email, password = portal.add_user(make_partner())
    portal.sign_in(page, email, password)
    page.get_by_text("English").click()
    expect(page.get_by_text("Log out")).to_be_visible()
    portal.settle(page)
    page.locator(".st-key-log_out button").click()
    expect(page.locator(FORM)).to_be_visible()
    portal.submit(page, email, password)
    expect(page.get_by_text("Log out")).to_be_visible()
