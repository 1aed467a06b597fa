from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import select

from core.db import transaction
from core.documents.models import Document
from core.errors import NotAllowed, NotFound
from core.events import Event
from core.principal import SYSTEM
from core.receivables import payments
from tests.core.documents.steps import TODAY, invoice, pay, set_up_company
from tests.core.orders.steps import scalar
from tests.factories import make_buyer, make_staff
from tests.threads import at_once


@pytest.fixture
def document(database: str) -> Document:
    """An invoice of 121.00."""
    set_up_company()
    return invoice()


def paid() -> Decimal:
    total: Decimal = scalar("select coalesce(sum(amount), 0) from payment")
    return total


def test_part_payments_add_up_to_the_invoice_and_then_nothing_is_open(document: Document) -> None:
    pay(document, "21.50")
    pay(document, "99.50")
    assert paid() == document.gross
    with pytest.raises(payments.NothingOpen):
        pay(document, "0.01")


def test_more_than_is_open_is_refused_with_the_open_amount(document: Document) -> None:
    pay(document, "100")
    with pytest.raises(payments.MoreThanOpen) as refusal:
        pay(document, "21.01")
    assert "21,00\N{NO-BREAK SPACE}lei" in refusal.value.text("ro")
    assert paid() == 100


@pytest.mark.parametrize("amount", ["0", "-5", "1.005", "NaN"])
def test_an_amount_that_is_no_payment_is_refused(document: Document, amount: str) -> None:
    with pytest.raises(payments.AmountNotValid):
        pay(document, amount)


def test_a_payment_cannot_arrive_tomorrow(document: Document) -> None:
    with pytest.raises(payments.PaidInFuture):
        pay(document, "10", TODAY + timedelta(days=1))


def test_only_staff_record_payments_and_only_on_documents_that_exist(document: Document) -> None:
    with pytest.raises(NotAllowed):
        pay(document, "10", who=make_buyer())
    with pytest.raises(NotFound):
        pay(Document(id=0), "10")


def test_a_payment_is_written_in_the_history(document: Document) -> None:
    staff = make_staff()
    pay(document, "10", who=staff)
    with transaction(SYSTEM) as session:
        event = session.scalars(select(Event).where(Event.kind == "payment_recorded")).one()
    assert (event.document_id, event.user_id, event.data["amount"]) == (document.id, staff.user_id, "10.00")


def test_payments_at_the_same_moment_never_exceed_the_invoice(document: Document) -> None:
    outcome = at_once([partial(pay, document, "50")] * 8)
    refused = [result for result in outcome if isinstance(result, payments.MoreThanOpen)]
    assert len(refused) == 6
    assert paid() == 100
