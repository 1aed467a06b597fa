"""An order above its buyer's spending limit needs the owner, who approves exactly what was asked."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.auth.users import set_active, set_role
from core.catalog.models import Product
from core.db import transaction
from core.errors import NotAllowed
from core.orders import approving, cart, filling
from core.orders.placing import CartChanged, EmptyCart, OverSpendingLimit, Shortage
from core.orders.queries import order_detail
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")


class Firm(NamedTuple):
    """A partner: its owner, and a buyer who may order up to 121 lei, the price of ten pieces with VAT."""

    owner: Principal
    buyer: Principal
    product: Product

    def ask(self, quantity: int = 15, note: str = "") -> approving.WaitingCart:
        """The buyer asks; what the owner is shown."""
        steps.ask(self.buyer, steps.fill(self.buyer, {self.product.id: quantity}), note)
        return steps.waiting(self.owner)[-1]

    def view(self) -> cart.CartView:
        with transaction(self.buyer) as session:
            return cart.view_cart(session, steps.NOON)


@pytest.fixture
def firm() -> Firm:
    partner = make_partner()
    owner, buyer = make_user(partner, name="Ana"), make_user(partner, role="buyer", spending_limit=Decimal(121))
    return Firm(principal_of(owner), principal_of(buyer), make_product(stock=100, list_price=Decimal(10)))


def withdraw(who: Principal) -> None:
    with transaction(who) as session:
        approving.withdraw(session)


def refuse(owner: Principal, shown: approving.WaitingCart, reason: str = "") -> None:
    with transaction(owner) as session:
        approving.refuse(session, shown.id, shown.cart.token, reason, steps.NOON)


def test_an_order_above_the_limit_is_refused_and_the_refusal_says_by_how_much(firm: Firm) -> None:
    token = steps.fill(firm.buyer, {firm.product.id: 15})
    with pytest.raises(OverSpendingLimit) as refused:
        steps.place(firm.buyer, token)
    assert refused.value.params == {"limit": Decimal(121), "gross": Decimal("181.50"), "over": Decimal("60.50")}
    assert "60.50\N{NO-BREAK SPACE}RON above your spending limit of 121.00\N{NO-BREAK SPACE}RON" in (
        refused.value.text("en")
    )
    assert firm.view().over == Decimal("60.50")
    assert steps.available(firm.product.id) == 100


def test_where_prices_were_hidden_meanwhile_no_cart_with_prices_waits_for_approval(firm: Firm) -> None:
    firm.ask()
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set prices_hidden = true"))
    with transaction(firm.owner) as session:
        assert approving.waiting_carts(session, steps.NOON) == []


def test_an_order_of_exactly_the_limit_with_vat_is_placed(firm: Firm) -> None:
    steps.order(firm.buyer, {firm.product.id: 10})
    assert steps.scalar("select gross from orders") == 121


def test_an_order_within_the_limit_only_without_vat_is_refused(firm: Firm) -> None:
    with pytest.raises(OverSpendingLimit):
        steps.order(firm.buyer, {firm.product.id: 11})


def test_the_owner_of_the_company_has_no_limit(firm: Firm) -> None:
    steps.order(firm.owner, {firm.product.id: 90})
    assert steps.scalar("select approved_by from orders") is None


def test_a_shortage_is_told_before_the_limit(firm: Firm) -> None:
    with pytest.raises(Shortage):
        steps.order(firm.buyer, {firm.product.id: 101})


def test_a_question_is_recorded_with_who_how_much_and_why_and_holds_nothing(firm: Firm) -> None:
    firm.ask(note=" for the \0school ")
    [(by, data, told)] = rows("""
        select event.user_id, data, exists (select from outbox where event_id = event.id)
        from event where kind = 'approval_asked'
    """)
    assert (by, told) == (firm.buyer.user_id, True)
    assert data == {"user": firm.buyer.user_id, "gross": "181.50", "note": "for the school"}
    assert steps.available(firm.product.id) == 100


def test_asking_twice_asks_once(firm: Firm) -> None:
    token = steps.fill(firm.buyer, {firm.product.id: 15})
    steps.ask(firm.buyer, token)
    steps.ask(firm.buyer, token)
    assert steps.scalar("select count(*) from event where kind = 'approval_asked'") == 1


def test_what_cannot_or_need_not_be_approved_is_not_asked(firm: Firm) -> None:
    with pytest.raises(EmptyCart):
        steps.ask(firm.buyer, steps.fill(firm.buyer, {}))
    token = steps.fill(firm.buyer, {firm.product.id: 10})
    with pytest.raises(approving.WithinLimit):
        steps.ask(firm.buyer, token)
    steps.fill(firm.buyer, {firm.product.id: 11})
    with pytest.raises(CartChanged), transaction(firm.buyer) as session:
        approving.ask_approval(session, token, steps.NOON, shown_total=Decimal(121))


def test_without_an_owner_nobody_is_asked(firm: Firm) -> None:
    with transaction(SYSTEM) as session:
        set_active(session, firm.owner.user_id or 0, False, steps.NOON)
    with pytest.raises(approving.NobodyApproves):
        steps.ask(firm.buyer, steps.fill(firm.buyer, {firm.product.id: 15}))


def test_the_owner_sees_who_asks_since_when_and_all_of_the_cart_as_it_is_today(firm: Firm) -> None:
    firm.ask(note="for the school")
    with transaction(SYSTEM) as session:
        session.get_one(Product, firm.product.id).list_price = Decimal(20)
        session.execute(text("update stock set on_hand = 14"))
    [shown] = steps.waiting(firm.owner)
    assert (shown.asked_by, shown.cart.asked_at, shown.cart.note) == (firm.buyer.name, steps.NOON, "for the school")
    assert (shown.cart.totals.gross, shown.cart.limit, shown.cart.over) == (363, 121, 242)
    assert [(item.quantity, item.available, item.short) for item in shown.cart.items] == [(15, 14, True)]


def test_the_oldest_question_comes_first(firm: Firm) -> None:
    other = principal_of(make_user(partner_of(firm), role="buyer", spending_limit=Decimal(0)))
    with transaction(other) as session:
        filling.set_quantities(session, {firm.product.id: Decimal(1)})
        token = cart.view_cart(session, steps.NOON).token
        approving.ask_approval(session, token, steps.NOON - timedelta(hours=1))
    firm.ask()
    assert [shown.user_id for shown in steps.waiting(firm.owner)] == [other.user_id, firm.buyer.user_id]


def test_an_approved_cart_is_an_order_of_its_buyer_and_says_who_approved_it(firm: Firm) -> None:
    placed = steps.approve(firm.owner, firm.ask(note="for the school"))
    with transaction(firm.buyer) as session:
        order = order_detail(session, placed.order_id)
    assert (order.order.ordered_by, order.order.approved_by) == (firm.buyer.name, firm.owner.name)
    assert order.order.note == "for the school"
    assert [(entry.kind, entry.by) for entry in order.timeline] == [("order_placed", firm.owner.name)]
    assert steps.available(firm.product.id) == 85
    assert (firm.view().items, firm.view().asked_at, firm.view().note) == ([], None, "")
    steps.assert_invariants()


def test_approving_twice_is_one_order(firm: Firm) -> None:
    shown = firm.ask()
    first, second = steps.approve(firm.owner, shown), steps.approve(firm.owner, shown)
    assert (second.order_id, second.repeated) == (first.order_id, True)


def test_a_refused_cart_goes_back_as_it_was_and_its_buyer_is_told_why(firm: Firm) -> None:
    shown = firm.ask()
    refuse(firm.owner, shown, " too much ")
    [(by, data)] = rows("select user_id, data from event where kind = 'approval_refused'")
    assert (by, data) == (firm.owner.user_id, {"user": firm.buyer.user_id, "reason": "too much"})
    assert firm.view().asked_at is None
    assert [item.quantity for item in firm.view().items] == [15]
    for answer in (refuse, steps.approve):
        with pytest.raises(approving.NotWaiting):
            answer(firm.owner, shown)
    steps.approve(firm.owner, firm.ask())


@pytest.mark.parametrize("quantity", [14, 0])
def test_any_change_of_the_cart_takes_the_question_back(firm: Firm, quantity: int) -> None:
    shown = firm.ask()
    with transaction(firm.buyer) as session:
        assert filling.set_quantities(session, {firm.product.id: Decimal(quantity)})
        assert not filling.set_quantities(session, {firm.product.id: Decimal(quantity)})
    assert steps.waiting(firm.owner) == []
    with pytest.raises(approving.NotWaiting):
        steps.approve(firm.owner, shown)


def test_what_was_shown_before_it_was_asked_anew_cannot_be_approved(firm: Firm) -> None:
    shown = firm.ask()
    firm.ask()
    with pytest.raises(approving.NotWaiting):
        steps.approve(firm.owner, shown)
    assert steps.waiting(firm.owner) != []


def test_a_question_is_taken_back_and_then_not_again(firm: Firm) -> None:
    shown = firm.ask()
    withdraw(firm.buyer)
    assert [item.quantity for item in firm.view().items] == [15]
    with pytest.raises(approving.NotWaiting):
        withdraw(firm.buyer)
    with pytest.raises(approving.NotWaiting):
        steps.approve(firm.owner, shown)


def test_what_is_short_is_not_approved_and_goes_on_waiting(firm: Firm) -> None:
    shown = firm.ask()
    steps.order(make_buyer(), {firm.product.id: 90})
    with pytest.raises(Shortage) as refused:
        steps.approve(firm.owner, shown)
    assert refused.value.lines[0].available == 10
    assert steps.waiting(firm.owner)[0].cart.asked_at == steps.NOON


def test_a_price_that_moved_since_the_owner_looked_is_not_approved(firm: Firm) -> None:
    shown = firm.ask()
    with transaction(SYSTEM) as session:
        session.get_one(Product, firm.product.id).list_price = Decimal(11)
    with pytest.raises(CartChanged):
        steps.approve(firm.owner, shown)
    steps.approve(firm.owner, steps.waiting(firm.owner)[0])
    assert steps.scalar("select net from orders") == 165


def test_a_buyer_whose_limit_was_raised_places_the_waiting_cart_without_the_owner(firm: Firm) -> None:
    firm.ask()
    with transaction(SYSTEM) as session:
        set_role(session, firm.buyer.user_id or 0, "buyer", steps.NOON, spending_limit=Decimal(200))
    steps.place(firm.buyer, firm.view().token)
    assert steps.waiting(firm.owner) == []
    assert steps.scalar("select approved_by from orders") is None


@pytest.mark.parametrize("stop", [
    "update app_user set active = false where id = :buyer",
    "update app_user set role = 'accountant', spending_limit = null where id = :buyer",
])  # fmt: skip
def test_who_may_not_order_any_more_gets_no_order_in_their_name(firm: Firm, stop: str) -> None:
    shown = firm.ask()
    with transaction(SYSTEM) as session:
        session.execute(text(stop), {"buyer": firm.buyer.user_id})
    assert steps.waiting(firm.owner) == []
    with pytest.raises(approving.NotWaiting):
        steps.approve(firm.owner, shown)


def test_only_an_owner_answers_and_only_who_may_order_asks(firm: Firm) -> None:
    shown = firm.ask()
    partner = partner_of(firm)
    for role in ("buyer", "accountant"):
        colleague = principal_of(make_user(partner, role=role))
        for answer in (steps.approve, refuse):
            with pytest.raises(NotAllowed):
                answer(colleague, shown)
        with pytest.raises(NotAllowed):
            steps.waiting(colleague)
    for question in (withdraw, lambda who: steps.ask(who, shown.cart.token)):
        with pytest.raises(NotAllowed):
            question(colleague)


def test_the_owner_of_another_company_neither_sees_nor_answers_it(firm: Firm) -> None:
    shown, stranger = firm.ask(), make_buyer()
    assert steps.waiting(stranger) == []
    for answer in (steps.approve, refuse):
        with pytest.raises(approving.NotWaiting):
            answer(stranger, shown)


def test_the_database_shows_a_cart_to_its_user_and_the_owner_only(firm: Firm) -> None:
    firm.ask()
    colleague = principal_of(make_user(partner_of(firm), role="buyer"))
    for who, seen in [(firm.buyer, 1), (firm.owner, 1), (colleague, 0), (make_buyer(), 0)]:
        with transaction(who) as session:
            for table in ("cart", "cart_line"):
                assert session.execute(text(f"select count(*) from {table}")).scalar_one() == seen


def test_the_database_lets_an_owner_change_only_a_cart_that_asks(firm: Firm) -> None:
    steps.fill(firm.buyer, {firm.product.id: 15})
    changes = ["update cart set token = gen_random_uuid()", "delete from cart", "delete from cart_line"]
    with transaction(firm.owner) as session:
        assert [session.execute(text(change)).rowcount for change in changes] == [0, 0, 0]
    with pytest.raises(DBAPIError, match="permission denied"), transaction(firm.owner) as session:
        session.execute(text("update cart set user_id = :me"), {"me": firm.owner.user_id})
    colleague = make_user(partner_of(firm), role="buyer")
    with pytest.raises(DBAPIError, match="row-level security"), transaction(firm.owner) as session:
        session.execute(
            text("insert into cart (user_id, partner_id) values (:user, :partner)"),
            {"user": colleague.id, "partner": colleague.partner_id},
        )


def rows(statement: str) -> list[tuple[object, ...]]:
    with transaction(SYSTEM) as session:
        return [tuple(row) for row in session.execute(text(statement))]


def partner_of(firm: Firm) -> Partner:
    """The firm's partner, to give it more people."""
    with transaction(SYSTEM) as session:
        return session.get_one(Partner, firm.owner.partner_id)
