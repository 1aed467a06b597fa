"""Waiting lists: places in line, who is told, once, and whom that stops from keeping goods longer."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from core.db import transaction
from core.errors import NotAllowed
from core.orders import awaiting
from core.orders.filling import BadQuantity, UnknownProduct
from core.principal import SYSTEM, Principal
from core.stock import receiving
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_user, principal_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

# Later than anything that the factories write: they put goods on stock at the present instant.
START = datetime(2035, 1, 8, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def wait_for(who: Principal, product_id: int, quantity: int | str = 5, as_of: datetime = START) -> None:
    with transaction(who) as session:
        awaiting.wait_for(session, product_id, Decimal(quantity), as_of)


def own(who: Principal) -> list[awaiting.Awaited]:
    with transaction(who) as session:
        return awaiting.own(session)


def tell(as_of: datetime = START + HOUR) -> int:
    with transaction(SYSTEM) as session:
        return awaiting.tell_first(session, as_of)


def arrive(product_id: int, on_hand: int, as_of: datetime = START + HOUR / 2) -> None:
    """From now on so much is on the shelf."""
    with transaction(SYSTEM) as session:
        receiving.count(session, {product_id: Decimal(on_hand)}, as_of)


def told_partners() -> list[int]:
    with transaction(SYSTEM) as session:
        return list(
            session.execute(text("select partner_id from event where kind = 'stock_back' order by id")).scalars()
        )


def test_who_waits_sees_what_since_when_and_how_much_there_is():
    buyer, product = make_buyer(), make_product(stock=2, name="Țeavă", unit="m")
    wait_for(buyer, product.id, "7.5")
    assert own(buyer) == [
        awaiting.Awaited(product.id, product.sku, "Țeavă", "m", Decimal("7.5"), START, True, Decimal(2), None)
    ]


def test_another_quantity_keeps_the_place_in_line():
    first, second, product = make_buyer(), make_buyer(), make_product()
    wait_for(first, product.id, 5, START)
    wait_for(second, product.id, 5, START + HOUR)
    wait_for(first, product.id, 3, START + 2 * HOUR)
    assert [(wish.quantity, wish.since) for wish in own(first)] == [(3, START)]
    arrive(product.id, 10, START + 3 * HOUR)
    tell(START + 4 * HOUR)
    assert told_partners() == [first.partner_id]


def test_who_was_told_and_asks_again_starts_at_the_end_of_the_line():
    buyer, product = make_buyer(), make_product(stock=10)
    wait_for(buyer, product.id)
    tell()
    wait_for(buyer, product.id, 6, START + 2 * HOUR)
    assert [(wish.since, wish.told_at) for wish in own(buyer)] == [(START + 2 * HOUR, None)]


def test_a_colleague_sees_and_ends_the_waiting_and_another_partner_does_not():
    partner = make_partner()
    buyer, colleague = (principal_of(make_user(partner, role="buyer")) for _ in range(2))
    stranger, product = make_buyer(), make_product()
    wait_for(buyer, product.id)
    assert own(stranger) == []
    forget(stranger, product.id)
    assert [wish.product_id for wish in own(colleague)] == [product.id]
    forget(colleague, product.id)
    assert own(buyer) == []


def forget(who: Principal, product_id: int) -> None:
    with transaction(who) as session:
        awaiting.forget(session, product_id)


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000", "0.0001", "NaN", "Infinity"])
def test_a_quantity_that_cannot_be_ordered_cannot_be_awaited(quantity):
    buyer, product = make_buyer(), make_product()
    with pytest.raises(BadQuantity):
        wait_for(buyer, product.id, quantity)


def test_nobody_waits_for_what_is_not_sold():
    buyer = make_buyer()
    for product_id in (make_product(active=False).id, 999_999):
        with pytest.raises(UnknownProduct):
            wait_for(buyer, product_id)


def test_a_partner_waits_for_so_many_products_and_no_more(monkeypatch):
    monkeypatch.setattr(awaiting, "MOST_WAITS", 2)
    buyer, products = make_buyer(), [make_product() for _ in range(3)]
    for product in products[:2]:
        wait_for(buyer, product.id)
    wait_for(buyer, products[1].id, 9)
    with pytest.raises(awaiting.TooManyWaits, match="2 products"):
        wait_for(buyer, products[2].id)
    assert len(own(buyer)) == 2


def test_an_accountant_does_not_wait_for_goods():
    accountant = principal_of(make_user(make_partner(), role="accountant"))
    with pytest.raises(NotAllowed):
        wait_for(accountant, make_product().id)


def test_the_database_role_of_partners_cannot_move_up_in_line():
    buyer, product = make_buyer(), make_product()
    wait_for(buyer, product.id)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(buyer) as session:
        session.execute(text("update stock_wait set since = '2000-01-01'"))


def test_nobody_is_told_while_nothing_is_free():
    buyer, product = make_buyer(), make_product(stock=3)
    steps.order(make_buyer(), {product.id: 3}, START)
    wait_for(buyer, product.id)
    assert tell() == 0
    assert own(buyer)[0].told_at is None


def test_the_first_in_line_is_told_once_with_what_there_is():
    first, second, product = make_buyer(), make_buyer(), make_product(sku="T-1", name="Țeavă", unit="m")
    wait_for(second, product.id, 2, START + HOUR / 4)
    wait_for(first, product.id, 8, START)
    arrive(product.id, 5)
    assert (tell(), tell(START + 2 * HOUR)) == (1, 0)
    assert told_partners() == [first.partner_id]
    assert (own(first)[0].told_at, own(second)[0].told_at) == (START + HOUR, None)
    with transaction(SYSTEM) as session:
        data = session.execute(text("select data from event where kind = 'stock_back'")).scalar_one()
        assert session.execute(text("select count(*) from outbox")).scalar_one() == 1
    assert data == {
        "user": first.user_id, "product": product.id, "sku": "T-1", "name": "Țeavă", "unit": "m",
        "quantity": "8.000", "available": "5.000",
    }  # fmt: skip


def test_the_next_in_line_is_told_a_day_later():
    first, second, product = make_buyer(), make_buyer(), make_product()
    wait_for(first, product.id, 1, START)
    wait_for(second, product.id, 1, START + timedelta(minutes=1))
    arrive(product.id, 5)
    tell()
    assert tell(START + 24 * HOUR) == 0
    assert tell(START + 25 * HOUR) == 1
    assert told_partners() == [first.partner_id, second.partner_id]


def test_the_next_in_line_is_told_at_once_when_the_first_has_ordered_and_something_is_left():
    first, second, product = make_buyer(), make_buyer(), make_product()
    wait_for(first, product.id, 1, START)
    wait_for(second, product.id, 1, START + timedelta(minutes=1))
    arrive(product.id, 5)
    tell()
    steps.order(first, {product.id: 1}, START + HOUR)
    assert own(first) == []
    assert tell(START + 2 * HOUR) == 1
    assert told_partners() == [first.partner_id, second.partner_id]


def test_who_wanted_more_than_there_was_is_not_told_what_was_known_already():
    buyer, product = make_buyer(), make_product(stock=2)
    wait_for(buyer, product.id, 5)
    assert tell() == 0
    arrive(product.id, 3, START + HOUR)
    assert tell(START + 2 * HOUR) == 1


def test_goods_that_an_order_gave_back_are_told():
    waiting, other, product = make_buyer(), make_buyer(), make_product(stock=3)
    order = steps.order(other, {product.id: 3}, START - HOUR)
    wait_for(waiting, product.id, 5)
    steps.cancel(other, order, as_of=START + HOUR / 2)
    assert tell() == 1


def test_who_cannot_order_is_passed_over():
    held, product = make_buyer(status="on_hold"), make_product(stock=9)
    active = make_buyer()
    wait_for(held, product.id, 5, START - HOUR)
    wait_for(active, product.id, 5, START)
    tell()
    assert told_partners() == [active.partner_id]


def test_every_product_has_a_line_of_its_own():
    buyer, products = make_buyer(), [make_product(stock=9) for _ in range(3)]
    for product in products:
        wait_for(buyer, product.id)
    with transaction(SYSTEM) as session:
        assert awaiting.tell_first(session, START + HOUR, limit=2) == 2
    assert tell() == 1


def test_five_workers_at_once_tell_each_only_once():
    products = [make_product(stock=9) for _ in range(4)]
    buyers = [make_buyer() for _ in range(3)]
    for minute, buyer in enumerate(buyers):
        for product in products:
            wait_for(buyer, product.id, 1, START + timedelta(minutes=minute))
    assert sum(at_once([tell] * 5)) == 4
    assert told_partners() == [buyers[0].partner_id] * 4


def test_only_other_partners_who_were_not_told_yet_wait_for_goods_of_an_order():
    buyer, other, product = make_buyer(), make_buyer(), make_product(stock=9)
    order = steps.order(buyer, {product.id: 1}, START)
    assert others_wait(buyer, order) is False
    wait_for(buyer, product.id)
    assert others_wait(buyer, order) is False
    wait_for(other, product.id, 9, START - HOUR)
    assert others_wait(buyer, order) is True
    arrive(product.id, 10)
    wait_for(other, product.id, 10)
    assert others_wait(buyer, order) is True
    tell()
    assert others_wait(buyer, order) is False


@pytest.mark.parametrize(("quantity", "waits"), [("8", False), ("8.001", True), ("9", True), ("9.001", False)])
def test_while_some_are_free_only_a_wish_that_the_held_ones_would_meet_waits_for_them(quantity, waits):
    buyer, product = make_buyer(), make_product(stock=9)
    order = steps.order(buyer, {product.id: 1}, START)
    wait_for(make_buyer(), product.id, quantity)
    assert others_wait(buyer, order) is waits


def test_while_nothing_is_free_every_wish_waits_for_what_is_held():
    buyer, product = make_buyer(), make_product(stock=3)
    order = steps.order(buyer, {product.id: 3}, START)
    wait_for(make_buyer(), product.id, 5)
    assert others_wait(buyer, order) is True


@pytest.mark.parametrize("statement", [
    "update partner set status = 'on_hold' where id = :partner",
    "update app_user set active = false where id = :user",
    "update app_user set role = 'accountant' where id = :user",
    "update product set active = false where id = :product",
])  # fmt: skip
def test_a_wish_that_cannot_come_true_neither_stops_anybody_nor_uses_up_what_came(statement):
    buyer, gone, second, product = make_buyer(), make_buyer(), make_buyer(), make_product(stock=3)
    order = steps.order(buyer, {product.id: 3}, START - HOUR)
    wait_for(gone, product.id)
    assert others_wait(buyer, order) is True
    with transaction(SYSTEM) as session:
        who = {"partner": gone.partner_id, "user": gone.user_id, "product": product.id}
        session.execute(text(statement), {name: value for name, value in who.items() if f":{name}" in statement})
    assert others_wait(buyer, order) is False
    if "product" not in statement:
        wait_for(second, product.id, 5, START + HOUR / 4)
    arrive(product.id, 9)
    tell()
    assert told_partners() == ([] if "product" in statement else [second.partner_id])


def test_a_colleague_who_asks_again_has_the_place_of_who_left():
    partner, other, product = make_partner(), make_buyer(), make_product()
    left, colleague = make_user(partner, role="buyer"), make_user(partner, role="buyer")
    wait_for(principal_of(left), product.id)
    wait_for(other, product.id, 5, START + HOUR / 4)
    with transaction(SYSTEM) as session:
        session.execute(text("update app_user set active = false where id = :id"), {"id": left.id})
    wait_for(principal_of(colleague), product.id, 5, START + HOUR / 3)
    arrive(product.id, 9)
    tell()
    assert told_partners() == [partner.id]


def test_nobody_learns_of_another_partners_order_who_waits():
    buyer, other, product = make_buyer(), make_buyer(), make_product(stock=9)
    order = steps.order(buyer, {product.id: 1}, START)
    wait_for(other, product.id)
    assert others_wait(make_buyer(), order) is False


def others_wait(who: Principal, order_id: int) -> bool:
    with transaction(who) as session:
        return awaiting.others_wait(session, order_id)
