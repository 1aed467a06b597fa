"""Settings, a partner's limits and terms, and what staff set on a product that is short."""

from collections.abc import Callable
from datetime import time
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.company_rules import COMPANY_RULES, RULES
from core.db import transaction
from core.orders import waiving
from core.principal import SYSTEM
from pages.ui.rule_fields import EXPLAINED, HOURS_TO, MONEY, OPEN, SHARES, SIZES
from tests.core.orders import steps
from tests.factories import make_company, make_partner, make_product, make_user, principal_of
from tests.pages.conftest import shown_error
from tests.pages.test_forms import click, one, select_row, sql


@pytest.fixture
def open_page(app: AppTest, sign_in: Callable[[User], None]) -> Callable[..., AppTest]:
    def _open(name: str, role: str = "admin", language: str = "en") -> AppTest:
        make_company()
        sign_in(make_user(language=language, role=role, name="Ana Pop"))
        page = app.run().switch_page(f"pages/staff/{name}.py").run()
        assert not page.exception
        return page

    return _open


def field(app: AppTest, name: str):
    """The field whose key ends so."""
    found = [*app.text_input, *app.text_area, *app.toggle, *app.time_input, *app.get("button_group")]
    return next(box for box in found if (box.key or "").endswith(f"-{name}"))


TABS = {
    **dict.fromkeys((*SIZES, *OPEN, *MONEY, *SHARES, "share_days"), "limits"),
    **dict.fromkeys(("purge_days", "mail_days"), "access"),
}


def save(app: AppTest, name: str) -> AppTest:
    """Save the tab of the settings where this field is."""
    return app.button(key=f"settings-{TABS.get(name, 'orders')}-save").click().run()


def written(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.success]
    return "\n".join(part.value for part in parts).replace("\\", "").replace(":small[]", "").replace("\xa0", " ")


def open_partner(app: AppTest, partner_id: int) -> AppTest:
    return select_row(app, "partners", partner_id)


def test_every_rule_is_explained_and_stands_in_one_group() -> None:
    assert set(EXPLAINED) == set(COMPANY_RULES)
    assert sorted([*HOURS_TO, *SIZES, *OPEN, *MONEY, *SHARES]) == sorted(RULES)


def test_the_settings_keep_rules_and_the_working_clock(open_page) -> None:
    app = open_page("settings")
    typed = {
        "unpaid_hours": "36.5", "purge_days": "60", "min_order": "250", "max_order": "20000.50", "max_open_orders": "4",
        "max_open_value": "1,234.50", "credit_limit": "5000", "overdue_block": "0.01", "overdue_block_days": "15",
        "max_per_order": "12.5", "max_per_period": "100", "share_days": "14",
    }  # fmt: skip
    for tab in ("limits", "access", "orders"):
        of_tab = {name: value for name, value in typed.items() if TABS.get(name, "orders") == tab}
        for name, value in of_tab.items():
            field(app, name).set_value(value)
        if tab == "orders":
            field(app, "working_clock").set_value(True)
            field(app, "work_days").set_value([1, 2, 6])
            field(app, "work_from").set_value(time(8, 30))
        save(app, next(iter(of_tab)))
        assert "were saved" in app.toast[0].value
    assert one(f"select {', '.join(typed)} from company") == (
        Decimal("36.5"), 60, 250, Decimal("20000.50"), 4, Decimal("1234.50"), 5000, Decimal("0.01"), 15,
        Decimal("12.5"), 100, 14,
    )  # fmt: skip
    assert one("select working_clock, work_days, work_from, work_to from company") == (
        True, [1, 2, 6], time(8, 30), time(17),
    )  # fmt: skip
    assert field(app, "max_order").value == "20000.50"


@pytest.mark.parametrize(("name", "value", "sentence"), [
    ("max_order", "-1", "Largest value of an order, lei: -1 is negative."),
    ("credit_limit", "abc", "Credit limit, lei: “abc” is not a number."),
    ("max_open_orders", "1.5", "Open orders at once: 1.5 is not a whole number."),
    ("share_days", "0", "Days of the period: enter a number from 1 to 3,650, with 0 decimals at most."),
    ("claim_hours", "9000", "Hours until an unclaimed order lapses: enter a number from 0 to 8,760"),
    ("purge_days", "", "Days after which lapsed orders are removed: Enter a value."),
    ("work_from", time(17), "Working hours need at least one day"),
    ("work_days", [], "Working hours need at least one day"),
])  # fmt: skip
def test_a_value_that_cannot_be_is_refused_with_a_sentence_and_nothing_is_saved(
    open_page, name: str, value: object, sentence: str
) -> None:
    app = open_page("settings")
    beside, typed, kept = {
        "limits": ("min_order", "250", 0), "access": ("idle_hours", "8", 72), "orders": ("unpaid_hours", "7", 48),
    }[TABS.get(name, "orders")]  # fmt: skip
    field(app, beside).set_value(typed)
    field(app, name).set_value(value)
    save(app, name)
    assert shown_error(app).startswith(sentence)
    assert one(f"select {beside} from company") == (kept,)
    assert field(app, beside).value == typed


def test_a_least_value_above_the_largest_is_refused(open_page) -> None:
    app = open_page("settings")
    field(app, "min_order").set_value("250")
    field(app, "max_order").set_value("200")
    save(app, "max_order")
    assert "nothing could be ordered" in shown_error(app)


def test_a_partner_gets_own_rules_beside_the_general_ones_and_loses_them_again(open_page) -> None:
    partner = make_partner()
    sql("update company set credit_limit = 500")
    app = open_partner(open_page("partners", "accounting"), partner.id)
    assert (field(app, "credit_limit").value, field(app, "credit_limit").placeholder.replace("\xa0", " ")) == (
        "", "General: 500.00 RON",
    )  # fmt: skip
    field(app, "credit_limit").set_value("20000")
    field(app, "max_open_orders").set_value("0")
    field(app, "prepay").set_value(True)
    click(app, "Save")
    assert one("select credit_limit, max_open_orders, prepay, min_order from partner") == (20_000, 0, True, None)
    app = open_partner(app, partner.id)
    assert "General: 500.00 RON" in written(app)
    field(app, "credit_limit").set_value(" ")
    click(app, "Save")
    assert one("select credit_limit, max_open_orders, prepay from partner") == (None, 0, True)


def test_a_colleagues_change_of_another_rule_stays(open_page) -> None:
    partner = make_partner()
    app = open_partner(open_page("partners", "accounting"), partner.id)
    sql("update partner set max_order = 700, prepay = true")
    field(app, "credit_limit").set_value("300")
    click(app, "Save")
    assert one("select credit_limit, max_order, prepay from partner") == (300, 700, True)


def test_a_number_that_a_partners_rule_cannot_be_is_refused(open_page) -> None:
    partner = make_partner()
    app = open_partner(open_page("partners", "accounting"), partner.id)
    field(app, "overdue_block_days").set_value("2.5")
    click(app, "Save")
    assert shown_error(app) == "Days overdue that stop new orders: 2.5 is not a whole number."


def test_one_order_is_let_through_and_the_permission_is_taken_back(open_page) -> None:
    partner = make_partner()
    app = open_partner(open_page("partners", "accounting"), partner.id)
    field(app, "up_to").set_value("750")
    click(app, "Let one order through")
    assert "Say why" in shown_error(app)
    field(app, "reason").set_value("Târgul [din] mai")
    click(app, "Let one order through")
    assert one("select up_to, reason, order_id from limit_pass") == (750, "Târgul [din] mai", None)
    app = open_partner(app, partner.id)
    assert "One order of up to **750.00 RON** may pass the limits until" in written(app)
    assert "Târgul [din] mai (Ana Pop)" in written(app)
    assert field(app, "reason").value == ""
    click(app, "Take back")
    assert one("select count(*) from limit_pass") == (0,)
    assert "may pass the limits until" not in written(open_partner(app, partner.id))


def test_sales_reads_the_limits_how_far_they_are_used_and_what_was_let_through(open_page) -> None:
    partner = make_partner(credit_limit=Decimal(100), prepay=True)
    buyer, product = principal_of(make_user(partner)), make_product(stock=50, vat_class="zero")
    now = clock.now()
    steps.order(buyer, {product.id: 10}, now)
    with transaction(SYSTEM) as session:
        waiving.grant(session, partner.id, Decimal(500), "Târg", now)
    steps.order(buyer, {product.id: 2}, now)
    app = open_partner(open_page("partners", "sales"), partner.id)
    words = written(app)
    assert "Credit limit: :red[120.00 RON of 100.00 RON]" in words
    assert "Pays before delivery" in words
    assert "Credit limit: 100.00 RON :gray[(own)]" in words
    assert "Least value of an order: no limit :gray[(general)]" in words
    order_id = one("select max(id) from orders")[0]
    assert f"Used by order {order_id}: up to 500.00 RON. Târg" in words
    assert not [box for box in app.text_input if (box.key or "").startswith("rules-")]
    assert "Let one order through" not in [button.label for button in app.button]


def test_a_product_is_sold_before_it_comes_and_rationed(open_page) -> None:
    product = make_product(max_per_period=Decimal("2.5"))
    app = select_row(open_page("products", "sales"), "products", product.id)
    field(app, "backorder").set_value(True)
    field(app, "max_per_order").set_value("0.5")
    assert field(app, "max_per_period").value == "2.5"
    field(app, "max_per_period").set_value("")
    click(app, "Save")
    assert one("select backorder, max_per_order, max_per_period from product") == (True, Decimal("0.5"), None)
    assert one("select data -> 'changes' from event where kind = 'product_changed'") == (
        {"backorder": ["False", "True"], "max_per_order": ["", "0.500"], "max_per_period": ["2.500", ""]},
    )


def test_a_most_of_a_product_that_cannot_be_is_refused(open_page) -> None:
    product = make_product()
    app = select_row(open_page("products", "sales"), "products", product.id)
    field(app, "max_per_order").set_value("-3")
    click(app, "Save")
    assert shown_error(app) == "Most in one order: -3 is negative."


def test_the_history_of_a_partner_tells_of_its_rules_and_passes(open_page) -> None:
    partner = make_partner()
    app = open_partner(open_page("partners", "accounting"), partner.id)
    field(app, "credit_limit").set_value("20000")
    field(app, "max_open_orders").set_value("3")
    field(app, "prepay").set_value(True)
    click(app, "Save")
    app = open_partner(app, partner.id)
    field(app, "up_to").set_value("750")
    field(app, "reason").set_value("Târg")
    click(app, "Let one order through")
    words = written(open_partner(app, partner.id))
    assert "Pays before delivery: No → Yes" in words
    assert "Credit limit: – → 20,000.00 RON · " in words
    assert "Open orders at once: – → 3" in words
    assert "Up to: 750.00 RON · Reason: Târg" in words
