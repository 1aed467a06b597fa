"""What was open in the program before: owed, paid and reminded of like any debt, taken back, and never sold here."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.check import CHECKS, violations
from core.db import transaction
from core.documents import annulling, bundling, rendering, storno
from core.errors import NotAllowed, NotFound
from core.exports.asking import Asked, query, run
from core.orders.limits import OverLimits
from core.principal import SYSTEM, Principal
from core.receivables import accounts, crediting, debtors, payments, receipts, undoing, writing_off
from core.receivables.balances import balance
from core.receivables.details import document_detail
from core.receivables.listing import documents_page
from core.receivables.opening import take_back
from core.receivables.statement import statement
from core.reports import money, outstanding, sales
from core.reports.periods import Period
from tests.core.documents.steps import TODAY, invoice, set_up_company, text_of
from tests.core.orders import steps
from tests.core.orders.steps import NOON, assert_invariants, scalar
from tests.core.receivables.debts import DAY, done, due, remind
from tests.core.receivables.openings import day, document, lei, load, opening, row
from tests.factories import make_buyer, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def receive(who: Principal, amount: str, **more: Any) -> Any:
    return done(payments.record_payment, who.partner_id, Decimal(amount), TODAY, NOON, **more)


def opens(who: Principal) -> dict[str, Decimal]:
    found = done(accounts.open_invoices, who.partner_id, TODAY)
    return {one.number: one.open for one in found}


def test_debts_and_credits_are_in_the_balance_and_the_ages() -> None:
    buyer = make_buyer()
    load(row(buyer, "A 1", "100", late=10) + row(buyer, "A 2", "200", late=100) + row(buyer, "A 3", "40", late=-5)
         + row(buyer, "AV 1", "-60"))  # fmt: skip
    own = done(balance, TODAY, by=buyer)
    assert own == done(balance, TODAY, buyer.partner_id)
    assert (own.unpaid, own.not_due, own.to_30, own.over_90, own.overdue) == (340, 40, 100, 200, 300)
    assert (own.credit, own.balance) == (60, 280)
    assert (own.brought, own.invoiced, own.this_year, own.to_pay, own.paid) == (340, 0, 0, 340, 0)
    found = done(debtors.debtor, buyer.partner_id, TODAY)
    assert (found.unpaid, found.overdue, found.days, found.credit) == (340, 300, 100, 60)
    assert_invariants()


def test_money_pays_the_oldest_due_first_among_openings_and_invoices_and_can_be_taken_back() -> None:
    buyer = make_buyer(payment_days=10)
    load(row(buyer, "A 1", "100", late=40) + row(buyer, "A 2", "50", late=-100))
    ours = invoice(buyer)
    paid = receive(buyer, "230.00")
    assert opens(buyer) == {"A 2": 41}
    assert scalar("select open from receivable where document_id = :id", id=ours.id) == 0
    what = done(document_detail, document(buyer, "A 1").id, TODAY, by=buyer)
    assert [(one.kind, one.amount) for one in what.paid_by] == [("payment", 100)]
    assert (what.owed, what.open, what.paid) == (True, 0, 100)
    done(undoing.undo_payment, paid.id, "typed twice", NOON)
    assert opens(buyer) == {"A 1": 100, "A 2": 50, ours.full_number: 121}
    assert_invariants()


def test_a_payment_names_an_opening_document_and_its_event_and_its_receipt_say_its_number() -> None:
    buyer = make_buyer()
    one = opening(buyer, "FCT 99", "500", late=10)
    receive(buyer, "120", pays={one.id: Decimal(120)})
    assert scalar("select data ->> 'number' from event where kind = 'payment_recorded'") == "FCT 99"
    assert opens(buyer) == {"FCT 99": 380}
    with pytest.raises(payments.MoreThanOpen, match="FCT 99"):
        receive(buyer, "400", pays={one.id: Decimal(400)})
    cash = receive(buyer, "100", method="cash")
    receipt = done(receipts.issue_receipt, cash.id, NOON)
    printed = " ".join(text_of(done(rendering.pdf_of, receipt.id)).split())
    assert f"Contravaloarea facturii nr. FCT 99 din {one.issued_on:%d.%m.%Y}" in printed


def test_the_credit_brought_over_pays_invoices_and_goes_back() -> None:
    buyer = make_buyer()
    opening(buyer, "AV 1", "-150")
    ours = invoice(buyer)
    assert done(crediting.credit_of, by=buyer) == 150
    assert done(crediting.use_credit, ours.id, NOON) == 121
    (paid,) = done(document_detail, ours.id, TODAY).paid_by
    assert (paid.kind, paid.number) == ("credit", "AV 1")
    done(crediting.refund, buyer.partner_id, Decimal(29), TODAY, "asked for it", NOON)
    assert done(balance, TODAY, by=buyer).balance == 0
    assert_invariants()


def test_a_debt_brought_over_is_paid_from_credit_disputed_and_written_off() -> None:
    buyer = make_buyer()
    load(row(buyer, "A 1", "100", late=5) + row(buyer, "AV 1", "-30"))
    debt, brought = document(buyer, "A 1"), document(buyer, "AV 1")
    assert done(crediting.use_credit, debt.id, NOON) == 30
    done(writing_off.dispute, debt.id, "never got it", NOON)
    assert done(debtors.debtor, buyer.partner_id, TODAY).disputed == 70
    done(writing_off.write_off, debt.id, "too old", NOON)
    assert opens(buyer) == {}
    with pytest.raises(NotFound):
        done(writing_off.write_off, brought.id, "why", NOON)
    assert_invariants()


def test_the_statement_has_them_on_their_days_and_what_is_open_at_its_end() -> None:
    buyer = make_buyer()
    load(row(buyer, "A 1", "100", late=10) + row(buyer, "AV 1", "-60", late=-30))
    receive(buyer, "25")
    found = done(statement, day(60), TODAY, by=buyer)
    told = [(one.day, one.kind, one.number, one.debit, one.credit, one.balance) for one in found.entries]
    assert told == [
        (day(40), "opening", "A 1", 100, 0, 100), (day(0), "opening", "AV 1", 0, 60, 40),
        (day(0), "payment", "", 0, 25, 15),
    ]  # fmt: skip
    assert [one.due_on for one in found.entries] == [day(10), None, None]
    assert (found.brought, found.invoiced, found.paid, found.closing) == (40, 0, 25, 15)
    assert [(one.number, one.open, one.overdue_days) for one in found.open] == [("A 1", 75, 10)]
    assert found.unused == 60
    before = done(statement, day(90), day(41), by=buyer)
    assert (list(before.entries), before.closing) == ([], 0)


@pytest.mark.parametrize(("terms", "amount", "late"), [
    ({"credit_limit": Decimal(1000)}, "990", -5), ({"overdue_block": Decimal(100)}, "100", 1),
    ({"overdue_block_days": 30}, "1", 30),
])  # fmt: skip
def test_what_was_brought_over_uses_up_the_limits(terms: dict[str, Any], amount: str, late: int) -> None:
    buyer, product = make_buyer(**terms), make_product(stock=10)
    steps.order(buyer, {product.id: 1})
    one = opening(buyer, "A 1", amount, late)
    with pytest.raises(OverLimits):
        steps.order(buyer, {product.id: 1})
    receive(buyer, amount, pays={one.id: Decimal(amount)})
    steps.order(buyer, {product.id: 1})


def test_a_partner_is_reminded_of_it_unless_it_was_paid_or_is_covered_by_credit() -> None:
    buyer, other, covered = make_buyer(), make_buyer(), make_buyer()
    load(row(buyer, "A 1", "100", late=20) + row(other, "B 1", "100", late=1) + row(covered, "C 1", "50", late=20)
         + row(covered, "AV 1", "-50"))  # fmt: skip
    assert due() == {buyer.partner_id: 2}
    assert remind(buyer) is not None
    assert scalar("select data ->> 'number' from event where kind = 'reminder_sent'") == "A 1"
    assert due(NOON + DAY) == {}


def test_the_reports_of_what_is_unpaid_have_it_and_the_sales_do_not() -> None:
    buyer = make_buyer(name="Electro SRL")
    load(row(buyer, "A 1", "100", late=10) + row(buyer, "A 2", "200", late=100) + row(buyer, "AV 1", "-60"))
    found = done(money.ageing, TODAY)
    assert (found.unpaid, found.to_30, found.over_90) == (300, 100, 200)
    assert [one.number for one in done(money.open_invoices, TODAY, "over_90")] == ["A 2"]
    sold = done(sales.totals, Period(day(200), TODAY))
    assert (sold.net, sold.orders) == (0, 0)
    receive(buyer, "30")
    points = done(outstanding.outstanding, [day(140), day(130), day(40), day(1), TODAY])
    assert [one.unpaid for one in points] == [0, 200, 300, 300, 270]
    for point in points:
        rows = done(outstanding.open_then, point.day)
        assert sum((one.open for one in rows), Decimal(0)) == point.unpaid
        issued = done(outstanding.invoiced_before, point.day)
        assert sum((one.gross for one in issued), Decimal(0)) == point.invoiced
    assert (points[-1].invoiced, found.invoiced) == (100, 100)


def test_exports_have_it_with_what_is_open_and_without_net_and_vat() -> None:
    buyer = make_buyer()
    load(row(buyer, "A 1", "100", late=10) + row(buyer, "AV 1", "-60"))
    receive(buyer, "30")

    def rows(table: str, *columns: str) -> list[tuple[Any, ...]]:
        with transaction(SYSTEM) as session:
            asked = query(session, Asked(table, columns), NOON)
            return run(session, asked.text, asked.params)

    assert rows("documents", "kind", "number", "net", "vat", "gross", "open") == [
        ("opening", "A 1", None, None, 100, 70), ("opening", "AV 1", None, None, -60, 0),
    ]  # fmt: skip
    assert rows("balances", "brought", "invoiced", "paid", "balance", "unpaid", "overdue") == [(40, 0, 30, 10, 70, 70)]


@pytest.mark.parametrize("words", ["fct 00099", "FCT00099", "0099", "Electro"])
def test_a_list_finds_it_by_its_number_however_it_is_typed(words: str) -> None:
    buyer = make_buyer(name="Electro SRL")
    load(row(buyer, "fct 00099", "100", late=10) + row(buyer, "AV 1", "-60"))
    invoice(make_buyer(name="Other SRL"))
    found = done(documents_page, TODAY, words)
    assert "fct 00099" in [one.number for one in found.rows]
    assert all(one.kind == "opening" for one in found.rows)


def test_a_list_tells_how_it_stands() -> None:
    buyer = make_buyer()
    load(row(buyer, "A 1", "100", late=10) + row(buyer, "A 2", "7", late=-1) + row(buyer, "AV 1", "-60", late=-50))
    states = {one.number: (one.state, one.open, one.paid) for one in done(documents_page, TODAY, by=buyer).rows}
    assert states == {"A 1": ("overdue", 100, 0), "A 2": ("unpaid", 7, 0), "AV 1": ("issued", 0, 0)}
    assert [one.number for one in done(documents_page, TODAY, state="overdue", by=buyer).rows] == ["A 1"]
    receive(buyer, "100")
    assert [one.number for one in done(documents_page, TODAY, state="paid").rows] == ["A 1"]


def test_it_is_no_document_of_ours() -> None:
    buyer = make_buyer()
    numbers = scalar("select count(*) from series_year")
    one = opening(buyer)
    assert scalar("select count(*) from series_year") == numbers
    assert scalar("select count(*) from outbox") == 0
    with pytest.raises(NotFound):
        done(rendering.pdf_of, one.id)
    assert done(rendering.render_next, NOON + DAY / 24) is False
    with pytest.raises(NotFound):
        done(bundling.named_documents, [one.id], "ro")
    with pytest.raises(storno.NotAnInvoice):
        done(storno.storno, one.id, "why", NOON)
    assert invoice(buyer).number == 1


def test_another_partner_sees_nothing_of_it() -> None:
    buyer, other = make_buyer(), make_buyer()
    one = opening(buyer)
    assert done(documents_page, TODAY, by=other).rows == []
    assert done(balance, TODAY, by=other).unpaid == 0
    assert list(done(statement, day(400), TODAY, by=other).entries) == []
    with pytest.raises(NotFound):
        done(document_detail, one.id, TODAY, by=other)


@pytest.mark.parametrize("amount", ["100", "-100"])
def test_one_that_was_loaded_by_mistake_is_annulled_and_can_be_loaded_with_another_amount(amount: str) -> None:
    buyer, staff = make_buyer(), make_staff(role="accounting")
    one = opening(buyer, "A 1", amount)
    done(annulling.annul, one.id, "wrong amount", NOON, by=staff)
    assert done(balance, TODAY, by=buyer).balance == 0
    assert list(done(statement, day(400), TODAY, by=buyer).entries) == []
    with pytest.raises(annulling.AnnulledAlready):
        done(annulling.annul, one.id, "again", NOON, by=staff)
    opening(buyer, "A 1", "80.50")
    assert done(balance, TODAY, by=buyer).balance == lei("80.50")
    assert_invariants()


def test_what_was_paid_or_used_is_not_annulled_until_that_is_taken_back() -> None:
    buyer = make_buyer()
    load(row(buyer, "A 1", "100") + row(buyer, "AV 1", "-60"))
    debt, brought = document(buyer, "A 1"), document(buyer, "AV 1")
    done(crediting.use_credit, debt.id, NOON)
    for one in (debt, brought):
        with pytest.raises(annulling.OpeningPaid, match=one.full_number):
            done(annulling.annul, one.id, "mistake", NOON)
    other = opening(buyer, "A 2", "10")
    money_in = receive(buyer, "10", pays={other.id: Decimal(10)})
    with pytest.raises(annulling.OpeningPaid):
        done(annulling.annul, other.id, "mistake", NOON)
    done(undoing.undo_payment, money_in.id, "another's", NOON)
    done(annulling.annul, other.id, "mistake", NOON)
    assert_invariants()


def test_an_import_is_taken_back_whole_and_loaded_again() -> None:
    buyer, other, staff = make_buyer(), make_buyer(), make_staff(role="accounting")
    rows = row(buyer, "A 1", "100") + row(buyer, "AV 1", "-60") + row(other, "A 1", "30")
    load(rows)
    ids = [document(who, number).id for who, number in ((buyer, "A 1"), (buyer, "AV 1"), (other, "A 1"))]
    done(annulling.annul, ids[0], "by hand", NOON, by=staff)
    done(take_back, ids, NOON, by=staff)
    assert done(balance, TODAY).balance == 0
    assert scalar("select string_agg(distinct reason, '; ' order by reason) from annulment") == (
        "Importul a fost anulat.; by hand"
    )
    assert scalar("select count(*) from event where kind = 'document_annulled'") == 3
    assert load(rows).created == 3
    assert done(balance, TODAY).balance == 70
    assert_invariants()


def test_an_import_of_which_something_was_paid_stays_whole_and_the_refusal_names_what() -> None:
    buyer, other = make_buyer(), make_buyer()
    load("".join(row(buyer, f"A {n:02}", "10") for n in range(15)) + row(other, "B 1", "-60"))
    ids = [document(buyer, f"A {n:02}").id for n in range(15)] + [document(other, "B 1").id]
    receive(buyer, "115")
    done(crediting.refund, other.partner_id, Decimal(1), TODAY, "asked", NOON)
    with pytest.raises(annulling.OpeningPaid) as refused:
        done(take_back, ids, NOON)
    named = refused.value.params["number"]
    assert named.startswith("A 00, A 01") and named.endswith("(+3)")  # noqa: PT018 (one sentence)
    assert scalar("select count(*) from annulment") == 0


def test_only_opening_documents_are_taken_back_and_only_by_who_records_payments() -> None:
    buyer = make_buyer()
    one = opening(buyer)
    with pytest.raises(NotFound):
        done(take_back, [one.id, invoice(buyer).id], NOON)
    for role in ("sales", "warehouse", "analyst"):
        with pytest.raises(NotAllowed):
            done(take_back, [one.id], NOON, by=make_staff(role=role))
    assert scalar("select count(*) from annulment") == 0


def test_the_check_finds_an_opening_document_that_is_more_than_an_amount() -> None:
    buyer = make_buyer()
    opening(buyer)
    name = next(name for name in CHECKS if "program before" in name)
    assert done(violations, name) == []
    for wrong in (
        "delete from opening_number",
        "update opening_number set number = 'B'",
        "insert into document_vat (document_id, partner_id, category, rate, base, vat)"
        " select id, partner_id, 'S', 21, 0, 0 from document",
    ):
        with transaction(SYSTEM) as session:
            session.execute(text(wrong))
            assert violations(session, name)
            session.rollback()
