"""One's own account in a real browser: what needs a redirect, a cookie or the menu."""

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from core import clock
from core.company import company
from core.db import transaction
from core.principal import SYSTEM
from tests.factories import make_partner
from tests.journeys.conftest import Portal, Profiles

pytestmark = pytest.mark.browser

FORM = "[data-testid=stForm]"
MENU = "[data-testid=stSidebarNavLink]"
NEW = "trifoi lampa verde nouă"


def test_who_changes_the_password_stays_in_this_browser_and_is_out_of_every_other(
    portal: Portal, profiles: Profiles, page: Page
) -> None:
    email, password = portal.add_user(make_partner(), language="en")
    other = profiles.take().new_page()
    portal.sign_in(other, email, password)
    portal.sign_in(page, email, password, path="/account")
    for key, typed in {"present_password": password, "new_password": NEW, "same_again": NEW}.items():
        page.locator(f".st-key-{key} input").fill(typed)
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator("[data-testid=stToast]")).to_contain_text("Your new password is in force.")
    expect(page).to_have_url(portal.url + "/account")
    page.locator(MENU).first.click()
    expect(page).to_have_url(portal.url + "/catalog")
    other.locator(MENU).nth(1).click()
    expect(other.locator(FORM)).to_be_visible()
    portal.submit(other, email, NEW)
    expect(other.locator(MENU).first).to_be_visible()


def test_who_has_to_have_a_second_step_sets_it_up_first_and_then_the_whole_menu_is_there(
    portal: Portal, page: Page
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    with transaction(SYSTEM) as session:
        company(session).two_factor_roles = ["warehouse"]
    portal.open(page)
    portal.submit(page, *portal.add_user(role="warehouse", language="en"))
    expect(page).to_have_url(portal.url + "/account")
    picture = page.get_by_alt_text("A QR code with the key")
    expect(picture).to_be_visible()
    expect(page.locator(MENU)).to_have_count(0)  # Streamlit shows no menu of one page
    expect(picture).to_have_attribute("src", re.compile("^data:image/svg"))
    secret = page.locator("[data-testid=stCode]").inner_text().replace(" ", "").strip()
    code = page.locator(".st-key-second_factor_setup_code input")
    code.fill(pyotp.TOTP(secret).at(clock.now()))
    code.press("Enter")
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("link", name="Orders to claim")).to_be_visible()
    assert not [text for text in complaints if "Content Security Policy" in text]
