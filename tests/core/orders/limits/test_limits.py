"""What a partner may order: each limit, general and its own, and what counts against it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.db import transaction
from core.orders import cart, limits
from core.orders.limits import SENTENCES, OverLimits
from core.principal import SYSTEM
from core.receivables.prepaying import record_order_payment
from tests.core.documents import steps as documents
from tests.core.orders import steps
from tests.core.orders.limits.steps import SITUATIONS, goods, invoice, overdue, passed, rule, ship, words
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_staff

pytestmark = pytest.mark.usefixtures("database")


def test_there_is_a_situation_for_every_limit() -> None:
    assert set(SITUATIONS) == set(SENTENCES) == set(limits.MAY_NOT_GROW) | {"min_order"}


@pytest.mark.parametrize("kind", SITUATIONS)
def test_a_general_limit_refuses_the_order_and_says_by_how_much(kind: str) -> None:
    most, before, pieces, sentence, romanian = SITUATIONS[kind]
    buyer, product = make_buyer(), goods(name="Short goods")
    if before:
        before(buyer, product)
    rule(**{kind: most})
    found = passed(buyer, {product: pieces})
    assert list(found) == [kind]
    assert words(found[kind]) == sentence
    assert romanian in words(found[kind], "ro")
    steps.assert_invariants()


@pytest.mark.parametrize("kind", SITUATIONS)
def test_a_partners_own_limit_takes_the_place_of_the_general_one(kind: str) -> None:
    most, before, pieces, _, _ = SITUATIONS[kind]
    buyer, product = make_buyer(), goods()
    if before:
        before(buyer, product)
    rule(buyer, **{kind: most})
    assert list(passed(buyer, {product: pieces})) == [kind]
    rule(**{kind: most})
    rule(buyer, **{kind: 0})
    steps.order(buyer, {product: pieces})


@pytest.mark.parametrize("kind", SITUATIONS)
def test_zero_is_no_limit_and_the_cart_shows_none(kind: str) -> None:
    _, before, pieces, _, _ = SITUATIONS[kind]
    buyer, product = make_buyer(), goods()
    if before:
        before(buyer, product)
    steps.fill(buyer, {product: pieces})
    with transaction(buyer) as session:
        view = cart.view_cart(session, NOON)
    assert (view.limits, view.exceeded) == ([], [])
    steps.place(buyer, view.token)


@pytest.mark.parametrize(
    ("kind", "most", "pieces"),
    [("min_order", 500, 5), ("max_order", 500, 5), ("max_open_value", 500, 5), ("credit_limit", 500, 5),
     ("max_per_order", 5, 5), ("max_per_period", 5, 5), ("max_open_orders", 1, 1)],
)  # fmt: skip
def test_exactly_the_limit_is_within_it(kind: str, most: int, pieces: int) -> None:
    buyer, product = make_buyer(), goods()
    rule(**{kind: most})
    steps.order(buyer, {product: pieces})


def test_another_partners_orders_do_not_count() -> None:
    one, other, product = make_buyer(), make_buyer(), goods()
    rule(max_open_value=1_000, max_open_orders=1, credit_limit=1_000, max_per_period=10)
    steps.order(one, {product: 10})
    steps.order(other, {product: 10})


def test_the_cart_says_the_same_as_placing_and_to_the_ban() -> None:
    buyer, product = make_buyer(), goods("0.37")
    rule(max_open_value=Decimal("3.33"))
    steps.order(buyer, {product: 3})
    steps.fill(buyer, {product: 7})
    with transaction(buyer) as session:
        shown = cart.view_cart(session, NOON).exceeded
    refused = passed(buyer, {product: 7})
    assert shown == list(refused.values())
    assert (shown[0].used, shown[0].this, shown[0].over) == (Decimal("1.11"), Decimal("2.59"), Decimal("0.37"))
    assert shown[0].left == 0


def test_all_limits_that_are_passed_are_told_at_once() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_order=100, max_per_order=1, credit_limit=150)
    with pytest.raises(OverLimits) as refusal:
        steps.order(buyer, {product: 2})
    assert {limit.kind for limit in refusal.value.limits} == {"max_order", "max_per_order", "credit_limit"}
    assert refusal.value.text("en").count("too much") == 2


@pytest.mark.parametrize("kind", ["max_per_order", "max_per_period"])
def test_a_products_limit_goes_before_the_partners_and_that_before_the_general_one(kind: str) -> None:
    buyer = make_buyer()
    plain, short, free = goods(), goods(**{kind: Decimal(2)}), goods(**{kind: Decimal(0)})
    rule(**{kind: 9})
    assert passed(buyer, {plain: 10, short: 1, free: 50})[kind].most == 9
    rule(buyer, **{kind: 5})
    assert passed(buyer, {plain: 6, short: 1, free: 50})[kind].most == 5
    assert passed(buyer, {plain: 5, short: 3, free: 50})[kind].most == 2
    rule(buyer, **{kind: 0})
    assert passed(buyer, {plain: 500, short: 3})[kind].most == 2
    steps.order(buyer, {plain: 500, short: 2, free: 50})


def test_after_the_period_a_product_can_be_ordered_again() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_per_period=5, share_days=7)
    steps.order(buyer, {product: 5})
    almost = NOON + timedelta(days=7) - timedelta(seconds=1)
    assert passed(buyer, {product: 1}, almost)["max_per_period"].used == 5
    steps.order(buyer, {product: 5}, NOON + timedelta(days=7))


def test_what_waits_on_backorder_counts_within_the_period() -> None:
    buyer, product = make_buyer(), goods(stock=1, backorder=True)
    rule(max_per_period=5)
    steps.order(buyer, {product: 5})
    assert passed(buyer, {product: 1})["max_per_period"].used == 5


def test_an_order_that_waits_for_nothing_but_payment_stops_counting_as_open_when_it_is_shipped() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_open_orders=1, max_open_value=500)
    first = steps.order(buyer, {product: 5})
    assert set(passed(buyer, {product: 1})) == {"max_open_orders", "max_open_value"}
    ship(first)
    steps.order(buyer, {product: 5})


def test_credit_counts_an_order_once_from_placing_until_it_is_paid() -> None:
    buyer, product = make_buyer(), goods()
    rule(credit_limit=1_000)
    order_id = steps.order(buyer, {product: 6})
    used = lambda: passed(buyer, {product: 11})["credit_limit"].used  # noqa: E731
    assert used() == 600
    document = invoice(order_id)
    assert used() == 600
    steps.ship(make_staff(), order_id)
    assert used() == 600
    documents.pay(document, "250")
    assert used() == 350
    documents.pay(document, "350")
    assert used() == 0
    steps.order(buyer, {product: 10})


def test_what_was_shipped_and_not_invoiced_yet_is_credit() -> None:
    buyer, product = make_buyer(), goods()
    rule(credit_limit=1_000)
    ship(steps.order(buyer, {product: 6}))
    assert passed(buyer, {product: 5})["credit_limit"].used == 600


def test_a_payment_on_an_order_lowers_the_credit_that_is_used_also_after_the_invoice() -> None:
    buyer, product = make_buyer(), goods()
    rule(credit_limit=1_000)
    order_id = steps.order(buyer, {product: 6})
    with transaction(SYSTEM) as session:
        record_order_payment(session, order_id, Decimal(400), documents.TODAY, "OP", NOON)
    assert passed(buyer, {product: 11})["credit_limit"].used == 200
    invoice(order_id)
    assert passed(buyer, {product: 11})["credit_limit"].used == 200


def test_an_invoice_that_is_not_due_yet_blocks_nothing_and_one_that_is_paid_no_more() -> None:
    buyer, product = make_buyer(), goods()
    rule(overdue_block=1, overdue_block_days=1)
    document = overdue(buyer, product, 1, 0)
    overdue(buyer, product, 1, -5)
    with transaction(make_staff()) as session:
        assert [limit.used for limit in limits.standing(session, buyer.partner_id, NOON)] == [0, 0]
    steps.order(buyer, {product: 1})
    tomorrow = NOON + timedelta(days=1)
    assert set(passed(buyer, {product: 1}, tomorrow)) == {"overdue_block", "overdue_block_days"}
    documents.pay(document, "100")
    steps.order(buyer, {product: 1}, tomorrow)


def test_an_invoice_is_overdue_from_the_local_midnight_on() -> None:
    buyer, product = make_buyer(), goods()
    rule(overdue_block=1)
    overdue(buyer, product, 1, 0)
    last_second = NOON.replace(hour=21, minute=59, second=59)
    steps.order(buyer, {product: 1}, last_second)
    assert "overdue_block" in passed(buyer, {product: 1}, last_second + timedelta(seconds=1))
