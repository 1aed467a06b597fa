"""Money that comes after the order lapsed, payments waived, and what happens at once."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders.lifecycle import OrderHasEnded
from core.orders.limits import OverLimits
from core.orders.placing import Shortage
from core.orders.reordering import place_again
from core.orders.reviving import OrderedAgain, PartnerCannotOrder, revive
from core.orders.shipping import NotPaidYet
from core.principal import SYSTEM, Principal
from core.receivables import prepaying
from tests.core.documents.steps import issue
from tests.core.orders.steps import (
    assert_invariants,
    available,
    cancel,
    claim,
    fill,
    lapse,
    order,
    place,
    scalar,
    ship,
    status,
)
from tests.core.receivables.prepaying.steps import (
    LATER,
    PAY_UNTIL,
    events,
    paid,
    prepaid,
    read,
    receive,
    set_partner,
    waive,
)
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once


def test_the_payment_brings_a_lapsed_order_back(accountant: Principal, buyer: Principal) -> None:
    order_id, product = prepaid(buyer, pieces=5)
    lapse(PAY_UNTIL)
    assert available(product) == 5
    outcome = receive(accountant, order_id, "605", LATER)
    assert (outcome.status, outcome.short, outcome.blocked) == ("claimed", [], None)
    assert (read(order_id).paid_at, available(product)) == (LATER, 0)
    assert lapse(LATER + timedelta(days=30)) == 0
    assert_invariants()


def test_part_of_the_money_brings_nothing_back(accountant: Principal, buyer: Principal) -> None:
    order_id, product = prepaid(buyer, pieces=5)
    lapse(PAY_UNTIL)
    assert receive(accountant, order_id, "604.99", LATER).status == "lapsed"
    assert available(product) == 5
    assert receive(accountant, order_id, "0.01", LATER).status == "claimed"
    assert_invariants()


def test_before_the_sweep_it_is_as_after_it(accountant: Principal, buyer: Principal) -> None:
    order_id, product = prepaid(buyer, pieces=5)
    assert receive(accountant, order_id, "5", PAY_UNTIL).status == "lapsed"
    assert available(product) == 5
    assert receive(accountant, order_id, "600", LATER).status == "claimed"
    kinds = [event.kind for event in events(order_id, "order_lapsed", "payment_recorded", "order_revived")]
    assert kinds == ["order_lapsed", "payment_recorded", "payment_recorded", "order_revived"]
    assert_invariants()


def test_in_the_last_moment_is_in_time(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    assert receive(accountant, order_id, "121", PAY_UNTIL - timedelta(microseconds=1)).status == "claimed"
    assert events(order_id, "order_lapsed") == []


def test_what_can_no_longer_be_had_is_said_and_the_money_is_kept(accountant: Principal, buyer: Principal) -> None:
    order_id, product = prepaid(buyer, pieces=5)
    lapse(PAY_UNTIL)
    order(make_buyer(), {product: 2}, LATER)
    outcome = receive(accountant, order_id, "605", LATER)
    assert outcome.status == "lapsed"
    assert [(short.wanted, short.available) for short in outcome.short] == [(5, 3)]
    assert (paid(order_id), available(product)) == (605, 3)
    assert read(order_id).paid_at == LATER
    assert_invariants()


def test_a_block_holds_and_the_money_is_kept(accountant: Principal, buyer: Principal) -> None:
    order_id, product = prepaid(buyer, pieces=5)
    lapse(PAY_UNTIL)
    set_partner(buyer.partner_id, max_order=600)
    outcome = receive(accountant, order_id, "605", LATER)
    assert isinstance(outcome.blocked, OverLimits)
    assert [limit.kind for limit in outcome.blocked.limits] == ["max_order"]
    assert (outcome.status, paid(order_id), available(product)) == ("lapsed", 605, 5)
    assert events(order_id, "order_revived") == []
    assert_invariants()


def test_overdue_invoices_block_what_is_paid_as_well(accountant: Principal) -> None:
    buyer = make_buyer(prepay=True, payment_days=0, overdue_block_days=1)
    issue(prepaid(buyer)[0])
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set overdue_block_days = 0"))
    order_id, _ = prepaid(buyer)
    set_partner(buyer.partner_id, overdue_block_days=1)
    lapse(PAY_UNTIL)
    outcome = receive(accountant, order_id, "121", LATER)
    assert isinstance(outcome.blocked, OverLimits)
    assert outcome.status == "lapsed"


def test_what_is_paid_needs_no_credit_even_where_there_is_none_left(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    issue(prepaid(buyer)[0])
    lapse(PAY_UNTIL)
    set_partner(buyer.partner_id, credit_limit=1)
    assert receive(accountant, order_id, "121", LATER).status == "claimed"


def test_the_order_of_a_partner_on_hold_stays_lapsed_and_the_money_is_kept(
    accountant: Principal, buyer: Principal
) -> None:
    order_id, _ = prepaid(buyer)
    lapse(PAY_UNTIL)
    set_partner(buyer.partner_id, status="on_hold")
    outcome = receive(accountant, order_id, "121", LATER)
    assert isinstance(outcome.blocked, PartnerCannotOrder)
    assert paid(order_id) == 121


def test_a_waived_payment_is_awaited_no_more(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    waive(accountant, order_id)
    found = read(order_id)
    assert (found.prepay, found.pay_deadline, found.pay_warnings) == (False, None, [])
    assert lapse(LATER) == 0
    (event,) = events(order_id, "prepayment_waived")
    assert (event.data, event.user_id) == ({"reason": "an old customer"}, accountant.user_id)
    with pytest.raises(prepaying.NotAwaited):
        waive(accountant, order_id)
    assert_invariants()


def test_waiving_takes_a_reason_and_the_right_to(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    with pytest.raises(prepaying.ReasonMissing):
        waive(accountant, order_id, " \x00 ")
    with pytest.raises(NotAllowed):
        waive(make_staff(role="sales"), order_id)
    with pytest.raises(NotFound):
        waive(accountant, order_id + 1)
    assert read(order_id).prepay


def test_nothing_is_waived_of_what_is_paid_or_over(accountant: Principal, buyer: Principal) -> None:
    settled, late = prepaid(buyer)[0], prepaid(buyer)[0]
    receive(accountant, settled, "121")
    with pytest.raises(prepaying.NotAwaited):
        waive(accountant, settled)
    with pytest.raises(OrderHasEnded):
        waive(accountant, late, as_of=LATER)
    assert status(late) == "claimed"


def test_of_two_payments_of_the_same_money_one_is_refused(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    outcomes = at_once([partial(receive, accountant, order_id, "121")] * 4)
    assert [type(outcome) for outcome in outcomes].count(prepaying.OrderPaid) == 3
    assert paid(order_id) == 121
    assert_invariants()


def test_a_payment_and_the_invoice_at_once_never_lose_the_money(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    outcome, document = at_once([partial(receive, accountant, order_id, "121"), partial(issue, order_id)])
    left = scalar("select open from receivable where document_id = :id", id=document.id)
    on_invoice = scalar("select coalesce(sum(amount), 0) from allocation where document_id = :id", id=document.id)
    # What was paid on the order goes over to its invoice.
    expected = (0, 121) if isinstance(outcome, prepaying.RecordOnInvoice) else (121, 0)
    assert (paid(order_id), on_invoice, left) == (0, *expected)
    assert_invariants()


def test_a_late_payment_and_others_who_order_never_sell_the_last_pieces_twice(
    accountant: Principal, buyer: Principal
) -> None:
    order_id, product = prepaid(buyer, pieces=5)
    lapse(PAY_UNTIL)
    carts = [(who, fill(who, {product: 5})) for who in (make_buyer(), make_buyer())]
    orders = [partial(place, who, token, LATER) for who, token in carts]
    outcome, *placed = at_once([partial(receive, accountant, order_id, "605", LATER), *orders])
    got = [answer for answer in placed if not isinstance(answer, Shortage)]
    assert (outcome.status, len(got)) in (("claimed", 0), ("lapsed", 1))
    assert bool(outcome.short) == (outcome.status == "lapsed")
    assert (available(product), paid(order_id)) == (0, 605)
    assert_invariants()


def test_a_late_payment_and_the_sweep_at_once_end_in_one_way(accountant: Principal, buyer: Principal) -> None:
    order_id, product = prepaid(buyer, pieces=5)
    outcome, _ = at_once([partial(receive, accountant, order_id, "605", LATER), partial(lapse, LATER)])
    assert outcome.status == "claimed"
    assert available(product) == 0
    assert len(events(order_id, "order_lapsed")) == len(events(order_id, "order_revived")) == 1
    assert_invariants()


def test_the_invoice_of_an_order_to_be_paid_first_is_for_who_may_let_it_go_without(
    accountant: Principal, buyer: Principal
) -> None:
    order_id, _product = prepaid(buyer)
    with pytest.raises(NotPaidYet):
        issue(order_id, who=make_staff(role="sales"))
    issue(order_id, who=accountant)


def test_an_order_of_nothing_to_pay_does_not_wait_for_a_payment(accountant: Principal, buyer: Principal) -> None:
    set_partner(buyer.partner_id, prepay=True)
    order_id = order(buyer, {make_product(stock=5, list_price=Decimal(0)).id: 1})
    claim(make_staff(), order_id)
    ship(make_staff(), order_id, LATER)
    assert status(order_id) == "shipped"


def test_an_order_that_was_placed_again_does_not_come_back_besides(accountant: Principal, buyer: Principal) -> None:
    order_id, _product = prepaid(buyer, stock=9)
    lapse(LATER)
    with transaction(buyer) as session:
        again = place_again(session, order_id, LATER).order_id
    outcome = receive(accountant, order_id, str(read(order_id).gross), LATER)
    assert (outcome.status, type(outcome.blocked)) == ("lapsed", OrderedAgain)
    assert str(again) in outcome.blocked.text("ro")
    cancel(buyer, again)
    with transaction(accountant) as session:
        assert revive(session, order_id, LATER) == []
    assert_invariants()


def test_placed_again_and_brought_back_at_once_one_of_both_is_open(accountant: Principal, buyer: Principal) -> None:
    order_id, _product = prepaid(buyer, stock=9)
    lapse(LATER)

    def again() -> int:
        with transaction(buyer) as session:
            return place_again(session, order_id, LATER).order_id

    def back() -> list[Any]:
        with transaction(accountant) as session:
            return revive(session, order_id, LATER)

    at_once([again, back])
    assert scalar("select count(*) from orders where status in ('placed', 'claimed')") == 1
    assert_invariants()


def test_a_paid_order_that_nobody_claims_does_not_lapse(accountant: Principal, buyer: Principal) -> None:
    order_id = order(buyer, {make_product(stock=5).id: 1})
    receive(accountant, order_id, str(read(order_id).gross))
    assert lapse(LATER) == 0
    claim(make_staff(), order_id, LATER)
    assert status(order_id) == "claimed"
