"""Forms about rows that a colleague changes while they are open."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.db import transaction
from core.principal import SYSTEM
from tests.factories import make_partner, make_product, make_user
from tests.pages.conftest import shown_error


@pytest.fixture
def open_page(app: AppTest, sign_in: Callable[[User], None]) -> Callable[[str], AppTest]:
    def _open(name: str) -> AppTest:
        sign_in(make_user(language="en"))
        return app.run().switch_page(f"pages/staff/{name}.py").run()

    return _open


def sql(query: str, **params: object) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(query), params)


def one(query: str, **params: object) -> tuple:
    with transaction(SYSTEM) as session:
        return tuple(session.execute(text(query), params).one())


def click(app: AppTest, label: str) -> AppTest:
    next(found for found in app.button if found.label == label).click().run()
    assert not app.exception
    return app


def field(app: AppTest, label: str):
    return next(found for found in [*app.text_input, *app.number_input, *app.selectbox] if found.label == label)


def select_row(app: AppTest, name: str, *ids: int, row: int = 0) -> AppTest:
    """AppTest has no click on a table row: what the browser would send is put in its place."""
    app.session_state[f"{name}-en-{hash(ids)}"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


@pytest.fixture
def counting(open_page) -> AppTest:
    """One product, 60 on hand, its forms open; then two were shipped."""
    product = make_product(stock=60)
    app = select_row(open_page("products"), "products", product.id)
    assert field(app, "Counted on hand, buc").value == "60"
    sql("update stock set on_hand = 58")
    return app


def test_a_count_typed_before_goods_moved_is_refused_and_still_there(counting: AppTest) -> None:
    field(counting, "Counted on hand, buc").set_value("57")
    click(counting, "Record the count")
    assert shown_error(counting).startswith("The stock changed to 58 while you counted.")
    assert not counting.toast
    assert one("select on_hand from stock") == (58,)
    assert field(counting, "Counted on hand, buc").value == "57"


def test_a_count_recorded_again_after_the_warning_is_kept(counting: AppTest) -> None:
    field(counting, "Counted on hand, buc").set_value("57")
    click(click(counting, "Record the count"), "Record the count")
    assert "was recorded" in counting.toast[0].value
    assert one("select on_hand from stock") == (57,)


def test_after_a_count_the_form_starts_over_and_another_count_is_recorded(open_page) -> None:
    product = make_product(stock=60)
    app = open_page("products")
    for counted in ("57", "56"):
        select_row(app, "products", product.id)
        field(app, "Counted on hand, buc").set_value(counted)
        click(app, "Record the count")
        assert one("select on_hand from stock") == (int(counted),)
    select_row(app, "products", product.id)
    sql("update stock set on_hand = 55")
    app.switch_page("pages/staff/products.py").run()
    assert field(select_row(app, "products", product.id), "Counted on hand, buc").value == "56"


def test_a_form_opened_anew_shows_the_row_as_it_is_now(counting: AppTest) -> None:
    counting.switch_page("pages/staff/invoices.py").run()
    counting.switch_page("pages/staff/products.py").run()
    select_row(counting, "products", *one("select id from product"))
    assert field(counting, "Counted on hand, buc").value == "58"


def test_a_typed_price_is_saved_although_a_colleague_changed_the_product_and_their_change_stays(open_page) -> None:
    product = make_product(name="Pipe")
    app = select_row(open_page("products"), "products", product.id)
    sql("update product set list_price = 11, name = 'Copper pipe'")
    field(app, "List price, lei per buc, without VAT").set_value("12.5")
    click(app, "Save")
    assert one("select list_price, name from product") == (Decimal("12.5"), "Copper pipe")


def test_typed_terms_are_saved_although_a_colleague_changed_the_partner_and_their_change_stays(open_page) -> None:
    partner = make_partner()
    app = select_row(open_page("partners"), "partners", partner.id)
    sql("update partner set discount = 3, payment_days = 45")
    field(app, "Discount off the list price, %").set_value("7.5")
    click(app, "Save")
    assert one("select discount, payment_days from partner") == (Decimal("7.5"), 45)


def test_a_typed_city_is_saved_although_a_colleague_gave_the_partner_another_code_and_name(open_page) -> None:
    partner = make_partner(code="C-1")
    app = select_row(open_page("partners"), "partners", partner.id)
    sql("update partner set code = 'C-2', name = 'Alta SRL', vat_payer = false")
    field(app, "City").set_value("Iași")
    click(app, "Save")
    assert one("select code, name, vat_payer, city from partner") == ("C-2", "Alta SRL", False, "Iași")


def test_typed_settings_are_saved_although_a_colleague_changed_others(open_page) -> None:
    sql("update company set name = 'Depozit SRL'")
    app = open_page("settings")
    sql("update company set claim_hours = 48, city = 'Cluj-Napoca'")
    field(app, "Hours until an unclaimed order lapses").set_value("12")
    app.button(key="settings-orders-save").click().run()
    assert one("select claim_hours, city, name from company") == (12, "Cluj-Napoca", "Depozit SRL")


def test_a_number_typed_in_one_language_is_not_read_in_another(open_page) -> None:
    product = make_product(list_price=Decimal("1.234"))
    app = select_row(open_page("products"), "products", product.id)
    field(app, "List price, lei per buc, without VAT").set_value("1.5")
    sql("update app_user set language = 'ro'")
    next(found for found in app.button if found.label == "Save").click().run()
    assert not app.exception
    assert not app.toast
    assert one("select list_price from product") == (Decimal("1.234"),)


@pytest.mark.parametrize(("page", "make"), [("products", make_product), ("partners", make_partner)])
def test_when_rows_shift_the_neighbour_of_the_selected_one_does_not_open(open_page, page: str, make: Callable) -> None:
    chosen = make(name="Beta")
    app = select_row(open_page(page), page, chosen.id)
    assert "Beta" in app.subheader[0].value
    make(name="Alfa")
    app.run()
    assert not app.subheader
