"""The ledger: whatever is issued, paid, undone, taken back or written off, it comes to the ban to what is open."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from core.check import CHECKS, violations
from core.db import transaction
from core.documents import annulling, storno
from core.documents.freehand import FreeLine, issue_freehand
from core.documents.models import Document
from core.errors import NotAllowed, NotFound, Refusal
from core.imports.files import apply
from core.principal import SYSTEM, Principal
from core.receivables import cash, crediting, payments, prepaying, receipts, undoing, writing_off
from core.receivables.balances import balance
from core.receivables.models import Payment
from tests.core.documents.steps import TODAY, claimed_order, invoice, issue, pay, set_up_company
from tests.core.orders.steps import NOON, assert_invariants, scalar
from tests.core.receivables.openings import HEAD, row
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")
MOST_LIKELY = 6
MONEY = st.decimals("0.01", "500", places=2)
LEDGER_CHECKS = [name for name in CHECKS if "ledger" in name or "credit is" in name or "open to pay" in name]


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def receive(partner_id: int | None, amount: str, **more: Any) -> Payment:
    with transaction(SYSTEM) as session:
        return payments.record_payment(session, partner_id or 0, Decimal(amount), TODAY, NOON, **more)


def undo(payment: Payment, who: Principal = SYSTEM) -> Payment:
    with transaction(who) as session:
        return undoing.undo_payment(session, payment.id, "typed twice", NOON)


def opens() -> list[Decimal]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(text("select open from receivable order by document_id")))


def credit() -> Decimal:
    found: Decimal = scalar('select coalesce(sum("left"), 0) from credit')
    return found


class Ledger(RuleBasedStateMachine):
    """One partner, and everything that staff may do to its documents and money, in any order."""

    done: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.partner = make_buyer().partner_id or 0
        self.now = NOON

    def attempt(self, verb: str, act: Callable[[Any], Any]) -> None:
        self.now += timedelta(minutes=1)
        try:
            with transaction(SYSTEM) as session:
                act(session)
        except Refusal:
            return
        self.done[verb] += 1

    def one(self, table: str, n: int) -> int:
        """Mostly an open invoice, or a payment; sometimes any document, which is then to be refused."""
        wanted = " and exists (select from receivable where document_id = id and open > 0)" if n < 7 else ""
        ids = scalar(
            f"select array_agg(id order by id) from {table} where partner_id = :partner"
            + (wanted if table == "document" else ""),
            partner=self.partner,
        )
        return ids[n % len(ids)] if ids else 0

    @rule(price=st.decimals("0.01", "300", places=2), count=st.integers(1, 3))
    def issue(self, price: Decimal, count: int) -> None:
        line = FreeLine("Marfă", "buc", Decimal(count), price)
        self.attempt("issue", lambda session: issue_freehand(session, "invoice", self.partner, [line], self.now))

    @rule(amount=MONEY)
    def pay(self, amount: Decimal) -> None:
        self.attempt("pay", lambda session: payments.record_payment(session, self.partner, amount, TODAY, self.now))

    @rule(amount=MONEY)
    def pay_ahead(self, amount: Decimal) -> None:
        self.attempt("pay ahead", lambda session: payments.record_payment(
            session, self.partner, amount, TODAY, self.now, pays={}))  # fmt: skip

    @rule(amount=MONEY, n=st.integers(0, 9))
    def pay_one(self, amount: Decimal, n: int) -> None:
        pays = {self.one("document", n): amount}
        self.attempt("pay one", lambda session: payments.record_payment(
            session, self.partner, amount + 1, TODAY, self.now, pays=pays))  # fmt: skip

    @rule(n=st.integers(0, 9))
    def undo(self, n: int) -> None:
        payment = self.one("payment", n)
        self.attempt("undo", lambda session: undoing.undo_payment(session, payment, "wrong", self.now))

    @rule(n=st.integers(0, 9), part=st.sampled_from([None, "0.5", "1"]))
    def take_back(self, n: int, part: str | None) -> None:
        document, wanted = self.one("document", n), None if part is None else {1: Decimal(part)}
        self.attempt("storno", lambda session: storno.storno(session, document, "back", self.now, wanted))

    @rule(n=st.integers(0, 9))
    def annul(self, n: int) -> None:
        document = self.one("document", n)
        self.attempt("annul", lambda session: annulling.annul(session, document, "wrong", self.now))

    @rule(n=st.integers(0, 9))
    def write_off(self, n: int) -> None:
        document = self.one("document", n)
        self.attempt("write off", lambda session: writing_off.write_off(session, document, "lost", self.now))

    @rule(n=st.integers(0, 9))
    def use_credit(self, n: int) -> None:
        document = self.one("document", n)
        self.attempt("use credit", lambda session: crediting.use_credit(session, document, self.now))

    @rule(amount=MONEY)
    def pay_back(self, amount: Decimal) -> None:
        self.attempt("refund", lambda session: crediting.refund(
            session, self.partner, amount, TODAY, "asked for", self.now))  # fmt: skip

    @rule(amount=MONEY, sign=st.sampled_from([1, 1, -1]), n=st.integers(1, 5))
    def bring_over(self, amount: Decimal, sign: int, n: int) -> None:
        """Some number again and again: loaded once, and again after it was annulled, with whatever amount."""
        rows = row(self.partner, f"OLD {n}", str(amount * sign))
        self.attempt("bring over", lambda session: apply(session, "opening", (HEAD + rows).encode(), "", self.now))

    @invariant()
    def it_comes_to_the_ban(self) -> None:
        with transaction(SYSTEM) as session:
            assert {name: violations(session, name) for name in LEDGER_CHECKS} == {name: [] for name in LEDGER_CHECKS}
            said = session.execute(
                text("select coalesce(sum(amount), 0) from ledger where partner_id = :id"), {"id": self.partner}
            ).scalar_one()
            assert balance(session, TODAY, self.partner).balance == said


def test_whatever_happens_the_ledger_comes_to_what_is_open() -> None:
    Ledger.done.clear()
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck), derandomize=True,
        ),
    )  # fmt: skip
    assert len(Ledger.done) >= MOST_LIKELY  # which of the verbs come, chance decides anew with every version
    assert_invariants()


def test_a_payment_pays_the_oldest_due_first_and_what_is_left_is_credit() -> None:
    buyer = make_buyer()
    for _ in range(3):
        invoice(buyer)
    receive(buyer.partner_id, "200")
    assert (opens(), credit()) == ([0, 42, 121], 0)
    receive(buyer.partner_id, "170.50")
    assert (opens(), credit()) == ([0, 0, 0], Decimal("7.50"))
    assert_invariants()


def test_a_payment_is_shared_out_as_staff_say_and_never_beyond_what_is_there() -> None:
    buyer = make_buyer()
    one, two = invoice(buyer), invoice(buyer)
    receive(buyer.partner_id, "100", pays={two.id: Decimal(60)})
    assert (opens(), credit()) == ([121, 61], 40)
    with pytest.raises(payments.MoreThanReceived):
        receive(buyer.partner_id, "10", pays={one.id: Decimal(6), two.id: Decimal(5)})
    with pytest.raises(payments.MoreThanOpen):
        receive(buyer.partner_id, "70", pays={two.id: Decimal("61.01")})
    stranger = invoice()
    with pytest.raises(NotFound):
        receive(buyer.partner_id, "10", pays={stranger.id: Decimal(10)})
    assert_invariants()


def test_of_eight_who_pay_the_last_ban_at_once_the_invoice_is_paid_once_and_the_rest_is_credit() -> None:
    document = invoice()
    found = at_once([partial(receive, document.partner_id, "121") for _ in range(8)])
    assert all(isinstance(result, Payment) for result in found)
    assert (opens(), credit()) == ([0], 7 * 121)
    assert_invariants()


def test_undoing_opens_the_invoice_again_by_a_counter_entry() -> None:
    document = invoice()
    payment = receive(document.partner_id, "150")
    counter = undo(payment)
    assert (counter.amount, counter.undoes, counter.reason) == (-150, payment.id, "typed twice")
    assert (opens(), credit()) == ([121], 0)
    for again in (payment, counter):
        with pytest.raises((undoing.UndoneAlready, undoing.NotUndone)):
            undo(again)
    with pytest.raises(NotAllowed):
        undo(payment, make_staff(role="sales"))
    assert_invariants()


def test_of_eight_who_undo_one_payment_at_once_one_does() -> None:
    document = invoice()
    payment = receive(document.partner_id, "121")
    found = at_once([partial(undo, payment) for _ in range(8)])
    assert len([result for result in found if isinstance(result, undoing.UndoneAlready)]) == 7
    assert opens() == [121]
    assert_invariants()


def test_an_order_that_was_paid_by_mistake_waits_for_its_money_again() -> None:
    buyer = make_buyer(prepay=True)
    order_id = claimed_order(buyer)
    with transaction(SYSTEM) as session:
        outcome = prepaying.record_order_payment(session, order_id, Decimal(121), TODAY, "", NOON)
        payment = session.get_one(Payment, outcome.payment_id)
    undo(payment)
    paid_at, deadline = (
        scalar(f"select {name} from orders where id = :id", id=order_id) for name in ("paid_at", "pay_deadline")
    )
    assert (paid_at, deadline) == (None, NOON + timedelta(hours=48))
    assert_invariants()


def test_money_on_an_order_pays_its_invoice_and_is_undone_there() -> None:
    order_id = claimed_order()
    with transaction(SYSTEM) as session:
        outcome = prepaying.record_order_payment(session, order_id, Decimal(100), TODAY, "", NOON)
    issue(order_id)
    assert opens() == [21]
    with transaction(SYSTEM) as session:
        undoing.undo_payment(session, outcome.payment_id, "wrong", NOON)
    assert opens() == [121]
    assert_invariants()


def test_credit_pays_another_invoice_and_can_go_back_but_no_further() -> None:
    buyer = make_buyer()
    receive(buyer.partner_id, "200")
    document = invoice(buyer)
    with transaction(SYSTEM) as session:
        assert crediting.use_credit(session, document.id, NOON) == 121
    with pytest.raises(crediting.MoreThanCredit) as refusal, transaction(SYSTEM) as session:
        crediting.refund(session, buyer.partner_id or 0, Decimal("79.01"), TODAY, "asked", NOON)
    assert "79,00" in refusal.value.text("ro")
    with transaction(SYSTEM) as session:
        crediting.refund(session, buyer.partner_id or 0, Decimal(79), TODAY, "asked", NOON)
    with pytest.raises(payments.NothingOpen), transaction(SYSTEM) as session:
        crediting.use_credit(session, document.id, NOON)
    assert credit() == 0
    assert_invariants()


def test_a_payment_of_which_some_went_back_stays() -> None:
    buyer = make_buyer()
    payment = receive(buyer.partner_id, "200")
    with transaction(SYSTEM) as session:
        crediting.refund(session, buyer.partner_id or 0, Decimal(50), TODAY, "asked", NOON)
    with pytest.raises(undoing.PaidBack):
        undo(payment)
    assert_invariants()


def test_a_debt_is_written_off_with_a_reason_and_that_can_be_undone() -> None:
    document = invoice()
    pay(document, "21")
    with pytest.raises(storno.ReasonMissing), transaction(SYSTEM) as session:
        writing_off.write_off(session, document.id, " ", NOON)
    with transaction(SYSTEM) as session:
        lost = writing_off.write_off(session, document.id, "bankrupt", NOON)
        sums = balance(session, TODAY)
    assert (opens(), sums.written_off, sums.collected) == ([0], 100, 21)
    undo(lost)
    assert opens() == [100]
    assert_invariants()


def test_cash_above_the_limit_of_a_day_is_refused_or_where_it_is_set_so_only_warned_of() -> None:
    buyer = make_buyer()
    receive(buyer.partner_id, "4000", method="cash")
    with pytest.raises(cash.CashOverLimit) as refusal:
        receive(buyer.partner_id, "1000.01", method="cash")
    assert "5.000,01" in refusal.value.text("ro")
    set_up_company(cash_limit_blocks=False)
    receive(buyer.partner_id, "1000.01", method="cash")
    with transaction(SYSTEM) as session:
        assert isinstance(cash.cash_warning(session, buyer.partner_id or 0, Decimal(1), TODAY, []), cash.CashOverLimit)


def test_an_invoice_above_the_limit_is_not_split_into_cash_on_several_days() -> None:
    document = invoice(prices=("5000",))
    pays = {document.id: Decimal(3_000)}
    receive(document.partner_id, "3000", method="cash", pays=pays)
    with pytest.raises(cash.CashSplit), transaction(SYSTEM) as session:
        payments.record_payment(
            session, document.partner_id, Decimal(3_000), TODAY - timedelta(days=1), NOON, pays=pays, method="cash"
        )
    receive(document.partner_id, "3050", method="bank", pays={document.id: Decimal(3_050)})
    assert_invariants()


def test_a_receipt_says_what_the_cash_was_for_and_is_annulled_with_it() -> None:
    document = invoice()
    payment = receive(document.partner_id, "150", method="cash")
    with transaction(make_staff(role="accounting")) as session:
        receipt = receipts.issue_receipt(session, payment.id, NOON)
    with transaction(SYSTEM) as session:
        said = [line.name for line in session.get_one(Document, receipt.id).lines]
    assert said == ["Contravaloarea facturii seria FCT nr. 00001 din 23.11.2026", "Avans în contul clientului"]
    assert (receipt.full_number, receipt.gross) == ("CHT 00001", 150)
    with pytest.raises(receipts.HasReceipt), transaction(SYSTEM) as session:
        receipts.issue_receipt(session, payment.id, NOON)
    undo(payment)
    assert scalar("select reason from annulment where document_id = :id", id=receipt.id) == "typed twice"
    transfer = receive(document.partner_id, "1")
    with pytest.raises(receipts.NotCash), transaction(SYSTEM) as session:
        receipts.issue_receipt(session, transfer.id, NOON)
    assert_invariants()


def test_a_disputed_invoice_is_disputed_once_until_it_is_settled() -> None:
    document = invoice()
    with transaction(SYSTEM) as session:
        writing_off.dispute(session, document.id, "a box was broken", NOON)
    with pytest.raises(writing_off.DisputedAlready), transaction(SYSTEM) as session:
        writing_off.dispute(session, document.id, "again", NOON)
    with transaction(SYSTEM) as session:
        writing_off.end_dispute(session, document.id, NOON)
    with pytest.raises(NotFound), transaction(SYSTEM) as session:
        writing_off.end_dispute(session, document.id, NOON)
