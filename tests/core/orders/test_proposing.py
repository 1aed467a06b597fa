"""Staff propose a smaller quantity or a substitute, the partner accepts or refuses, and nothing changes silently."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders import proposing
from core.orders.filling import BadQuantity
from core.orders.lifecycle import DeadlinePassed, NotClaimedYet, OrderHasEnded
from core.orders.limits import OverLimits
from core.orders.placing import PartnerMayNotOrder
from core.orders.shipping import NotPaidYet
from core.partners.models import Partner
from core.pricing.quoting import kept_explanation
from core.principal import SYSTEM
from core.receivables.prepaying import record_order_payment
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def line_of(order_id: int, product_id: int) -> int:
    statement = "select id from order_line where order_id = :order and product_id = :product"
    return steps.scalar(statement, order=order_id, product=product_id)


def claimed(buyer, staff, quantities) -> int:
    order_id = steps.order(buyer, quantities)
    steps.claim(staff, order_id)
    return order_id


def propose(staff, order_id: int, product, keep, **more) -> int:
    with transaction(staff) as session:
        line = line_of(order_id, product.id)
        return proposing.propose(session, order_id, line, Decimal(keep), steps.NOON, **more)


def answer(buyer, proposal: int, accept: bool = True, as_of=steps.NOON) -> None:
    with transaction(buyer) as session:
        proposing.answer(session, proposal, accept, as_of)


def rows(principal, order_id: int) -> list[proposing.ProposalRow]:
    with transaction(principal) as session:
        return proposing.proposals(session, order_id)


def totals(order_id: int) -> list[Decimal]:
    return steps.scalar("select array[net, vat, gross] from orders where id = :id", id=order_id)


def events(order_id: int) -> list[str]:
    return steps.scalar("select array_agg(kind order by id) from event where order_id = :id", id=order_id)


def test_a_proposal_alone_changes_nothing_and_holds_what_was_held():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    propose(staff, order_id, cable, 5, reason="only five are good")
    assert steps.available(cable.id) == 2
    assert totals(order_id)[0] == 80
    [row] = rows(buyer, order_id)
    assert (row.keep, row.billable, row.net_change, row.answer, row.reason) == (5, 8, -30, None, "only five are good")


def test_what_is_accepted_goes_back_to_stock_and_off_the_total():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    answer(buyer, propose(staff, order_id, cable, 5))
    assert steps.available(cable.id) == 5
    assert totals(order_id) == [Decimal("50.00"), Decimal("10.50"), Decimal("60.50")]
    assert [row.answer for row in rows(staff, order_id)] == ["accepted"]
    assert events(order_id)[-2:] == ["change_proposed", "change_answered"]
    steps.assert_invariants()


def test_what_is_refused_stays_as_it_was_ordered():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    answer(buyer, propose(staff, order_id, cable, 5), accept=False)
    assert (steps.available(cable.id), totals(order_id)[0]) == (2, 80)
    propose(staff, order_id, cable, 6)
    assert [row.answer for row in rows(buyer, order_id)] == ["refused", None]


def test_a_substitute_comes_at_the_price_that_was_proposed_and_is_held():
    buyer = make_buyer(discount=Decimal(10))
    staff, cable = make_staff(), make_product(stock=10)
    better = make_product(stock=4, sku="BETTER", list_price=Decimal(20))
    order_id = claimed(buyer, staff, {cable.id: 8})
    proposal = propose(staff, order_id, cable, 5, sku="BETTER", quantity=Decimal(3))
    with transaction(SYSTEM) as session:
        session.get_one(type(better), better.id).list_price = Decimal(99)
    answer(buyer, proposal)
    assert (steps.available(cable.id), steps.available(better.id)) == (5, 1)
    assert totals(order_id)[0] == 5 * 9 + 3 * 18
    line = "select array[quantity, unit_price] from order_line where replaces = :line"
    assert steps.scalar(line, line=line_of(order_id, cable.id)) == [3, 18]
    kept = kept_explanation(steps.scalar("select price_rule from order_line where replaces is not null"))
    assert [(step.name, step.net, step.taken) for step in kept.steps] == [
        ("own_discount", 18, True), ("base", 20, False),
    ]  # fmt: skip
    steps.assert_invariants()


def test_a_substitute_that_was_sold_meanwhile_is_refused_with_what_is_left_and_the_question_stays():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    better = make_product(stock=4, sku="BETTER", name="Better cable")
    order_id = claimed(buyer, staff, {cable.id: 8})
    proposal = propose(staff, order_id, cable, 0, sku="BETTER", quantity=Decimal(3))
    steps.order(make_buyer(), {better.id: 2})
    with pytest.raises(proposing.SubstituteGone) as refusal:
        answer(buyer, proposal)
    assert "Of Better cable only 2 are left" in refusal.value.text("en")
    assert [row.answer for row in rows(buyer, order_id)] == [None]
    assert steps.available(cable.id) == 2


def test_an_order_that_grows_by_a_substitute_stays_within_the_credit():
    partner = make_partner(credit_limit=Decimal(100))
    buyer, staff, cable = principal_of(make_user(partner)), make_staff(), make_product(stock=10)
    make_product(stock=4, sku="BETTER", list_price=Decimal(90))
    order_id = claimed(buyer, staff, {cable.id: 5})
    proposal = propose(staff, order_id, cable, 0, sku="BETTER", quantity=Decimal(1))
    with pytest.raises(OverLimits) as refusal:
        answer(buyer, proposal)
    assert [(limit.kind, limit.used, limit.this) for limit in refusal.value.limits] == [
        ("credit_limit", 0, Decimal("108.90"))
    ]
    assert (totals(order_id)[0], steps.available(cable.id)) == (50, 5)


def test_a_smaller_order_is_accepted_even_by_who_is_over_the_limits():
    partner = make_partner()
    buyer, staff, cable = principal_of(make_user(partner)), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    with transaction(SYSTEM) as session:
        session.get_one(Partner, partner.id).credit_limit = Decimal(1)
    answer(buyer, propose(staff, order_id, cable, 7))
    assert totals(order_id)[0] == 70


def test_when_everything_is_dropped_the_order_is_cancelled_with_its_totals_kept():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    answer(buyer, propose(staff, order_id, cable, 0))
    assert steps.status(order_id) == "cancelled"
    assert totals(order_id)[0] == 80
    assert steps.available(cable.id) == 10
    assert events(order_id)[-1] == "order_cancelled"
    steps.assert_invariants()


def test_only_a_claimed_order_gets_proposals():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = steps.order(buyer, {cable.id: 8})
    with pytest.raises(NotClaimedYet):
        propose(staff, order_id, cable, 5)
    steps.cancel(staff, order_id)
    with pytest.raises(OrderHasEnded):
        propose(staff, order_id, cable, 5)


@pytest.mark.parametrize("keep", ["8", "9", "-1", "NaN", "1.0001"])
def test_a_proposal_is_for_less_than_was_ordered(keep):
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    with pytest.raises(proposing.NothingProposed):
        propose(staff, order_id, cable, keep)


def test_an_unknown_substitute_the_same_product_or_no_quantity_is_refused():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10, sku="CABLE")
    make_product(sku="GONE", active=False)
    order_id = claimed(buyer, staff, {cable.id: 8})
    for sku in ("CABLE", "GONE", "cable", "a\0b"):
        with pytest.raises(proposing.UnknownSubstitute):
            propose(staff, order_id, cable, 5, sku=sku, quantity=Decimal(1))
    for quantity in (None, Decimal(0), Decimal("NaN")):
        with pytest.raises(BadQuantity):
            propose(staff, order_id, cable, 5, sku="CABLE", quantity=quantity)


def test_one_proposal_waits_per_line_and_can_be_withdrawn():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    first = propose(staff, order_id, cable, 5)
    with pytest.raises(proposing.ProposalWaits):
        propose(staff, order_id, cable, 4)
    with transaction(staff) as session:
        proposing.withdraw(session, first, steps.NOON)
    with pytest.raises(proposing.ProposalOver):
        answer(buyer, first)
    propose(staff, order_id, cable, 4)


def test_another_partner_neither_sees_nor_answers_it_and_staff_do_not_answer_for_the_partner():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    proposal, stranger = propose(staff, order_id, cable, 5), make_buyer()
    assert rows(stranger, order_id) == []
    with pytest.raises(NotFound):
        answer(stranger, proposal)
    with pytest.raises(NotAllowed):
        answer(staff, proposal)


def test_a_cancelled_order_answers_no_proposal():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    proposal = propose(staff, order_id, cable, 5)
    steps.cancel(staff, order_id)
    with pytest.raises((OrderHasEnded, proposing.ProposalOver)):
        answer(buyer, proposal)
    steps.assert_invariants()


def test_accepted_and_refused_at_once_counts_one_answer():
    partner = make_partner()
    owners = [principal_of(make_user(partner)) for _ in range(2)]
    staff, cable = make_staff(), make_product(stock=10)
    order_id = claimed(owners[0], staff, {cable.id: 8})
    proposal = propose(staff, order_id, cable, 5)
    results = at_once([
        lambda: answer(owners[0], proposal, True), lambda: answer(owners[1], proposal, False),
        lambda: answer(owners[1], proposal, True),
    ])  # fmt: skip
    assert results.count(None) == 1
    assert all(isinstance(result, proposing.ProposalOver) for result in results if result is not None)
    taken = rows(staff, order_id)[0].answer == "accepted"
    assert steps.available(cable.id) == (5 if taken else 2)
    steps.assert_invariants()


def test_accepted_while_others_buy_the_substitute_is_never_sold_twice():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    better = make_product(stock=4, sku="BETTER")
    order_id = claimed(buyer, staff, {cable.id: 8})
    proposal = propose(staff, order_id, cable, 0, sku="BETTER", quantity=Decimal(3))
    others = [make_buyer() for _ in range(4)]
    carts = [(other, steps.fill(other, {better.id: 2, cable.id: 1})) for other in others]
    at_once([
        lambda: answer(buyer, proposal), *(lambda o=other, t=token: steps.place(o, t) for other, token in carts)
    ])  # fmt: skip
    assert steps.available(better.id) >= 0
    steps.assert_invariants()


def test_the_mail_about_a_proposal_is_waiting_to_be_written():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    answer(buyer, propose(staff, order_id, cable, 5), as_of=steps.NOON + timedelta(hours=1))
    told = "select count(*) from outbox join event on event.id = event_id where kind like 'change_%'"
    assert steps.scalar(told) == 2


def paid_in_advance(staff, order_id: int) -> None:
    gross = totals(order_id)[2]
    with transaction(staff) as session:
        record_order_payment(session, order_id, gross, steps.NOON.date(), "OP 1", steps.NOON)


def test_a_paid_order_that_grows_is_to_be_paid_again_before_it_leaves_and_has_time_for_it():
    buyer = principal_of(make_user(make_partner(prepay=True)))
    staff, cable = make_staff(), make_product(stock=10)
    make_product(stock=4, sku="DEAR", list_price=Decimal(900))
    order_id = claimed(buyer, staff, {cable.id: 8})
    paid_in_advance(staff, order_id)
    later = steps.NOON + timedelta(hours=40)
    answer(buyer, propose(staff, order_id, cable, 0, sku="DEAR", quantity=Decimal(1)), as_of=later)
    with pytest.raises(NotPaidYet):
        steps.ship(staff, order_id, later)
    until = steps.scalar("select pay_deadline from orders where id = :id", id=order_id)
    assert until == later + timedelta(hours=48)
    assert steps.lapse(until) == 1
    steps.assert_invariants()


def test_what_was_paid_in_advance_asks_for_no_credit_when_the_order_grows():
    buyer = principal_of(make_user(make_partner(credit_limit=Decimal(100), prepay=True)))
    staff, cable = make_staff(), make_product(stock=10)
    make_product(stock=4, sku="DEAR", list_price=Decimal(88))
    order_id = claimed(buyer, staff, {cable.id: 8})
    paid_in_advance(staff, order_id)
    answer(buyer, propose(staff, order_id, cable, 0, sku="DEAR", quantity=Decimal(1)))
    assert totals(order_id)[2] == Decimal("106.48")


def test_a_buyer_does_not_pass_the_spending_limit_by_an_answer_and_the_owner_does():
    partner = make_partner()
    buyer = principal_of(make_user(partner, role="buyer", spending_limit=Decimal(100)))
    owner, staff, cable = principal_of(make_user(partner)), make_staff(), make_product(stock=10)
    make_product(stock=4, sku="DEAR", list_price=Decimal(900))
    order_id = claimed(buyer, staff, {cable.id: 8})
    proposal = propose(staff, order_id, cable, 0, sku="DEAR", quantity=Decimal(1))
    with pytest.raises(proposing.OwnerMustAnswer, match="spending limit"):
        answer(buyer, proposal)
    answer(owner, proposal)
    assert totals(order_id)[0] == 900


def test_limits_of_pieces_hold_for_a_cheaper_substitute_too():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=10, list_price=Decimal(100))
    make_product(stock=90, sku="CHEAP", list_price=Decimal(1), max_per_order=Decimal(5))
    order_id = claimed(buyer, staff, {cable.id: 2})
    with pytest.raises(OverLimits) as refusal:
        answer(buyer, propose(staff, order_id, cable, 0, sku="CHEAP", quantity=Decimal(50)))
    assert [limit.kind for limit in refusal.value.limits] == ["max_per_order"]


def test_a_partner_on_hold_may_make_its_order_smaller_but_not_larger():
    partner = make_partner()
    buyer, staff, cable = principal_of(make_user(partner)), make_staff(), make_product(stock=10)
    make_product(stock=4, sku="DEAR", list_price=Decimal(900))
    order_id = claimed(buyer, staff, {cable.id: 8})
    with transaction(SYSTEM) as session:
        session.get_one(Partner, partner.id).status = "on_hold"
    larger = propose(staff, order_id, cable, 0, sku="DEAR", quantity=Decimal(1))
    with pytest.raises(PartnerMayNotOrder):
        answer(buyer, larger)
    answer(buyer, larger, accept=False)
    answer(buyer, propose(staff, order_id, cable, 7))
    assert totals(order_id)[0] == 70


def test_what_an_accepted_proposal_sets_free_goes_to_who_waits_for_it():
    buyer, staff, cable = make_buyer(), make_staff(), make_product(stock=8, backorder=True)
    order_id = claimed(buyer, staff, {cable.id: 8})
    waiting = steps.order(make_buyer(), {cable.id: 3})
    answer(buyer, propose(staff, order_id, cable, 6))
    assert steps.scalar("select array[held, waiting] from line_state where order_id = :id", id=waiting) == [2, 1]


def test_after_its_time_to_pay_an_order_answers_no_proposal():
    buyer = principal_of(make_user(make_partner(prepay=True)))
    staff, cable = make_staff(), make_product(stock=10)
    order_id = claimed(buyer, staff, {cable.id: 8})
    proposal = propose(staff, order_id, cable, 5)
    with pytest.raises(DeadlinePassed):
        answer(buyer, proposal, as_of=steps.NOON + timedelta(hours=48))
