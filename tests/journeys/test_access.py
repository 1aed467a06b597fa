"""How people come in by mail and by telephone, and what ends or changes while they are in, in a real browser."""

from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Page, expect

from core import clock
from core.auth.links import address_of_link
from core.auth.models import AccessLink, LoginSession, User
from core.auth.second_factor import turn_on
from core.auth.users import create_user, invite, set_role
from core.auth.viewing import start_viewing
from core.db import transaction
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.factories import make_partner, principal_of
from tests.journeys.conftest import Portal, Profiles

pytestmark = pytest.mark.browser

FORM = "[data-testid=stForm]"
MENU = "[data-testid=stSidebarNavLink]"
PASSWORD = "trifoi lampa verde nouă"


def user_of(email: str) -> User:
    with transaction(SYSTEM) as session:
        return session.query(User).filter_by(email=email).one()


def mailed_path(email: str, purpose: str) -> str:
    """The link that the user's mail of this purpose carries, on this portal."""
    with transaction(SYSTEM) as session:
        link = session.query(AccessLink).join(User).filter(User.email == email, AccessLink.purpose == purpose).one()
        address = urlsplit(address_of_link(session, link.id, clock.now()) or "")
    return f"{address.path}?{address.query}"


def set_password(portal: Portal, page: Page, path: str) -> None:
    portal.open(page, path)
    for key in ("new_password", "same_again"):
        page.locator(f".st-key-{key} input").fill(PASSWORD)
    page.locator("[data-testid=stFormSubmitButton] button").click()
    expect(page.locator("[data-testid=stAlertContentSuccess]")).to_be_visible()


def test_an_invited_person_sets_a_password_and_is_in(portal: Portal, page: Page) -> None:
    partner = make_partner(status="approved")
    with transaction(SYSTEM) as session:
        user = create_user(session, "invited@rampa.example", "Ana Pop", "owner", clock.now(), partner_id=partner.id)
        invite(session, user.id, clock.now())
    path = mailed_path(user.email, "invite")
    set_password(portal, page, path)
    page.locator(".st-key-to_login button").click()
    expect(page.locator(f"{FORM} input[type=password]")).to_have_count(1)
    portal.settle(page)
    portal.submit(page, user.email, PASSWORD)
    expect(page.locator(MENU).first).to_be_visible()
    with transaction(SYSTEM) as session:
        assert session.get_one(Partner, partner.id).status == "active"
    portal.open(page, path)
    expect(page.locator("[data-testid=stAlertContentError]")).to_be_visible()


def test_a_forgotten_password_is_replaced_through_the_mailed_link_and_ends_the_old_session(
    portal: Portal, profiles: Profiles, page: Page
) -> None:
    email, password = portal.add_user(make_partner(), language="en")
    old = profiles.take().new_page()
    portal.sign_in(old, email, password)
    portal.open(page)
    page.get_by_role("link", name="Ați uitat parola?").click()
    page.locator(".st-key-reset_email input").fill(email)
    page.locator("[data-testid=stFormSubmitButton] button").click()
    expect(page.locator("[data-testid=stAlertContentSuccess]")).to_be_visible()
    set_password(portal, page, mailed_path(email, "reset"))
    old.locator(MENU).nth(1).click()
    expect(old.locator(FORM)).to_be_visible()
    portal.settle(old)
    portal.submit(old, email, PASSWORD)
    expect(old.locator(MENU).first).to_be_visible()


def test_a_second_factor_is_asked_for_and_leads_to_the_page_that_was_opened(portal: Portal, page: Page) -> None:
    email, password = portal.add_user(make_partner())
    secret, earlier = pyotp.random_base32(), clock.now()
    with transaction(principal_of(user_of(email)), wall=False) as session:
        codes = turn_on(session, secret, pyotp.TOTP(secret).at(earlier), earlier)
    portal.open(page, "/orders")
    portal.submit(page, email, password)
    code = page.locator(".st-key-second_factor_code input")
    expect(code).to_be_visible()
    expect(page.locator(MENU)).to_have_count(0)
    code.fill("000000")
    code.press("Enter")
    expect(page.locator("[data-testid=stAlertContentError]")).to_be_visible()
    code.fill(codes[0])
    code.press("Enter")
    expect(page.locator(MENU).first).to_be_visible()
    expect(page).to_have_url(portal.url + "/orders")


def test_a_restart_of_the_server_leaves_people_signed_in(portal: Portal, page: Page) -> None:
    portal.sign_in(page, *portal.add_user(make_partner()), path="/orders")
    portal.stop()
    portal.start()
    page.reload()
    expect(page.locator(MENU).first).to_be_visible()
    page.locator(MENU).nth(4).click()
    expect(page).to_have_url(portal.url + "/documents")


def test_another_role_counts_at_the_next_click(portal: Portal, page: Page) -> None:
    email, password = portal.add_user(role="admin", language="en")
    portal.sign_in(page, email, password, path="/staff-settings")
    with transaction(SYSTEM) as session:
        set_role(session, user_of(email).id, "analyst", clock.now())
    page.get_by_role("link", name="Products").click()
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
    portal.open(page, "/staff-settings")
    expect(page.get_by_text("You have no access to this page")).to_be_visible()


def test_staff_see_the_portal_as_a_partner_under_a_banner_and_come_back(portal: Portal, page: Page) -> None:
    partner = make_partner(name="Văzut SRL")
    email, password = portal.add_user(role="sales", language="en")
    portal.sign_in(page, email, password)
    user = user_of(email)
    with transaction(SYSTEM) as session:
        here = session.query(LoginSession).filter_by(user_id=user.id).one().id
    me = Principal("staff", user.id, name=user.name, email=email, role="sales", session_id=here)
    with transaction(me) as session:
        start_viewing(session, partner.id, "a question by telephone", clock.now())
    portal.open(page)
    expect(page).to_have_url(portal.url + "/catalog")
    expect(page.locator(".st-key-viewing")).to_contain_text("Văzut SRL")
    portal.open(page, "/staff-partners")
    expect(page.get_by_text("You have no access to this page")).to_be_visible()
    page.locator(".st-key-end_view button").click()
    expect(page).to_have_url(portal.url + "/staff-queue")
    expect(page.locator(".st-key-viewing")).to_have_count(0)
