"""The staff's page of products: everything about one, several at once, categories, and pictures of many."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.catalog.models import ProductFile
from core.catalog.normalising import normalised
from core.catalog.pictures import add_picture
from core.db import transaction
from core.partners.models import PartnerGroup
from core.principal import SYSTEM
from tests.core.catalog.files import picture, zipped
from tests.factories import add, make_partner, make_product, make_user
from tests.pages.conftest import shown_error


@pytest.fixture
def open_page(app: AppTest, sign_in: Callable[[User], None]) -> Callable[[], AppTest]:
    def _open() -> AppTest:
        sign_in(make_user(language="en", role="sales"))
        return app.run().switch_page("pages/staff/products.py").run()

    return _open


def one(query: str, **params: object) -> tuple:
    with transaction(SYSTEM) as session:
        return tuple(session.execute(text(query), params).one())


def click(app: AppTest, label: str) -> AppTest:
    next(found for found in app.button if found.label == label).click().run()
    assert not app.exception
    return app


def field(app: AppTest, key: str):
    widgets = [
        *app.text_input,
        *app.text_area,
        *app.selectbox,
        *app.toggle,
        *app.date_input,
        *app.radio,
        *app.multiselect,
    ]
    return next(found for found in widgets if (found.key or "").endswith(f"-{key}"))


def select(app: AppTest, *ids: int, rows: list[int], cells: list[tuple[int, str]] | None = None) -> AppTest:
    """AppTest has no click on a table: what the browser would send is put in its place."""
    chosen = {"rows": rows, "columns": [], "cells": cells or []}
    app.session_state[f"products-en-{hash(ids)}"] = {"selection": chosen}
    app.run()
    assert not app.exception
    return app


def show(app: AppTest, view: str) -> AppTest:
    app.segmented_control(key="products_view").set_value(view).run()
    assert not app.exception
    return app


def uploader(app: AppTest, key: str):
    return next(found for found in app.file_uploader if (found.key or "").startswith(key))


def test_everything_about_a_product_is_changed_in_one_form(open_page) -> None:
    product = make_product(sku="A1", category="Scule")
    make_product(sku="B1", name="Zzz", brand="Electro", category="Noi")
    app = select(open_page(), *ids(), rows=[], cells=[(0, "name")])
    typed = {
        "ean": "594 1234 567899", "description": "Bun la toate", "category": "Noi", "brand": "Electro",
        "unit": "m", "pack": "10", "least_quantity": "5", "multiple": "2.5", "rrp": "15.90", "weight": "0.125",
        "nc_code": "8544 49 95", "expected_on": clock.now().date(), "replaced_by": "B1",
    }  # fmt: skip
    for name, value in typed.items():
        field(app, name).set_value(value)
    click(app, "Save")
    assert "was saved" in app.toast[0].value
    columns = "ean, description, brand, unit, pack, least_quantity, multiple, rrp, weight, nc_code, expected_on"
    assert one(f"select {columns} from product where id = :id", id=product.id) == (
        "5941234567899", "Bun la toate", "Electro", "m", 10, 5, Decimal("2.5"), Decimal("15.9"), Decimal("0.125"),
        "85444995", clock.now().date(),
    )  # fmt: skip
    query = "select path, other.sku from product p join category c on c.id = category_id join product other"
    assert one(f"{query} on other.id = p.replaced_by where p.id = :id", id=product.id) == ("Noi", "B1")


def ids() -> tuple[int, ...]:
    """Of all products, in the order of the list."""
    with transaction(SYSTEM) as session:
        return tuple(session.scalars(text("select id from product order by name_folded, id")))


@pytest.mark.parametrize(("name", "value", "words"), [
    ("ean", "5941234567898", "the last one would be 9"), ("least_quantity", "0", "of an order line: 0 is"),
    ("weight", "heavy", "Weight of one unit, kg: “heavy” is not a number"), ("nc_code", "12", "it has 8 digits"),
    ("replaced_by", "NONE", "There is no product with the SKU NONE"), ("name", "", "A product needs a name."),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_words_and_stays_in_the_form(open_page, name: str, value: str, words: str) -> None:
    product = make_product()
    app = select(open_page(), product.id, rows=[0])
    field(app, name).set_value(value)
    click(app, "Save")
    assert words in shown_error(app)
    assert field(app, name).value == value
    assert one("select count(*) from event where kind = 'product_changed'") == (0,)


def test_a_new_product_is_entered_and_the_list_shows_it(open_page) -> None:
    make_product(name="Altul")
    app = click(open_page(), "New product")
    field(app, "sku").set_value("NOU-1")
    field(app, "name").set_value("Nou")
    click(app, "Enter the product")
    assert shown_error(app) == "List price: Enter a value."
    field(app, "list_price").set_value("12.5")
    click(app, "Enter the product")
    assert one("select name, list_price, unit, active from product where sku = 'NOU-1'") == ("Nou", 12.5, "buc", True)
    assert list(app.dataframe[0].value["sku"]) == ["NOU-1"]
    assert not [button for button in app.button if button.label == "Enter the product"]


def test_an_sku_that_is_taken_is_refused(open_page) -> None:
    make_product(sku="A1")
    app = click(open_page(), "New product")
    for name, value in (("sku", "A1"), ("name", "Nou"), ("list_price", "1")):
        field(app, name).set_value(value)
    click(app, "Enter the product")
    assert shown_error(app) == "There is a product with the SKU A1 already: look for it in the list."


def test_several_ticked_products_are_changed_after_a_question(open_page) -> None:
    products = [make_product(name="A"), make_product(name="B"), make_product(name="C")]
    app = select(open_page(), *(product.id for product in products), rows=[0, 1])
    click(app, "Deactivate")
    assert one("select count(*) from product where active") == (3,)
    click(app, "Change 2 products")
    assert "Products changed: 2" in app.toast[0].value
    assert one("select array_agg(name order by name) from product where not active") == (["A", "B"],)


def test_ticked_products_get_a_category_a_brand_and_an_audience(open_page) -> None:
    make_product(name="A", brand="Old")
    make_product(name="B")
    make_product(name="Z", category="Noi > Toate")
    partner = make_partner()
    app = select(open_page(), *ids(), rows=[0, 1])
    for action, key, value in (("Category", "path", "Noi > Toate"), ("Brand", "name", "Old")):
        click(app, action)
        app.selectbox(key=f"bulk-{action.lower()}-{key}").set_value(value)
        click(app, "Change 2 products")
    click(app, "Who sees them")
    app.radio(key="bulk-audience-of-restricted").set_value(True)
    app.multiselect(key="bulk-audience-of-partners").set_value([partner.id])
    click(app, "Change 2 products")
    query = "select min(path), min(brand), bool_and(restricted), count(*) from product p join category c"
    assert one(f"{query} on c.id = category_id where p.name <> 'Z'") == ("Noi > Toate", "Old", True, 2)
    assert one("select count(*) from product_audience where partner_id = :id", id=partner.id) == (2,)


def test_one_ticked_row_opens_its_product_and_a_clicked_one_goes_before(open_page) -> None:
    first, second = make_product(name="A"), make_product(name="B")
    app = select(open_page(), first.id, second.id, rows=[0])
    assert "A" in app.subheader[0].value
    select(app, first.id, second.id, rows=[0], cells=[(1, "name")])
    assert "B" in app.subheader[0].value


def test_who_sees_a_product_is_saved(open_page) -> None:
    product, group = make_product(), add(PartnerGroup(name="Instalatori"))
    app = select(open_page(), product.id, rows=[0])
    field(app, "restricted").set_value(True)
    field(app, "groups").set_value([group.id])
    click(app, "Save who sees it")
    assert one("select restricted, group_id from product p join product_audience a on a.product_id = p.id") == (
        True, group.id,
    )  # fmt: skip
    assert list(app.dataframe[0].value["state"]) == ["Restricted"]


def test_the_list_is_narrowed_down_and_sorted(open_page) -> None:
    make_product(sku="A", name="A", stock=3)
    make_product(sku="B", name="B", active=False, brand="Zeta")
    make_product(sku="C", name="C", ean="96385074")
    app = open_page()
    app.selectbox[2].set_value("most").run()
    assert list(app.dataframe[0].value["sku"]) == ["A", "B", "C"]
    app.button_group(key="product_only").set_value(["active", "out_of_stock"]).run()
    assert list(app.dataframe[0].value["sku"]) == ["C"]
    app.button_group(key="product_only").set_value(["without_ean", "inactive"]).run()
    assert list(app.dataframe[0].value["sku"]) == ["B"]
    app.selectbox[1].set_value("Zeta").run()
    app.text_input(key="product_search").set_value("nimic").run()
    assert app.info[0].value.startswith("No product matches.")


def test_pictures_are_added_moved_and_deleted(open_page) -> None:
    product = make_product()
    app = select(open_page(), product.id, rows=[0])
    files = [("a.png", picture(), "image/png"), ("b.svg.png", b"<svg/>", "image/png"),
             ("c.jpg", picture(colour="red", kind="JPEG"), "image/jpeg")]  # fmt: skip
    uploader(app, "pictures-").set_value(files).run()
    click(app, "Add the pictures")
    assert "Pictures added: 2" in app.toast[0].value
    assert shown_error(app).startswith("b.svg.png: This is not a picture")
    first, second = one("select array_agg(id order by position) from product_image")[0]
    app.button(key=f"move-{first}-1").click().run()
    assert one("select array_agg(id order by position) from product_image") == ([second, first],)
    app.button(key=f"delete-{second}").click().run()
    assert one("select array_agg(id) from product_image") == ([first],)
    assert not app.exception


def test_files_are_added_and_deleted(open_page) -> None:
    product = make_product()
    app = select(open_page(), product.id, rows=[0])
    files = [("fișă.pdf", b"%PDF-1.7", "application/pdf"), ("x.pdf", b"<html>", "application/pdf")]
    uploader(app, "files-").set_value(files).run()
    click(app, "Add the files")
    assert shown_error(app).startswith("“x.pdf” is no PDF file")
    (file_id, name) = one("select id, name from product_file")
    assert name == "fișă.pdf"
    app.button(key=f"delete-file-{file_id}").click().run()
    assert one("select count(*) from product_file") == (0,)


def test_a_zip_shows_what_fits_takes_it_and_tells_file_by_file(open_page) -> None:
    product = make_product(sku="A1")
    with transaction(SYSTEM) as session:
        add_picture(session, product.id, normalised(picture()), "a.png", clock.now())
    app = show(open_page(), "pictures")
    files = {"A1.png": picture(), "A1_2.png": picture(colour="red"), "A1_3.png": b"no", "X.png": picture()}
    app.file_uploader[0].set_value(("poze.zip", zipped(files).getvalue(), "application/zip")).run()
    assert "Fit: 3 files for 1 product. Do not fit: 1." in app.caption[-1].value
    click(app, "Take the pictures that fit")
    assert "Pictures taken: 1" in app.toast[0].value
    told = dict(zip(app.dataframe[0].value["file"], app.dataframe[0].value["result"], strict=True))
    assert told == {
        "X.png": "No product has this SKU or EAN.", "A1.png": "A1 has this picture already.", "A1_2.png": "Taken",
        "A1_3.png": "This is not a picture that can be shown. Pictures are JPEG, PNG or WebP files.",
    }  # fmt: skip
    assert one("select count(*) from product_image") == (2,)


def test_what_is_no_zip_is_refused(open_page) -> None:
    app = show(open_page(), "pictures")
    app.file_uploader[0].set_value(("poze.zip", b"PK\x03\x04", "application/zip")).run()
    assert shown_error(app).startswith("This is not a ZIP file")


def test_a_category_is_renamed_and_an_empty_one_deleted(open_page) -> None:
    product = make_product(category="Scule > Chei")
    app = show(open_page(), "categories")
    assert list(app.dataframe[0].value["below"]) == ["1", "1"]

    def tick(*rows: int) -> None:
        with transaction(SYSTEM) as session:
            now = session.execute(text("select id, path from category order by path")).all()
        key = f"categories-en-{hash(tuple((row.id, row.path) for row in now))}"
        app.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
        app.run()

    tick(0)
    field(app, "name").set_value("Unelte")
    click(app, "Rename")
    assert one("select array_agg(path order by path) from category") == (["Unelte", "Unelte > Chei"],)
    tick(0, 1)
    click(app, "Delete for good")
    assert "still has products" in shown_error(app)
    with transaction(SYSTEM) as session:
        session.execute(text("update product set category_id = null where id = :id"), {"id": product.id})
    tick(0, 1)
    click(app, "Delete for good")
    assert app.info[0].value.startswith("There are no categories yet.")


@pytest.mark.parametrize(("role", "forms"), [("analyst", 0), ("accounting", 0), ("warehouse", 1)])
def test_who_may_not_edit_a_product_opens_it_to_read(app: AppTest, sign_in, role: str, forms: int) -> None:
    product = make_product(
        ean="5941234567899", nc_code="85444995", weight=Decimal("0.125"), rrp=Decimal("15.9"), brand="A&B",
        description="Good for all", category="Scule > Chei", vat_class="reduced",
    )  # fmt: skip
    file = add(ProductFile(product_id=product.id, name="a_b.pdf", media_type="application/pdf", size=9, content=b""))
    sign_in(make_user(language="en", role=role))
    app.run().switch_page("pages/staff/products.py").run()
    assert "products_view" not in [control.key for control in app.segmented_control]
    app.session_state[f"products-en-{hash((product.id,))}"] = {"selection": {"cells": [(0, "name")]}}
    app.run()
    assert not app.exception
    facts = " ".join(element.proto.body for element in app.get("html"))
    for told in ("5941234567899", "85444995", "0.125", "15.90\N{NO-BREAK SPACE}RON", "A&amp;B", "Scule › Chei", "11 %"):
        assert f"<dd>{told}</dd>" in facts
    said = " ".join(element.value for element in app.markdown).replace("\\", "")
    assert "Good for all" in said
    assert f"[a_b.pdf](/files/{file.id})" in said
    assert not app.file_uploader
    labels = [button.label for button in app.button]
    assert "Save" not in labels
    assert labels.count("Record the count") == forms


def test_an_ean_that_others_have_is_saved_with_a_warning(open_page) -> None:
    make_product(sku="TWIN", name="B", ean="96385074")
    make_product(sku="A1", name="A")
    app = select(open_page(), *ids(), rows=[], cells=[(0, "name")])
    assert not app.warning
    field(app, "ean").set_value("96385074")
    click(app, "Save")
    assert one("select ean from product where sku = 'A1'") == ("96385074",)
    assert "The EAN 96385074 is also that of TWIN" in app.warning[0].value
    click(app, "New product")
    for name, value in (("sku", "NEW"), ("name", "C"), ("list_price", "1"), ("ean", "96385074")):
        fields = [
            text for text in app.text_input if (text.key or "").endswith(f"-{name}") and "new" in (text.key or "")
        ]
        fields[0].set_value(value)
    click(app, "Enter the product")
    assert "The EAN 96385074 is also that of A1, TWIN" in app.toast[0].value


def test_the_address_keeps_what_was_looked_for_in_the_list(open_page) -> None:
    make_product(sku="A", name="Cheie", stock=3, category="Scule", brand="Zeta")
    make_product(sku="B", name="Cheie", category="Scule", brand="Zeta")
    make_product(sku="C", name="Cheie", category="Altele", brand="Zeta")
    app = open_page()
    app.selectbox(key="product_category").set_value("Scule").run()
    app.selectbox(key="product_brand").set_value("Zeta").run()
    app.selectbox(key="product_sort").set_value("most").run()
    app.text_input(key="product_search").set_value("cheie").run()
    app.button_group(key="product_only").set_value(["active", "out_of_stock"]).run()
    assert app.query_params == {
        "search": "cheie", "category": "Scule", "brand": "Zeta", "sort": "most",
        "only": ["active", "out_of_stock"],
    }  # fmt: skip
    assert list(app.dataframe[0].value["sku"]) == ["B"]
    app.query_params["only"] = ["x"]
    app.query_params["category"] = "gone"
    app.run()
    assert list(app.dataframe[0].value["sku"]) == ["A", "B", "C"]
    assert app.selectbox(key="product_category").value is None
