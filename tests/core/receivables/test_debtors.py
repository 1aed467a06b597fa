"""The list of who owes: what it says of a partner, how it is found and sorted, and who may not order."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import NotAllowed
from core.orders.limits import standing
from core.principal import Principal
from core.receivables import accounts, crediting, debtors, payments, reminding, undoing, writing_off
from core.receivables.balances import balance
from core.receivables.debtors import DebtorRow
from core.receivables.prepaying import record_order_payment
from core.receivables.receipts import issue_receipt
from tests.core.documents.steps import claimed_order, pay, set_up_company
from tests.core.orders import steps as orders
from tests.core.orders.steps import NOON, scalar
from tests.core.receivables.debts import DAY, buyer, done, late, on, set_company
from tests.factories import make_product, make_staff

TODAY = on()


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def listed(**how: Any) -> list[DebtorRow]:
    return list(done(debtors.debtors, TODAY, **how).rows)


def names(**how: Any) -> list[str]:
    return [row.name for row in listed(**how)]


def receive(who: Principal, amount: str, paid_on: date = TODAY, **more: Any) -> int:
    payment = done(payments.record_payment, who.partner_id, Decimal(amount), paid_on, NOON, **more)
    found: int = payment.id
    return found


def test_a_row_has_the_parts_by_age_and_what_happened_last() -> None:
    who = buyer(name="Instal Pro SRL", code="C1")
    for days in (91, 90, 61, 60, 31, 30, 1, 0, -5):
        late(who, days, ("10",))
    receive(who, "12.10", TODAY - 7 * DAY)
    done(reminding.remind_now, who.partner_id, 2, NOON + 2 * DAY)
    (row,) = done(debtors.debtors, TODAY).rows
    assert (row.not_due, row.to_30, row.to_60, row.to_90, row.over_90) == tuple(
        Decimal(amount) for amount in ("24.20", "24.20", "24.20", "24.20", "0.00")
    )
    assert (row.unpaid, row.overdue, row.days) == (Decimal("96.80"), Decimal("72.60"), 90)
    assert (row.paid_on, row.paid, row.step) == (TODAY - 7 * DAY, Decimal("12.10"), 2)
    assert (row.reminded_on, row.credit, row.disputed, row.blocked) == (TODAY + 2 * DAY, 0, 0, [])


def test_the_rows_come_to_what_all_owe_together() -> None:
    one, two = buyer(), buyer()
    late(one, 40), late(two, 20), late(one, -3), late(two, -9)
    receive(two, "300")
    receive(buyer(), "7.77")
    page, all_of_them = done(debtors.debtors, TODAY), done(balance, TODAY)
    assert (page.count, page.unpaid, page.overdue, page.credit) == (
        3, all_of_them.unpaid, all_of_them.overdue, all_of_them.credit
    )  # fmt: skip
    assert sum(row.unpaid for row in page.rows) == page.unpaid == Decimal("242.00")
    assert page.credit == Decimal("65.77")


def test_who_owes_nothing_and_has_no_credit_is_not_there() -> None:
    pay(late(buyer(), 3), "121.00")
    buyer()
    assert listed() == []
    assert done(debtors.debtor, buyer().partner_id, TODAY) is None


def test_a_payment_taken_back_is_not_the_last_one_and_a_debt_given_up_is_none() -> None:
    who = buyer()
    lost = late(who, 9)
    late(who, 3)
    receive(who, "1", TODAY - DAY)
    done(undoing.undo_payment, receive(who, "2"), "typed twice", NOON)
    done(writing_off.write_off, lost.id, "bankrupt", NOON)
    (row,) = listed()
    assert (row.paid_on, row.paid) == (TODAY - DAY, Decimal("1.00"))


def test_disputed_is_what_is_open_on_disputed_invoices() -> None:
    who = buyer()
    document = late(who, 9)
    late(who, 3)
    pay(document, "21.00")
    done(writing_off.dispute, document.id, "broken", NOON)
    (row,) = listed(only="disputed")
    assert (row.disputed, row.unpaid) == (Decimal("100.00"), Decimal("221.00"))


def test_words_are_found_in_code_name_and_tax_number_without_diacritics() -> None:
    late(buyer(name="Șantierul Țiglă SRL", code="C77", cui="10000016"), 3)
    late(buyer(name="Altul SRL", code="C78"), 3)
    for search in ("santierul", "tigla SANTIER", "c77", "10000016"):
        assert names(search=search) == ["Șantierul Țiglă SRL"], search
    assert names(search="altul c77") == []
    assert names(search="100%") == []


def test_it_is_narrowed_and_sorted() -> None:
    b, a, c = buyer(name="B"), buyer(name="A"), buyer(name="c", overdue_block=Decimal(100))
    late(a, 40, ("10",)), late(b, 20, ("300",)), late(c, 5), late(a, -1, ("900",))
    receive(b, "1", TODAY - 9 * DAY)
    receive(buyer(name="D"), "50", TODAY - DAY)
    assert names() == ["B", "c", "A", "D"]
    for sort, order in {
        "unpaid": "A B c D", "oldest": "A B c D", "name": "A B c D", "credit": "D A B c", "paid": "c A B D",
    }.items():  # fmt: skip
        assert names(sort=sort) == order.split(), sort
    found = {only: names(only=only) for only in debtors.ONLY}
    assert found["overdue"] == ["B", "c", "A"]
    assert (found["blocked"], found["credit"], found["disputed"]) == (["c"], ["D"], [])


def test_pages_follow_each_other_without_gap_and_the_sums_are_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debtors, "PAGE_SIZE", 2)
    for name in "ABCDE":
        late(buyer(name=name), 3)
    pages = [done(debtors.debtors, TODAY, sort="name", page=n) for n in (1, 2, 3)]
    assert [[row.name for row in page.rows] for page in pages] == [["A", "B"], ["C", "D"], ["E"]]
    assert {(page.count, page.unpaid) for page in pages} == {(5, Decimal("605.00"))}


def test_who_may_not_order_is_told_as_the_limits_would_tell_it() -> None:
    """The list asks of all partners at once what `standing` says of one."""
    people = [
        buyer(),
        buyer(credit_limit=Decimal("121.00")),
        buyer(overdue_block_days=0),
        buyer(overdue_block=Decimal("121.01"), overdue_block_days=41),
        buyer(),
        buyer(overdue_block_days=0, credit_limit=Decimal("363.01")),
    ]
    orders.order(people[5], {make_product(stock=9, list_price=Decimal(200)).id: 1})
    for who in people:
        late(who, 40)
    late(people[2], 3)
    set_company(credit_limit=Decimal(500), overdue_block=Decimal(200), overdue_block_days=30)
    scalar("update partner set status = 'on_hold' where id = :id returning id", id=people[4].partner_id)
    blocked = {row.id: row.blocked for row in listed()}
    for who in people:
        said = {limit.kind for limit in done(standing, who.partner_id, NOON) if limit.used >= limit.most}
        assert {kind for kind in blocked[who.partner_id] if kind != "on_hold"} == said, who
    assert [blocked[who.partner_id] for who in people] == [
        ["overdue_block_days"],
        ["credit_limit", "overdue_block_days"],
        ["overdue_block"],
        [],
        ["on_hold", "overdue_block_days"],
        [],
    ]


def test_an_order_that_is_not_invoiced_yet_uses_up_the_credit_less_what_was_paid_ahead() -> None:
    who = buyer()
    late(who, 1)
    order = orders.order(who, {make_product(stock=9, list_price=Decimal(150)).id: 1})
    scalar("update partner set credit_limit = 302.50 returning id")
    assert listed()[0].blocked == ["credit_limit"]
    done(record_order_payment, order, Decimal("0.01"), TODAY, "", NOON)
    assert listed()[0].blocked == []


@pytest.mark.parametrize("role", ["warehouse"])
def test_the_list_is_for_staff_who_see_partners(role: str) -> None:
    who = buyer()
    late(who, 3)
    for reader in (who, make_staff(role=role)):
        for read in (debtors.debtors, lambda session, day: accounts.open_invoices(session, who.partner_id, day)):
            with pytest.raises(NotAllowed):
                done(read, TODAY, by=reader)
    assert done(debtors.debtors, TODAY, by=make_staff(role="analyst")).count == 1


# One partner's account.


def test_open_invoices_tell_how_late_they_are_whether_disputed_and_when_they_were_named() -> None:
    who = buyer()
    disputed, named, paid = late(who, 9), late(who, 4), late(who, 2)
    fresh = late(who, -5)
    done(writing_off.dispute, disputed.id, "broken", NOON)
    done(reminding.remind_due, who.partner_id, NOON)
    pay(paid, "121.00")
    rows = done(accounts.open_invoices, who.partner_id, TODAY)
    assert [(row.id, row.days, row.dispute, row.reminded_on, row.step) for row in rows] == [
        (disputed.id, 9, "broken", None, None), (named.id, 4, "", TODAY, 1), (fresh.id, 0, "", None, None),
    ]  # fmt: skip


def test_the_last_payments_tell_what_they_pay_now() -> None:
    who = buyer()
    first, second = late(who, 9), late(who, 4)
    cash = receive(who, "200", method="cash", reference="în mână")
    extra = receive(who, "50.00")
    done(crediting.refund, who.partner_id, Decimal(8), TODAY, "asked for it", NOON)
    receipt = done(issue_receipt, cash, NOON)
    back, newer, older = done(accounts.last_payments, who.partner_id)
    assert [(part.number, part.amount) for part in older.parts] == [
        (first.full_number, Decimal("121.00")), (second.full_number, Decimal("79.00")),
    ]  # fmt: skip
    assert (older.method, older.reference, older.receipt, older.left) == ("cash", "în mână", receipt.full_number, 0)
    assert (newer.id, newer.left, newer.can_be_undone, newer.receipt) == (extra, 0, True, None)
    assert (back.amount, back.reason, back.can_be_undone) == (Decimal("-8.00"), "asked for it", False)
    done(undoing.undo_payment, cash, "wrong partner", NOON)
    counter, *_, undone = done(accounts.last_payments, who.partner_id)
    assert (undone.undone, undone.can_be_undone, undone.parts, undone.receipt) == (True, False, [], None)
    assert counter.undoes == cash


def test_money_for_an_order_without_an_invoice_names_the_order() -> None:
    who = buyer()
    order = claimed_order(who)
    done(record_order_payment, order, Decimal(21), TODAY, "", NOON)
    (row,) = done(accounts.last_payments, who.partner_id)
    assert [(part.number, part.order_id, part.amount) for part in row.parts] == [(None, order, Decimal("21.00"))]


def test_the_same_money_twice_is_noticed_until_one_is_taken_back() -> None:
    who = buyer()
    payment = receive(who, "50.00")
    asked = accounts.same_payment, who.partner_id, Decimal(50)
    assert done(*asked, TODAY)
    assert not done(*asked, TODAY - DAY)
    done(undoing.undo_payment, payment, "typed twice", NOON)
    assert not done(*asked, TODAY)
