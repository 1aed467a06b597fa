"""The statement of account is the ledger, to the ban, whatever happened."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.db import transaction
from core.documents.models import Document
from core.documents.storno import storno
from core.errors import NotAllowed, NotFound, Refusal
from core.principal import SYSTEM, Principal
from core.receivables import crediting, payments, undoing, writing_off
from core.receivables.balances import balance
from core.receivables.statement import PeriodNotValid, Statement, statement
from tests.core.documents.steps import TODAY, invoice, issue, pay, set_up_company
from tests.core.orders.steps import NOON, claim, order, scalar
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of

LONG_AGO = date(2020, 1, 1)


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def account(who: Principal, first: date = LONG_AGO, last: date = TODAY, partner_id: int | None = None) -> Statement:
    with transaction(who) as session:
        return statement(session, first, last, partner_id)


def receive(buyer: Principal, amount: str, paid_on: date = TODAY, as_of: object = NOON) -> int:
    """Money for the oldest invoices first; what is left over is credit."""
    with transaction(SYSTEM) as session:
        return payments.record_payment(session, buyer.partner_id, Decimal(amount), paid_on, as_of).id  # type: ignore[arg-type]


def figures(found: Statement) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    return [(entry.kind, entry.debit, entry.credit, entry.balance) for entry in found.entries]


def test_each_entry_says_what_is_owed_after_it() -> None:
    buyer = make_buyer()
    document = invoice(buyer)
    pay(document, "50")
    with transaction(SYSTEM) as session:
        storno(session, document.id, "returned", NOON)
    found = account(buyer)
    assert figures(found) == [
        ("invoice", Decimal("121.00"), 0, Decimal("121.00")),
        ("storno", Decimal("-121.00"), 0, Decimal("0.00")),
        ("payment", 0, Decimal("50.00"), Decimal("-50.00")),
    ]
    assert [entry.number for entry in found.entries] == ["FCT 00001", "FCT 00002", ""]
    assert (found.entries[2].method, found.entries[2].reference) == ("bank", "OP 1")
    assert (found.opening, found.debit, found.credit, found.closing) == (0, 0, 50, -50)
    assert (found.open, found.unused) == ([], 50)


def test_what_was_open_at_the_end_is_reckoned_by_the_days_on_which_money_came() -> None:
    buyer = make_buyer(payment_days=5)
    document = invoice(buyer)
    later = TODAY + timedelta(days=20)
    with transaction(SYSTEM) as session:
        payments.record_payment(
            session, document.partner_id, Decimal(100), TODAY + timedelta(days=8), NOON + timedelta(days=19),
            pays={document.id: Decimal(100)},
        )  # fmt: skip
    before = account(buyer, last=TODAY + timedelta(days=7))
    assert [(row.number, row.open, row.overdue_days) for row in before.open] == [("FCT 00001", 121, 2)]
    assert before.overdue == 121
    after = account(buyer, last=TODAY + timedelta(days=8))
    assert [row.open for row in after.open] == [21]
    assert account(buyer, last=later).open_total == scalar("select sum(open) from receivable")


def test_credit_that_is_used_later_is_unused_until_then() -> None:
    buyer = make_buyer()
    receive(buyer, "200")
    document = issue(_order(buyer), NOON + timedelta(days=2))
    with transaction(SYSTEM) as session:
        crediting.use_credit(session, document.id, NOON + timedelta(days=4))
    on = {days: account(buyer, last=TODAY + timedelta(days=days)) for days in (1, 3, 4)}
    assert [(found.open_total, found.unused, found.closing) for found in on.values()] == [
        (0, 200, -200), (121, 200, -79), (0, 79, -79),
    ]  # fmt: skip


def test_what_was_undone_stands_on_both_days() -> None:
    buyer = make_buyer()
    invoice(buyer)
    payment = receive(buyer, "121")
    with transaction(SYSTEM) as session:
        undoing.undo_payment(session, payment, "another firm's money", NOON + timedelta(days=3))
    found = account(buyer, last=TODAY + timedelta(days=5))
    assert figures(found)[1:] == [("payment", 0, 121, 0), ("undone", 0, -121, 121)]
    assert account(buyer).open == []
    assert found.open_total == 121


def test_an_annulled_invoice_and_its_number_are_not_on_the_account() -> None:
    from core.documents.annulling import annul

    buyer = make_buyer()
    document = invoice(buyer)
    with transaction(SYSTEM) as session:
        annul(session, document.id, "not sent", NOON)
    found = account(buyer)
    assert (found.entries, found.open, found.closing) == ([], [], 0)


def test_a_receipt_lends_its_number_to_the_payment() -> None:
    from core.receivables.receipts import issue_receipt

    buyer = make_buyer()
    document = invoice(buyer)
    with transaction(SYSTEM) as session:
        paid = payments.record_payment(session, document.partner_id, Decimal(21), TODAY, NOON, method="cash")
        receipt = issue_receipt(session, paid.id, NOON)
    assert account(buyer).entries[1].number == receipt.full_number


@pytest.mark.parametrize("seed", range(4))
def test_the_account_is_the_ledger_whatever_happened(seed: int) -> None:
    """Random lives: invoices, payments dated back, undoing, stornos, credit used and paid back, debts given up."""
    buyer, other = make_buyer(payment_days=7), make_buyer()
    invoice(other)
    chance = random.Random(seed)
    days = 30
    for day in range(days):
        for _ in range(chance.randrange(3)):
            _something(chance, buyer, day)
    last = TODAY + timedelta(days=days)
    whole = account(buyer, last=last)
    assert {entry.kind for entry in whole.entries} >= {"invoice", "payment", "storno", "undone"}
    ledger = "select coalesce(sum(amount), 0) from ledger where partner_id = :partner"
    assert whole.closing == scalar(ledger, partner=buyer.partner_id)
    with transaction(buyer) as session:
        sums = balance(session, last)
    assert whole.closing == sums.balance
    assert whole.entries[-1].balance == whole.closing
    assert (whole.open_total, whole.unused, whole.overdue) == (sums.unpaid, sums.credit + sums.ahead, sums.overdue)
    cut = TODAY + timedelta(days=chance.randrange(days))
    early, late = account(buyer, last=cut), account(buyer, first=cut + timedelta(days=1), last=last)
    assert early.closing == late.opening
    assert [*early.entries, *late.entries] == whole.entries
    assert early.debit + late.debit == whole.debit
    assert all(0 < row.open <= row.gross for row in early.open)


def _order(buyer: Principal) -> int:
    order_id = order(buyer, {make_product(stock=10, list_price=Decimal(100)).id: 1})
    claim(make_staff(), order_id)
    return order_id


def _something(chance: random.Random, buyer: Principal, day: int) -> None:
    """One act of one of the staff on the given day; what cannot be done then is refused and nothing happens."""
    at = NOON + timedelta(days=day, minutes=chance.randrange(300))
    back = TODAY + timedelta(days=day - chance.randrange(5))
    amount = Decimal(chance.randrange(1, 30_000)) / 100
    acts = {
        "issue": lambda session: issue(_order(buyer), at),
        "pay": lambda session: payments.record_payment(session, buyer.partner_id, amount, back, at),
        "undo": lambda session: undoing.undo_payment(session, _one(chance, "payment", buyer), "mistake", at),
        "storno": lambda session: storno(session, _one(chance, "document", buyer), "returned", at),
        "use": lambda session: crediting.use_credit(session, _one(chance, "document", buyer), at),
        "refund": lambda session: crediting.refund(session, buyer.partner_id, amount, back, "asked", at),
        "lost": lambda session: writing_off.write_off(session, _one(chance, "document", buyer), "bankrupt", at),
    }
    act = acts[chance.choices(list(acts), (5, 5, 3, 2, 2, 1, 1))[0]]
    try:
        with transaction(SYSTEM) as session:
            act(session)
    except Refusal:
        return


def _one(chance: random.Random, table: str, buyer: Principal) -> int:
    """The id of one of the partner's last rows, of which something is left to do; 0 where there is none."""
    rows = text(f"select id from {table} where partner_id = :partner order by id")
    with transaction(SYSTEM) as session:
        found = session.execute(rows, {"partner": buyer.partner_id}).scalars().all()
    return chance.choice(found[-4:]) if found else 0


def test_a_partner_sees_its_own_account_and_no_other() -> None:
    document: Document = invoice(make_buyer())
    stranger = make_buyer()
    assert account(stranger).entries == []
    for somebody in (document.partner_id, 999_999):
        with pytest.raises(NotFound):
            account(stranger, partner_id=somebody)


def test_staff_see_any_account_but_have_to_say_whose() -> None:
    document = invoice()
    clerk = make_staff(role="accounting")
    assert account(clerk, partner_id=document.partner_id).closing == 121
    for nobody in (None, 0, -1, 999_999, 10**12):
        with pytest.raises(NotFound):
            account(clerk, partner_id=nobody)


def test_who_may_not_see_documents_sees_no_account() -> None:
    buyer = principal_of(make_user(make_partner(), role="buyer"))
    with pytest.raises(NotAllowed):
        account(buyer)


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(PeriodNotValid):
        account(make_buyer(), first=TODAY, last=TODAY - timedelta(days=1))
