"""What a mail says, in both languages."""

from decimal import Decimal
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

from core.company import company
from core.config import ROOT
from core.db import transaction
from core.notifications.facts import LINES_SHOWN
from core.principal import SYSTEM
from tests import factories
from tests.core.notifications import steps
from tests.core.orders import steps as orders

TEMPLATES = ROOT / "core" / "notifications" / "templates"


def mail_about_an_order(language="en", **product):
    steps.open_company()
    partner = factories.make_partner(name="Instal <b>Pro</b> SRL")
    buyer = factories.principal_of(factories.make_user(partner, language=language))
    steps.order(buyer, **({"quantity": 3, "list_price": Decimal("1234.5678")} | product))
    steps.handle_all()
    return steps.only_mail(recipient=buyer.email)


@pytest.mark.parametrize(
    ("language", "unit_price", "gross", "deadline"),
    [
        ("ro", "1.234,5678", "4.481,48\N{NO-BREAK SPACE}lei", "marți, 24.11.2026, 12:00"),
        ("en", "1,234.5678", "4,481.48\N{NO-BREAK SPACE}RON", "Tuesday, 24 Nov 2026, 12:00"),
    ],
)
def test_amounts_and_times_are_written_as_the_reader_writes_them(database, language, unit_price, gross, deadline):
    mail = mail_about_an_order(language)
    for body in (mail.body_text, mail.body_html):
        assert unit_price in body
        assert gross in body
        assert deadline in body


def test_names_are_text_and_never_markup(database):
    mail = mail_about_an_order(name="Cable <script>alert(1)</script> & more")
    assert "<script>" not in mail.body_html
    assert "Cable &lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in mail.body_html
    assert "Cable <script>alert(1)</script> & more" in mail.body_text


def test_a_line_break_in_a_name_stays_out_of_the_subject(database):
    steps.open_company()
    partner = factories.make_partner(name="Instal\r\nBcc: spy@evil.example")
    steps.order(factories.principal_of(factories.make_user(partner)))
    steps.handle_all()
    assert "Instal Bcc: spy@evil.example" in steps.only_mail(recipient="comenzi@electro.example").subject


def test_without_a_deadline_no_mail_speaks_of_one(database):
    with transaction(SYSTEM) as session:
        company(session).claim_hours = Decimal(0)
    mail = mail_about_an_order()
    assert "by itself" not in mail.body_text + mail.body_html


def test_a_very_long_order_is_shown_in_part_and_says_so(database):
    steps.open_company()
    products = [factories.make_product(stock=5) for _ in range(LINES_SHOWN + 1)]
    buyer = factories.principal_of(factories.make_user(factories.make_partner(), language="en"))
    orders.order(buyer, {product.id: 1 for product in products})
    steps.handle_all()
    mail = steps.only_mail(recipient=buyer.email)
    assert products[LINES_SHOWN - 1].sku in mail.body_html
    assert products[LINES_SHOWN].sku not in mail.body_html
    assert "The first 50 of 51 lines" in mail.body_html
    assert "The first 50 of 51 lines" in mail.body_text


def test_every_word_of_a_template_goes_through_the_catalogue():
    """Plain text in the .txt templates would stay English for Romanian readers."""
    for path in sorted(TEMPLATES.rglob("*.txt")):
        # What a reminder's subject says, staff write, in each language.
        assert extracted(path) or path.name == "_parts.txt" or path.parts[-2:] == ("reminder_sent", "subject.txt")
        outside = strip_markup(path.read_text())
        assert not any(letter.isalpha() for letter in outside), path


def extracted(path: Path) -> list[str]:
    options = {"newstyle_gettext": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
    with path.open("rb") as source:
        return [str(message) for _, _, message, _ in babel_extract(source, ["_"], [], options)]


def strip_markup(text: str) -> str:
    import re

    without = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
    without = without.replace("/statement.pdf?from=", "").replace("&to=", "")
    without = without.replace("?message=", "").replace("?conversation=", "").replace("?partner=", "")
    return re.sub(r"/(orders|documents|catalog|account|messages|forgot-password|staff-[a-z-]+)(\?order=)?", "", without)
