"""What paid a document, and what belongs to it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.db import transaction
from core.documents.annulling import annul
from core.documents.storno import storno
from core.errors import NotAllowed, NotFound
from core.principal import SYSTEM, Principal
from core.receivables import crediting, payments, undoing, writing_off
from core.receivables.details import Detail, document_detail, next_due
from core.receivables.prepaying import record_order_payment
from core.receivables.receipts import issue_receipt
from tests.core.documents.steps import TODAY, claimed_order, invoice, issue, pay, set_up_company
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_partner, make_user, principal_of


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def detail(who: Principal, document_id: int, days: int = 0) -> Detail:
    with transaction(who) as session:
        return document_detail(session, document_id, TODAY + timedelta(days=days))


def rows(found: Detail) -> list[tuple[str, Decimal]]:
    return [(row.kind, row.amount) for row in found.paid_by]


def test_part_payments_stand_with_their_days_and_texts() -> None:
    buyer = make_buyer(payment_days=10)
    document = invoice(buyer)
    pay(document, "50", paid_on=TODAY - timedelta(days=1))
    pay(document, "21")
    found = detail(buyer, document.id, days=22)
    assert [(row.day, row.kind, row.amount, row.method, row.reference) for row in found.paid_by] == [
        (TODAY - timedelta(days=1), "payment", 50, "bank", "OP 1"), (TODAY, "payment", 21, "bank", "OP 1"),
    ]  # fmt: skip
    assert (found.paid, found.open, found.overdue_days) == (71, 50, 12)


def test_a_payment_that_was_undone_stays_with_what_undid_it() -> None:
    buyer = make_buyer()
    document = invoice(buyer)
    with transaction(SYSTEM) as session:
        paid = payments.record_payment(session, document.partner_id, Decimal(121), TODAY, NOON)
        undoing.undo_payment(session, paid.id, "mistake", NOON + timedelta(days=2))
    found = detail(buyer, document.id)
    assert rows(found) == [("payment", 121), ("undone", -121)]
    assert found.paid_by[1].day == TODAY + timedelta(days=2)
    assert (found.paid, found.open) == (0, 121)


def test_a_storno_credit_and_giving_up_are_told_apart_from_money() -> None:
    buyer = make_buyer()
    first, second, third = invoice(buyer), invoice(buyer), invoice(buyer)
    with transaction(SYSTEM) as session:
        payments.record_payment(session, buyer.partner_id, Decimal(121), TODAY, NOON, pays={first.id: Decimal(121)})
        back = storno(session, first.id, "returned", NOON + timedelta(days=1))
        crediting.use_credit(session, second.id, NOON + timedelta(days=2))
        writing_off.write_off(session, third.id, "lost", NOON + timedelta(days=3))
    assert rows(detail(buyer, first.id)) == [("payment", 121)]
    assert [(row.kind, row.amount, row.number) for row in detail(buyer, second.id).paid_by] == [
        ("credit", 121, back.full_number)
    ]
    assert rows(detail(buyer, third.id)) == [("write_off", 121)]
    assert [(row.kind, row.number) for row in detail(buyer, first.id).related] == [("storno", back.full_number)]
    assert [row.id for row in detail(buyer, back.id).related] == [first.id]


def test_a_storno_pays_what_was_open_of_its_invoice() -> None:
    buyer = make_buyer()
    document = invoice(buyer)
    with transaction(SYSTEM) as session:
        back = storno(session, document.id, "returned", NOON)
    found = detail(buyer, document.id)
    assert [(row.kind, row.amount, row.number) for row in found.paid_by] == [("storno", 121, back.full_number)]
    assert found.open == 0


def test_money_that_came_before_the_invoice_is_said_to_have_come_ahead() -> None:
    buyer = make_buyer(prepay=True)
    order_id = claimed_order(buyer)
    with transaction(SYSTEM) as session:
        record_order_payment(session, order_id, Decimal(121), TODAY, "OP 7", NOON)
    document = issue(order_id, NOON + timedelta(days=1))
    assert rows(detail(buyer, document.id)) == [("ahead", 121)]


def test_a_receipt_and_the_invoice_that_it_is_for_lead_to_each_other() -> None:
    buyer = make_buyer()
    document = invoice(buyer)
    with transaction(SYSTEM) as session:
        paid = payments.record_payment(session, document.partner_id, Decimal(21), TODAY, NOON, method="cash")
        receipt = issue_receipt(session, paid.id, NOON)
    assert [row.id for row in detail(buyer, document.id).related] == [receipt.id]
    assert [row.id for row in detail(buyer, receipt.id).related] == [document.id]


def test_an_annulled_invoice_says_why_and_owes_nothing() -> None:
    buyer = make_buyer()
    document = invoice(buyer)
    with transaction(SYSTEM) as session:
        annul(session, document.id, "wrong firm", NOON)
    found = detail(buyer, document.id)
    assert (found.annulled, found.owed, found.open, found.paid) == ("wrong firm", False, 0, 0)


def test_another_partners_document_is_as_absent_as_one_that_never_was() -> None:
    document = invoice(make_buyer())
    stranger = make_buyer()
    for guessed in (document.id, 999_999, 0, -1, 10**15):
        with pytest.raises(NotFound):
            detail(stranger, guessed)


def test_who_may_not_see_documents_sees_no_details() -> None:
    document = invoice()
    with pytest.raises(NotAllowed):
        detail(principal_of(make_user(make_partner(), role="buyer")), document.id)


def test_the_next_day_to_pay_is_the_partners_own() -> None:
    buyer = make_buyer(payment_days=10)
    invoice(buyer)
    invoice(make_buyer(payment_days=1))
    with transaction(buyer) as session:
        assert next_due(session, TODAY) == (TODAY + timedelta(days=10), Decimal(121))
        assert next_due(session, TODAY + timedelta(days=11)) is None
