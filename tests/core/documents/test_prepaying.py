"""Money that comes before there is an invoice: it counts for the order, then for its invoice, and never twice."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text

from core.db import transaction
from core.documents import payments, prepaying
from core.documents.prepaying import PaidOutcome, record_order_payment, waive_prepayment
from core.documents.queries import balance, documents_page
from core.errors import NotAllowed, NotFound
from core.events import Event
from core.orders.lifecycle import OrderHasEnded
from core.orders.limits import OverLimits
from core.orders.models import Order
from core.orders.placing import Shortage
from core.orders.reordering import place_again
from core.orders.reviving import OrderedAgain, PartnerCannotOrder, revive
from core.orders.shipping import NotPaidYet
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import TODAY, issue, pay, set_up_company
from tests.core.orders.steps import (
    NOON,
    assert_invariants,
    available,
    cancel,
    cancel_part,
    claim,
    fill,
    lapse,
    order,
    place,
    scalar,
    ship,
    status,
)
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

PAY_UNTIL = NOON + timedelta(hours=48)
LATER = NOON + timedelta(hours=50)


@pytest.fixture
def accountant(database: str) -> Principal:
    set_up_company()
    return make_staff(role="accounting")


@pytest.fixture
def buyer(database: str) -> Principal:
    """Pays before the goods leave."""
    return make_buyer(prepay=True)


def prepaid(buyer: Principal, pieces: int = 1, stock: int = 5) -> tuple[int, int]:
    """A claimed order at 121.00 a piece, and its product."""
    product = make_product(stock=stock, list_price=Decimal(100))
    order_id = order(buyer, {product.id: pieces})
    claim(make_staff(), order_id)
    return order_id, product.id


def receive(who: Principal, order_id: int, amount: str, as_of: datetime = NOON, paid_on: date = TODAY) -> PaidOutcome:
    with transaction(who) as session:
        return record_order_payment(session, order_id, Decimal(amount), paid_on, " OP 7 ", as_of)


def waive(who: Principal, order_id: int, reason: str = "an old customer", as_of: datetime = NOON) -> None:
    with transaction(who) as session:
        waive_prepayment(session, order_id, reason, as_of)


def read(order_id: int) -> Order:
    with transaction(SYSTEM) as session:
        return session.get_one(Order, order_id)


def events(order_id: int, *kinds: str) -> list[Event]:
    wanted = select(Event).where(Event.order_id == order_id, Event.kind.in_(kinds)).order_by(Event.id)
    with transaction(SYSTEM) as session:
        return list(session.scalars(wanted))


def paid(order_id: int) -> Decimal:
    return scalar("select coalesce(sum(amount), 0) from payment where order_id = :id", id=order_id)


def set_partner(partner_id: int | None, **values: Any) -> None:
    with transaction(SYSTEM) as session:
        for name, value in values.items():
            session.execute(
                text(f"update partner set {name} = :value where id = :id"), {"value": value, "id": partner_id}
            )


def test_part_payments_add_up_and_the_last_one_makes_the_order_paid(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    first = receive(accountant, order_id, "21")
    assert (first.status, first.short, first.blocked) == ("claimed", [], None)
    assert read(order_id).paid_at is None
    receive(accountant, order_id, "100", NOON + timedelta(hours=1))
    assert read(order_id).paid_at == NOON + timedelta(hours=1)
    found = events(order_id, "payment_recorded")
    assert [(event.document_id, event.data["amount"]) for event in found] == [(None, "21.00"), (None, "100.00")]
    assert (found[0].data["payment_id"], found[0].user_id) == (first.payment_id, accountant.user_id)
    assert scalar("select distinct reference from payment") == "OP 7"
    assert lapse(LATER) == 0
    assert_invariants()


def test_what_was_paid_before_counts_for_the_invoice(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    receive(accountant, order_id, "21")
    document = issue(order_id)
    with transaction(buyer) as session:
        (row,) = documents_page(session, TODAY).rows
        mine = balance(session, TODAY)
    assert (row.paid, row.open, row.state) == (21, 100, "unpaid")
    assert (mine.paid, mine.unpaid) == (21, 100)
    with pytest.raises(payments.MoreThanOpen):
        pay(document, "100.01")
    pay(document, "100")
    with pytest.raises(payments.NothingOpen):
        pay(document, "0.01")
    with transaction(SYSTEM) as session:
        assert [row.state for row in documents_page(session, TODAY, state="paid").rows] == ["paid"]
        assert documents_page(session, TODAY, state="unpaid").rows == []
    assert_invariants()


def test_an_invoice_of_an_order_that_was_paid_before_is_paid_at_once(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    receive(accountant, order_id, "121")
    document = issue(order_id)
    with pytest.raises(payments.NothingOpen):
        pay(document, "1")
    assert_invariants()


def test_more_than_is_invoiced_in_the_end_leaves_nothing_open_and_no_debt(
    accountant: Principal, buyer: Principal
) -> None:
    order_id, _ = prepaid(buyer, pieces=2)
    receive(accountant, order_id, "242")
    cancel_part(make_staff(), order_id, {1: 1})
    issue(order_id)
    with transaction(SYSTEM) as session:
        (row,) = documents_page(session, TODAY).rows
    assert (row.gross, row.paid, row.open, row.state) == (121, 121, 0, "paid")
    assert_invariants()


def test_on_an_invoiced_order_it_is_said_where_the_money_goes(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    issue(order_id)
    with pytest.raises(prepaying.RecordOnInvoice) as refusal:
        receive(accountant, order_id, "121")
    assert "FCT 00001" in refusal.value.text("ro")
    assert paid(order_id) == 0


@pytest.mark.parametrize("amount", ["0", "-1", "1.005", "NaN", "Infinity"])
def test_an_amount_that_is_no_payment_is_refused(accountant: Principal, buyer: Principal, amount: str) -> None:
    order_id, _ = prepaid(buyer)
    with pytest.raises(payments.AmountNotValid):
        receive(accountant, order_id, amount)


def test_more_than_is_to_be_paid_is_refused_with_what_is(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    receive(accountant, order_id, "100")
    with pytest.raises(prepaying.MoreThanToPay) as refusal:
        receive(accountant, order_id, "21.01")
    assert "21,00\N{NO-BREAK SPACE}lei" in refusal.value.text("ro")
    receive(accountant, order_id, "21")
    with pytest.raises(prepaying.OrderPaid):
        receive(accountant, order_id, "0.01")
    assert paid(order_id) == 121


def test_money_does_not_arrive_tomorrow_nor_for_what_was_cancelled(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    with pytest.raises(payments.PaidInFuture):
        receive(accountant, order_id, "1", paid_on=TODAY + timedelta(days=1))
    cancel(make_staff(), order_id)
    with pytest.raises(prepaying.OrderCancelled):
        receive(accountant, order_id, "1")
    assert paid(order_id) == 0


def test_only_who_records_payments_does_and_only_on_what_exists(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer)
    for who in (buyer, make_staff(role="sales")):
        with pytest.raises(NotAllowed):
            receive(who, order_id, "1")
    with pytest.raises(NotFound):
        receive(accountant, order_id + 1, "1")


def test_what_was_shipped_and_has_no_invoice_yet_can_be_paid(accountant: Principal) -> None:
    order_id, _ = prepaid(make_buyer())
    ship(make_staff(), order_id)
    assert receive(accountant, order_id, "121").status == "shipped"
    assert_invariants()


def test_what_came_in_is_enough_for_what_is_left_of_the_order(accountant: Principal, buyer: Principal) -> None:
    order_id, _ = prepaid(buyer, pieces=2)
    receive(accountant, order_id, "121")
    cancel_part(make_staff(), order_id, {1: 1}, as_of=LATER - timedelta(days=2))
    assert read(order_id).paid_at == LATER - timedelta(days=2)
    assert lapse(LATER) == 0
    assert_invariants()


def test_what_came_in_is_enough_for_what_is_there_of_a_lapsed_order(accountant: Principal, buyer: Principal) -> None:
    order_id, product = prepaid(buyer, pieces=2, stock=2)
    receive(accountant, order_id, "121")
    lapse(PAY_UNTIL)
    order(make_buyer(), {product: 1}, LATER)
    with transaction(accountant) as session:
        assert len(revive(session, order_id, LATER, partly=True)) == 1
    found = read(order_id)
    assert (found.status, found.gross, found.paid_at) == ("claimed", 121, LATER)
    lapse(LATER + timedelta(days=30))
    assert status(order_id) == "claimed"
    assert_invariants()


# Too late.


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


# Waiving.


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


# At the same moment.


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
    if isinstance(outcome, prepaying.RecordOnInvoice):
        assert (paid(order_id), left) == (0, 121)
    else:
        assert (paid(order_id), left) == (121, 0)
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
