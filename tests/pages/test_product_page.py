"""One product on its page: what is told of it, to whom, and what can be done with it."""

from decimal import Decimal

import pytest

from core import clock
from core.auth.models import User
from core.auth.viewing import start_viewing
from core.catalog.models import ProductFile, ProductImage
from core.db import transaction
from core.orders import awaiting, lists
from tests.core.orders import steps
from tests.factories import add, make_partner, make_product, make_user, principal_of, set_own_price
from tests.pages.conftest import who_is_there
from tests.pages.shop import PRODUCT, click, grid, names, words

D = Decimal


@pytest.fixture
def owner(database: str) -> User:
    return make_user(make_partner(), language="en")


def html(app) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def metrics(app) -> dict[str, str]:
    return {metric.label: metric.value.replace("\N{NO-BREAK SPACE}", " ") for metric in app.metric}


def test_all_that_is_known_of_it_is_told_as_it_was_typed(owner, open_page):
    product = make_product(
        name="<b>Țeavă</b>", sku="T-1", ean="5941234567899", brand="A&B", category="Instalații > Țevi", unit="m",
        pack=D(10), least_quantity=D(20), multiple=D(5), weight=D("0.35"), nc_code="73063077",
        description="Line *one*\n\n- two",
    )  # fmt: skip
    app = open_page(owner, PRODUCT, product=str(product.id))
    assert "<b>Țeavă</b>" in words(app)
    assert "Line *one*" in words(app)
    facts = html(app)
    for told in ("T-1", "5941234567899", "A&amp;B", "Instalații › Țevi", "10 m", "20 m", "5 m", "0.35 kg", "73063077"):
        assert f"<dd>{told}</dd>" in facts
    assert [row["id"] for row in grid(app)["rows"]] == [product.id]


def test_own_list_and_recommended_price_with_margin_are_shown_net_or_with_vat(owner, open_page):
    product = make_product(list_price=D(10), rrp=D(16))
    set_own_price(owner.partner_id, product.id, "8")
    app = open_page(owner, PRODUCT, product=str(product.id))
    assert metrics(app) == {
        "Your price, for one buc": "8.00 RON", "List price": "10.00 RON", "Recommended price": "16.00 RON"
    }  # fmt: skip
    assert [metric.delta for metric in app.metric] == ["20 % off the list price", "", "margin 50 %"]
    app.toggle(key="gross_switch").set_value(True).run()
    assert metrics(app)["Your price, for one buc"] == "9.68 RON"


def test_discount_and_margin_are_shown_to_one_decimal_half_up(database, open_page):
    owner = make_user(make_partner(discount=D("12.5")), language="en")
    product = make_product(list_price=D(8), rrp=D("8.01"))
    app = open_page(owner, PRODUCT, product=str(product.id))
    (row,) = grid(app)["rows"]
    assert (row["off"], row["margin"]) == (12.5, 12.6)
    deltas = [metric.delta for metric in app.metric]
    assert "12.5 % off the list price" in deltas
    assert "margin 12.6 %" in deltas


def test_why_the_price_is_what_it_is_is_told_rule_by_rule(owner, open_page):
    product = make_product(list_price=D(10))
    set_own_price(owner.partner_id, product.id, "8")
    app = click(open_page(owner, PRODUCT, product=str(product.id)), "why")
    said = words(app)
    assert "**Agreed price**" in said
    assert "this is the price" in said
    assert "does not count: what stands above it goes first" in said
    assert "So the price is **8.00 RON** net for one buc, 9.68 RON with 21 % VAT." in said


def test_without_prices_none_is_told(owner, open_page):
    product = make_product(list_price=D("7.77"), rrp=D("9.99"))
    steps.scalar("update partner set prices_hidden = true returning 1")
    app = open_page(owner, PRODUCT, product=str(product.id))
    assert not app.metric
    assert "Your company sees no prices here." in words(app)
    assert not [button for button in app.button if button.key == "why"]


@pytest.mark.parametrize("asked", ["", "x", "0", "9" * 30, "1.5", "-1"])
def test_an_address_without_a_product_says_so(owner, open_page, asked):
    app = open_page(owner, PRODUCT, product=asked)
    assert "This does not exist, or it is not yours to see." in words(app)
    assert not grid(app)


def test_a_product_that_is_not_offered_is_as_if_it_were_not_there(owner, open_page):
    for product in (make_product(restricted=True), make_product(restricted=True, active=False)):
        app = open_page(owner, PRODUCT, product=str(product.id))
        assert "This does not exist, or it is not yours to see." in words(app)


def test_what_replaces_it_and_when_it_was_bought_is_told(owner, open_page):
    new = make_product(name="Newer")
    old = make_product(stock=9, replaced_by=new.id)
    steps.order(principal_of(owner), {old.id: 1})
    app = open_page(owner, PRODUCT, product=str(old.id))
    assert "You bought it last on 23.11.2026, at 10.00 RON net." in words(app)
    assert "It is being replaced by" in words(app)
    assert "Newer" in " ".join(link.label for link in app.get("page_link"))


def test_of_what_is_no_longer_sold_the_name_is_told_and_what_is_sold_instead_two_steps_on(owner, open_page):
    last = make_product(name="Last")
    middle = make_product(name="Middle", active=False, replaced_by=last.id)
    gone = make_product(name="First", sku="F-1", active=False, replaced_by=middle.id, description="Old words")
    app = open_page(owner, PRODUCT, product=str(gone.id))
    assert "No longer sold: First, F-1" in words(app)
    assert f"Sold instead: Last, {last.sku}" in [link.label for link in app.get("page_link")]
    assert "Old words" not in words(app)
    assert not app.error
    assert not grid(app)


def test_a_star_does_what_it_said_when_it_was_clicked_whatever_another_tab_did(owner, open_page):
    product = make_product()
    app = open_page(owner, PRODUCT, product=str(product.id))
    for wanted in (True, False):
        with transaction(principal_of(owner)) as session:
            lists.set_favourite(session, product.id, wanted)
        click(app, "star")
        assert grid(app)["rows"][0].get("favourite", False) is wanted


def test_it_becomes_a_favourite_and_is_none_again(owner, open_page):
    product = make_product()
    app = click(open_page(owner, PRODUCT, product=str(product.id)), "star")
    assert grid(app)["rows"][0]["favourite"] is True
    click(app, "star")
    assert "favourite" not in grid(app)["rows"][0]


def quantity_field(app):
    return next(field for field in app.number_input if field.key.startswith("onto_list quantity"))


def test_it_goes_onto_a_list_that_is_there_or_a_new_one(owner, open_page):
    product = make_product()
    app = open_page(owner, PRODUCT, product=str(product.id))
    for name, quantity in (("Roof", 3), ("Site", 4)):
        app.text_input(key=f"onto_list new {product.id}").set_value(name)
        quantity_field(app).set_value(float(quantity))
        click(app, "onto_list")
        assert "It is on the list." in words(app)
        app.selectbox(key=f"onto_list one {product.id}").set_value(0).run()
    with transaction(principal_of(owner)) as session:
        roof, site = lists.saved_lists(session)
    app.selectbox(key=f"onto_list one {product.id}").set_value(roof.id).run()
    assert "It is on this list: 3 buc." in words(app)
    assert quantity_field(app).value == 3
    quantity_field(app).set_value(9.0)
    click(app, "onto_list")
    assert "It is on this list: 9 buc." in words(app)
    with transaction(principal_of(owner)) as session:
        found = [lists.list_quantities(session, one.id) for one in (roof, site)]
    assert found == [{product.id: D(9)}, {product.id: D(4)}]


def test_a_list_without_a_name_is_refused_in_words(owner, open_page):
    product = make_product()
    app = click(open_page(owner, PRODUCT, product=str(product.id)), "onto_list")
    assert "Give the list a name" in words(app)


def test_what_is_out_of_stock_can_be_awaited_and_not_any_more(owner, open_page):
    product = make_product(name="A pump", pack=D(4))
    app = open_page(owner, PRODUCT, product=str(product.id))
    click(app, "await")
    assert "We tell you when it is back: A pump" in words(app)
    with transaction(principal_of(owner)) as session:
        assert [(wish.product_id, wish.quantity) for wish in awaiting.own(session)] == [(product.id, D(4))]
    click(app, "forget")
    assert [button for button in app.button if button.key == "await"]


def test_pictures_are_chosen_and_files_are_to_be_saved(owner, open_page):
    product = make_product(name='6" pipe')
    first, second = (
        add(ProductImage(product_id=product.id, position=n, sha256=bytes([n]), content=b"large", small=b"small"))
        for n in (1, 2)
    )
    file = add(ProductFile(product_id=product.id, name="a_b.pdf", media_type="application/pdf", size=2048, content=b""))
    app = open_page(owner, PRODUCT, product=str(product.id))
    assert f'src="/images/{first.id}/large" alt="6&quot; pipe: picture 1"' in html(app)
    app.button_group(key=f"picture {product.id}").set_value(second.id).run()
    assert f"/images/{second.id}/large" in html(app)
    assert f"[a_b.pdf](/files/{file.id}) :small[2 kB]" in words(app)


def test_a_viewer_sees_it_and_can_do_nothing(owner, open_page, sign_in, app):
    product = make_product()
    sign_in(make_user(role="admin", language="en"))
    with transaction(who_is_there()) as session:
        start_viewing(session, owner.partner_id, "to see", clock.now())
    shown = app.run().switch_page(PRODUCT)
    shown.query_params["product"] = str(product.id)
    shown.run()
    assert names(shown) == [product.name]
    assert {button.key for button in shown.button} == {"why", "end_view", "log_out"}


def test_a_staff_member_has_no_such_page(database, open_page):
    staff = make_user(role="admin", language="en")
    assert "You have no access to this page" in [head.value for head in open_page(staff, PRODUCT).subheader]
