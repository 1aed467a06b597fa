from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.db import transaction
from core.documents.queries import visible_document
from core.principal import SYSTEM, Principal
from core.receivables.balances import balance
from core.receivables.listing import DocumentsPage, documents_page
from tests.core.documents.steps import TODAY, claimed_order, invoice, issue, pay, set_up_company
from tests.core.orders.steps import NOON
from tests.factories import make_buyer


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def listed(who: Principal = SYSTEM, as_of_date: date = TODAY, **filters: Any) -> DocumentsPage:
    with transaction(who) as session:
        return documents_page(session, as_of_date, **filters)


def numbers(**filters: Any) -> list[str]:
    return [row.number for row in listed(**filters).rows]


def test_a_partner_sees_its_own_documents_and_no_others() -> None:
    mine, theirs = make_buyer(), make_buyer()
    document = invoice(mine)
    for who, expected in ((mine, document.id), (theirs, None), (SYSTEM, document.id)):
        with transaction(who) as session:
            found = visible_document(session, document.id)
            assert (found.id if found else None) == expected
            assert len(found.lines if found else []) == (1 if found else 0)
    assert listed(theirs).total == 0
    assert listed(theirs, partner_id=mine.partner_id).total == 0
    with transaction(theirs) as session:
        assert balance(session, TODAY, mine.partner_id).invoiced == 0


def test_an_id_that_no_document_can_have_is_only_not_found() -> None:
    with transaction(SYSTEM) as session:
        assert visible_document(session, 2**40) is None


def test_a_row_says_what_is_paid_open_and_overdue() -> None:
    document = invoice(make_buyer(name="Electro SRL", payment_days=10))
    pay(document, "21")
    due = TODAY + timedelta(days=10)
    (row,) = listed(as_of_date=due).rows
    assert (row.number, row.partner_name, row.order_id) == ("FCT 00001", "Electro SRL", document.order_id)
    assert (row.gross, row.paid, row.open) == (Decimal("121.00"), Decimal("21.00"), Decimal("100.00"))
    assert (row.state, row.overdue_days) == ("unpaid", 0)
    (late,) = listed(as_of_date=due + timedelta(days=3)).rows
    assert (late.state, late.overdue_days) == ("overdue", 3)
    pay(document, "100")
    (settled,) = listed(as_of_date=due + timedelta(days=3)).rows
    assert (settled.state, settled.overdue_days, settled.open) == ("paid", 0, 0)


def test_filters_by_state() -> None:
    settled, late, early = invoice(), invoice(make_buyer(payment_days=0)), invoice()
    pay(settled, "121")
    tomorrow = TODAY + timedelta(days=1)
    expected = {
        "all": [early, late, settled],
        "unpaid": [early, late],
        "overdue": [late],
        "paid": [settled],
    }
    for state, documents in expected.items():
        assert numbers(as_of_date=tomorrow, state=state) == [document.full_number for document in documents]
    assert numbers(as_of_date=TODAY, state="overdue") == []


@pytest.mark.parametrize("typed", ["FCT 00002", "fct00002", "FCT2", "2", " 0002 ", "tepeș"])
def test_search_finds_a_number_however_it_is_typed_and_a_partner_without_diacritics(typed: str) -> None:
    invoice(make_buyer(name="Altul SRL", cui="14399840"))
    invoice(make_buyer(name="Țepeș Electrice", cui="14399840"))
    assert numbers(text=typed) == ["FCT 00002"]


def test_search_finds_an_order_by_its_whole_number_and_wildcards_are_only_letters() -> None:
    document = invoice()
    assert numbers(text=str(document.order_id)) == ["FCT 00001"]
    assert numbers(text="%") == numbers(text="_") == numbers(text="'") == []


def test_pages_count_everything_and_are_newest_first() -> None:
    buyer = make_buyer()
    for days in range(5):
        issue(claimed_order(buyer), NOON + timedelta(days=days))
    second = listed(buyer, page=2, page_size=2)
    assert [row.number for row in second.rows] == ["FCT 00003", "FCT 00002"]
    assert second.total == 5


def test_the_balance_sums_what_is_invoiced_paid_and_late() -> None:
    buyer = make_buyer(payment_days=0)
    pay(invoice(buyer), "21")
    issue(claimed_order(buyer), NOON + timedelta(days=60))
    invoice_of_another = claimed_order()
    issue(invoice_of_another, NOON + timedelta(days=60))
    new_year = TODAY + timedelta(days=60)
    with transaction(buyer) as session:
        own = balance(session, new_year)
    assert (own.invoiced, own.this_year, own.paid) == (Decimal("242.00"), Decimal("121.00"), Decimal("21.00"))
    assert (own.unpaid, own.overdue) == (Decimal("221.00"), Decimal("100.00"))
    with transaction(SYSTEM) as session:
        assert balance(session, new_year).invoiced == Decimal("363.00")
        assert balance(session, new_year, buyer.partner_id) == own


def test_the_balance_of_nobody_is_zero() -> None:
    with transaction(make_buyer()) as session:
        assert balance(session, TODAY).unpaid == 0
