"""From an empty portal to the first order of an invited partner, by what the screen says."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from core.auth.setting_up import new_set_up_link
from core.db import transaction
from core.installation import installation
from core.principal import SYSTEM
from tests.core.orders.steps import scalar
from tests.journeys.conftest import Portal, Profiles, place_cart, ro, type_quantities

pytestmark = pytest.mark.browser
PASSWORD = "trei cuvinte fără legătură"
STEPS = ("company", "products", "prices", "stock", "mails", "partner", "invitation", "order")


@pytest.fixture
def link(portal: Portal) -> str:
    """What the terminal shows; its address is that of the installation, which the test knows better."""
    with transaction(SYSTEM) as session:
        installation(session).steps_open = True
        made = new_set_up_link(session)
    assert made
    return made[made.index("/set-up") :]


def button(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=ro(words), exact=True)


def field(page: Page, words: str) -> Locator:
    return page.get_by_label(ro(words), exact=True)


def step(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-step-{name}")


def follow(page: Page, name: str) -> None:
    """Click on what leads to the page that does the step."""
    step(page, name).get_by_test_id("stPageLink").locator("a").click()
    expect(page.get_by_text(ro("Back to the first steps"))).to_be_visible()


def come_back(page: Page, *done: str) -> None:
    """Back to the first steps; exactly these are done."""
    page.get_by_text(ro("Back to the first steps")).click()
    for name in STEPS:
        expect(step(page, name).get_by_text("check_circle", exact=True)).to_have_count(int(name in done))


def set_passwords(page: Page) -> None:
    for position in (0, 1):
        page.locator("input[type=password]").nth(position).fill(PASSWORD)


def become_administrator(portal: Portal, page: Page, link: str) -> None:
    portal.open(page, link)
    field(page, "Your name").fill("Ana Pop")
    field(page, "E-mail, which you log in with").fill("ana@firma.example")
    set_passwords(page)
    button(page, "Begin").click()
    expect(page).to_have_url(portal.url + "/staff-start")


def fill_in_company(page: Page) -> None:
    follow(page, "company")
    field(page, "Company name").fill("Distribuție Nouă SRL")
    field(page, "CUI").fill("RO18547290")
    field(page, "Street and number").fill("Str. Lungă 1")
    field(page, "City").fill("Iași")
    field(page, "County").fill("IS")
    page.get_by_role("textbox", name="IBAN", exact=True).fill("RO97EXMP0000990045170001")
    told = page.get_by_text(ro("The settings were saved. They hold from now on."))
    page.locator(".st-key-settings-company-save button").click()
    expect(told).to_be_visible()
    expect(told).to_have_count(0)  # else it would be taken for what the next save says
    page.get_by_role("tab", name=ro("Orders and deadlines")).click()
    field(page, "Who is told of new orders: e-mail addresses, one a line").fill("comenzi@firma.example")
    page.locator(".st-key-settings-orders-save button").click()
    expect(told).to_be_visible()


def import_example(page: Page, folder: Path) -> None:
    """The very file that the step hands out."""
    step(page, "products").get_by_text(ro("The file: its columns, and an example")).click()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    save_example(page, folder / "products.csv")
    follow(page, "products")
    page.locator("input[type=file]").set_input_files(folder / "products.csv")
    button(page, "Load the file").click()
    done = ro("{kind}: the file was loaded as a whole.").format(kind=ro("Products"))
    expect(page.get_by_test_id("stAlert").filter(has_text=done)).to_be_visible()


def save_example(page: Page, path: Path, tries: int = 3) -> None:
    """A page that is drawn anew at this very moment takes the button from under the click: then it is clicked again."""
    try:
        with page.expect_download(timeout=7_000) as download:
            button(page, "Download an example file").click()
        download.value.save_as(path)
    except TimeoutError:
        if tries == 1:
            raise
        save_example(page, path, tries - 1)


def enter_partner(page: Page) -> None:
    follow(page, "partner")
    button(page, "New partner").click()
    field(page, "CUI").fill("RO18547290")
    field(page, "Name").fill("Instal Prim SRL")
    field(page, "E-mail").fill("mihai@instal.example")
    field(page, "Contact").fill("Mihai Prim")
    button(page, "Create the partner").click()
    expect(page.get_by_text("Instal Prim SRL:")).to_be_visible()


def invite(page: Page) -> str:
    """The link that is shown where no mail leaves, as it goes on after the address."""
    follow(page, "invitation")
    page.get_by_role("tab", name=ro("Users")).click()
    button(page, "New person").click()
    button(page, "Create").click()
    shown = page.get_by_test_id("stCode").inner_text()
    return shown[shown.index("/set-password") :].strip()


def test_a_new_distributor_gets_from_the_link_in_the_terminal_to_the_first_order(
    portal: Portal, page: Page, profiles: Profiles, link: str, tmp_path: Path
) -> None:
    become_administrator(portal, page, link)
    fill_in_company(page)
    come_back(page, "company")
    import_example(page, tmp_path)
    come_back(page, "company", "products", "prices", "stock")
    enter_partner(page)
    come_back(page, "company", "products", "prices", "stock", "partner")
    invitation = invite(page)

    theirs = profiles.take().new_page()
    portal.open(theirs, invitation)
    set_passwords(theirs)
    button(theirs, "Set the password").click()
    button(theirs, "Log in").click()
    portal.submit(theirs, "mihai@instal.example", PASSWORD)
    type_quantities(theirs, 10)
    number = place_cart(portal, theirs)

    come_back(page, *(name for name in STEPS if name != "mails"))
    follow(page, "order")
    expect(page.get_by_text(re.compile(f"{number}")).first).to_be_visible()
    assert scalar("select count(*) from orders") == 1
