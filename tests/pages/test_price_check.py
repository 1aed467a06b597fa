"""The staff's page that tells why a price is what it is."""

from datetime import timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

from core import clock
from tests.factories import make_list_price, make_partner, make_price_list, make_product, make_user
from tests.pages.conftest import shown_error
from tests.pages.shop import Opener, words

CHECK = "pages/staff/price_check.py"


def asked(open_page: Opener, **query: str) -> AppTest:
    make_product(sku="CAB", name="Cablu")
    return open_page(make_user(language="en"), CHECK, sku="CAB", **query)


def field(app: AppTest, label: str) -> Any:
    return next(found for kind in ("text_input", "date_input", "selectbox") for found in getattr(app, kind)
                if found.label == label)  # fmt: skip


def test_a_partners_price_is_told_with_its_rules_and_its_breaks(open_page: Opener) -> None:
    found = make_price_list(name="Electro")
    product = make_product(sku="TEV", name="Țeavă")
    make_list_price(found, product, "8")
    make_list_price(found, product, "7", from_quantity=12)
    make_partner(code="P7", price_list_id=found.id)
    app = open_page(make_user(language="en"), CHECK, sku="TEV", partner="P7")
    said = words(app)
    assert "Price in the list “Electro”" in said
    assert "this is the price" in said
    assert app.metric[0].value.replace("\N{NO-BREAK SPACE}", " ") == "8.00 RON"
    assert [net[:4] for net in app.dataframe[0].value["net"]] == ["7.00"]


def test_a_day_before_the_first_vat_rate_is_refused_in_words(open_page: Opener) -> None:
    make_partner(code="P7")
    app = asked(open_page, partner="P7", day="2016-12-15")
    assert "No VAT rate is known for 15.12.2016. Choose 01.01.2017 or a later day." in words(app)


def test_for_a_past_day_it_says_that_the_rules_are_those_of_now(open_page: Opener) -> None:
    make_partner(code="P7")
    yesterday = (clock.now() - timedelta(days=2)).date().isoformat()
    assert "by the rules of now" in words(asked(open_page, partner="P7", day=yesterday))
    assert "by the rules of now" not in words(open_page(make_user(language="en"), CHECK, sku="CAB", partner="P7"))


def test_a_quantity_of_nothing_is_refused(open_page: Opener) -> None:
    make_partner(code="P7")
    assert "Enter a quantity above 0." in shown_error(asked(open_page, partner="P7", quantity="0"))


def test_the_link_from_a_closed_partner_shows_that_partner(open_page: Opener) -> None:
    make_partner(code="P9", name="Exemplu SRL", status="closed")
    app = asked(open_page, partner="P9")
    assert field(app, "Partner").value == "P9"
    assert "Cablu for Exemplu SRL" in words(app)
    assert "P9" not in str(field(asked_again(open_page), "Partner").options)


def asked_again(open_page: Opener) -> AppTest:
    return open_page(make_user(language="en"), CHECK, sku="CAB")


def test_a_product_that_is_not_sold_is_said_to_be_offered_to_nobody(open_page: Opener) -> None:
    make_partner(code="P7")
    make_product(sku="OLD", active=False)
    assert "OLD is not offered to this partner" in shown_error(
        open_page(make_user(language="en"), CHECK, sku="OLD", partner="P7")
    )
