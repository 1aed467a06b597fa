"""One order let through: once, in time, up to its amount, and for a reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders import cart, waiving
from core.orders.limits import OverLimits
from core.orders.placing import Placed
from core.principal import Principal
from tests.core.orders import steps
from tests.core.orders.limits.steps import goods, passed, rule, two_of_one_partner
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def grant(buyer: Principal, up_to: object = 1_000, reason: str = "Târgul din mai", as_of: object = NOON) -> int:
    with transaction(make_staff(role="accounting", name="Ana Pop")) as session:
        return waiving.grant(session, buyer.partner_id, Decimal(str(up_to)), reason, as_of)  # type: ignore[arg-type]


def passes(buyer: Principal, as_of: object = NOON) -> list[waiving.LimitPassRow]:
    with transaction(make_staff()) as session:
        return waiving.passes(session, buyer.partner_id, as_of)  # type: ignore[arg-type]


def kinds() -> str:
    return steps.scalar("select string_agg(kind, ' ' order by id) from event where kind like 'limit_pass%'")


def test_one_order_passes_the_limits_and_says_why_and_the_next_does_not() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_order=500, max_per_order=5)
    grant(buyer)
    steps.fill(buyer, {product: 10})
    with transaction(buyer) as session:
        view = cart.view_cart(session, NOON)
    assert (view.waived, view.exceeded) == (True, [])
    order_id = steps.place(buyer, view.token).order_id
    assert steps.scalar("select data ->> 'waived' from event where kind = 'order_placed'") == "Târgul din mai"
    assert set(passed(buyer, {product: 10})) == {"max_order", "max_per_order"}
    used = passes(buyer)
    assert [(row.order_id, row.up_to, row.reason, row.granted_by) for row in used] == [
        (order_id, 1_000, "Târgul din mai", "Ana Pop")
    ]
    steps.assert_invariants()


def test_an_order_within_the_limits_leaves_the_pass_for_one_that_needs_it() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_order=500)
    grant(buyer)
    order_id = steps.order(buyer, {product: 5})
    assert passes(buyer)[0].order_id is None
    assert steps.scalar("select data::text from event where order_id = :id", id=order_id) == "{}"
    steps.order(buyer, {product: 6})


def test_a_pass_that_is_too_small_does_not_help() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_order=500)
    grant(buyer, "999.99")
    assert "max_order" in passed(buyer, {product: 10})
    with transaction(buyer) as session:
        assert cart.view_cart(session, NOON).exceeded
    grant(buyer, "1000.00")
    steps.order(buyer, {product: 10})


def test_a_pass_is_over_after_seven_days() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_order=500)
    grant(buyer)
    over = NOON + timedelta(days=7)
    assert "max_order" in passed(buyer, {product: 10}, over)
    assert passes(buyer, over) == []
    steps.order(buyer, {product: 10}, over - timedelta(seconds=1))


def test_another_partners_pass_does_not_help() -> None:
    one, other, product = make_buyer(), make_buyer(), goods()
    rule(max_order=500)
    grant(other)
    assert "max_order" in passed(one, {product: 10})


def test_a_pass_is_used_once_even_by_two_at_once() -> None:
    one, two = two_of_one_partner()
    product = goods()
    rule(max_order=500)
    grant(one)
    tokens = [(who, steps.fill(who, {product: 10})) for who in (one, two)]
    results = at_once([lambda who=who, token=token: steps.place(who, token) for who, token in tokens])
    assert sorted(type(result).__name__ for result in results) == [OverLimits.__name__, Placed.__name__]
    assert steps.scalar("select count(*) from orders") == 1
    assert steps.scalar("select count(*) from limit_pass where order_id is not null") == 1


def test_an_order_that_meets_a_pass_while_it_is_taken_back_waits_and_is_refused() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_order=500)
    pass_id, token = grant(buyer), steps.fill(buyer, {product: 10})
    with ThreadPoolExecutor(1) as pool:
        with transaction(make_staff()) as session:
            waiving.withdraw(session, pass_id, NOON)
            placing = pool.submit(steps.place, buyer, token)
            assert steps.somebody_waits_for(session)
        with pytest.raises(OverLimits):
            placing.result(timeout=30)
    assert steps.scalar("select count(*) from orders") == 0


def test_a_new_pass_takes_the_place_of_the_one_that_waits() -> None:
    buyer = make_buyer()
    first, second = grant(buyer, 100), grant(buyer, 200)
    assert [row.id for row in passes(buyer)] == [second]
    assert first != second
    assert kinds() == "limit_pass_granted limit_pass_withdrawn limit_pass_granted"
    grant(buyer, 300, as_of=NOON + timedelta(days=8))
    assert kinds().endswith("limit_pass_granted limit_pass_granted")


def test_a_pass_taken_back_helps_no_more_and_cannot_be_taken_back_twice() -> None:
    buyer, product, staff = make_buyer(), goods(), make_staff()
    rule(max_order=500)
    pass_id = grant(buyer)
    with transaction(staff) as session:
        waiving.withdraw(session, pass_id, NOON)
    assert "max_order" in passed(buyer, {product: 10})
    assert kinds() == "limit_pass_granted limit_pass_withdrawn"
    with pytest.raises(NotFound), transaction(staff) as session:
        waiving.withdraw(session, pass_id, NOON)


def test_a_used_pass_cannot_be_taken_back() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_order=500)
    pass_id = grant(buyer)
    steps.order(buyer, {product: 10})
    with pytest.raises(NotFound), transaction(make_staff()) as session:
        waiving.withdraw(session, pass_id, NOON)


@pytest.mark.parametrize(
    ("up_to", "reason", "refusal"),
    [(100, "  ", waiving.ReasonMissing), (100, "x" * 501, waiving.ReasonTooLong), (0, "x", waiving.BadPassAmount),
     (-1, "x", waiving.BadPassAmount), ("0.001", "x", waiving.BadPassAmount), ("1e13", "x", waiving.BadPassAmount),
     ("NaN", "x", waiving.BadPassAmount), ("Infinity", "x", waiving.BadPassAmount)],
)  # fmt: skip
def test_a_pass_needs_a_reason_and_an_amount(up_to: object, reason: str, refusal: type[Exception]) -> None:
    buyer = make_buyer()
    with pytest.raises(refusal):
        grant(buyer, up_to, reason)
    assert passes(buyer) == []


def test_who_does_not_manage_limits_lets_nothing_through() -> None:
    buyer, seller = make_buyer(), make_staff(role="sales")
    pass_id = grant(buyer)
    for who in (seller, buyer):
        with pytest.raises(NotAllowed), transaction(who) as session:
            waiving.grant(session, buyer.partner_id, Decimal(1), "why", NOON)
        with pytest.raises(NotAllowed), transaction(who) as session:
            waiving.withdraw(session, pass_id, NOON)
    with transaction(seller) as session:
        assert len(waiving.passes(session, buyer.partner_id, NOON)) == 1
    with pytest.raises(NotAllowed), transaction(buyer) as session:
        waiving.passes(session, buyer.partner_id, NOON)


def test_a_partner_that_does_not_exist_gets_no_pass() -> None:
    with pytest.raises(NotFound), transaction(make_staff()) as session:
        waiving.grant(session, 999_999, Decimal(1), "why", NOON)
