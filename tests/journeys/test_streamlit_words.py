"""Streamlit's own menus and fields, as a Romanian reader sees and hears them."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import make_partner
from tests.journeys.conftest import Portal

pytestmark = pytest.mark.browser


def test_streamlits_widgets_speak_the_readers_language_and_follow_it_when_it_changes(
    portal: Portal, page: Page
) -> None:
    make_partner()
    portal.sign_in(page, *portal.add_user())

    portal.open(page, "/staff-partners")
    table = page.get_by_test_id("stDataFrame")
    table.hover()
    expect(table.get_by_label("Descarcă CSV", exact=False)).to_be_attached()
    table.get_by_label("Caută").click()
    expect(page.locator(".gdg-search-bar")).to_contain_text("Scrieți ce căutați")
    page.keyboard.press("Escape")

    portal.open(page, "/staff-price-check")
    partner = page.get_by_role("combobox").first
    partner.click()
    partner.press_sequentially("nimeni cu acest nume")
    expect(page.get_by_role("listbox")).to_contain_text("Niciun rezultat")

    portal.open(page, "/staff-audit")
    since = page.get_by_test_id("stDateInput").first
    expect(since).to_contain_text("zz.ll.aaaa")
    since.get_by_role("spinbutton").first.click()
    page.keyboard.type("24112026")
    expect(since).to_contain_text("24.11.2026")
    expect(since.get_by_test_id("stDateInputClearButton")).to_have_attribute("aria-label", "Șterge data")
    since.get_by_test_id("stDateInputClearButton").click()
    expect(since).to_contain_text("zz.ll.aaaa")

    page.locator(".st-key-language_switch").get_by_text("English").click()
    expect(since).to_contain_text("dd.mm.yyyy")
    expect(page.get_by_test_id("stSkipToContent")).to_have_text("Skip to main content")
