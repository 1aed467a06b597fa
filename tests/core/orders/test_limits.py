"""Every limit: that it holds, by how much it is passed, whose rule it is, and no way around it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.catalog.models import Product
from core.db import transaction
from core.documents.models import Payment
from core.orders import cancelling, cart, limits, placing
from core.orders.limits import SENTENCES, OverLimits
from core.orders.placing import CartChanged, Placed
from core.principal import SYSTEM, Principal
from tests.core.documents import steps as documents
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

GENERAL = "company", "id = 1"


def rule(buyer: Principal | None = None, **values: object) -> None:
    """Set rules: those of the buyer's partner, or the general ones."""
    table, which = ("partner", f"id = {buyer.partner_id}") if buyer else GENERAL
    with transaction(SYSTEM) as session:
        for name, value in values.items():
            session.execute(text(f"update {table} set {name} = :value where {which}"), {"value": value})


def goods(price: object = 100, stock: int = 10_000, **values: object) -> int:
    """A product without VAT, so that amounts can be read off quantities; its id."""
    usual = {"list_price": Decimal(str(price)), "vat_class": "zero"}
    product: Product = make_product(stock=stock, **usual | values)
    return product.id


def passed(buyer: Principal, quantities: dict[int, int | str], as_of: object = NOON) -> dict[str, limits.LimitState]:
    """The limits that an order would pass, by name; it is not placed."""
    before = steps.scalar("select count(*) from orders")
    with pytest.raises(OverLimits) as refusal:
        steps.order(buyer, quantities, as_of)
    assert steps.scalar("select count(*) from orders") == before
    return {limit.kind: limit for limit in refusal.value.limits}


def words(limit: limits.LimitState, language: str = "en") -> str:
    return limit.sentence(language).replace("\N{NO-BREAK SPACE}", " ")


def ship(order_id: int) -> None:
    staff = make_staff()
    steps.claim(staff, order_id)
    steps.ship(staff, order_id)


def invoice(order_id: int, as_of: object = NOON) -> object:
    documents.set_up_company()
    steps.claim(make_staff(), order_id, as_of)
    return documents.issue(order_id, as_of)


def overdue(buyer: Principal, product: int, pieces: int, days: int) -> object:
    """An invoice that is `days` days past its due day at NOON; 30 days to pay."""
    at = NOON - timedelta(days=30 + days)
    return invoice(steps.order(buyer, {product: pieces}, at), at)


# Limit → the rule, what happened before, the pieces (of 100.00 each) of an order that passes it, and what is then said.
SITUATIONS = {
    "min_order": (
        500, None, 3, "The order comes to 300.00 RON; the least that can be ordered is 500.00 RON.", "300,00 lei"
    ),
    "max_order": (
        20_000, None, 205,
        "The order comes to 20,500.00 RON; one order may come to 20,000.00 RON: 500.00 RON too much.", "20.500,00 lei",
    ),
    "max_open_orders": (
        2, lambda buyer, product: [steps.order(buyer, {product: 1}) for _ in range(2)], 1,
        "Open orders: 2 of 2 that are allowed. One must be delivered or cancelled first.", "2",
    ),
    "max_open_value": (
        20_000, lambda buyer, product: steps.order(buyer, {product: 174}), 31,
        "Open orders: limit 20,000.00 RON, used 17,400.00 RON, this order 3,100.00 RON: 500.00 RON too much.",
        "17.400,00 lei",
    ),
    "credit_limit": (
        20_000, lambda buyer, product: ship(steps.order(buyer, {product: 174})), 31,
        "Credit: limit 20,000.00 RON, used 17,400.00 RON, this order 3,100.00 RON: 500.00 RON too much.",
        "17.400,00 lei",
    ),
    "overdue_block": (
        1_000, lambda buyer, product: overdue(buyer, product, 12, 1), 1,
        "Overdue invoices come to 1,200.00 RON; from 1,000.00 RON on no order can be placed until they are paid.",
        "1.200,00 lei",
    ),
    "overdue_block_days": (
        15, lambda buyer, product: overdue(buyer, product, 1, 15), 1,
        "An invoice is 15 days overdue; from 15 days on no order can be placed until it is paid.", "15",
    ),
    "max_per_order": (
        10, None, 12, "Short goods: at most 10 buc in one order, and there are 12.", "12",
    ),
    "max_per_period": (
        10, lambda buyer, product: steps.order(buyer, {product: 8}), 3,
        "Short goods: at most 10 buc in 7 days; 8 were ordered, and now 3 more.", "8",
    ),
}  # fmt: skip


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
        paid = {"amount": Decimal(400), "paid_on": documents.TODAY, "reference": "OP", "recorded_at": NOON}
        session.add(Payment(order_id=order_id, partner_id=buyer.partner_id, **paid))
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


# Ways around a limit.


def two_of_one_partner(**values: object) -> tuple[Principal, Principal]:
    """An owner and a buyer, the latter with these values."""
    partner = make_partner()
    return principal_of(make_user(partner)), principal_of(make_user(partner, role="buyer", **values))


@pytest.mark.parametrize("kind", ["max_open_orders", "max_open_value", "credit_limit", "max_per_period"])
def test_of_six_orders_at_once_by_two_users_in_three_tabs_each_only_the_limit_gets_through(kind: str) -> None:
    one, two = two_of_one_partner()
    product = goods()
    rule(**{kind: {"max_open_orders": 1, "max_per_period": 7}.get(kind, 700)})
    tokens = [(who, steps.fill(who, {product: 5})) for who in (one, two)] * 3
    results = at_once([lambda who=who, token=token: steps.place(who, token) for who, token in tokens])
    placed = {result.order_id for result in results if isinstance(result, Placed)}
    assert len(placed) == 1
    assert all(isinstance(result, (Placed, OverLimits)) for result in results)
    assert steps.scalar("select count(*) from orders") == 1
    steps.assert_invariants()


def second_while_the_first_is_not_committed() -> tuple[bool, object]:
    """Two users of one partner order different goods; whether the second waited for the first, and its outcome."""
    one, two = two_of_one_partner()
    rule(max_open_value=700)
    tokens = steps.fill(one, {goods(): 5}), steps.fill(two, {goods(): 5})
    placed = threading.Event()

    def second() -> object:
        try:
            return steps.place(two, tokens[1])
        except OverLimits as refusal:
            return refusal
        finally:
            placed.set()

    with ThreadPoolExecutor(1) as pool:
        with transaction(one) as session:
            placing.place(session, tokens[0], NOON)
            outcome = pool.submit(second)
            waited = not placed.wait(timeout=1)
        return waited, outcome.result(timeout=30)


def test_the_second_of_two_users_waits_for_the_first_and_is_refused() -> None:
    waited, outcome = second_while_the_first_is_not_committed()
    assert waited
    assert isinstance(outcome, OverLimits)
    assert steps.scalar("select sum(gross) from orders") == 500


def test_without_the_partners_lock_both_get_through() -> None:
    """The negative control of the one above: the same two orders, and nothing that keeps them apart."""
    with transaction(SYSTEM) as session:
        source = session.execute(text("select pg_get_functiondef('lock_cart_stock'::regproc)")).scalar_one()
        lock = "perform from partner where id = (select partner_id from cart where id = cart_of) for no key update;"
        assert lock in source
        session.execute(text(source.replace(lock, "").replace(":", "\\:")))
    waited, outcome = second_while_the_first_is_not_committed()
    assert not waited
    assert isinstance(outcome, Placed)
    assert steps.scalar("select sum(gross) from orders") == 1_000


def test_a_lapsed_or_cancelled_order_frees_its_share_and_placing_again_is_measured_anew() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_open_value=500, max_per_period=5, max_open_orders=1, credit_limit=500)
    first = steps.order(buyer, {product: 5})
    assert len(passed(buyer, {product: 1})) == 4
    steps.cancel(buyer, first)
    second = steps.order(buyer, {product: 5})
    later = NOON + timedelta(days=2)
    assert steps.lapse(later) == 1
    third = steps.order(buyer, {product: 5}, later)
    assert len(passed(buyer, {product: 1}, later)) == 4
    assert len({first, second, third}) == 3


def test_an_order_that_comes_back_is_measured_without_what_it_was_itself() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_open_value=500, max_per_period=5, max_open_orders=1, credit_limit=500)
    order_id = steps.order(buyer, {product: 5})

    def require(gross: int, pieces: int, of: int) -> None:
        with transaction(SYSTEM) as session:
            limits.lock_partner(session, buyer.partner_id)
            given = Decimal(gross), {product: Decimal(pieces)}
            limits.require_within(session, buyer.partner_id, *given, NOON, order_id=of)

    require(500, 5, order_id)
    with pytest.raises(OverLimits) as refusal:
        require(600, 6, order_id)
    assert {limit.kind for limit in refusal.value.limits} == {"max_open_value", "max_per_period", "credit_limit"}
    with pytest.raises(OverLimits) as refusal:
        require(100, 1, 0)
    assert len(refusal.value.limits) == 4


def cancel_pieces(buyer: Principal, order_id: int, pieces: int) -> None:
    line = steps.scalar("select id from order_line where order_id = :id", id=order_id)
    with transaction(buyer) as session:
        cancelling.cancel_part(session, order_id, {line: Decimal(pieces)}, "", NOON)


def test_cancelling_a_part_frees_its_share_and_no_more() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_open_value=500, max_per_period=5, credit_limit=500)
    cancel_pieces(buyer, steps.order(buyer, {product: 5}), 2)
    assert passed(buyer, {product: 3})["max_per_period"].used == 3
    steps.order(buyer, {product: 2})


def test_a_partner_cannot_order_much_and_cancel_down_below_the_least_value() -> None:
    buyer, product = make_buyer(), goods()
    rule(min_order=300)
    order_id = steps.order(buyer, {product: 5})
    with pytest.raises(OverLimits, match="outside the limits") as refusal:
        cancel_pieces(buyer, order_id, 3)
    assert words(refusal.value.limits[0]).endswith("is 300.00 RON.")
    assert steps.scalar("select gross from orders") == 500
    cancel_pieces(buyer, order_id, 2)
    assert steps.scalar("select gross from orders") == 300
    steps.assert_invariants()


def test_staff_who_order_for_a_partner_have_a_cart_of_their_own_and_the_partners_limits() -> None:
    buyer, product = make_buyer(discount=Decimal(10)), goods()
    seller = make_staff(role="sales", name="Vlad Pârvu")
    agent = Principal("partner", seller.user_id, buyer.partner_id, seller.name, role="agent")
    rule(buyer, max_open_value=1_000, min_order=200)
    steps.fill(buyer, {product: 7})
    assert set(passed(agent, {product: 2})) == {"min_order"}
    order_id = steps.order(agent, {product: 5})
    assert steps.scalar("select gross from orders") == 450
    assert steps.scalar("select user_id from orders") == seller.user_id
    assert steps.scalar("select user_id from event where order_id = :id", id=order_id) == seller.user_id
    with transaction(buyer) as session:
        assert [item.quantity for item in cart.view_cart(session, NOON).items] == [7]
    assert passed(buyer, {product: 7})["max_open_value"].over == Decimal(80)
    assert passed(agent, {product: 7})["max_open_value"].used == 450
    steps.assert_invariants()


def test_an_agent_of_two_partners_has_a_cart_for_each() -> None:
    one, two, product = make_buyer(), make_buyer(), goods()
    seller = make_staff(role="sales")
    agents = [Principal("partner", seller.user_id, who.partner_id, role="agent") for who in (one, two)]
    tokens = [steps.fill(agent, {product: pieces}) for agent, pieces in zip(agents, (3, 4), strict=True)]
    with pytest.raises(CartChanged):
        steps.place(agents[0], tokens[1])
    for agent, token in zip(agents, tokens, strict=True):
        steps.place(agent, token)
    assert steps.scalar("select string_agg(gross::text, ' ' order by gross) from orders") == "300.00 400.00"


def test_a_price_that_rose_between_cart_and_placing_is_measured_as_it_is_now() -> None:
    buyer, product = make_buyer(), goods(100)
    rule(max_order=500)
    token = steps.fill(buyer, {product: 5})
    with transaction(buyer) as session:
        shown = cart.view_cart(session, NOON)
    assert shown.exceeded == []
    with transaction(SYSTEM) as session:
        session.get_one(Product, product).list_price = Decimal(101)
    with pytest.raises(CartChanged), transaction(buyer) as session:
        placing.place(session, token, NOON, shown_total=shown.totals.gross)
    with transaction(buyer) as session:
        assert [limit.over for limit in cart.view_cart(session, NOON).exceeded] == [Decimal(5)]
    with pytest.raises(OverLimits), transaction(buyer) as session:
        placing.place(session, token, NOON, shown_total=Decimal(505))


def test_an_owners_approval_lets_a_buyer_pass_the_spending_limit_and_no_limit_of_the_partner() -> None:
    owner, buyer = two_of_one_partner(spending_limit=Decimal(100))
    token = steps.fill(buyer, {goods(): 5})
    steps.ask(buyer, token)
    rule(max_order=400)
    with pytest.raises(OverLimits):
        steps.approve(owner, steps.waiting(owner)[0])
    rule(max_order=500)
    steps.approve(owner, steps.waiting(owner)[0])


def test_how_far_the_limits_are_used_is_told_without_an_order() -> None:
    buyer, product = make_buyer(), goods()
    rule(max_open_orders=3, max_open_value=900, credit_limit=1_000, overdue_block=5, max_order=7, min_order=6)
    with transaction(SYSTEM) as session:
        session.execute(text("update company set max_order = 0, min_order = 0"))
    steps.order(buyer, {product: 4})
    with transaction(make_staff()) as session:
        found = limits.standing(session, buyer.partner_id, NOON)
    assert {limit.kind: (limit.used, limit.most) for limit in found} == {
        "max_open_orders": (1, 3), "max_open_value": (400, 900), "credit_limit": (400, 1_000), "overdue_block": (0, 5),
    }  # fmt: skip
