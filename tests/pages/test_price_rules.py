"""The staff's page of discounts, promotions and groups."""

from datetime import date
from decimal import Decimal
from typing import Any

from streamlit.testing.v1 import AppTest

from core.pricing.models import PromotionItem
from core.pricing.promotion_items import PAGE_SIZE
from tests.core.pricing.list_steps import scalar
from tests.factories import (
    add,
    make_discount,
    make_partner,
    make_price_list,
    make_product,
    make_promotion,
    make_user,
)
from tests.pages.conftest import shown_error
from tests.pages.shop import Opener, words

RULES = "pages/staff/price_rules.py"


def field(app: AppTest, label: str, at: int = 0) -> Any:
    kinds = ("text_input", "selectbox", "date_input", "number_input")
    return [found for kind in kinds for found in getattr(app, kind) if found.label == label][at]


def press(app: AppTest, label: str) -> AppTest:
    next(found for found in app.button if found.label == label).click().run()
    assert not app.exception
    return app


def audiences() -> list[tuple[str, int | None, int | None]]:
    rows = scalar("select json_agg(json_build_array(name, group_id, partner_id) order by id) from promotion")
    return [tuple(row) for row in rows]


def test_a_promotion_of_a_closed_partner_stays_its_own_when_renamed_or_copied(open_page: Opener) -> None:
    partner = make_partner(status="closed", code="P9", name="Exemplu SRL")
    made = make_promotion(name="Iarna", partner_id=partner.id, valid_until=date(2030, 1, 1))
    app = open_page(make_user(language="en"), RULES, promotion=str(made.id))
    assert field(app, "For whom").value == ("partner", partner.id)
    field(app, "Name").set_value("Winter")
    press(app, "Save")
    press(app, "Copy with all its prices")
    assert audiences() == [("Winter", None, partner.id), ("Iarna (copy)", None, partner.id)]


def type_in(app: AppTest, edits: dict[str, Any]) -> AppTest:
    """AppTest types in no sheet: what the browser would send is put in its place."""
    (editor,) = app.data_editor
    app.session_state[editor.key] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | edits
    return app.run()


def test_while_a_promotions_prices_are_unsaved_nothing_leads_away(open_page: Opener) -> None:
    made = make_promotion(make_product(sku="A"), net=Decimal(5), valid_until=date(2030, 1, 1))
    for n in range(PAGE_SIZE):
        add(PromotionItem(promotion_id=made.id, product_id=make_product(sku=f"B{n}").id, net=Decimal(1)))
    app = open_page(make_user(language="en"), RULES, promotion=str(made.id))
    type_in(app, {"added_rows": [{"sku": "A"}]})
    assert next(button for button in app.button if button.label == "All promotions").disabled
    assert app.get("pagination")[0].proto.disabled
    assert "then you can look further" in words(app)
    press(app, "Discard")
    assert not next(button for button in app.button if button.label == "All promotions").disabled


def test_a_promotions_prices_are_saved_and_a_colleagues_change_is_told_first(open_page: Opener) -> None:
    product = make_product(sku="A")
    made = make_promotion(product, net=Decimal(5), valid_until=date(2030, 1, 1))
    app = open_page(make_user(language="en"), RULES, promotion=str(made.id))
    type_in(app, {"edited_rows": {0: {"net": "4"}}})
    scalar("update promotion_item set net = 3 where promotion_id = :id returning 1", id=made.id)
    press(app, "Save the prices")
    assert "A: a colleague has changed this price to 3 since you looked" in shown_error(app)
    assert scalar("select net from promotion_item") == 3
    press(app, "Save the prices")
    assert scalar("select net from promotion_item") == 4


def test_a_promotions_price_is_either_net_or_a_percentage(open_page: Opener) -> None:
    made = make_promotion(make_product(sku="A"), net=Decimal(5), valid_until=date(2030, 1, 1))
    app = open_page(make_user(language="en"), RULES, promotion=str(made.id))
    press(type_in(app, {"edited_rows": {0: {"percent": "10"}}}), "Save the prices")
    assert "either a net price or a percentage" in shown_error(app)


def tab(app: AppTest, name: str) -> AppTest:
    app.segmented_control(key="rules_tab").set_value(name).run()
    assert not app.exception
    return app


def test_a_discount_is_given_found_and_opened(open_page: Opener) -> None:
    app = open_page(make_user(language="en"), RULES)
    press(app, "Give this discount")
    assert "Discount: Enter a value." in shown_error(app)
    app.segmented_control(key="new-discount-en-0-target-False").set_value("everything").run()
    field(app, "Discount, %").set_value("7.5")
    press(app, "Give this discount")
    assert scalar("select array[percent] from discount where owner = 0 and target = '*'") == [Decimal("7.5")]
    assert "Discounts: 1" in words(app)
    made = scalar("select id from discount")
    assert "Everybody: Everything" in app_headers(open_page(make_user(language="en"), RULES, discount=str(made)))


def app_headers(app: AppTest) -> str:
    return " ".join(element.value for element in app.subheader).replace("\\", "")


def test_a_lists_discounts_are_shown_alone_and_counted_on_the_list(open_page: Opener) -> None:
    found = make_price_list(name="Electro")
    make_discount("5", price_list_id=found.id)
    make_discount("6")
    app = open_page(make_user(language="en"), RULES, list=str(found.id))
    assert "Only the discounts of **Electro**" in words(app)
    assert "Discounts: 1" in words(app)
    press(app, "Show all")
    assert "Discounts: 2" in words(app)
    page = open_page(make_user(language="en"), "pages/staff/prices.py", list=str(found.id))
    page.segmented_control(key=f"section-{found.id}").set_value("list").run()
    (link,) = [one.proto for one in page.get("page_link") if "Discounts" in one.proto.label]
    assert (link.label, link.query_string) == ("Discounts of this list: 1", f"list={found.id}")


def test_a_promotion_is_planned_and_one_without_a_name_is_refused(open_page: Opener) -> None:
    app = tab(open_page(make_user(language="en"), RULES), "promotions")
    press(app, "Plan it, then add prices")
    assert "A promotion needs a name" in shown_error(app)
    field(app, "Name").set_value("Iarna")
    press(app, "Plan it, then add prices")
    assert audiences() == [("Iarna", None, None)]
    assert "The promotion is planned." in words(app)


def test_a_group_is_made_and_the_same_name_twice_is_refused(open_page: Opener) -> None:
    found = make_price_list(name="Electro")
    app = tab(open_page(make_user(language="en"), RULES), "groups")
    field(app, "Name").set_value("Electricieni")
    field(app, "Price list").set_value(found.id)
    press(app, "Make the group")
    assert scalar("select price_list_id from partner_group where name = 'Electricieni'") == found.id
    field(app, "Name").set_value("Electricieni")
    press(app, "Make the group")
    assert "There is a group “Electricieni” already" in shown_error(app)
