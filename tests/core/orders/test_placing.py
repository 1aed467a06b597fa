from decimal import Decimal

import pytest

from core.catalog.models import Product
from core.db import transaction
from core.errors import NotAllowed
from core.orders import browsing, cart, filling
from core.orders.details import Details
from core.orders.placing import CartChanged, EmptyCart, OrderTooLarge, PartnerMayNotOrder, Shortage, place
from core.partners.models import Partner
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of, set_own_price

pytestmark = pytest.mark.usefixtures("database")


def test_an_order_holds_its_stock_at_once():
    buyer, product = make_buyer(), make_product(stock=10)
    steps.order(buyer, {product.id: 3})
    assert steps.available(product.id) == 7
    assert steps.scalar("select held from stock where product_id = :id", id=product.id) == 3
    steps.assert_invariants()


def test_a_shortage_names_each_product_and_keeps_the_cart():
    buyer, plenty = make_buyer(), make_product(stock=10)
    few, none = make_product(stock=2, sku="FEW"), make_product(stock=0, sku="NONE")
    token = steps.fill(buyer, {plenty.id: 5, few.id: 3, none.id: 1})
    with pytest.raises(Shortage) as refusal:
        steps.place(buyer, token)
    assert [(line.sku, line.wanted, line.available) for line in refusal.value.lines] == [("FEW", 3, 2), ("NONE", 1, 0)]
    with transaction(buyer) as session:
        assert [item.quantity for item in cart.view_cart(session, steps.NOON).items] == [5, 3, 1]
    assert steps.available(plenty.id) == 10
    assert steps.scalar("select count(*) from orders") == 0


def test_the_same_cart_placed_twice_is_one_order():
    buyer, product = make_buyer(), make_product(stock=10)
    token = steps.fill(buyer, {product.id: 3})
    first, second = steps.place(buyer, token), steps.place(buyer, token)
    assert (second.order_id, second.repeated) == (first.order_id, True)
    assert steps.available(product.id) == 7


def test_the_token_of_another_users_cart_is_refused():
    owner, stranger, product = make_buyer(), make_buyer(), make_product(stock=10)
    token = steps.fill(owner, {product.id: 3})
    with pytest.raises(CartChanged):
        steps.place(stranger, token)
    steps.place(owner, token)
    with pytest.raises(CartChanged):
        steps.place(stranger, token)


def test_a_price_that_changed_since_the_buyer_looked_is_not_charged():
    buyer, product = make_buyer(), make_product(stock=10, list_price=Decimal(10))
    token = steps.fill(buyer, {product.id: 3})
    with transaction(buyer) as session:
        shown = cart.view_cart(session, steps.NOON).totals.gross
    with transaction(SYSTEM) as session:
        session.get_one(Product, product.id).list_price = Decimal(11)
    with pytest.raises(CartChanged), transaction(buyer) as session:
        place(session, token, steps.NOON, shown_total=shown)
    assert steps.available(product.id) == 10
    with transaction(buyer) as session:
        looked_again = cart.view_cart(session, steps.NOON)
        place(session, looked_again.token, steps.NOON, shown_total=looked_again.totals.gross)
    assert steps.available(product.id) == 7


def test_an_empty_cart_is_refused():
    buyer = make_buyer()
    with pytest.raises(EmptyCart):
        steps.place(buyer, steps.fill(buyer, {}))


@pytest.mark.parametrize("status", ["on_hold", "closed"])
def test_a_partner_that_is_not_active_cannot_order(status):
    buyer, product = make_buyer(status=status), make_product(stock=10)
    with pytest.raises(PartnerMayNotOrder):
        steps.order(buyer, {product.id: 1})
    assert steps.available(product.id) == 10


def test_staff_cannot_order():
    with pytest.raises(NotAllowed):
        steps.place(make_staff(), "00000000-0000-0000-0000-000000000000")


def test_a_product_taken_out_of_the_catalogue_is_short_by_all_of_it():
    buyer, product = make_buyer(), make_product(stock=10)
    token = steps.fill(buyer, {product.id: 3})
    with transaction(SYSTEM) as session:
        session.get_one(Product, product.id).active = False
    with pytest.raises(Shortage) as refusal:
        steps.place(buyer, token)
    assert refusal.value.lines[0].available == 0


def test_each_partner_pays_its_own_price_and_the_catalogue_shows_the_same():
    product = make_product(stock=100, list_price=Decimal("10.55"))
    plain, discounted, agreed = make_buyer(), make_buyer(discount=Decimal("12.5")), make_buyer(discount=Decimal("12.5"))
    set_own_price(agreed.partner_id, product.id, "7.7777")
    for buyer, price in [(plain, "10.55"), (discounted, "9.2313"), (agreed, "7.7777")]:
        with transaction(buyer) as session:
            assert browsing.rows_of(session, [product.id], steps.NOON)[0].unit_price == Decimal(price)
        order_id = steps.order(buyer, {product.id: 3})
        assert steps.scalar("select unit_price from order_line where order_id = :id", id=order_id) == Decimal(price)


def test_vat_is_computed_once_per_rate_on_the_sum_of_its_lines():
    buyer = make_buyer()
    products = [make_product(stock=10, list_price=Decimal("0.12")) for _ in range(3)]
    reduced = make_product(stock=10, list_price=Decimal("1.00"), vat_class="reduced")
    order_id = steps.order(buyer, {p.id: 1 for p in [*products, reduced]})
    # 3 × 0.12 at 21 % is 0.0756 → 0.08; by line it would be 3 × 0.03 = 0.09. 1.00 at 11 % is 0.11.
    assert steps.scalar("select vat from orders where id = :id", id=order_id) == Decimal("0.19")


def test_the_rate_is_the_one_of_the_local_day():
    buyer, product = make_buyer(), make_product(stock=10, list_price=Decimal(100))
    before = steps.NOON.replace(year=2025, month=7, day=31, hour=20, minute=59)  # 23:59 in Bucharest
    rates = [
        steps.scalar("select vat_rate from order_line where order_id = :id", id=steps.order(buyer, {product.id: 1}, at))
        for at in (before, before.replace(hour=21, minute=0))
    ]
    assert rates == [19, 21]


def test_a_placed_order_keeps_its_price_when_the_list_changes():
    buyer, product = make_buyer(), make_product(stock=10, list_price=Decimal(10))
    order_id = steps.order(buyer, {product.id: 1})
    with transaction(SYSTEM) as session:
        session.get_one(Product, product.id).list_price = Decimal(20)
        session.get_one(Partner, buyer.partner_id).discount = Decimal(50)
    assert steps.scalar("select unit_price from order_line where order_id = :id", id=order_id) == 10


def test_the_deadline_is_fixed_when_the_order_is_placed():
    buyer, product = make_buyer(), make_product(stock=10)
    with transaction(SYSTEM) as session:
        session.execute(steps.text("update company set claim_hours = 48"))
    order_id = steps.order(buyer, {product.id: 1})
    with transaction(SYSTEM) as session:
        session.execute(steps.text("update company set claim_hours = 0"))
    never = steps.order(buyer, {product.id: 1})
    waited = steps.scalar("select claim_deadline - placed_at from orders where id = :id", id=order_id)
    assert waited.total_seconds() == 48 * 3600
    assert steps.scalar("select claim_deadline from orders where id = :id", id=never) is None


def test_two_users_of_one_partner_have_a_cart_each():
    partner, product = make_partner(), make_product(stock=10)
    one, two = principal_of(make_user(partner)), principal_of(make_user(partner))
    steps.fill(one, {product.id: 2})
    with transaction(two) as session:
        assert cart.view_cart(session, steps.NOON).items == []


@pytest.mark.parametrize("quantity", ["-1", "1000000", "0.0001", "NaN", "Infinity"])
def test_a_nonsense_quantity_is_refused_and_changes_nothing(quantity):
    buyer, product = make_buyer(), make_product(stock=10)
    steps.fill(buyer, {product.id: 2})
    with pytest.raises(filling.BadQuantity):
        steps.fill(buyer, {product.id: quantity})
    with transaction(buyer) as session:
        assert [item.quantity for item in cart.view_cart(session, steps.NOON).items] == [2]


def test_an_unknown_product_cannot_be_put_in_the_cart():
    with pytest.raises(filling.UnknownProduct):
        steps.fill(make_buyer(), {424242: 1})


def test_an_order_that_no_column_can_hold_is_refused():
    buyer, product = make_buyer(), make_product(stock=999_999, list_price=Decimal("9999999999"))
    token = steps.fill(buyer, {product.id: 999_999})
    with pytest.raises(OrderTooLarge):
        steps.place(buyer, token)
    assert steps.available(product.id) == 999_999


@pytest.mark.parametrize("quantity", ["1e30", "1e-7", "-3"])
def test_the_refusal_of_a_quantity_names_what_was_typed(quantity):
    assert "{" not in filling.BadQuantity(quantity=Decimal(quantity)).text("ro")


def test_a_note_with_a_character_that_no_text_can_hold_is_kept_without_it():
    buyer, product = make_buyer(), make_product(stock=5)
    token = steps.fill(buyer, {product.id: 1})
    with transaction(buyer) as session:
        place(session, token, steps.NOON, Details(" la\0 poartă "))
    assert steps.scalar("select note from orders") == "la poartă"
