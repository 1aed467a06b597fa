from decimal import Decimal

import pytest
from sqlalchemy import text

from core.db import transaction
from core.documents.issuing import issue_invoice
from core.errors import NotAllowed, NotFound
from core.orders import shipping
from core.orders.details import TextTooLong
from core.orders.lifecycle import InvoicedOrder, NotClaimedYet, OrderHasEnded
from core.orders.parts import NothingChosen
from core.orders.proposing import proposals, propose
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_buyer, make_company, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def stock(product):
    return tuple(steps.scalar("select array[on_hand, held] from stock where product_id = :id", id=product.id))


def claimed(quantities, **partner):
    order_id = steps.order(make_buyer(**partner), quantities)
    steps.claim(make_staff(), order_id)
    return order_id


@pytest.fixture
def staff():
    return make_staff()


@pytest.fixture
def cable():
    return make_product(stock=10, sku="CBL", name="Cable", unit="m")


@pytest.fixture
def coils():
    """What may be ordered before it is there."""
    return make_product(stock=10, sku="COIL", name="Coil", backorder=True)


def test_all_that_is_held_leaves_in_one_delivery_and_the_order_is_over(staff, cable, coils):
    order_id = claimed({cable.id: 4, coils.id: 2})
    with transaction(staff) as session:
        delivery = shipping.ship(session, order_id, steps.NOON)
    assert (steps.status(order_id), stock(cable), stock(coils)) == ("shipped", (6, 0), (8, 0))
    assert steps.scalar("select array[id, number, user_id] from delivery") == [delivery, 1, staff.user_id]
    [event] = steps.events(order_id, "order_shipped")
    assert event["delivery"] == delivery
    assert event["lines"][0] == {"sku": "CBL", "name": "Cable", "unit": "m", "quantity": "4.000"}
    steps.assert_invariants()


def test_a_part_leaves_and_the_rest_stays_held_until_the_next_delivery(staff, cable):
    order_id = claimed({cable.id: 10})
    gross = steps.scalar("select gross from orders")
    steps.ship_part(staff, order_id, {1: 4}, "keep", "two pallets")
    assert (steps.status(order_id), steps.line_state(order_id), stock(cable)) == ("claimed", [(6, 4, 0, 0)], (6, 6))
    [event] = steps.events(order_id, "order_part_shipped")
    assert (event["rest"], event["note"], event["rest_lines"][0]["quantity"]) == ("keep", "two pallets", "6.000")
    steps.ship_part(staff, order_id, {1: 6})
    assert (steps.status(order_id), steps.line_state(order_id), stock(cable)) == ("shipped", [(0, 10, 0, 0)], (0, 0))
    assert steps.scalar("select array_agg(number order by id) from delivery") == [1, 2]
    assert steps.scalar("select gross from orders") == gross
    steps.assert_invariants()


def test_a_rest_that_is_not_on_the_shelf_is_counted_away_and_awaited(staff, coils):
    order_id = claimed({coils.id: 10})
    steps.ship_part(staff, order_id, {1: 7}, "backorder")
    assert (steps.status(order_id), steps.line_state(order_id), stock(coils)) == ("claimed", [(0, 7, 3, 0)], (0, 0))
    moved = "select array_agg(quantity order by id) from stock_movement where kind = 'count' and user_id = :user"
    assert steps.scalar(moved, user=staff.user_id) == [-3]
    steps.assert_invariants()
    steps.count(coils.id, 5)
    assert (steps.line_state(order_id), stock(coils)) == ([(3, 7, 0, 0)], (5, 3))
    steps.ship(staff, order_id)
    assert (steps.status(order_id), steps.line_state(order_id), stock(coils)) == ("shipped", [(0, 10, 0, 0)], (2, 0))
    steps.assert_invariants()


def test_a_rest_that_is_cancelled_goes_back_to_stock_and_is_not_to_be_paid(staff, cable):
    order_id = claimed({cable.id: 10})
    steps.ship_part(staff, order_id, {1: 4}, "cancel")
    assert (steps.status(order_id), steps.line_state(order_id), stock(cable)) == ("shipped", [(0, 4, 0, 6)], (6, 0))
    assert steps.scalar("select array[net, vat, gross] from orders") == [40, Decimal("8.40"), Decimal("48.40")]
    [event] = steps.events(order_id, "order_shipped")
    assert (event["rest"], [line["quantity"] for line in event["rest_lines"]]) == ("cancel", ["6.000"])
    steps.assert_invariants()


def test_the_rest_is_all_that_is_held_also_of_lines_of_which_nothing_leaves(staff, cable, coils):
    order_id = claimed({cable.id: 4, coils.id: 2})
    steps.ship_part(staff, order_id, {1: 4}, "cancel")
    assert (steps.status(order_id), steps.line_state(order_id)) == ("shipped", [(0, 4, 0, 0), (0, 0, 0, 2)])
    assert stock(coils) == (10, 0)


def test_where_nothing_is_left_nothing_is_said_of_a_rest(staff, cable):
    order_id = claimed({cable.id: 4})
    steps.ship_part(staff, order_id, {1: 4}, "cancel")
    [event] = steps.events(order_id, "order_shipped")
    assert (event["rest"], event["rest_lines"]) == ("keep", [])


def test_what_a_cancelled_rest_frees_goes_to_who_waits_for_it(staff, coils):
    order_id, other = claimed({coils.id: 10}), claimed({coils.id: 3})
    steps.ship_part(staff, order_id, {1: 4}, "cancel")
    assert steps.line_state(other) == [(3, 0, 0, 0)]
    assert stock(coils) == (6, 3)


def test_goods_not_sold_on_backorder_cannot_be_awaited_and_nothing_has_left(staff, cable, coils):
    order_id = claimed({coils.id: 4, cable.id: 4})
    with pytest.raises(shipping.CannotWait, match="Cable is not sold on backorder"):
        steps.ship_part(staff, order_id, {1: 4}, "backorder")
    assert steps.line_state(order_id) == [(4, 0, 0, 0), (4, 0, 0, 0)]
    assert steps.scalar("select count(*) from delivery") == 0


def test_the_rest_of_an_invoiced_order_is_not_cancelled(staff, cable):
    make_company()
    order_id = claimed({cable.id: 4})
    with transaction(SYSTEM) as session:
        issue_invoice(session, order_id, steps.NOON)
    with pytest.raises(InvoicedOrder):
        steps.ship_part(staff, order_id, {1: 1}, "cancel")
    steps.ship_part(staff, order_id, {1: 1}, "keep")
    steps.ship_part(staff, order_id, {1: 3}, "cancel")
    assert steps.status(order_id) == "shipped"
    steps.assert_invariants()


@pytest.mark.parametrize("quantity", ["0", "-1", "4.001", "0.0004", "NaN", "Infinity"])
def test_no_other_quantity_leaves_than_one_that_is_held(staff, cable, quantity):
    order_id = claimed({cable.id: 4})
    with pytest.raises(shipping.CannotLeave) as refused:
        steps.ship_part(staff, order_id, {1: quantity})
    assert refused.value.text("en").startswith("Cable: ")
    assert refused.value.text("en").endswith("at most the 4 m that are held for this order.")
    assert stock(cable) == (10, 4)


def test_a_delivery_has_something_in_it_and_only_lines_of_its_order(staff, cable):
    order_id, other = claimed({cable.id: 4}), claimed({cable.id: 4})
    with pytest.raises(NothingChosen):
        steps.ship_part(staff, order_id, {})
    with pytest.raises(NotFound), transaction(staff) as session:
        shipping.ship_part(session, order_id, {steps.line(other): Decimal(1)}, "keep", steps.NOON)


def test_an_endless_note_is_refused(staff, cable):
    order_id = claimed({cable.id: 4})
    with pytest.raises(TextTooLong):
        steps.ship_part(staff, order_id, {1: 1}, note="x" * 501)


def test_backorders_keep_a_shipped_order_open_and_what_only_waits_cannot_leave(staff, cable, coils):
    order_id = claimed({cable.id: 4, coils.id: 12})
    steps.ship(staff, order_id)
    assert (steps.status(order_id), steps.line_state(order_id)) == ("claimed", [(0, 4, 0, 0), (0, 10, 2, 0)])
    assert steps.events(order_id, "order_shipped") == []
    with pytest.raises(shipping.NothingToShip, match="backorder"):
        steps.ship(staff, order_id)
    steps.count(coils.id, 2)
    steps.ship(staff, order_id)
    assert (steps.status(order_id), steps.line_state(order_id)) == ("shipped", [(0, 4, 0, 0), (0, 12, 0, 0)])
    steps.assert_invariants()


def test_who_pays_first_gets_nothing_before_unless_it_is_paid_or_invoiced(staff, cable):
    make_company()
    paid, invoiced = claimed({cable.id: 4}, prepay=True), claimed({cable.id: 4}, prepay=True)
    for order_id in (paid, invoiced):
        with pytest.raises(shipping.NotPaidYet, match="Record the payment first"):
            steps.ship(staff, order_id)
    with transaction(SYSTEM) as session:
        session.execute(text("update orders set paid_at = now() where id = :id"), {"id": paid})
        issue_invoice(session, invoiced, steps.NOON)
    steps.ship(staff, paid)
    steps.ship(staff, invoiced)
    assert (steps.status(paid), steps.status(invoiced)) == ("shipped", "shipped")


@pytest.mark.parametrize("role", ["sales", "accounting", "analyst"])
def test_only_the_warehouse_and_admins_ship(cable, role):
    order_id = claimed({cable.id: 4})
    with pytest.raises(NotAllowed):
        steps.ship_part(make_staff(role=role), order_id, {1: 1})


def test_parts_of_waiting_ended_and_absent_orders_do_not_leave(staff, cable):
    order_id = steps.order(make_buyer(), {cable.id: 4})
    with pytest.raises(NotClaimedYet):
        steps.ship_part(staff, order_id, {1: 1})
    steps.cancel(staff, order_id)
    with pytest.raises(OrderHasEnded, match="cancelled"):
        steps.ship_part(staff, order_id, {1: 1})
    with pytest.raises(NotFound), transaction(staff) as session:
        shipping.ship(session, 999_999, steps.NOON)


def test_a_proposal_waits_on_while_it_can_still_be_accepted(staff, cable):
    order_id = claimed({cable.id: 10})
    with transaction(staff) as session:
        propose(session, order_id, steps.line(order_id), Decimal(6), steps.NOON)
    steps.ship_part(staff, order_id, {1: 6})
    assert waiting_proposals(staff, order_id) == 1
    steps.ship_part(staff, order_id, {1: 1})
    assert waiting_proposals(staff, order_id) == 0
    [event] = steps.events(order_id, "change_withdrawn")
    assert (event["sku"], event["name"]) == ("CBL", "Cable")


def waiting_proposals(staff, order_id):
    with transaction(staff) as session:
        return sum(row.answer is None for row in proposals(session, order_id))


def test_of_four_people_who_ship_the_same_goods_at_once_one_does(cable):
    order_id, people = claimed({cable.id: 10}), [make_staff() for _ in range(4)]
    results = at_once([lambda who=who: steps.ship_part(who, order_id, {1: 6}) for who in people])
    assert [type(result) for result in results if not isinstance(result, int)] == [shipping.CannotLeave] * 3
    assert (steps.line_state(order_id), stock(cable)) == ([(4, 6, 0, 0)], (4, 4))
    assert steps.scalar("select count(*) from delivery") == 1
    steps.assert_invariants()


def test_a_second_click_on_everything_ships_nothing_twice(staff, cable):
    order_id = claimed({cable.id: 10})
    results = at_once([lambda: steps.ship(staff, order_id)] * 4)
    assert [type(result) for result in results if result is not None] == [OrderHasEnded] * 3
    assert stock(cable) == (0, 0)
    steps.assert_invariants()


def test_what_is_shipped_and_cancelled_at_once_leaves_or_goes_back(staff):
    product = make_product(stock=100)
    orders = [claimed({product.id: 10}) for _ in range(5)]
    ways = [lambda o=o: steps.ship(staff, o) for o in orders] + [lambda o=o: steps.cancel(staff, o) for o in orders]
    results = at_once(ways)
    assert sum(isinstance(result, OrderHasEnded) for result in results) == 5
    shipped = [steps.status(order_id) for order_id in orders].count("shipped")
    assert stock(product) == (100 - 10 * shipped, 0)
    steps.assert_invariants()


def test_parts_shipped_and_parts_cancelled_at_once_add_up(staff, coils):
    order_id = claimed({coils.id: 10})
    ways = [lambda: steps.ship_part(staff, order_id, {1: 3})] * 2
    ways += [lambda: steps.cancel_part(staff, order_id, {1: 3})] * 2
    results = at_once(ways)
    failed = [result for result in results if isinstance(result, Exception)]
    [(held, shipped, waiting, cancelled)] = steps.line_state(order_id)
    assert len(failed) == 1
    assert (held, shipped + cancelled, waiting) == (1, 9, 0)
    steps.assert_invariants()
