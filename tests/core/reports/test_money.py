"""Ageing and days sales outstanding, against the list of who owes and a plain sum of the invoices."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.db import transaction
from core.principal import SYSTEM
from core.receivables.balances import balance
from core.receivables.payments import record_payment
from core.reports import money
from tests.core.documents.steps import TODAY, claimed_order, issue, set_up_company
from tests.core.orders.steps import NOON
from tests.factories import make_buyer

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _debts(database: str) -> None:
    """Invoices of 121 lei each, issued 100, 60, 40 and 0 days ago and due after 10; one of them is half paid."""
    set_up_company()
    buyer = make_buyer(payment_days=10)
    for days in (100, 60, 40, 0):
        issue(claimed_order(buyer), NOON - timedelta(days=days))
    with transaction(SYSTEM) as session:
        record_payment(session, buyer.partner_id or 0, Decimal(21), TODAY, NOON)


def test_the_ages_are_those_of_the_receivables() -> None:
    with transaction(SYSTEM) as session:
        found, sums = money.ageing(session, TODAY), balance(session, TODAY)
    ages = ("unpaid", "not_due", "to_30", "to_60", "to_90", "over_90", "overdue")
    assert [getattr(found, age) for age in ages] == [getattr(sums, age) for age in ages]
    assert found.unpaid == 4 * 121 - 21


def test_days_sales_outstanding_are_what_is_unpaid_as_days_of_the_last_ninety() -> None:
    with transaction(SYSTEM) as session:
        found = money.ageing(session, TODAY)
    assert found.invoiced == 3 * 121
    assert found.days_outstanding == (4 * 121 - 21) * Decimal(90) / (3 * 121)


def test_without_invoices_nothing_is_outstanding_for_days() -> None:
    with transaction(SYSTEM) as session:
        found = money.ageing(session, TODAY + timedelta(days=400))
    assert (found.invoiced, found.days_outstanding) == (0, None)


@pytest.mark.parametrize("age", money.AGES)
def test_the_invoices_of_an_age_come_to_its_sum(age: money.Age) -> None:
    with transaction(SYSTEM) as session:
        found, rows = money.ageing(session, TODAY), money.open_invoices(session, TODAY, age)
    assert sum((row.open for row in rows), Decimal(0)) == getattr(found, age)
