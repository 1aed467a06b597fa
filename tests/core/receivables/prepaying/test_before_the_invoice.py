"""Money that comes before there is an invoice counts for the order, then for its invoice, and never twice."""

from datetime import timedelta

import pytest

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders.reviving import revive
from core.principal import SYSTEM, Principal
from core.receivables import payments, prepaying
from core.receivables.balances import balance
from core.receivables.listing import documents_page
from tests.core.documents.steps import TODAY, issue, pay
from tests.core.orders.steps import (
    NOON,
    assert_invariants,
    cancel,
    cancel_part,
    lapse,
    order,
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
)
from tests.factories import make_buyer, make_staff


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
