"""Messages and conversations in a real browser: what stands before everything else, and files both ways."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import clock
from tests.core.messages import steps
from tests.core.orders.steps import scalar
from tests.factories import make_partner, make_staff
from tests.journeys.conftest import Portal

pytestmark = pytest.mark.browser
CONFIRM = "I have read this and I confirm"


def test_what_must_be_confirmed_stands_before_everything_is_confirmed_once_and_staff_see_it(
    portal: Portal, enter: Callable[..., Page]
) -> None:
    partner = make_partner(name="Instal SRL")
    steps.post(make_staff(), clock.now(), title="New terms", body="From **January** on.", level="confirm",
               audience="partners", chosen=frozenset({partner.id}))  # fmt: skip
    reader = portal.add_user(partner, language="en")
    owner = enter(reader, "/orders")
    dialog = owner.get_by_role("dialog")
    expect(dialog).to_contain_text("New terms")
    expect(dialog.locator("strong")).to_have_text("January")
    owner.keyboard.press("Escape")
    owner.mouse.click(5, 300)
    expect(dialog).to_be_visible()
    expect(owner.get_by_role("heading", name="Orders")).to_have_count(0)
    dialog.get_by_role("button", name=CONFIRM).dblclick()
    expect(dialog).to_have_count(0)
    expect(owner.get_by_role("heading", name="Orders")).to_be_visible()
    assert scalar("select count(*) from event where kind = 'message_confirmed'") == 1
    owner.reload()
    expect(owner.get_by_role("heading", name="Orders")).to_be_visible()
    expect(dialog).to_have_count(0)

    staff = enter(portal.add_user(language="en"), f"/staff-messages?message={scalar('select max(id) from message')}")
    expect(staff.get_by_test_id("stMetric").filter(has_text="Confirmed by")).to_contain_text("1 of 1")
    expect(staff.get_by_test_id("stDataFrame")).to_contain_text(reader[0])


def test_a_conversation_has_files_both_ways_and_is_counted_until_it_is_seen(
    portal: Portal, enter: Callable[..., Page], tmp_path: Path
) -> None:
    partner = make_partner(name="Instal SRL")
    owner = enter(portal.add_user(partner, language="en"), "/messages?conversation=general")
    write(portal, owner, "Here is the plan", tmp_path / "plan.pdf", b"%PDF-1.7 the plan")
    staff = enter(portal.add_user(language="en"), "/staff-messages")
    expect(staff.get_by_test_id("stSidebarNav")).to_contain_text("Messages (1)")
    portal.open(staff, f"/staff-messages?partner={partner.id}")
    expect(staff.get_by_text("Here is the plan")).to_be_visible()
    assert fetched(staff, "plan.pdf") == b"%PDF-1.7 the plan"
    expect(staff.get_by_test_id("stSidebarNav")).not_to_contain_text("Messages (1)")
    write(portal, staff, "And here the offer", tmp_path / "offer.csv", b"sku;price")

    portal.open(owner, "/catalog")
    expect(owner.get_by_test_id("stSidebarNav")).to_contain_text("Messages (1)")
    portal.open(owner, "/messages?conversation=general")
    expect(owner.get_by_text("And here the offer")).to_be_visible()
    assert fetched(owner, "offer.csv") == b"sku;price"
    stranger = enter(portal.add_user(make_partner(), language="en"), "/messages")
    address = owner.get_by_role("link", name="plan.pdf").get_attribute("href")
    assert stranger.request.get(f"{portal.url}{address}").status == 404


def write(portal: Portal, page: Page, words: str, file: Path, content: bytes) -> None:
    """Send words and a file."""
    file.write_bytes(content)
    page.get_by_label("Your message").fill(words)
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stFileUploader")).to_contain_text(file.name)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("link", name=file.name)).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_count(1)  # the form that was sent fades while a new one is there
    expect(page.get_by_label("Your message")).to_have_value("")
    portal.settle(page)


def fetched(page: Page, name: str) -> bytes:
    """What the link with this file's name gives to this browser."""
    address = page.get_by_role("link", name=name).get_attribute("href")
    answer = page.request.get(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + str(address))
    assert answer.headers["content-disposition"].startswith("attachment")
    return answer.body()
