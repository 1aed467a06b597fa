"""The settings page, run as Streamlit runs it, on a real database."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.company import change_company
from core.db import transaction
from core.terms.publishing import publish
from tests.core.orders.steps import scalar
from tests.factories import make_partner, make_staff, make_user
from tests.pages.shop import Opener, click, words
from tests.pages.test_imports import field, one

HOME, SETTINGS = "pages/partner/orders.py", "pages/staff/settings.py"


@pytest.fixture
def page(app: AppTest, sign_in: Callable[[User], None]) -> AppTest:
    sign_in(make_user(language="en"))
    shown = app.run().switch_page(SETTINGS).run()
    assert not shown.exception
    return shown


def test_each_tab_saves_its_own_fields(page: AppTest) -> None:
    field(page, "Hours until an unclaimed order lapses").set_value("0")
    click(page, "settings-orders-save")
    assert one("select claim_hours, name from company") == (0, "")
    field(page, "Company name").set_value("Distribuitor SRL")
    field(page, "CUI").set_value("RO 18547291")
    click(page, "settings-company-save")
    assert "CUI" in page.error[0].value
    field(page, "CUI").set_value("RO 18547290")
    field(page, "IBAN").set_value("RO49 AAAA 1B31 0075 9384 0000")
    others = next(area for area in page.text_area if area.label.startswith("Other accounts"))
    others.set_value("RO49 AAAA 1B31 0075 9384 0000 Trezoreria Iași\n\n")
    click(page, "settings-company-save")
    assert one("select name, cui, iban, more_accounts from company") == (
        "Distribuitor SRL", "18547290", "RO49AAAA1B31007593840000", ["RO49AAAA1B31007593840000 Trezoreria Iași"],
    )  # fmt: skip
    assert one("select count(*) from event where kind = 'settings_changed'") == (2,)


def test_e_factura_is_on_until_it_is_switched_off(page: AppTest) -> None:
    switch = next(toggle for toggle in page.toggle if toggle.label.startswith("e-Factura"))
    assert switch.value
    assert "no number is lost" in switch.help
    switch.set_value(False)
    click(page, "settings-documents-save")
    assert one("select efactura from company") == (False,)
    assert ":gray[e-Factura:] Yes → No" in words(page)


def test_every_account_must_be_an_iban(page: AppTest) -> None:
    field(page, "Company name").set_value("Distribuitor SRL")
    others = next(area for area in page.text_area if area.label.startswith("Other accounts"))
    others.set_value("RO49 AAAA 1B31 0075 9384 0001, Trezoreria")
    click(page, "settings-company-save")
    assert "is not a valid IBAN" in page.error[0].value


def test_a_change_is_taken_back_from_its_history(page: AppTest) -> None:
    with transaction(make_staff(name="Ion")) as session:
        change_company(session, city="Iași", show_rrp=False)
    page.run()
    assert ":gray[City:] – → Iași" in words(page)
    assert ":gray[Partners see recommended prices:] Yes → No" in words(page)
    event = scalar("select max(id) from event where kind = 'settings_changed'")
    click(page, f"undo-{event}")
    assert one("select city, show_rrp from company") == ("", True)
    assert "Taken back" in words(page)


def test_the_mail_server_is_saved_without_showing_its_password(page: AppTest) -> None:
    field(page, "Mail server").set_value("mail.x.example")
    field(page, "Login (empty: none)").set_value("portal@x.example")
    field(page, "Password").set_value("parola-serverului")
    field(page, "Sender").set_value("Depozit <portal@x.example>")
    click(page, "settings-mail-save")
    assert "Mails leave by mail.x.example" in words(page)
    assert field(page, "Password").value == ""
    assert "parola" not in scalar("select password from mail_server")


def test_a_vat_rate_is_planned_and_taken_back(page: AppTest) -> None:
    field(page, "Rate, %").set_value("23")
    next(button for button in page.button if button.label == "Plan it").click().run()
    assert "Standard: 23 % from" in words(page)
    next(button for button in page.button if button.label == "Take back").click().run()
    assert "Standard: 23 % from" not in words(page)


def test_partners_people_accept_the_terms_before_anything_else(
    page: AppTest, open_page: Opener, sign_in: Callable[[User], None]
) -> None:
    next(area for area in page.text_area if area.label == "In Romanian").set_value("**Plata** în <b>30</b> de zile")
    click(page, "settings-terms-publish")
    owner = make_user(make_partner(), language="en")
    shop = open_page(owner, HOME)
    assert "once you have accepted the terms" in words(shop)
    assert [title.value for title in shop.title] == []
    html = " ".join(element.proto.body for element in shop.get("html"))
    assert "<strong>Plata</strong> în &lt;b&gt;30&lt;/b&gt; de zile" in html
    terms = scalar("select max(id) from terms")
    click(shop, f"accept-{terms}")
    assert "accepted the terms" not in words(shop)
    assert shop.title
    with transaction(make_staff()) as session:
        publish(session, "Alt text", "", clock.now())
    assert "once you have accepted the terms" in words(shop.run())
