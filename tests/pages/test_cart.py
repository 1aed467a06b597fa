"""The cart in its drawer: what goes with an order, limits and what makes room, what is short, and the waiting list."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.config import ROOT
from core.db import transaction
from core.orders import awaiting
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_user, principal_of
from tests.pages.shop import grid

BLANK = "\N{NO-BREAK SPACE}"


@pytest.fixture
def open_catalog(database: str, sign_in: Callable[[User], None]) -> Callable[[User], AppTest]:
    """Opens the catalogue in a tab of this person's own."""

    def _open(who: User) -> AppTest:
        sign_in(who)
        tab = AppTest.from_file(ROOT / "Home.py", default_timeout=30)
        shown = tab.run().switch_page("pages/partner/catalog.py").run()
        assert not shown.exception
        return shown

    return _open


@pytest.fixture
def owner(database: str) -> User:
    partner = make_partner(address="Str. Lungă 1", city="Cluj")
    return make_user(partner, language="en")


def click(app: AppTest, label: str) -> AppTest:
    next(found for found in app.button if found.label.replace(BLANK, " ") == label).click().run()
    assert not app.exception
    return app


def button(app: AppTest, start: str):
    return next(found for found in app.button if found.label.startswith(start))


def field(elements, label: str):
    return next(found for found in elements if found.label == label)


def words(app: AppTest) -> str:
    """Everything that is said on the page, with plain blanks and without the signs that keep Markdown from it."""
    said = [*app.markdown, *app.caption, *app.info, *app.warning, *app.success, *app.error, *app.toast]
    return " | ".join(element.value for element in said).replace(BLANK, " ").replace("\\", "")


def sql(statement: str, **params: object) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), params)


def choose_address(app: AppTest, address: str) -> None:
    """The test runner runs no fragments: the drawer closes after a choice, and keeps what was typed."""
    field(app.selectbox, "Deliver to").set_value(address).run()
    click(app, "View cart and order")


def cart_of(app_user: User, quantities: dict[int, int | str]) -> Principal:
    who = principal_of(app_user)
    steps.fill(who, quantities)
    return who


def waits(who: Principal) -> list[tuple[int, Decimal]]:
    with transaction(who) as session:
        return [(wish.product_id, wish.quantity) for wish in awaiting.own(session)]


def test_number_day_address_and_note_go_with_the_order(owner, open_catalog):
    cart_of(owner, {make_product(stock=9).id: 2})
    app = click(open_catalog(owner), "View cart and order")
    wished = clock.now().date() + timedelta(days=9)
    field(app.text_input, "Your own order number").set_value("PO-7")
    field(app.date_input, "Wished day of delivery").set_value(wished)
    field(app.text_area, "Note for the distributor (optional)").set_value("ring twice")
    choose_address(app, "\n")
    field(app.text_area, "Another address").set_value("Hala 2\nrampa 3")
    click(app, "Place the order for 24.20 RON")
    said = steps.scalar("select concat_ws('|', reference, wished_on, note, deliver_to) from orders")
    assert said == f"PO-7|{wished}|ring twice|Hala 2\nrampa 3"


def test_another_address_that_is_not_given_is_asked_for(owner, open_catalog):
    cart_of(owner, {make_product(stock=9).id: 2})
    app = click(open_catalog(owner), "View cart and order")
    choose_address(app, "\n")
    click(app, "Place the order for 24.20 RON")
    assert "Another address: Enter a value." in words(app)
    assert steps.scalar("select count(*) from orders") == 0


def test_the_seat_and_earlier_addresses_can_be_chosen_and_the_seat_is_the_first(owner, open_catalog):
    product = make_product(stock=9)
    steps.order(principal_of(owner), {product.id: 1}, clock.now())
    sql("update orders set deliver_to = 'Hala 2'")
    cart_of(owner, {product.id: 1})
    app = click(open_catalog(owner), "View cart and order")
    chosen = field(app.selectbox, "Deliver to")
    assert chosen.options == ["Our seat: Str. Lungă 1, Cluj, BH", "Hala 2", "Another address"]
    assert chosen.value == ""
    choose_address(app, "Hala 2")
    click(app, "Place the order for 12.10 RON")
    assert steps.scalar("select deliver_to from orders order by id desc limit 1") == "Hala 2"


def test_an_approver_reads_what_goes_with_the_order(owner, open_catalog):
    buyer = make_user_of(owner, role="buyer", spending_limit=Decimal(1))
    cart_of(buyer, {make_product(stock=9).id: 1})
    app = click(open_catalog(buyer), "View cart and order")
    field(app.text_input, "Your own order number").set_value("PO_7")
    wished = clock.now().date() + timedelta(days=9)
    field(app.date_input, "Wished day of delivery").set_value(wished)
    click(app, "Ask for approval of 12.10 RON")
    app = open_catalog(owner).switch_page("pages/partner/orders.py").run()
    assert "Your own order number: **PO_7**" in words(app)
    assert f"Wished day of delivery: **{wished:%d.%m.%Y}**" in words(app)
    click(app, "Approve the order for 12.10 RON")
    assert steps.scalar("select concat_ws('|', reference, wished_on) from orders") == f"PO_7|{wished}"


def make_user_of(owner: User, **values: object) -> User:
    with transaction(SYSTEM) as session:
        partner = session.get_one(Partner, owner.partner_id)
    return make_user(partner, language="en", **values)


def test_limits_that_hold_are_said_calmly(owner, open_catalog):
    sql("update partner set credit_limit = 100, max_open_orders = 3, overdue_block = 50")
    cart_of(owner, {make_product(stock=9).id: 2})
    app = click(open_catalog(owner), "View cart and order")
    assert "Credit with this order: 24.20 RON of 100.00 RON used, 75.80 RON left" in words(app)
    assert "Open orders with this one: 1 of 3" in words(app)
    assert "Overdue" not in words(app)
    assert not app.error
    assert not button(app, "Place the order").disabled


def test_above_the_credit_the_invoices_that_would_free_it_are_named_and_nothing_can_be_ordered(owner, open_catalog):
    set_up_company()
    order = claimed_order(principal_of(owner))
    document = issue(order)
    sql("update partner set credit_limit = 10")
    cart_of(owner, {make_product(stock=9).id: 2})
    app = click(open_catalog(owner), "View cart and order")
    assert "Credit: limit 10.00 RON" in words(app)
    assert f"Paying [{document.full_number}](/documents/{document.id}.pdf)" in words(app)
    assert button(app, "Place the order").disabled
    assert "too much" in button(app, "Place the order").help
    buyer = make_user_of(owner, role="buyer")
    cart_of(buyer, {make_product(stock=9).id: 1})
    app = click(open_catalog(buyer), "View cart and order")
    assert "Credit: limit 10.00 RON" in words(app)
    assert document.full_number not in words(app)
    assert "The owner and the accountants of your company see which invoices are open." in words(app)


def test_above_the_open_orders_the_oldest_are_named(owner, open_catalog):
    product = make_product(stock=9)
    order = steps.order(principal_of(owner), {product.id: 1}, clock.now())
    sql("update partner set max_open_orders = 1")
    cart_of(owner, {product.id: 1})
    app = click(open_catalog(owner), "View cart and order")
    assert f"Open: [order {order}](/orders?order={order})" in words(app)
    assert button(app, "Place the order").disabled


def test_an_order_that_the_distributor_lets_pass_can_be_placed(owner, open_catalog):
    sql("update partner set max_order = 10")
    sql("insert into limit_pass (partner_id, up_to, reason, granted_at, expires_at)"
        " select id, 1000, 'fair', now(), now() + interval '1 day' from partner")  # fmt: skip
    cart_of(owner, {make_product(stock=9).id: 2})
    app = click(open_catalog(owner), "View cart and order")
    assert "The distributor lets this one order pass its limits." in words(app)
    click(app, "Place the order for 24.20 RON")
    assert steps.scalar("select count(*) from orders") == 1


def test_what_is_short_goes_to_the_waiting_list_instead(owner, open_catalog):
    short, there = make_product(stock=1, name="Țeavă"), make_product(stock=9)
    who = cart_of(owner, {short.id: 5, there.id: 1})
    app = click(open_catalog(owner), "View cart and order")
    assert "Take 1" in [found.label for found in app.button]
    click(app, "Tell me when it is back")
    assert "We tell you when it is back: Țeavă" in words(app)
    assert waits(who) == [(short.id, 5)]
    click(app, "View cart and order")
    click(app, "Place the order for 12.10 RON")
    assert waits(who) == [(short.id, 5)]


def test_what_may_come_later_is_ordered_and_said(owner, open_catalog):
    product = make_product(stock=1, backorder=True)
    cart_of(owner, {product.id: 3})
    app = click(open_catalog(owner), "View cart and order")
    assert "On backorder: 2 buc" in words(app)
    click(app, "Place the order for 36.30 RON")
    assert "What is there is held for you, the rest is on backorder." in words(app)


def test_what_came_back_goes_from_the_waiting_list_to_the_cart_and_what_is_not_wanted_is_forgotten(owner, open_catalog):
    back, other = make_product(stock=2, name="Back"), make_product(name="Other")
    who = principal_of(owner)
    with transaction(who) as session:
        awaiting.wait_for(session, back.id, Decimal(5), clock.now())
        awaiting.wait_for(session, other.id, Decimal(5), clock.now())
    app = open_catalog(owner)
    assert [found.label for found in app.expander] == ["Waiting list: 2 · of these in stock now: 1"]
    click(app, "Put 2 in the cart")
    assert steps.scalar("select quantity from cart_line") == 2
    next(found for found in app.button if found.key == f"forget {other.id}").click().run()
    assert waits(who) == [(back.id, 5)]


def test_another_partners_waiting_list_is_not_shown(owner, open_catalog):
    product = make_product(stock=1)
    with transaction(make_buyer()) as session:
        awaiting.wait_for(session, product.id, Decimal(5), clock.now())
    assert not open_catalog(owner).expander


def test_a_product_that_can_be_ordered_before_it_is_there_says_so_in_the_stock_column(owner, open_catalog):
    make_product(name="A", backorder=True)
    make_product(name="B")
    make_product(stock=3, name="C", backorder=True)
    shown = {row["name"]: row["stock"] for row in grid(open_catalog(owner))["rows"]}
    assert shown["A"] != shown["B"]
    assert shown["C"] == ["plenty", "3"]
