"""Advance invoices of orders that lapsed or were cancelled: taken back by the system, once, or staff read why not."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from core import clock
from core.db import transaction
from core.documents import advances, ended_orders
from core.documents.models import Document
from core.documents.numbering import NoSeries
from core.documents.storno import storno
from core.orders import queries, reviving
from core.principal import SYSTEM, Principal
from core.receivables import overdue, undoing
from core.receivables.crediting import credit_of
from core.receivables.models import Payment
from core.receivables.prepaying import record_order_payment
from tests.core.documents.steps import TODAY, issue, set_up_company
from tests.core.orders.steps import (
    NOON,
    assert_invariants,
    cancel,
    claim,
    events,
    lapse,
    order,
    scalar,
    somebody_waits_for,
    status,
)
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once
from workers import jobs

LATER = NOON + timedelta(days=3)


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def paid_ahead(buyer: Principal, amount: str = "60.50") -> tuple[int, Document]:
    """A waiting order of 121 lei on which so much was paid, and the invoice of that."""
    order_id = order(buyer, {make_product(stock=10, list_price=Decimal(100)).id: 1})
    with transaction(SYSTEM) as session:
        record_order_payment(session, order_id, Decimal(amount), TODAY, "OP 1", NOON)
    return order_id, advance(order_id)


def advance(order_id: int) -> Document:
    with transaction(SYSTEM) as session:
        return advances.issue_advance(session, order_id, NOON)


def waiting() -> list[int]:
    with transaction(SYSTEM) as session:
        return ended_orders.advances_to_take_back(session)


def take_back(document: Document) -> Document | None:
    with transaction(SYSTEM) as session:
        return ended_orders.take_back(session, document.id, LATER)


def stornos() -> list[tuple[int | None, Decimal, str]]:
    """What each refers to, its gross and its note."""
    with transaction(SYSTEM) as session:
        found = session.scalars(select(Document).filter_by(kind="storno").order_by(Document.id))
        return [(one.refers_to, one.gross, one.note) for one in found]


def credit(buyer: Principal) -> Decimal:
    with transaction(SYSTEM) as session:
        return credit_of(session, buyer.partner_id)


def close_series(closed: bool = True) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text("update document_series set closed = :closed"), {"closed": closed})


def unpay() -> None:
    """Every payment is taken back."""
    with transaction(SYSTEM) as session:
        for payment in session.scalars(select(Payment).where(Payment.undoes.is_(None))).all():
            undoing.undo_payment(session, payment.id, "wrong partner", NOON)


@pytest.fixture
def at_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)


def lapsed(order_id: int) -> str:
    assert lapse(LATER) >= 1
    return f"Comanda {order_id} a expirat."


def cancelled(order_id: int) -> str:
    cancel(make_staff(), order_id)
    return f"Comanda {order_id} a fost anulată."


@pytest.mark.parametrize("end", [lapsed, cancelled])
def test_when_an_order_ends_its_advance_is_taken_back_and_what_was_paid_is_credit(
    end: Callable[[int], str], at_later: None
) -> None:
    buyer = make_buyer()
    order_id, document = paid_ahead(buyer)
    jobs.take_back_advances()
    assert stornos() == []
    reason = end(order_id)
    jobs.take_back_advances()
    jobs.take_back_advances()
    assert stornos() == [(document.id, Decimal("-60.50"), reason)]
    assert (waiting(), credit(buyer)) == ([], Decimal("60.50"))
    assert [said["original"] for said in events(order_id, "storno_issued")] == [document.full_number]
    told = "select count(*) from outbox join event on event.id = event_id where kind = 'storno_issued'"
    assert scalar(told) == 1
    assert scalar("select issued_on from document where kind = 'storno'") == LATER.date()
    assert_invariants()


def test_an_advance_that_was_not_paid_after_all_is_no_debt_once_its_order_has_ended(at_later: None) -> None:
    order_id, _document = paid_ahead(buyer := make_buyer())
    unpay()
    cancelled(order_id)
    jobs.take_back_advances()
    assert (scalar("select sum(open) from receivable"), credit(buyer)) == (0, 0)
    assert_invariants()


def test_reminders_never_name_the_advance_of_an_order_that_has_ended() -> None:
    buyer = make_buyer(payment_days=0)
    order_id, document = paid_ahead(buyer)
    unpay()
    late = TODAY + timedelta(days=40)

    def named() -> list[int]:
        with transaction(SYSTEM) as session:
            found = overdue.overdue_of(session, buyer.partner_id or 0, late)
            return [invoice.document_id for invoice in found.invoices] if found else []

    assert named() == [document.id]
    lapsed(order_id)
    assert named() == []  # also before the system has come by
    take_back(document)
    assert named() == []


def test_an_order_that_goes_on_or_whose_goods_are_invoiced_keeps_its_advance() -> None:
    going, document = paid_ahead(make_buyer())
    claim(make_staff(), going)
    issue(going)
    with transaction(SYSTEM) as session:  # however it came to that
        session.execute(text("update orders set status = 'cancelled', ended_at = :at"), {"at": NOON})
    assert waiting() == []
    assert take_back(document) is None
    assert stornos() == []


def test_what_was_taken_back_in_part_by_hand_is_taken_back_to_its_end(at_later: None) -> None:
    order_id, document = paid_ahead(make_buyer())
    second = advance_of_the_rest(order_id)
    cancelled(order_id)
    with transaction(SYSTEM) as session:
        storno(session, document.id, "by hand", LATER)
    jobs.take_back_advances()
    assert [(refers, gross) for refers, gross, _note in stornos()] == [
        (document.id, Decimal("-60.50")), (second.id, Decimal("-60.50")),
    ]  # fmt: skip
    assert_invariants()


def advance_of_the_rest(order_id: int) -> Document:
    with transaction(SYSTEM) as session:
        record_order_payment(session, order_id, Decimal("60.50"), TODAY, "OP 2", NOON)
    return advance(order_id)


def test_two_workers_at_once_take_each_advance_back_once(at_later: None) -> None:
    documents = []
    for _ in range(4):
        order_id, document = paid_ahead(make_buyer())
        cancelled(order_id)
        documents.append(document.id)
    assert [error for error in at_once([jobs.take_back_advances] * 3) if error] == []
    assert sorted(refers for refers, _gross, _note in stornos() if refers) == documents
    assert scalar("select count(*) from event where kind = 'advance_kept'") == 0
    assert scalar("select array_agg(distinct number) = array[1, 2, 3, 4, 5, 6, 7, 8] from document")
    assert_invariants()


def test_an_order_that_comes_back_while_the_system_waits_for_it_keeps_its_advance() -> None:
    order_id, document = paid_ahead(make_buyer())
    lapsed(order_id)
    outcome: list[Any] = []
    with transaction(SYSTEM) as session:
        reviving.revive(session, order_id, LATER)
        worker = threading.Thread(target=lambda: outcome.append(take_back(document)))
        worker.start()
        assert somebody_waits_for(session)
    worker.join()
    assert (outcome, stornos(), status(order_id)) == ([None], [], "placed")


def test_a_refusal_is_told_to_staff_once_stops_no_other_and_is_tried_again(at_later: None) -> None:
    staff, buyer = make_staff(), make_buyer()
    order_id, document = paid_ahead(buyer)
    cancelled(order_id)
    close_series()
    jobs.take_back_advances()
    jobs.take_back_advances()
    with transaction(staff) as session:
        (standing,) = ended_orders.standing_advances(session, order_id)
    assert (standing.number, standing.why["en"]) == (document.full_number, NoSeries.message)
    assert standing.why["ro"] != NoSeries.message
    assert len(events(order_id, "advance_kept")) == 1
    with transaction(buyer) as session:
        assert "advance_kept" not in [entry.kind for entry in queries.order_detail(session, order_id).timeline]
    close_series(False)
    jobs.take_back_advances()
    assert [refers for refers, _gross, _note in stornos()] == [document.id]
    with transaction(staff) as session:
        assert ended_orders.standing_advances(session, order_id) == []
    assert_invariants()


def test_one_that_the_database_refuses_stops_no_other(at_later: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (bad, wrong), (good, right) = paid_ahead(make_buyer()), paid_ahead(make_buyer())
    for order_id in (bad, good):
        cancelled(order_id)
    whole = ended_orders.storno

    def refuse(session: Any, document_id: int, *rest: Any) -> Document:
        if document_id == wrong.id:
            session.execute(text("select 1 / 0"))
        return whole(session, document_id, *rest)

    monkeypatch.setattr(ended_orders, "storno", refuse)
    jobs.take_back_advances()
    assert [refers for refers, _gross, _note in stornos()] == [right.id]
    assert waiting() == [wrong.id]
