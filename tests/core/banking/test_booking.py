"""Booking: once, as it was seen, by whoever comes first; and what undoing the payment makes of the entry."""

from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from core.banking import booking
from core.banking.booking import NotOpen, ProposalChanged
from core.db import transaction
from core.documents.models import Document
from core.documents.storno import ReasonMissing
from core.errors import NotAllowed, NotFound, Refusal
from core.principal import SYSTEM, Principal
from core.receivables.crediting import refund
from core.receivables.models import Payment, Receivable
from core.receivables.payments import MoreThanOpen, MoreThanReceived, PaidInFuture
from core.receivables.undoing import PaidBack, undo_payment
from tests.core.banking.steps import (
    IBANS,
    Money,
    book,
    book_certain,
    book_on,
    entry,
    kept,
    proposal,
    received,
    reopen,
    set_aside,
    take_back,
)
from tests.core.documents.steps import TODAY, claimed_order, invoice, issue, pay, set_up_company
from tests.core.orders import steps
from tests.core.orders.steps import NOON, assert_invariants, scalar
from tests.core.receivables.debts import events
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


@pytest.fixture
def buyer() -> Principal:
    return make_buyer()


@pytest.fixture
def document(buyer: Principal) -> Document:
    """An invoice of 121.00."""
    return invoice(buyer)


def open_on(document: Document) -> Decimal:
    with transaction(SYSTEM) as session:
        return session.get_one(Receivable, document.id).open


def paid(document: Document, amount: str = "121.00") -> int:
    """An entry that names the invoice."""
    return received(Money(amount, f"Plata {document.full_number}", iban=IBANS[0]))[0]


def test_a_certain_entry_becomes_a_payment_of_its_day_with_the_banks_text(document: Document) -> None:
    one = paid(document)
    staff = make_staff(role="accounting")
    payment_id = book(one, staff)
    with transaction(SYSTEM) as session:
        payment = session.get_one(Payment, payment_id)
    assert (payment.amount, payment.method, payment.paid_on, payment.reference, payment.recorded_by) == (
        121, "bank", TODAY, f"Plata {document.full_number}", staff.user_id,
    )  # fmt: skip
    assert (entry(one).state, entry(one).payment_id, open_on(document)) == ("booked", payment_id, 0)
    assert len(events("payment_recorded")) == len(events("bank_entry_booked")) == 1
    assert_invariants()


def test_all_that_is_certain_is_booked_with_one_click_and_the_rest_stays(buyer: Principal, document: Document) -> None:
    certain, part, unknown = received(
        Money("121.00", document.full_number), Money("5.00", f"{invoice(buyer).full_number} parte"), Money("9.00", "?")
    )
    done = book_certain()
    assert (done.count, done.amount, done.refused) == (1, Decimal(121), [])
    assert [entry(one).state for one in (certain, part, unknown)] == ["booked", "open", "open"]
    assert book_certain().count == 0


def test_part_payments_and_too_much_are_booked_and_what_is_left_is_credit(document: Document) -> None:
    book(paid(document, "21.00"))
    assert open_on(document) == 100
    book(paid(document, "130.00"))
    assert (open_on(document), scalar('select sum("left") from credit')) == (0, 30)
    assert_invariants()


def test_a_payment_of_many_invoices_pays_each(buyer: Principal) -> None:
    documents = [invoice(buyer) for _ in range(3)]
    [one] = received(Money("363.00", ", ".join(each.full_number for each in documents)))
    book(one)
    assert [open_on(each) for each in documents] == [0, 0, 0]


def test_a_person_chooses_another_partner_and_shares(document: Document) -> None:
    other = make_buyer()
    theirs = [invoice(other), invoice(other)]
    one = paid(document)
    book_on(one, other, {theirs[1].id: Decimal("100.00")})
    assert [open_on(each) for each in (document, *theirs)] == [121, 121, 21]
    assert scalar('select sum("left") from credit') == 21
    assert_invariants()


def test_shares_that_do_not_fit_are_refused_and_the_entry_waits(buyer: Principal, document: Document) -> None:
    one = paid(document)
    for pays, refusal in (
        ({document.id: Decimal("121.01")}, MoreThanOpen),
        ({document.id: Decimal(121), invoice(buyer).id: Decimal(1)}, MoreThanReceived),
        ({invoice().id: Decimal(1)}, NotFound),
    ):
        with pytest.raises(refusal):
            book_on(one, buyer, pays)
    assert (entry(one).state, scalar("select count(*) from payment")) == ("open", 0)


def test_what_was_paid_meanwhile_is_told_and_not_booked_otherwise(document: Document) -> None:
    one = paid(document)
    seen = proposal(one).mark
    pay(document, "121")
    with pytest.raises(ProposalChanged):
        book(one, seen=seen)
    assert entry(one).state == "open"
    assert not proposal(one).certain


def test_a_proposal_that_became_doubtful_is_not_booked_as_certain(buyer: Principal, document: Document) -> None:
    older = invoice(buyer)
    one = paid(document)
    seen = proposal(one).mark
    pay(older, "121")
    with pytest.raises(ProposalChanged):
        book(one, seen=seen)


def test_of_two_entries_with_one_invoice_only_one_is_booked_as_certain(document: Document) -> None:
    received(Money("121.00", f"{document.full_number} a"), Money("121.00", f"{document.full_number} b"))
    done = book_certain()
    assert (done.count, [type(one) for one in done.refused]) == (1, [ProposalChanged])
    assert open_on(document) == 0


def test_money_on_an_order_marks_it_as_paid(buyer: Principal) -> None:
    order_id = steps.order(buyer, {make_product(stock=5, list_price=Decimal(100)).id: 1})
    [one] = received(Money("121.00", f"comanda {order_id}"))
    book(one)
    assert scalar(f"select paid_at is not null from orders where id = {order_id}")
    take_back(one)
    assert entry(one).state == "open"
    assert scalar(f"select paid_at is null from orders where id = {order_id}")
    assert_invariants()


def test_an_order_that_was_invoiced_meanwhile_is_told(buyer: Principal) -> None:
    order_id = claimed_order(buyer)
    [one] = received(Money("121.00", f"comanda {order_id}"))
    seen = proposal(one).mark
    document = issue(order_id)
    with pytest.raises(ProposalChanged):
        book(one, seen=seen)
    book(one)
    assert open_on(document) == 0


def test_an_entry_of_a_day_to_come_is_refused_with_the_reason(document: Document) -> None:
    [one] = received(Money("121.00", document.full_number, day=TODAY.replace(day=28)))
    with pytest.raises(PaidInFuture):
        book(one)


def test_a_double_click_books_once(document: Document) -> None:
    one = paid(document)
    seen = proposal(one).mark
    book(one, seen=seen)
    with pytest.raises(NotOpen):
        book(one, seen=seen)
    assert scalar("select count(*) from payment") == 1


def test_two_people_at_once_book_once(document: Document) -> None:
    one = paid(document)
    seen = proposal(one).mark
    staff = [make_staff(role="accounting") for _ in range(4)]
    outcome = at_once([partial(book, one, who, seen) for who in staff])
    assert sorted(type(each).__name__ for each in outcome) == ["NotOpen", "NotOpen", "NotOpen", "int"]
    assert scalar("select count(*) from payment") == 1
    assert_invariants()


def test_two_entries_of_one_invoice_booked_at_once_pay_it_once_and_the_other_is_told(document: Document) -> None:
    ids = received(Money("121.00", f"{document.full_number} a"), Money("121.00", f"{document.full_number} b"))
    seen = {one: proposal(one).mark for one in ids}
    outcome = at_once([partial(book, one, seen=seen[one]) for one in ids])
    assert sorted(type(each).__name__ for each in outcome) == ["ProposalChanged", "int"]
    assert (open_on(document), scalar("select count(*) from payment")) == (0, 1)


def test_two_people_who_book_it_on_two_partners_at_once_book_once() -> None:
    for _ in range(5):
        [one] = received(Money("50.00", f"fara numar {len(kept())}"))
        partners = [make_buyer() for _ in range(2)]
        outcome = at_once([partial(book_on, one, partner) for partner in partners])
        assert sorted(type(each).__name__ for each in outcome) == ["NotOpen", "int"]
    assert scalar("select count(*) from payment") == 5


def test_all_that_is_certain_booked_by_two_at_once_is_booked_once(buyer: Principal) -> None:
    documents = [invoice(buyer) for _ in range(6)]
    received(*(Money("121.00", each.full_number) for each in documents))
    outcome = at_once([book_certain, book_certain])
    assert sum(done.count for done in outcome) == 6
    assert scalar("select count(*) from payment") == 6
    assert_invariants()


def test_without_lock_and_condition_an_entry_would_be_booked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the race is real, and what stops it is the lock and, behind it, the conditional update."""
    [one] = received(Money("50.00", "fara numar"))
    slow = booking._LOCK.text.replace("for update", "").replace("select id", "select pg_sleep(0.3), id")
    monkeypatch.setattr(booking, "_LOCK", text(slow))
    partners = [make_buyer() for _ in range(2)]

    def book_carelessly(partner: Principal) -> int:
        return book_on(one, partner)

    # The condition alone: who comes second changes no row, and all of it is taken back.
    outcome = at_once([partial(book_carelessly, partner) for partner in partners])
    assert sorted(type(each).__name__ for each in outcome) == ["NotOpen", "int"]
    take_back(one)
    # Neither: the second overwrites what the first has booked.
    careless = text("update bank_entry set state = 'booked', payment_id = :payment where id = :entry")
    monkeypatch.setattr(booking, "_BOOKED", careless)
    outcome = at_once([partial(book_carelessly, partner) for partner in partners])
    assert [each for each in outcome if isinstance(each, Refusal)] == []
    assert scalar("select count(*) from payment p where amount > 0"
                  " and not exists (select from payment u where u.undoes = p.id)") == 2  # fmt: skip


def test_taking_the_payment_back_opens_the_entry_again_wherever_it_is_done(document: Document) -> None:
    one = paid(document)
    payment_id = book(one)
    with transaction(SYSTEM) as session:
        undo_payment(session, payment_id, "Greșit", NOON)
    assert (entry(one).state, entry(one).payment_id, open_on(document)) == ("open", None, 121)
    assert proposal(one).certain
    second = book(one)
    assert (entry(one).payment_id, second != payment_id) == (second, True)
    take_back(one)
    with pytest.raises(NotOpen):
        take_back(one)
    assert_invariants()


def test_what_a_booking_taught_is_forgotten_when_it_is_taken_back(document: Document) -> None:
    wrong = make_buyer()
    one = paid(document)
    book_on(one, wrong)
    assert scalar("select partner_id from partner_account") == wrong.partner_id
    take_back(one)
    assert scalar("select count(*) from partner_account") == 0
    assert proposal(one).partner_id == document.partner_id


def test_the_last_booking_tells_whose_account_it_is(document: Document, buyer: Principal) -> None:
    other = make_buyer()
    first, second = received(Money("1.00", "a", iban=IBANS[1]), Money("2.00", "b", iban=IBANS[1]))
    book_on(first, other)
    book_on(second, buyer)
    assert scalar("select partner_id from partner_account") == buyer.partner_id
    take_back(first)
    assert scalar("select count(*) from partner_account") == 1


def test_a_payment_of_which_some_went_back_keeps_its_entry(buyer: Principal, document: Document) -> None:
    one = paid(document, "150.00")
    book(one)
    with transaction(SYSTEM) as session:
        refund(session, buyer.partner_id or 0, Decimal(29), TODAY, "Plătit în plus", NOON, "")
    with pytest.raises(PaidBack):
        take_back(one)
    assert entry(one).state == "booked"


def test_an_entry_is_set_aside_with_a_reason_and_taken_up_again(document: Document) -> None:
    one = paid(document)
    with pytest.raises(ReasonMissing):
        set_aside(one, " ")
    set_aside(one, "Împrumut de la asociat")
    assert (entry(one).state, entry(one).reason) == ("set_aside", "Împrumut de la asociat")
    for again in (partial(set_aside, one), partial(book, one, seen=""), partial(book_on, one, make_buyer())):
        with pytest.raises(NotOpen):
            again()
    reopen(one)
    with pytest.raises(NotOpen):
        reopen(one)
    book(one)
    with pytest.raises(NotOpen):
        set_aside(one)
    assert [len(events(f"bank_entry_{what}")) for what in ("set_aside", "reopened", "booked")] == [1, 1, 1]


def test_booking_and_setting_aside_at_once_does_one_of_them(document: Document) -> None:
    one = paid(document)
    seen = proposal(one).mark
    outcome = at_once([partial(book, one, seen=seen), partial(set_aside, one)])
    assert sum(isinstance(each, NotOpen) for each in outcome) == 1
    assert scalar("select count(*) from payment") == (entry(one).state == "booked")


def test_what_is_no_payment_is_never_booked(buyer: Principal) -> None:
    taken_back, given_back = received(Money("10", "a", mark="RC"), Money("10", "b", mark="RD"))
    for one in (taken_back, given_back):
        with pytest.raises(NotOpen):
            book_on(one, buyer)
        set_aside(one)
    with transaction(SYSTEM) as session, pytest.raises(IntegrityError):
        session.execute(text("update bank_entry set state = 'booked', reason = '', payment_id = 1"))


def test_nothing_is_there_for_who_may_not_or_for_what_does_not_exist(document: Document, buyer: Principal) -> None:
    one = paid(document)
    for who in (make_staff(role="sales"), make_staff(role="analyst"), buyer):
        for step in (
            partial(book, one, who, "x"), partial(book_on, one, buyer, None, who), partial(set_aside, one, "x", who),
            partial(reopen, one, who), partial(take_back, one, who), partial(booking.book_all, who, {one: "x"}, NOON),
        ):  # fmt: skip
            with pytest.raises(NotAllowed):
                step()
    for step in (partial(book, 0, seen="x"), partial(book_on, 0, buyer), partial(set_aside, 0), partial(take_back, 0)):
        with pytest.raises(NotFound):
            step()
    with pytest.raises(NotFound):
        book_on(one, Principal("partner", 1, 10**6, role="owner"))


@pytest.mark.parametrize("table", ["bank_statement", "bank_entry", "partner_account", "bank_csv_mapping"])
def test_partners_see_nothing_of_it(document: Document, buyer: Principal, table: str) -> None:
    book(paid(document))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(buyer) as session:
        session.execute(text(f"select * from {table}"))
