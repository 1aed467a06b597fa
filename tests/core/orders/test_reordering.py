"""Ordering again: at today's prices, never twice, and without touching the cart where it is one step."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders import placing, reordering
from core.orders.bought import bought_before
from core.orders.cart import view_cart
from core.orders.details import Details
from core.orders.limits import OverLimits
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of, set_own_price
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

LATER = steps.NOON + timedelta(days=2)


def today(who: Principal, order_id: int) -> reordering.AgainView:
    with transaction(who) as session:
        return reordering.today(session, order_id, LATER)


def reorder(who: Principal, order_id: int) -> dict[str, reordering.Reordered]:
    with transaction(who) as session:
        return {line.sku: line for line in reordering.reorder(session, order_id, LATER)}


def place_again(who: Principal, order_id: int, shown_total: Decimal | None = None) -> placing.Placed:
    with transaction(who) as session:
        return reordering.place_again(session, order_id, LATER, shown_total)


def in_cart(who: Principal) -> dict[int, Decimal]:
    with transaction(who) as session:
        return {item.product_id: item.quantity for item in view_cart(session, LATER).items}


def change(statement: str, **params: object) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), params)


def lapsed(buyer: Principal, quantities: dict[int, int | str]) -> int:
    order = steps.order(buyer, quantities)
    assert steps.lapse(steps.NOON + timedelta(days=1, hours=1)) == 1
    return order


def test_an_old_order_is_shown_at_todays_prices_and_stock():
    buyer, product = make_buyer(), make_product(stock=20, list_price=Decimal(10))
    order = steps.order(buyer, {product.id: 15})
    change("update product set list_price = 12.5, name = 'New name'")
    shown = today(buyer, order)
    (line,) = shown.lines
    assert (line.name, line.quantity, line.price_then, line.unit_price) == ("New name", 15, 10, Decimal("12.5"))
    assert (line.available, line.short, line.dearer, line.cheaper, line.gone) == (5, True, True, False, False)
    assert (shown.gross_then, shown.totals.gross) == (Decimal("181.50"), Decimal("226.88"))
    assert (shown.may_place, shown.placed_as) == (False, None)


def test_what_was_cancelled_in_part_is_ordered_again_whole():
    buyer, product = make_buyer(), make_product(stock=20)
    order = steps.order(buyer, {product.id: 10})
    steps.claim(make_staff(), order)
    change("""
        insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
        select id, partner_id, product_id, -4, 'released', now() from order_line
    """)
    assert today(buyer, order).lines[0].quantity == 10


def test_what_was_ordered_counts_and_not_what_was_delivered_in_its_place():
    buyer, wanted, substitute = make_buyer(), make_product(stock=9, sku="W"), make_product(stock=9, sku="S")
    order = steps.order(buyer, {wanted.id: 3})
    change("""
        insert into order_line (order_id, partner_id, position, product_id, sku, name, unit, quantity, list_price,
                                unit_price, vat_class, vat_rate, net, replaces)
        select order_id, partner_id, 2, :product, 'S', name, unit, 3, list_price, unit_price, vat_class, vat_rate, net,
               id from order_line
    """, product=substitute.id)  # fmt: skip
    assert [line.sku for line in today(buyer, order).lines] == ["W"]


def test_the_products_go_into_the_cart_and_a_second_time_changes_nothing():
    buyer, one, two = make_buyer(), make_product(stock=20), make_product(stock=20)
    order = steps.order(buyer, {one.id: 3, two.id: 4})
    reorder(buyer, order)
    reorder(buyer, order)
    assert in_cart(buyer) == {one.id: 3, two.id: 4}


def test_what_is_in_the_cart_already_is_neither_added_up_nor_made_less():
    buyer, more, less, other = make_buyer(), *(make_product(stock=50) for _ in range(3))
    order = steps.order(buyer, {more.id: 5, less.id: 5})
    steps.fill(buyer, {more.id: 9, less.id: 2, other.id: 1})
    result = reorder(buyer, order)
    assert in_cart(buyer) == {more.id: 9, less.id: 5, other.id: 1}
    assert (result[more.sku].quantity, result[less.sku].quantity) == (9, 5)


def test_a_cart_that_waits_for_approval_goes_on_waiting_when_it_has_everything_already():
    partner = make_partner()
    make_user(partner)
    buyer = principal_of(make_user(partner, role="buyer", spending_limit=Decimal(100)))
    product = make_product(stock=50, list_price=Decimal(10))
    order = steps.order(buyer, {product.id: 5})
    steps.ask(buyer, steps.fill(buyer, {product.id: 20}))
    reorder(buyer, order)
    with transaction(buyer) as session:
        assert view_cart(session, LATER).asked_at is not None


def test_per_line_it_is_said_what_changed():
    names = ("same", "up", "down", "short", "gone", "comes")
    buyer, made = make_buyer(), {name: make_product(stock=10, sku=name) for name in names}
    order = steps.order(buyer, {product.id: 4 for product in made.values()})
    change("update product set list_price = 11 where sku = 'up'")
    set_own_price(buyer.partner_id, made["down"].id, "9")
    change("update product set active = false where sku = 'gone'")
    change("update product set backorder = true where sku = 'comes'")
    ids = [made["short"].id, made["comes"].id]
    change("update stock set on_hand = 5 where product_id = any(:ids)", ids=ids)
    lines = reorder(buyer, order)
    said = {sku: [word for word in ("dearer", "cheaper", "short", "gone", "waits") if getattr(line, word)]
            for sku, line in lines.items()}  # fmt: skip
    assert said == {"same": [], "up": ["dearer"], "down": ["cheaper"], "short": ["short"], "gone": ["gone"],
                    "comes": ["waits"]}  # fmt: skip
    assert (lines["comes"].waits, lines["gone"].quantity) == (3, 0)
    assert set(in_cart(buyer)) == {product.id for name, product in made.items() if name != "gone"}


def test_another_partners_order_cannot_be_ordered_again():
    order = lapsed(make_buyer(), {make_product(stock=9).id: 1})
    stranger = make_buyer()
    for attempt in (today, reorder, place_again):
        with pytest.raises(NotFound):
            attempt(stranger, order)


def test_a_colleagues_order_can():
    partner = make_partner()
    one, other = (principal_of(make_user(partner, role="buyer")) for _ in range(2))
    product = make_product(stock=9)
    order = lapsed(one, {product.id: 2})
    placed = place_again(other, order)
    assert steps.scalar("select user_id from orders where id = :id", id=placed.order_id) == other.user_id


def test_who_may_not_order_may_not_order_again():
    buyer = make_buyer()
    order = lapsed(buyer, {make_product(stock=9).id: 1})
    accountant = Principal("partner", buyer.user_id, buyer.partner_id, role="accountant")
    for attempt in (today, reorder, place_again):
        with pytest.raises(NotAllowed):
            attempt(accountant, order)


def test_a_lapsed_order_is_placed_again_and_the_cart_stays_as_it_is():
    buyer, product, other = make_buyer(), make_product(stock=9), make_product(stock=9)
    order = lapsed(buyer, {product.id: 4})
    token = steps.fill(buyer, {other.id: 2})
    change("update product set list_price = 20 where id = :id", id=product.id)
    assert today(buyer, order).may_place
    placed = place_again(buyer, order)
    assert in_cart(buyer) == {other.id: 2}
    assert steps.fill(buyer, {}) == token
    assert (steps.status(placed.order_id), steps.available(product.id)) == ("placed", 5)
    assert steps.scalar("select unit_price from order_line where order_id = :id", id=placed.order_id) == 20
    assert steps.scalar("select count(*) from cart where purpose = 'again'") == 0
    assert (today(buyer, order).may_place, today(buyer, order).placed_as) == (False, placed.order_id)
    steps.assert_invariants()


def test_note_number_and_address_come_with_it_and_a_wished_day_that_is_still_to_come():
    buyer, product = make_buyer(), make_product(stock=9)
    orders = []
    for day in (date(2026, 11, 24), date(2026, 12, 24)):
        token = steps.fill(buyer, {product.id: 1})
        with transaction(buyer) as session:
            details = Details("ring twice", "PO-7", "Str. Lungă 1", day)
            orders.append(placing.place(session, token, steps.NOON, details).order_id)
    steps.lapse(LATER)
    columns = "select concat_ws('|', note, reference, deliver_to, wished_on) from orders where id = :id"
    again = [steps.scalar(columns, id=place_again(buyer, order).order_id) for order in orders]
    assert again == ["ring twice|PO-7|Str. Lungă 1", "ring twice|PO-7|Str. Lungă 1|2026-12-24"]


def test_placed_again_twice_it_is_one_order():
    buyer, product = make_buyer(), make_product(stock=9)
    order = lapsed(buyer, {product.id: 2})
    first, second = place_again(buyer, order), place_again(buyer, order)
    assert (first.order_id, first.repeated, second.repeated) == (second.order_id, False, True)
    assert steps.available(product.id) == 7


def test_six_clicks_at_once_of_two_colleagues_make_one_order():
    partner = make_partner()
    colleagues = [principal_of(make_user(partner, role="buyer")) for _ in range(2)]
    product = make_product(stock=50)
    order = lapsed(colleagues[0], {product.id: 2})
    results = at_once([lambda who=who: place_again(who, order) for who in colleagues * 3])
    assert [result for result in results if not isinstance(result, placing.Placed)] == []
    assert len({result.order_id for result in results}) == 1
    assert sorted(result.repeated for result in results) == [False] + [True] * 5
    assert steps.available(product.id) == 48
    steps.assert_invariants()


def test_two_lapsed_orders_placed_again_at_once_are_two_orders():
    buyer, product = make_buyer(), make_product(stock=50)
    orders = [steps.order(buyer, {product.id: 2}) for _ in range(2)]
    steps.lapse(LATER)
    results = at_once([lambda order=order: place_again(buyer, order) for order in orders])
    assert len({result.order_id for result in results}) == 2
    assert steps.available(product.id) == 46


def test_an_order_that_goes_on_is_not_placed_again():
    buyer = make_buyer()
    order = steps.order(buyer, {make_product(stock=9).id: 1})
    with pytest.raises(reordering.OrderGoesOn) as refusal:
        place_again(buyer, order)
    assert f"Order {order} is waiting" in refusal.value.text("en")


def test_a_cancelled_order_is_placed_again():
    buyer, product = make_buyer(), make_product(stock=9)
    order = steps.order(buyer, {product.id: 3})
    steps.cancel(buyer, order)
    assert place_again(buyer, order).order_id != order
    assert steps.available(product.id) == 6


def test_what_is_short_or_gone_is_said_and_nothing_is_ordered():
    buyer, short, gone = make_buyer(), make_product(stock=9, sku="A"), make_product(stock=9, sku="B")
    order = lapsed(buyer, {short.id: 5, gone.id: 2})
    change("update stock set on_hand = 3 where product_id = :id", id=short.id)
    change("update product set active = false where id = :id", id=gone.id)
    with pytest.raises(placing.Shortage) as refusal:
        place_again(buyer, order)
    assert [(line.sku, line.wanted, line.available) for line in refusal.value.lines] == [("A", 5, 3), ("B", 2, 0)]
    assert steps.scalar("select count(*) from orders") == 1
    assert steps.scalar("select count(*) from cart where purpose = 'again'") == 0


def test_limits_and_the_buyers_own_limit_hold_as_for_every_order():
    partner = make_partner()
    buyer = principal_of(make_user(partner, role="buyer"))
    order = lapsed(buyer, {make_product(stock=9, list_price=Decimal(100)).id: 2})
    change("update app_user set spending_limit = 100 where id = :id", id=buyer.user_id)
    with pytest.raises(placing.OverSpendingLimit):
        place_again(buyer, order)
    change("update app_user set spending_limit = null")
    change("update partner set max_order = 100 where id = :id", id=partner.id)
    with pytest.raises(OverLimits):
        place_again(buyer, order)
    assert steps.scalar("select count(*) from orders") == 1


def test_other_prices_than_those_shown_are_not_ordered():
    buyer, product = make_buyer(), make_product(stock=9, list_price=Decimal(10))
    order = lapsed(buyer, {product.id: 1})
    shown = today(buyer, order).totals.gross
    change("update product set list_price = 11")
    with pytest.raises(placing.CartChanged):
        place_again(buyer, order, shown)
    assert not place_again(buyer, order, today(buyer, order).totals.gross).repeated


def test_where_the_unit_has_changed_each_price_has_its_own(database):
    buyer, product = make_buyer(), make_product(stock=9)
    order_id = steps.order(buyer, {product.id: 3})
    steps.scalar("update product set unit = 'cutie', list_price = 100 where id = :id returning 1", id=product.id)
    with transaction(buyer) as session:
        [line] = reordering.today(session, order_id, LATER).lines
        [one] = bought_before(session)[0]
    assert (line.unit, line.unit_price, line.unit_then, line.price_then) == ("cutie", 100, "buc", 10)
    assert (one.unit, one.unit_price, one.offered) == ("buc", 10, True)
