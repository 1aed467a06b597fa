"""The import page and the pages of master data, run as Streamlit runs them, on a real database."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.db import transaction
from core.imports import runs
from core.imports.files import KINDS
from core.principal import SYSTEM
from pages.ui.import_columns import NAMES
from tests.core.imports.workbooks import xlsx
from tests.factories import make_partner, make_product, make_user
from tests.pages.conftest import shown_error
from workers.jobs import work_imports

GOOD = b"sku,name,list_price,stock,colour\nA1,One,12.50,7,red\nA2,Two,1,,\n"


@pytest.fixture
def open_page(app: AppTest, sign_in: Callable[[User], None]) -> Callable[[str], AppTest]:
    """Opens a staff page of the app as a signed-in member of staff who reads English."""
    sign_in(make_user(language="en"))
    return lambda name: app.run().switch_page(f"pages/staff/{name}.py").run()


def one(query: str, **params: object) -> tuple:
    with transaction(SYSTEM) as session:
        return tuple(session.execute(text(query), params).one())


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.file_uploader[0].set_value((name, data, "text/csv")).run()
    assert not app.exception
    return app


def button(app: AppTest, label: str):
    return next(found for found in app.button if found.label == label)


def field(app: AppTest, label: str):
    return next(found for found in [*app.text_input, *app.number_input, *app.selectbox] if found.label == label)


def table_key(name: str, *ids: int) -> str:
    """The key of a table that shows the rows with these ids in English."""
    return f"{name}-en-{hash(ids)}"


def select_row(app: AppTest, key: str, row: int = 0) -> AppTest:
    """AppTest has no click on a table row: what the browser would send is put in its place."""
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


def test_a_good_file_is_previewed_then_loaded_and_the_uploader_is_empty_again(open_page) -> None:
    app = upload(open_page("imports"), "products.csv", GOOD)
    assert [(metric.label, metric.value) for metric in app.metric] == [
        ("New", "2"),
        ("Changed", "0"),
        ("Unchanged", "0"),
    ]
    assert "colour" in app.info[0].value
    assert one("select count(*) from product") == (0,)
    button(app, "Load the file").click().run()
    assert not app.exception
    assert "loaded as a whole" in app.success[0].value
    assert one("select count(*), sum(list_price) from product") == (2, Decimal("13.5"))
    assert not any(found.label == "Load the file" for found in app.button)
    button(app, "Another file").click().run()
    app = upload(app, "products.csv", GOOD)
    assert button(app, "Load the file").disabled
    assert "there is nothing to load" in app.caption[0].value


def test_a_file_with_errors_shows_line_column_and_reason_and_cannot_be_loaded(open_page) -> None:
    app = upload(open_page("imports"), "products.csv", b"sku,name,list_price\nA,One,1\nB,Two,cheap\nA,Three,-1\n")
    assert "Errors: 3." in app.error[0].value
    faults = app.dataframe[0].value
    assert list(faults["line"]) == [3, 4, 4]
    assert list(faults["column"]) == ["List price", "List price", "SKU"]
    assert "cheap" in faults["reason"][0]
    assert not any(found.label == "Load the file" for found in app.button)
    assert any("reasons beside the rows" in found.label for found in app.get("download_button"))
    assert one("select count(*) from product") == (0,)


def test_a_workbook_as_a_supplier_sends_it_is_shown_as_it_was_understood_and_loaded(open_page) -> None:
    rows = [["SC Furnizor SRL"], [], ["Cod art.", "Den. produs", "Pret fara TVA", "Cod bare"], ["Cabluri"],
            ["CB-15", "Cablu", "12,50 lei", 5941234567899], ["", "TOTAL GENERAL", 12.5]]  # fmt: skip
    app = upload(open_page("imports"), "oferta.xlsx", xlsx(rows))
    understood = next(caption.value for caption in app.caption if "workbook" in caption.value)
    for words in (
        "the sheet “Foaie1”",
        "on line 3",
        "1 line was passed over",
        "1 title of a section",
        "1 row with a total",
    ):
        assert words in understood
    button(app, "Load the file").click().run()
    assert not app.exception
    assert one("select sku, name, list_price, ean from product") == ("CB-15", "Cablu", Decimal("12.5"), "5941234567899")


def test_what_is_held_after_the_preview_shows_as_an_error_when_loading(open_page) -> None:
    product = make_product(stock=10)
    app = open_page("imports")
    app.segmented_control(key="kind").set_value("stock").run()
    upload(app, "stock.csv", f"sku,stock\n{product.sku},3\n".encode())
    with transaction(SYSTEM) as session:
        session.execute(text("update stock set held = 4"))
    button(app, "Load the file").click().run()
    assert not app.exception
    assert "Errors: 1." in app.error[0].value
    assert one("select on_hand from stock") == (10,)


def test_what_would_be_changed_is_shown_in_words_and_numbers_that_people_read(open_page) -> None:
    make_product(sku="A", name="Old", list_price=Decimal("1219.5"))
    app = upload(open_page("imports"), "x.csv", b"sku,name,list_price,vat\nA,New,7.2500,11\n")
    shown = app.dataframe[0].value
    assert list(zip(shown["column"], shown["old"], shown["new"], strict=True)) == [
        ("VAT", "Standard", "Reduced"),
        ("Name", "Old", "New"),
        ("List price", "1219.5", "7.25"),
    ]


def test_every_column_has_a_name_that_people_use() -> None:
    assert {column.name for kind in KINDS.values() for column in kind.columns} == NAMES.keys()


STRANGE = "Poz;Ident;Ce este;Bani;Buc\n1;F-1;Șurub M8;1,25;100\n2;F-2;Piuliță M8;0,40;250\n".encode()


def test_columns_are_picked_remembered_and_taken_for_the_next_file(open_page) -> None:
    app = upload(open_page("imports"), "oferta.csv", STRANGE)
    assert "Errors: 2." in app.error[0].value or "Errors: 3." in app.error[0].value
    assert not any("reasons beside" in found.label for found in app.get("download_button"))
    assert list(app.dataframe[1].value.columns) == ["Poz", "Ident", "Ce este", "Bani", "Buc"]
    picked = {found.label.split(" ")[0]: found.value for found in app.selectbox if found.value}
    assert picked["SKU"] == "Ident"
    field(app, next(found.label for found in app.selectbox if found.label.startswith("Stock"))).set_value("")
    button(app, "Look at it again").click().run()
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["2", "0", "0"]
    field(app, "Remember its columns under the name of the supplier").set_value("Furnizor SRL").run()
    button(app, "Load the file").click().run()
    assert not app.exception
    assert one("select count(*), sum(list_price) from product") == (2, Decimal("1.65"))
    assert one("select count(*) from stock_movement") == (0,)
    button(app, "Another file").click().run()
    upload(app, "oferta2.csv", STRANGE.replace(b"1,25", b"1,30"))
    assert [metric.value for metric in app.metric] == ["0", "1", "1"]
    assert field(app, "Remember its columns under the name of the supplier").value == "Furnizor SRL"


def test_an_import_is_undone_from_the_list_of_the_last_ones(open_page) -> None:
    app = upload(open_page("imports"), "products.csv", GOOD)
    button(app, "Load the file").click().run()
    button(app, "Another file").click().run()
    assert any("products\\.csv" in found.value for found in app.markdown)
    button(app, "Open").click().run()
    button(app, "Undo it").click().run()
    assert not app.exception
    assert "as it was before" in app.success[0].value
    assert one("select count(*) from product") == (0,)
    button(app, "Another file").click().run()
    assert any(":gray-badge[undone]" in found.value for found in app.markdown)


def test_an_import_that_cannot_be_undone_says_what_stands_in_the_way(open_page) -> None:
    app = upload(open_page("imports"), "products.csv", GOOD)
    button(app, "Load the file").click().run()
    with transaction(SYSTEM) as session:
        session.execute(text("update product set name = 'By hand' where sku = 'A2'"))
    button(app, "Undo it").click().run()
    assert not app.exception
    assert "A2" in app.error[0].value
    assert one("select count(*) from product") == (2,)


def test_a_large_file_is_worked_on_in_the_background_and_followed(open_page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SMALL", 10)
    app = upload(open_page("imports"), "products.csv", GOOD)
    assert any("You can leave this page" in found.value for found in app.caption)
    assert one("select state from import_run") == ("new",)
    work_imports()
    app.run()
    button(app, "Load the file").click().run()
    assert one("select state, count(*) from import_run group by 1") == ("waiting", 1)
    work_imports()
    app.run()
    assert "loaded as a whole" in app.success[0].value


def test_a_file_of_a_colleague_without_the_right_and_one_that_is_gone_are_told_so(open_page) -> None:
    app = open_page("imports")
    app.query_params["run"] = "77"
    app.run()
    assert "no longer kept" in app.info[0].value
    assert app.file_uploader


def test_staff_change_a_product_and_count_its_stock(open_page) -> None:
    product = make_product(stock=10, name="Țeavă de cupru")
    make_product(name="Altceva")
    app = open_page("products")
    field(app, "Search").set_value("cupru teava").run()
    assert len(app.dataframe[0].value) == 1
    select_row(app, table_key("products", product.id))
    field(app, "List price, lei per buc, without VAT").set_value("1,234.56")
    button(app, "Save").click().run()
    assert not app.exception
    assert one("select list_price from product where id = :id", id=product.id) == (Decimal("1234.56"),)
    select_row(app, table_key("products", product.id))
    field(app, "Counted on hand, buc").set_value("7.5")
    button(app, "Record the count").click().run()
    assert one("select on_hand from stock where product_id = :id", id=product.id) == (Decimal("7.5"),)
    kinds = "select array_agg(kind order by id) from event where kind in ('product_changed')"
    assert one(kinds) == (["product_changed"],)


def test_a_price_that_is_no_number_is_refused_with_the_name_of_the_field(open_page) -> None:
    product = make_product()
    app = select_row(open_page("products"), table_key("products", product.id))
    field(app, "List price, lei per buc, without VAT").set_value("dear")
    button(app, "Save").click().run()
    assert shown_error(app).startswith("List price: “dear” is not a number")
    assert one("select list_price from product") == (10,)


def test_staff_change_a_partner(open_page) -> None:
    partner = make_partner()
    app = select_row(open_page("partners"), table_key("partners", partner.id))
    field(app, "Discount off the list price, %").set_value("7.5")
    field(app, "Street and number").set_value("Str. Lungă 1")
    button(app, "Save").click().run()
    assert one("select discount, address from partner") == (Decimal("7.5"), "Str. Lungă 1")
