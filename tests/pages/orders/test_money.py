"""Payments on orders, and orders that lapsed, on the order's page."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from core import clock
from core.principal import Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff
from tests.pages.orders.steps import OrderPage

Open = Callable[..., OrderPage]


@pytest.fixture
def payer(database: str) -> Principal:
    """Somebody of a partner who pays before delivery."""
    return make_buyer(prepay=True, name="Plătește SRL")


def claimed(payer: Principal, ago: timedelta = timedelta(), stock: int = 10) -> int:
    """2 pieces, 242.00 lei with VAT."""
    product = make_product(stock=stock, list_price=Decimal(100), name="Tablou *mic*")
    order = steps.order(payer, {product.id: 2}, clock.now() - ago)
    steps.claim(make_staff(), order, clock.now() - ago)
    steps.lapse(clock.now())
    return order


def test_an_order_to_be_paid_first_does_not_leave_before(as_staff: Open, payer: Principal) -> None:
    page = as_staff(claimed(payer))
    assert "To be paid before delivery: 242.00 RON until" in page.text
    assert "Goods have left" not in page.buttons
    page.open("pay").click("Record the payment")
    assert "The payment is recorded" in page.said
    assert "Goods have left" in page.buttons
    assert "Payment of 242.00 RON on the order" in page.text
    assert "Payment" not in page.drawers


def test_a_part_is_paid_and_the_rest_is_named(as_staff: Open, payer: Principal) -> None:
    page = as_staff(claimed(payer)).open("pay").fill("pay-amount", "42.00").fill("pay-reference", "OP *1*")
    page.click("Record the payment")
    assert "To be paid before delivery: 200.00 RON until" in page.text
    assert "42.00 RON · OP *1*" in page.text


@pytest.mark.parametrize(("amount", "sentence"), [
    ("300", "Only 242.00 RON is still to be paid"), ("", "Enter a value"), ("much", "Amount received"),
    ("0", "more than zero"),
])  # fmt: skip
def test_an_amount_that_cannot_be_is_refused(as_staff: Open, payer: Principal, amount: str, sentence: str) -> None:
    page = as_staff(claimed(payer)).open("pay").fill("pay-amount", amount).click("Record the payment")
    assert sentence in page.refused.replace("\N{NO-BREAK SPACE}", " ")
    assert steps.scalar("select count(*) from payment") == 0


def test_past_its_time_to_pay_an_order_says_so_before_the_sweep_comes(as_staff: Open, payer: Principal) -> None:
    order = claimed(payer)
    steps.scalar("update orders set pay_deadline = :past returning id", past=clock.now() - timedelta(minutes=1))
    assert "The time to pay this order is over" in as_staff(order).text


def test_an_order_is_let_go_without_payment_for_a_reason(as_staff: Open, payer: Principal) -> None:
    page = as_staff(claimed(payer)).open("pay").click("Let it go without payment")
    assert "Say why" in page.refused
    page.fill("waive-reason", "old *friends*").click("Let it go without payment")
    assert "Goods have left" in page.buttons
    assert "may be delivered before it is paid  \nReason: old *friends*" in page.text


def test_any_order_can_be_paid_before_its_invoice(as_staff: Open, database: str) -> None:
    page = as_staff(claimed(make_buyer())).open("pay").click("Record the payment")
    assert "Payment of 242.00 RON on the order" in page.text


def test_a_payment_that_comes_too_late_opens_the_order_again(as_staff: Open, payer: Principal) -> None:
    page = as_staff(claimed(payer, timedelta(days=9)))
    assert "It was not paid in time" in page.text
    page.open("pay").click("Record the payment")
    assert "The order is paid and open again" in page.text
    assert "Goods have left" in page.buttons


def test_what_can_no_longer_be_had_is_said_and_the_rest_revived(as_staff: Open, payer: Principal) -> None:
    page = as_staff(claimed(payer, timedelta(days=9)))
    steps.scalar("update stock set on_hand = 1 returning product_id")
    page.open("pay").click("Record the payment")
    assert "Tablou *mic*: wanted 2, available 1" in page.text
    assert "Open it with what is there" in page.buttons
    page.click("Open it with what is there")
    assert [(line["held"], line["cancelled"]) for line in page.lines] == [("1", "1")]
    assert "No longer to be had: Tablou *mic* (wanted 2, there are 1)" in page.text


def test_a_lapsed_order_is_opened_again(as_staff: Open, payer: Principal) -> None:
    order = claimed(payer, timedelta(days=9))
    page = as_staff(order, "sales").click("Open it again")
    assert steps.status(order) == "claimed"
    assert "Order open again" in page.text


def test_where_nothing_is_left_it_stays_lapsed(as_staff: Open, payer: Principal) -> None:
    order = claimed(payer, timedelta(days=9))
    steps.scalar("update stock set on_hand = 0 returning product_id")
    page = as_staff(order).click("Open it again").click("Open it with what is there")
    assert "None of the goods" in page.refused
    assert steps.status(order) == "lapsed"
