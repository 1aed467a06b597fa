"""An administrator connects the portal to ANAF; invoices go there, and people see what became of them."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core import clock, config
from tests.anaf_fake import Anaf, serving
from tests.core.anaf.steps import ask_all, send_all
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.factories import make_partner
from tests.journeys.conftest import Portal, ro
from tests.journeys.test_order_life import button, person

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
REASON = "[BR-RO-110]-Subdiviziunea tarii Cumparatorului (BT-54) trebuie sa fie codificata"


@pytest.fixture(scope="module", autouse=True)
def anaf() -> Iterator[Anaf]:
    """Before the web process starts, which finds it by the environment."""
    with serving() as running:
        os.environ |= {"ANAF_API_URL": running.url, "ANAF_LOGIN_URL": running.login_url}
        yield running
    del os.environ["ANAF_API_URL"], os.environ["ANAF_LOGIN_URL"]
    config.settings.cache_clear()


def test_the_portal_is_connected_and_invoices_show_what_anaf_says(portal: Portal, enter: Enter, anaf: Anaf) -> None:
    set_up_company()
    partner_login, admin_login = portal.add_user(make_partner(name="Electro Ardelia SRL")), portal.add_user()
    office = enter(admin_login, "/staff-settings")
    connect(portal, office)

    fine, refused = (issue(claimed_order(person(partner_login[0])), clock.now()) for _ in range(2))
    anaf.nok[refused.full_number] = REASON
    send_all(clock.now())
    for minutes in (1, 3):
        ask_all(clock.now() + timedelta(minutes=minutes))

    portal.open(office, f"/staff-invoices?document={refused.id}")
    expect(office.get_by_text(ro("The county is missing, or is none of Romania's.")).first).to_be_visible()
    expect(office.get_by_text(REASON).first).to_be_visible()
    anaf.nok.clear()
    button(office, "Send to ANAF again").dblclick()
    expect(office.get_by_text(ro("The invoice is sent again.")).first).to_be_visible()
    portal.open(office, f"/staff-invoices?document={fine.id}")
    expect(office.get_by_text(ro("Accepted by ANAF")).first).to_be_visible()

    shop = enter(partner_login, f"/documents?document={fine.id}")
    with shop.expect_download() as download:
        shop.get_by_role("link", name=ro("Original signed by ANAF (ZIP)")).click()
    assert download.value.suggested_filename == "FCT-00001-anaf.zip"


def connect(portal: Portal, office: Page) -> None:
    """Enter what ANAF gave, go there, and come back connected."""
    office.get_by_role("tab", name="e-Factura").click()
    office.get_by_label(ro("Real: what is sent is handed in")).check(force=True)
    office.get_by_label(ro("Client id"), exact=True).fill("client-1")
    office.get_by_label(ro("Client secret"), exact=True).fill("secret-1")
    office.locator(".st-key-settings-anaf-save").get_by_role("button").click()
    expect(office.get_by_text(ro("The connection's data was saved.")).first).to_be_visible()
    portal.settle(office)
    with office.expect_popup() as opened:
        office.get_by_role("link", name=ro("Connect to ANAF")).click()
    back = opened.value
    back.wait_for_url("**/staff-settings")
    portal.settle(back)
    back.get_by_role("tab", name="e-Factura").click()
    expect(button(back, "Disconnect")).to_be_visible()
    back.close()
