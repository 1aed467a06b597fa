"""What an entry is for: by number, by account, by name, by order; and how sure that is."""

import time
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.banking.proposing import open_entries, propose
from core.db import transaction
from core.documents.models import Document
from core.errors import NotAllowed
from core.principal import SYSTEM, Principal
from core.receivables.payments import record_payment
from tests.core.banking.steps import IBANS, Money, book, book_on, proposal, proposals, reasons, received
from tests.core.documents.steps import TODAY, claimed_order, invoice, issue, pay, set_up_company
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.core.receivables.openings import opening
from tests.factories import make_buyer, make_product, make_staff


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def shares(entry_id: int) -> dict[int, Decimal]:
    return {share.document_id: share.amount for share in proposal(entry_id).shares}


def test_number_and_amount_that_agree_are_certain() -> None:
    document = invoice()
    [entry] = received(Money("121.00", f"Plata {document.full_number}"))
    found = proposal(entry)
    assert (found.partner_id, found.certain, found.rest, shares(entry)) == (
        document.partner_id, True, 0, {document.id: Decimal("121.00")},
    )  # fmt: skip
    assert reasons(found) == [f"{document.full_number} in the text", "exactly what is open on it"]
    assert "în text" in found.reasons[0].text("ro")


def test_one_payment_for_many_invoices_is_certain_if_it_is_exactly_what_they_come_to() -> None:
    buyer = make_buyer()
    one, two, three = (invoice(buyer) for _ in range(3))
    entry, less = received(
        Money("363.00", f"facturi {one.series} {one.number}, {two.number} si {three.number}"),
        Money("300.00", f"{one.series} {one.number}, {two.number}, {three.number}"),
    )
    assert proposal(entry).certain
    assert shares(entry) == {document.id: Decimal("121.00") for document in (one, two, three)}
    assert not proposal(less).certain
    assert shares(less) == {one.id: Decimal(121), two.id: Decimal(121), three.id: Decimal(58)}


def test_a_part_and_too_much_are_proposed_and_not_certain() -> None:
    document = invoice()
    part, more = received(Money("21", f"{document.full_number} a"), Money("200", f"{document.full_number} b"))
    assert (proposal(part).certain, proposal(part).rest, shares(part)) == (False, 0, {document.id: Decimal(21)})
    assert (proposal(more).certain, proposal(more).rest) == (False, Decimal(79))


def test_what_is_paid_already_is_told_and_nothing_of_it_is_certain() -> None:
    document = invoice()
    pay(document, "121")
    [entry] = received(Money("121.00", document.full_number))
    found = proposal(entry)
    assert (found.certain, found.shares, found.rest) == (False, (), Decimal(121))
    assert found.doubts[0].text("en") == (
        f"Nothing is open any more on {document.full_number}: it was paid or taken back."
    )


def test_a_number_without_its_series_is_certain_only_beside_a_payer_who_is_known() -> None:
    buyer = make_buyer(name="S.C. Țeavă & Fiii S.R.L.")
    document = invoice(buyer)
    known, unknown = received(
        Money("121.00", f"factura {document.number} a", name="TEAVA SI FIII SRL"),
        Money("121.00", f"factura {document.number} b"),
    )
    assert (proposal(known).certain, proposal(unknown).certain) == (False, False)
    assert shares(known) == shares(unknown) == {document.id: Decimal(121)}
    [named] = received(Money("121.00", f"factura {document.number} c", name="TEAVA FIII"))
    assert proposal(named).certain


def test_the_account_of_another_partner_speaks_against_the_number() -> None:
    other, document = make_buyer(), invoice()
    [first] = received(Money("10", "avans", iban=IBANS[0]))
    book_on(first, other)
    [entry] = received(Money("121.00", document.full_number, iban=IBANS[0]))
    found = proposal(entry)
    assert (found.partner_id, found.certain) == (document.partner_id, False)
    assert "payer is" in found.doubts[0].text("en")


def test_an_account_is_learned_from_what_was_booked_and_tells_what_is_exactly_open() -> None:
    buyer = make_buyer()
    one, two = invoice(buyer), invoice(buyer, ("200",))
    [first] = received(Money("121.00", one.full_number, iban=IBANS[0]))
    book(first)
    exact, other = received(Money("242.00", "fara numar", iban=IBANS[0]), Money("50.00", "rest", iban=IBANS[0]))
    assert reasons(proposal(exact)) == ["the payer's account is known", f"exactly {two.full_number} is open"]
    assert not proposal(exact).certain
    assert shares(other) == {two.id: Decimal(50)}
    assert reasons(proposal(other))[1] == "no invoice is named: the oldest due first"


def test_the_cui_in_the_text_and_the_name_tell_the_payer() -> None:
    buyer = make_buyer(name="SC Şerban Construcţii SRL", cui="18547290")
    document = invoice(buyer)
    by_cui, by_name, by_part = received(
        Money("121.00", "plata marfa CUI RO18547290"), Money("121.00", "marfa", name="SERBAN CONSTRUCTII S.R.L."),
        Money("121.00", "incasare;Serban Constructii;marfa"),
    )  # fmt: skip
    assert [reasons(proposal(one))[0] for one in (by_cui, by_name, by_part)] == [
        "the CUI in the text", "the payer's name", "the payer's name",
    ]  # fmt: skip
    assert shares(by_cui) == shares(by_name) == {document.id: Decimal(121)}
    assert not any(proposal(one).certain for one in (by_cui, by_name, by_part))


def test_a_cui_or_a_name_that_two_partners_have_tells_nothing() -> None:
    for _ in range(2):
        invoice(make_buyer(name="Geamăn SRL", cui="18547290"))
    received(Money("121.00", "marfa CUI 18547290", name="GEAMAN SRL"))
    assert proposals() == {}


def test_invoices_of_several_partners_are_told_and_not_certain() -> None:
    one, two = invoice(), invoice()
    [entry] = received(Money("242.00", f"{one.full_number}, {two.full_number}"))
    found = proposal(entry)
    assert (found.certain, found.partner_id, len(found.shares)) == (False, one.partner_id, 1)
    assert "several partners" in found.doubts[0].text("en")


def test_documents_of_the_program_before_are_found_by_their_numbers() -> None:
    buyer, other = make_buyer(), make_buyer()
    document, same = opening(buyer, "ABC 0007", "500"), opening(other, "ABC 7", "300")
    assert document.id != same.id
    [entry] = received(Money("500.00", "plata ABC7", name="nimeni"))
    assert not proposal(entry).certain  # two partners have it
    single = opening(buyer, "XY-55", "80")
    [entry] = received(Money("80.00", "plata xy 55"))
    assert (proposal(entry).certain, shares(entry)) == (True, {single.id: Decimal(80)})


def prepaid(buyer: Principal) -> int:
    """An order of 121.00 that is to be paid first."""
    return steps.order(buyer, {make_product(stock=5, list_price=Decimal(100)).id: 1})


def test_the_number_of_an_order_means_the_order_and_later_its_invoice() -> None:
    order_id = prepaid(make_buyer(prepay=True))
    exact, part, more = received(
        Money("121.00", f"comanda {order_id}"), Money("21.00", f"avans comanda {order_id}"),
        Money("130.00", f"cmd. nr {order_id}"),
    )  # fmt: skip
    found = {one: proposal(one) for one in (exact, part, more)}
    assert [(one.order_id, one.certain) for one in found.values()] == [
        (order_id, True),
        (order_id, False),
        (None, False),
    ]
    invoiced = claimed_order()
    document = issue(invoiced)
    [entry] = received(Money("121.00", f"comanda {invoiced}"))
    assert (proposal(entry).order_id, shares(entry)) == (None, {document.id: Decimal(121)})


def test_money_of_the_same_day_that_was_recorded_by_hand_makes_it_doubtful() -> None:
    buyer = make_buyer()
    invoice(buyer)
    document = invoice(buyer)
    with transaction(SYSTEM) as session:
        record_payment(session, buyer.partner_id or 0, Decimal(121), TODAY, NOON)
    [entry] = received(Money("121.00", document.full_number))
    assert not proposal(entry).certain
    assert "recorded already" in proposal(entry).doubts[0].text("en")


def test_two_transfers_of_the_same_amount_on_one_day_are_both_certain() -> None:
    buyer = make_buyer()
    one, two = invoice(buyer), invoice(buyer)
    first, second = received(Money("121.00", one.full_number), Money("121.00", two.full_number))
    book(first)
    assert proposal(second).certain


def test_what_is_no_payment_gets_no_proposal() -> None:
    document = invoice()
    received(Money("121.00", document.full_number, mark="RC"), Money("121.00", document.full_number, mark="RD"))
    assert proposals() == {}


def test_only_who_records_payments_sees_proposals() -> None:
    for who in (make_staff(role="sales"), make_buyer()):
        with transaction(who) as session, pytest.raises(NotAllowed):
            open_entries(session)
        with transaction(who) as session, pytest.raises(NotAllowed):
            propose(session, [])


def many_debts(documents: int) -> Document:
    """So many open documents of 1,000 partners, of the program before, beside one invoice."""
    document = invoice()
    with transaction(SYSTEM) as session:
        session.execute(_PARTNERS)
        session.execute(_DEBTS, {"count": documents})
        session.execute(text("analyze"))
    return document


def test_a_thousand_entries_against_many_open_invoices_take_seconds() -> None:
    document = many_debts(20_000)
    wanted = [Money(f"{n % 900 + 1}.00", f"plata OLD {n}", name=f"Firma {n % 1000 + 1} SRL") for n in range(999)]
    received(Money("121.00", document.full_number), *wanted)
    began = time.process_time()
    found = proposals()
    assert len(found) == 1000
    assert sum(one.certain for one in found.values()) > 500
    assert time.process_time() - began < 5


_PARTNERS = text("""
    insert into partner (code, name, email)
    select 'M' || n, 'S.C. Firma ' || n || ' S.R.L.', 'm' || n || '@p.example' from generate_series(1, 1000) n
""")
_DEBTS = text("""
    insert into document (kind, series, partner_id, issued_on, due_on, issued_at, issuer_name, seller, buyer,
                          net, vat, gross, lei_net, lei_vat, lei_gross)
    select 'opening', 'OLD ' || lpad(n::text, 7, '0'), partner.id, date '2026-10-01', date '2026-11-01', now(), 'x',
           '{}', '{}', n % 900 + 1, 0, n % 900 + 1, n % 900 + 1, 0, n % 900 + 1
    from generate_series(0, :count - 1) n join partner on partner.code = 'M' || (n % 1000 + 1)
""")
