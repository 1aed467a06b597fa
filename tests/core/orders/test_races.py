"""Real threads on real PostgreSQL. Each race that is prevented is also shown to happen without its guard."""

import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from core.db import transaction
from core.orders.filling import set_quantities
from core.orders.lifecycle import AlreadyClaimed, DeadlinePassed, OrderHasEnded
from core.orders.placing import Placed, Shortage
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def outcomes(results, kind):
    return [result for result in results if isinstance(result, kind)]


def test_twenty_buyers_of_three_on_ten_in_stock_get_nine():
    product = make_product(stock=10)
    buyers = [make_buyer() for _ in range(20)]
    carts = [(buyer, steps.fill(buyer, {product.id: 3})) for buyer in buyers]
    results = at_once([lambda buyer=b, token=t: steps.place(buyer, token) for b, t in carts])
    assert len(outcomes(results, Placed)) == 3
    assert len(outcomes(results, Shortage)) == 17
    assert steps.available(product.id) == 1
    steps.assert_invariants()


def test_without_the_lock_and_the_constraint_the_same_buyers_oversell():
    """The negative control: look, then write, as portals without a row lock do."""
    product = make_product(stock=10)
    with transaction(SYSTEM) as session:
        session.execute(text("alter table stock drop constraint ck_stock_never_oversold"))
    seen = at_once([lambda: steps.available(product.id) for _ in range(20)])

    def buy(free: Decimal) -> bool:
        with transaction(SYSTEM) as session:
            if free >= 3:
                session.execute(text("update stock set held = held + 3 where product_id = :id"), {"id": product.id})
            return free >= 3

    sold = at_once([lambda free=free: buy(free) for free in seen])
    assert sum(sold) * 3 > 10
    assert steps.available(product.id) < 0


def test_the_database_itself_refuses_to_hold_more_than_there_is():
    product = make_product(stock=10)
    with pytest.raises(IntegrityError, match="never_oversold"), transaction(SYSTEM) as session:
        session.execute(text("update stock set held = 11 where product_id = :id"), {"id": product.id})


def test_orders_with_their_lines_in_opposite_order_never_deadlock():
    products = [make_product(stock=10_000).id for _ in range(8)]
    buyers = [make_buyer() for _ in range(8)]

    def many(buyer, seed):
        shuffled = random.Random(seed)
        for _ in range(10):
            steps.order(buyer, {product: 1 for product in shuffled.sample(products, 8)})

    results = at_once([lambda b=b, n=n: many(b, n) for n, b in enumerate(buyers)])
    assert outcomes(results, Exception) == []
    assert [steps.available(product) for product in products] == [10_000 - 80] * 8


def test_locking_in_cart_order_does_deadlock():
    """The negative control of the one above: the same rows, each thread in its own order."""
    one, two = make_product(stock=5).id, make_product(stock=5).id
    import threading

    both_hold_one = threading.Barrier(2)

    def lock(first, second):
        with transaction(SYSTEM) as session:
            session.execute(text("set local lock_timeout = '30s'"))
            session.execute(text("select from stock where product_id = :id for no key update"), {"id": first})
            both_hold_one.wait(timeout=30)
            session.execute(text("select from stock where product_id = :id for no key update"), {"id": second})

    results = at_once([lambda: lock(one, two), lambda: lock(two, one)])
    assert len(outcomes(results, OperationalError)) == 1
    assert "deadlock" in str(outcomes(results, OperationalError)[0])


def test_a_double_click_makes_one_order():
    buyer, product = make_buyer(), make_product(stock=100)
    token = steps.fill(buyer, {product.id: 3})
    results = at_once([lambda: steps.place(buyer, token)] * 6)
    assert len({result.order_id for result in results}) == 1
    assert sorted(result.repeated for result in results) == [False] + [True] * 5
    assert steps.available(product.id) == 97


def test_of_five_people_who_claim_at_once_one_wins_and_the_others_read_who():
    buyer, product = make_buyer(), make_product(stock=10)
    order_id = steps.order(buyer, {product.id: 1})
    staff = [make_staff(name=f"Person {n}") for n in range(5)]
    results = at_once([lambda who=who: steps.claim(who, order_id) for who in staff])
    winner = staff[results.index(None)].name
    refusals = outcomes(results, AlreadyClaimed)
    assert len(refusals) == 4
    assert {refusal.text("en") for refusal in refusals} == {f"{winner} has already claimed order {order_id}."}
    assert steps.scalar("select count(*) from event where kind = 'order_claimed'") == 1


def test_five_sweepers_lapse_fifty_orders_once_each():
    product = make_product(stock=1_000)
    buyers = [make_buyer() for _ in range(5)]
    for n in range(50):
        steps.order(buyers[n % 5], {product.id: 2})
    late = steps.NOON.replace(day=25)

    assert sum(at_once([lambda: steps.lapse(late, limit=7)] * 5)) == 50
    assert steps.scalar("select count(*) from event where kind = 'order_lapsed'") == 50
    assert steps.scalar("select count(distinct order_id) from event where kind = 'order_lapsed'") == 50
    assert steps.available(product.id) == 1_000
    steps.assert_invariants()


def test_claims_and_sweeps_at_the_deadline_end_each_order_one_way():
    product, staff = make_product(stock=100), make_staff()
    partner = make_partner()
    orders = [steps.order(principal_of(make_user(partner)), {product.id: 1}) for _ in range(10)]
    in_time, late = steps.NOON.replace(hour=11), steps.NOON.replace(day=25)
    claims = [lambda id=id: steps.claim(staff, id, in_time) for id in orders]
    results = at_once([*claims, lambda: steps.lapse(late), lambda: steps.lapse(late)])
    claimed = results[:10].count(None)
    assert claimed + sum(results[10:]) == 10
    assert all(isinstance(r, (OrderHasEnded, DeadlinePassed)) for r in results[:10] if r is not None)
    assert steps.available(product.id) == 100 - claimed
    steps.assert_invariants()


def test_cancelled_by_partner_and_staff_at_once_gives_the_goods_back_once():
    buyer, staff, product = make_buyer(), make_staff(), make_product(stock=10)
    order_id = steps.order(buyer, {product.id: 4})
    results = at_once([lambda: steps.cancel(buyer, order_id), lambda: steps.cancel(staff, order_id)] * 3)
    assert results.count(None) == 1
    assert len(outcomes(results, OrderHasEnded)) == 5
    assert steps.available(product.id) == 10
    steps.assert_invariants()


def test_goods_put_in_the_cart_while_its_order_waited_are_locked_and_counted_too():
    buyer, one, late = make_buyer(), make_product(stock=10), make_product(stock=10)
    token = steps.fill(buyer, {one.id: 1})
    with ThreadPoolExecutor(1) as pool:
        with transaction(SYSTEM) as selling:
            selling.execute(text("update stock set on_hand = 2 where product_id = :id"), {"id": late.id})
            with transaction(buyer) as editing:
                set_quantities(editing, {late.id: Decimal(5)})
                placing = pool.submit(at_once, [lambda: steps.place(buyer, token)])
                assert steps.somebody_waits_for(editing)
            assert steps.somebody_waits_for(selling)
        [result] = placing.result()
    assert isinstance(result, Shortage)
    assert [(line.wanted, line.available) for line in result.lines] == [(5, 2)]


def test_a_change_of_the_cart_while_it_is_placed_is_whole_or_not_at_all():
    buyer, one, two = make_buyer(), make_product(stock=100), make_product(stock=100)
    token = steps.fill(buyer, {one.id: 1})
    at_once([lambda: steps.place(buyer, token), lambda: steps.fill(buyer, {one.id: 5, two.id: 5})])
    ordered = steps.scalar("select array_agg(quantity order by product_id) from order_line")
    assert ordered in ([1], [5, 5])
    steps.assert_invariants()
