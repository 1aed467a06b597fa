"""Buyer, owner and limit at the same moment: real threads, and what happens without the guard."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.auth.users import set_role
from core.db import transaction
from core.orders.approving import NotWaiting, WaitingCart, refuse
from core.orders.limits import lock_partner
from core.orders.placing import OverSpendingLimit, Placed
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_user, principal_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def owner() -> Principal:
    return principal_of(make_user(make_partner()))


def buyer_of(owner: Principal, limit: int) -> Principal:
    user = {"kind": "partner", "partner_id": owner.partner_id, "role": "buyer", "spending_limit": Decimal(limit)}
    return principal_of(make_user(**user))


def asking(owner: Principal, product_id: int, quantity: int = 5) -> tuple[Principal, WaitingCart]:
    """A new buyer who asks, and what the owner is shown."""
    buyer = buyer_of(owner, 1)
    steps.ask(buyer, steps.fill(buyer, {product_id: quantity}))
    return buyer, next(shown for shown in steps.waiting(owner) if shown.user_id == buyer.user_id)


def test_while_the_buyer_changes_the_cart_the_owner_approves_what_was_asked_or_nothing(owner: Principal) -> None:
    product = make_product(stock=10_000)
    carts = [asking(owner, product.id) for _ in range(6)]
    actions: list[Callable[[], object]] = []
    for buyer, shown in carts:
        actions.append(lambda shown=shown: steps.approve(owner, shown))
        actions.append(lambda buyer=buyer: steps.fill(buyer, {product.id: 50}))
    results = at_once(actions)[::2]
    assert {type(result) for result in results} <= {Placed, NotWaiting}
    ordered = steps.scalar("select coalesce(sum(quantity), 0) from order_line")
    assert ordered == 5 * sum(isinstance(result, Placed) for result in results)
    steps.assert_invariants()


def test_without_lock_and_token_the_owner_approves_what_was_never_shown(owner: Principal) -> None:
    """The negative control: does it wait? then take what is in it."""
    product = make_product(stock=10_000)
    buyer, _ = asking(owner, product.id)
    with transaction(owner) as session:
        waits = session.execute(text("select approval_asked_at is not null from cart")).scalar_one()
        steps.fill(buyer, {product.id: 50})
        taken = "select sum(quantity) from cart_line join cart on cart.id = cart_id where cart.partner_id = :partner"
    assert waits
    assert steps.scalar(taken, partner=owner.partner_id) == 50


def test_two_owners_who_approve_at_once_make_one_order(owner: Principal) -> None:
    product = make_product(stock=100)
    _, shown = asking(owner, product.id)
    second = principal_of(make_user(kind="partner", partner_id=owner.partner_id, role="owner"))
    results = at_once([lambda who=who: steps.approve(who, shown) for who in [owner, second] * 3])
    assert len({result.order_id for result in results}) == 1
    assert sorted(result.repeated for result in results) == [False] + [True] * 5
    assert steps.available(product.id) == 95
    steps.assert_invariants()


def test_approved_and_refused_at_once_is_one_of_the_two(owner: Principal) -> None:
    product = make_product(stock=100)
    _, shown = asking(owner, product.id)

    def say_no() -> None:
        with transaction(owner) as session:
            refuse(session, shown.id, shown.cart.token, "", steps.NOON)

    results = at_once([lambda: steps.approve(owner, shown), say_no] * 3)
    refused, orders = results[1::2].count(None), steps.scalar("select count(*) from orders")
    assert refused + orders == 1
    assert steps.scalar("select count(*) from event where kind = 'approval_refused'") == refused


def while_the_partner_is_locked(buyer: Principal, act: Callable[[], object], meanwhile: Callable[[], None]) -> object:
    """Let `act` run into the lock on the buyer's company, do something `meanwhile`, let go; what came of `act`."""
    with ThreadPoolExecutor(1) as pool:
        with transaction(SYSTEM) as session:
            lock_partner(session, buyer.partner_id or 0)
            acting = pool.submit(at_once, [act])
            assert steps.somebody_waits_for(session)
            meanwhile()
        return acting.result()[0]


def lower_the_limit(buyer: Principal) -> None:
    with transaction(SYSTEM) as session:
        set_role(session, buyer.user_id or 0, "buyer", steps.NOON, spending_limit=Decimal(10))


def test_a_limit_that_is_lowered_while_an_order_waits_for_its_turn_counts(owner: Principal) -> None:
    product, buyer = make_product(stock=100), buyer_of(owner, 1000)
    token = steps.fill(buyer, {product.id: 5})
    result = while_the_partner_is_locked(buyer, lambda: steps.place(buyer, token), lambda: lower_the_limit(buyer))
    assert isinstance(result, OverSpendingLimit)
    assert result.params["limit"] == 10
    assert steps.available(product.id) == 100


def test_a_limit_that_is_read_before_the_locks_lets_the_order_pass(owner: Principal) -> None:
    """The negative control: the same, with the limit read when the order came in."""
    product, buyer = make_product(stock=100), buyer_of(owner, 1000)
    steps.fill(buyer, {product.id: 5})

    def place_by_what_was_read() -> bool:
        with transaction(buyer) as session:
            limit = session.execute(
                text("select spending_limit from app_user where id = :me"), {"me": buyer.user_id}
            ).scalar_one()
            session.execute(text("select lock_cart_partner(id) from cart"))
            return limit >= Decimal("60.50")

    assert while_the_partner_is_locked(buyer, place_by_what_was_read, lambda: lower_the_limit(buyer)) is True
    assert steps.scalar("select spending_limit from app_user where id = :id", id=buyer.user_id) < Decimal("60.50")
