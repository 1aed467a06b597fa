"""Goods that come go to the orders that wait for them, the oldest first, and never twice."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.db import transaction
from core.orders.placing import Placed, Shortage
from core.principal import SYSTEM
from core.stock import backordering
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def coils():
    return make_product(sku="COIL", name="Coil", backorder=True)


def fill_all():
    with transaction(SYSTEM) as session:
        return backordering.fill_all(session, steps.NOON)


def put(product, quantity):
    """Goods that nobody counted through the product: `receiving.count` fills by itself."""
    with transaction(SYSTEM) as session:
        session.execute(text(_RECEIVE), {"product": product.id, "quantity": quantity})


_RECEIVE = """
with moved as (
    insert into stock_movement (product_id, quantity, kind, at) values (:product, :quantity, 'receipt', now())
)
update stock set on_hand = on_hand + :quantity where product_id = :product
"""


def test_the_oldest_order_gets_the_goods_first_and_the_next_what_is_left(coils):
    late = steps.order(make_buyer(), {coils.id: 5}, steps.NOON + timedelta(hours=1))
    early = steps.order(make_buyer(), {coils.id: 4})
    steps.count(coils.id, 6)
    assert (steps.line_state(early), steps.line_state(late)) == ([(4, 0, 0, 0)], [(2, 0, 3, 0)])
    assert steps.available(coils.id) == 0
    [event] = steps.events(late, "backorder_filled")
    assert event == {"lines": [{"sku": "COIL", "name": "Coil", "unit": coils.unit, "quantity": "2.000"}]}
    assert steps.scalar("select count(*) from outbox join event on event.id = event_id where kind = 'backorder_filled'")
    steps.assert_invariants()


def test_an_order_is_told_once_of_all_that_came_for_it(coils):
    tubes = make_product(backorder=True)
    order_id = steps.order(make_buyer(), {coils.id: 1, tubes.id: 2})
    put(coils, 9)
    put(tubes, 9)
    assert fill_all() == 1
    [event] = steps.events(order_id, "backorder_filled")
    assert [line["quantity"] for line in event["lines"]] == ["1.000", "2.000"]
    assert fill_all() == 0
    steps.assert_invariants()


def test_what_is_held_for_others_fills_nothing(coils):
    put(coils, 3)
    first = steps.order(make_buyer(), {coils.id: 3})
    second = steps.order(make_buyer(), {coils.id: 1})
    steps.count(coils.id, 3)
    assert (steps.line_state(first), steps.line_state(second)) == ([(3, 0, 0, 0)], [(0, 0, 1, 0)])


def test_orders_that_ended_get_nothing(coils):
    buyer = make_buyer()
    lapsed, cancelled = steps.order(buyer, {coils.id: 2}), steps.order(buyer, {coils.id: 2})
    steps.cancel(buyer, cancelled)
    steps.lapse(steps.NOON + timedelta(hours=25))
    steps.count(coils.id, 9)
    assert steps.available(coils.id) == 9
    assert steps.line_state(lapsed) == [(0, 0, 0, 2)]
    steps.assert_invariants()


def test_a_claimed_order_that_was_shipped_in_part_is_filled(coils):
    staff = make_staff()
    put(coils, 3)
    order_id = steps.order(make_buyer(), {coils.id: 5})
    steps.claim(staff, order_id)
    steps.ship(staff, order_id)
    steps.count(coils.id, 7)
    assert steps.line_state(order_id) == [(2, 3, 0, 0)]


def test_a_product_that_is_no_longer_sold_is_still_delivered_to_who_waits_for_it(coils):
    order_id = steps.order(make_buyer(), {coils.id: 2})
    with transaction(SYSTEM) as session:
        session.execute(text("update product set active = false, backorder = false"))
    steps.count(coils.id, 2)
    assert steps.line_state(order_id) == [(2, 0, 0, 0)]


def test_sweepers_and_counts_at_once_fill_each_order_once(coils):
    orders = [steps.order(make_buyer(), {coils.id: 2}) for _ in range(10)]
    put(coils, 13)
    assert sum(at_once([fill_all] * 4)) == 7
    assert [steps.line_state(order_id)[0][0] for order_id in orders] == [2] * 6 + [1] + [0] * 3
    steps.assert_invariants()


def test_goods_that_come_while_others_order_go_to_one_of_them(coils):
    """First come: who waits, or who orders at that moment; never both."""
    orders = [steps.order(make_buyer(), {coils.id: 2}) for _ in range(5)]
    plain = make_product(stock=0)
    buyers = [make_buyer() for _ in range(5)]
    carts = [(buyer, steps.fill(buyer, {coils.id: 2, plain.id: 1})) for buyer in buyers]
    put(coils, 10)
    put(plain, 3)
    placing = [lambda b=b, t=t: steps.place(b, t) for b, t in carts]
    results = at_once([fill_all, *placing, fill_all])
    assert [type(result) for result in results if not isinstance(result, (int, Placed))] == [Shortage] * 2
    fill_all()
    new = [result.order_id for result in results if isinstance(result, Placed)]
    assert sum(steps.line_state(order_id)[0][0] for order_id in [*orders, *new]) == 10
    assert steps.available(coils.id) == 0
    steps.assert_invariants()


def test_filling_and_placing_in_opposite_orders_never_deadlock():
    products = [make_product(stock=3, backorder=True).id for _ in range(6)]
    buyers = [make_buyer() for _ in range(4)]

    backwards = products[::-1]

    def order_many(buyer, chosen):
        return [steps.order(buyer, {product: 2 for product in chosen}) for _ in range(6)]

    def cancel_many(buyer):
        for order_id in order_many(buyer, backwards):
            steps.cancel(buyer, order_id)

    def count_many():
        for n in range(6):
            steps.count(products[n], 100)

    ways = [lambda: order_many(buyers[0], products), lambda: order_many(buyers[1], backwards)]
    ways += [lambda: cancel_many(buyers[2]), lambda: cancel_many(buyers[3]), count_many]
    ways += [lambda: [fill_all() for _ in range(10)]] * 2
    results = at_once(ways)
    assert [result for result in results if isinstance(result, Exception)] == []
    steps.assert_invariants()
