"""A partner's prices on its staff page."""

from decimal import Decimal
from typing import Any

from streamlit.testing.v1 import AppTest

from core.partners.models import Partner
from tests.core.pricing.list_steps import scalar
from tests.factories import make_discount, make_partner, make_price_list, make_product, make_user, set_own_price
from tests.pages.conftest import shown_error
from tests.pages.shop import Opener, words

PARTNERS = "pages/staff/partners.py"


def opened(open_page: Opener, partner: Partner, role: str = "admin") -> AppTest:
    return open_page(make_user(language="en", role=role), PARTNERS, partner=str(partner.id))


def type_in(app: AppTest, partner: Partner, edits: dict[str, Any]) -> AppTest:
    """AppTest types in no sheet: what the browser would send is put in its place."""
    key = next(editor.key for editor in app.data_editor if editor.key.startswith(f"own-{partner.id}-"))
    app.session_state[key] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | edits
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    next(found for found in app.button if found.label == label).click().run()
    assert not app.exception
    return app


def nets(partner: Partner) -> list[list[float]]:
    found = scalar(
        "select json_agg(json_build_array(sku, net, from_quantity) order by sku, from_quantity)"
        " from partner_price join product on product.id = product_id where partner_id = :id", id=partner.id,
    )  # fmt: skip
    return found or []


def test_where_the_prices_come_from_is_told_in_order(open_page: Opener) -> None:
    found = make_price_list(name="Electro")
    partner = make_partner(price_list_id=found.id)
    set_own_price(partner.id, make_product().id, "5")
    make_discount("3", partner_id=partner.id, brand="X")
    make_discount("4", price_list_id=found.id)
    said = words(opened(open_page, partner))
    assert "1. Own net prices: 1" in said
    assert "2. Own discounts: 1" in said
    assert "3. Its list “Electro”: net prices 0, discounts 1" in said


def test_own_prices_are_typed_pasted_and_saved(open_page: Opener) -> None:
    partner = make_partner()
    set_own_price(partner.id, make_product(sku="A").id, "5")
    make_product(sku="B")
    app = opened(open_page, partner)
    type_in(app, partner, {"edited_rows": {0: {"net": "4.5"}}, "added_rows": [{"sku": "B\t3\t12\nB\t3.5"}]})
    press(app, "Save the prices")
    assert nets(partner) == [["A", 4.5, 0], ["B", 3.5, 0], ["B", 3, 12]]


def test_an_unknown_sku_is_refused_and_what_was_typed_stays(open_page: Opener) -> None:
    partner = make_partner()
    app = opened(open_page, partner)
    type_in(app, partner, {"added_rows": [{"sku": "Z", "net": "1"}]})
    press(app, "Save the prices")
    assert "no product with the SKU Z" in shown_error(app)
    assert nets(partner) == []
    assert not next(button for button in app.button if button.label == "Save the prices").disabled


def test_while_own_prices_are_unsaved_nothing_leads_away(open_page: Opener) -> None:
    partner = make_partner()
    set_own_price(partner.id, make_product(sku="A").id, "5")
    app = type_in(opened(open_page, partner), partner, {"edited_rows": {0: {"net": "4"}}})
    assert next(button for button in app.button if button.label == "All partners").disabled
    assert "then you can look further" in words(app)
    del app.query_params["partner"]
    assert next(button for button in app.run().button if button.label == "All partners").disabled
    press(app, "Discard")
    assert not next(button for button in app.button if button.label == "All partners").disabled


def test_a_colleagues_change_of_an_own_price_is_told_before_it_is_overwritten(open_page: Opener) -> None:
    partner = make_partner()
    set_own_price(partner.id, make_product(sku="A").id, "5")
    app = type_in(opened(open_page, partner), partner, {"edited_rows": {0: {"net": "4"}}})
    scalar("update partner_price set net = 4.8 returning 1")
    press(app, "Save the prices")
    assert "a colleague has changed this price to 4.8" in shown_error(app)
    assert nets(partner) == [["A", 4.8, 0]]
    press(app, "Save the prices")
    assert nets(partner) == [["A", 4, 0]]


def test_a_list_is_assigned_to_the_partner(open_page: Opener) -> None:
    partner, found = make_partner(), make_price_list(name="Electro")
    app = opened(open_page, partner)
    next(box for box in app.selectbox if box.label == "Price list").set_value(found.id)
    form = f"assign-{partner.id}-"
    next(button for button in app.button if form in (button.key or "") and button.label == "Save").click().run()
    assert scalar("select price_list_id from partner where id = :id", id=partner.id) == found.id


def test_who_only_sees_prices_changes_none(open_page: Opener) -> None:
    partner = make_partner()
    set_own_price(partner.id, make_product(sku="A").id, "5")
    app = opened(open_page, partner, role="accounting")
    assert len(app.data_editor) == 0
    assert Decimal(nets(partner)[0][1]) == 5
