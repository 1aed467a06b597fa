"""Invoices of what was shipped, advances and their deduction, delivery notes, documents without an order."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.catalog.models import Product
from core.db import transaction
from core.documents import advances, delivery_notes, freehand, issuing, order_lines, storno, vat, writing
from core.documents.models import Document, DocumentLine, DocumentVat
from core.documents.order_lines import Terms
from core.principal import SYSTEM, Principal
from core.receivables.prepaying import record_order_payment
from tests.core.documents.steps import TODAY, claimed_order, issue, set_up_company
from tests.core.orders.steps import NOON, assert_invariants, claim, order, scalar, ship_part
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")
LATER = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def shipped(order_id: int, terms: Terms = order_lines.USUAL) -> Document:
    with transaction(SYSTEM) as session:
        return issuing.issue_invoice(session, order_id, LATER, shipped_only=True, terms=terms)


def advance(order_id: int) -> Document:
    with transaction(SYSTEM) as session:
        return advances.issue_advance(session, order_id, LATER)


def pay_ahead(order_id: int, amount: str) -> None:
    with transaction(SYSTEM) as session:
        record_order_payment(session, order_id, Decimal(amount), TODAY, "OP 1", NOON)


def lines(document: Document) -> list[tuple[str, Decimal, Decimal]]:
    with transaction(SYSTEM) as session:
        found = session.scalars(
            select(DocumentLine).where(DocumentLine.document_id == document.id).order_by(DocumentLine.position)
        )
        return [(line.name, line.quantity, line.net) for line in found]


def seven_of(price: str, buyer: Principal | None = None) -> int:
    product = make_product(stock=10, list_price=Decimal(price), name="Cablu")
    order_id = order(buyer or make_buyer(), {product.id: 7})
    claim(make_staff(), order_id)
    return order_id


def test_an_order_is_invoiced_as_it_leaves_and_the_parts_come_to_the_whole() -> None:
    order_id = seven_of("0.335")  # 7 x 0.335 = 2.345, while its parts would come to 1.01 and 1.34
    ship_part(make_staff(), order_id, {1: 3})
    first = shipped(order_id)
    assert (lines(first), first.delivered_on) == ([("Cablu", 3, Decimal("1.01"))], TODAY)
    with pytest.raises(order_lines.NothingShipped):
        shipped(order_id)
    ship_part(make_staff(), order_id, {1: 4})
    second = shipped(order_id)
    assert first.net + second.net == scalar("select net from orders where id = :id", id=order_id) == Decimal("2.35")
    with pytest.raises(order_lines.AlreadyInvoiced):
        issue(order_id)
    assert_invariants()


def test_what_is_still_to_be_shipped_can_be_invoiced_with_the_rest() -> None:
    order_id = seven_of("10")
    ship_part(make_staff(), order_id, {1: 3})
    shipped(order_id)
    assert lines(issue(order_id)) == [("Cablu", 4, 40)]
    assert_invariants()


def test_credit_counts_what_of_a_part_invoiced_order_is_not_invoiced_yet_too() -> None:
    from core.orders.limits import standing

    buyer = make_buyer(credit_limit=10_000)
    order_id = seven_of("100", buyer)
    ship_part(make_staff(), order_id, {1: 3})
    shipped(order_id)
    with transaction(make_staff()) as session:
        used = {limit.kind: limit.used for limit in standing(session, buyer.partner_id or 0, LATER)}
    assert used["credit_limit"] == 847


def test_an_advance_is_invoiced_by_rate_and_deducted_from_the_invoice_of_the_goods() -> None:
    goods = [
        make_product(stock=5, list_price=Decimal(100), name="Cablu"),
        make_product(stock=5, list_price=Decimal(50), name="Carte", vat_class="reduced"),
    ]
    order_id = order(make_buyer(), {product.id: 1 for product in goods})
    claim(make_staff(), order_id)
    pay_ahead(order_id, "88.25")  # half of 121 + 55.50
    ahead = advance(order_id)
    assert (ahead.advance, ahead.net, ahead.vat, ahead.gross) == (True, 75, Decimal("13.25"), Decimal("88.25"))
    assert scalar("select open from receivable where document_id = :id", id=ahead.id) == 0
    document = issue(order_id, LATER)
    assert lines(document)[2:] == [
        (f"Storno avans, factura {ahead.full_number} din 23.11.2026", -1, -50),
        (f"Storno avans, factura {ahead.full_number} din 23.11.2026", -1, -25),
    ]
    assert (document.net, document.gross) == (75, Decimal("88.25"))
    assert scalar("select invoiced from orders where id = :id", id=order_id) == Decimal("176.50")
    assert_invariants()


def test_an_advance_needs_money_and_does_not_end_the_wait_for_the_goods_invoice() -> None:
    order_id = claimed_order()
    with pytest.raises(advances.NothingPaidAhead):
        advance(order_id)
    pay_ahead(order_id, "121")
    advance(order_id)
    assert scalar("select invoiced_at from orders where id = :id", id=order_id) is None
    document = issue(order_id, LATER)
    assert (document.gross, document.net) == (0, 0)
    assert scalar("select invoiced_at from orders where id = :id", id=order_id) is not None
    assert_invariants()


def test_an_advance_that_is_deducted_is_taken_back_only_after_what_deducts_it() -> None:
    order_id = claimed_order()
    pay_ahead(order_id, "60.50")
    ahead, document = advance(order_id), issue(order_id, LATER)
    with pytest.raises(storno.AdvanceDeducted), transaction(SYSTEM) as session:
        storno.storno(session, ahead.id, "why", LATER)
    with transaction(SYSTEM) as session:
        storno.storno(session, document.id, "why", LATER)
    again = issue(order_id, LATER)
    assert again.gross == document.gross == Decimal("60.50")
    assert_invariants()


def test_a_delivery_note_says_what_left_without_prices_and_once() -> None:
    order_id = seven_of("10")
    delivery = ship_part(make_staff(), order_id, {1: 3})
    with transaction(make_staff(role="warehouse")) as session:
        note = delivery_notes.issue_delivery_note(session, delivery, LATER)
    assert (note.full_number, note.gross, lines(note)) == ("AVZ 00001", 0, [("Cablu", 3, 0)])
    with pytest.raises(delivery_notes.AlreadyNoted), transaction(SYSTEM) as session:
        delivery_notes.issue_delivery_note(session, delivery, LATER)
    assert_invariants()


def test_an_invoice_in_euros_says_what_it_comes_to_in_lei_and_that_is_owed() -> None:
    order_id = seven_of("10")
    with transaction(SYSTEM) as session:
        terms = Terms(currency="EUR", exchange_rate=Decimal("5.0923"))
        document = issuing.issue_invoice(session, order_id, NOON, terms=terms)
    assert (document.net, document.vat) == (Decimal("13.75"), Decimal("2.89"))  # 7 x 1.9637
    assert (document.lei_net, document.lei_vat) == (Decimal("70.02"), Decimal("14.72"))
    assert scalar("select open from receivable") == Decimal("84.74")
    assert_invariants()


@pytest.mark.parametrize(("currency", "rate"), [("EUR", "1"), ("RON", "5"), ("EUR", "0"), ("EUR", "NaN")])
def test_an_exchange_rate_is_one(currency: str, rate: str) -> None:
    line, partner = freehand.FreeLine("Transport", "buc", Decimal(1), Decimal(100)), make_partner().id
    terms = Terms(currency=currency, exchange_rate=Decimal(rate))
    with pytest.raises(writing.BadExchangeRate), transaction(SYSTEM) as session:
        freehand.issue_freehand(session, "invoice", partner, [line], NOON, terms)


def test_every_vat_class_has_its_category_and_its_reason() -> None:
    typed = [
        freehand.FreeLine("x", "buc", Decimal(1), Decimal(100), vat_class)
        for vat_class in ("standard", "reduced", "zero", "exempt", "reverse", "deposit")
    ]
    with transaction(SYSTEM) as session:
        document = freehand.issue_freehand(session, "invoice", make_buyer().partner_id or 0, typed, NOON)
    with transaction(SYSTEM) as session:
        parts = session.scalars(select(DocumentVat).where(DocumentVat.document_id == document.id)).all()
    assert {(part.category, part.rate): part.base for part in parts} == {
        ("S", 21): 100, ("S", 11): 100, ("Z", 0): 100, ("E", 0): 200, ("AE", 0): 100,
    }  # fmt: skip
    reasons = {part.category: part.reason for part in parts if part.reason}
    assert reasons["AE"] == "Taxare inversă"
    assert reasons["E"] == "Scutit de TVA; Garanție SGR, în afara sferei de aplicare a TVA"
    assert document.gross == 632
    assert_invariants()


def test_nobody_without_registration_is_invoiced_under_reverse_charge() -> None:
    line = freehand.FreeLine("Fier vechi", "kg", Decimal(1), Decimal(100), "reverse")
    partner = make_partner(vat_payer=False)
    with pytest.raises(vat.ReverseChargeNeedsPayer), transaction(SYSTEM) as session:
        freehand.issue_freehand(session, "invoice", partner.id, [line], NOON)


def test_the_rate_is_that_of_the_day_of_issue() -> None:
    line = freehand.FreeLine("Transport", "buc", Decimal(1), Decimal(100))
    with transaction(SYSTEM) as session:
        terms = Terms(issued_on=TODAY.replace(year=2025, month=7, day=31))
        document = freehand.issue_freehand(session, "invoice", make_buyer().partner_id or 0, [line], NOON, terms)
    assert document.vat == 19


@pytest.mark.parametrize(
    "line", [("", "buc", "1", "1"), ("x", "", "1", "1"), ("x", "buc", "0", "1"), ("x", "buc", "1", "-1"),
             ("x", "buc", "1.0001", "1"), ("x", "buc", "1", "NaN"), ("y" * 201, "buc", "1", "1")],
)  # fmt: skip
def test_a_line_that_cannot_be_is_refused_and_nothing_is_issued(line: tuple[str, str, str, str]) -> None:
    name, unit, quantity, price = line
    typed, partner = freehand.FreeLine(name, unit, Decimal(quantity), Decimal(price)), make_partner().id
    with pytest.raises(freehand.BadLine), transaction(SYSTEM) as session:
        freehand.issue_freehand(session, "invoice", partner, [typed], NOON)
    assert scalar("select count(*) from document") == 0


def test_a_freehand_proforma_becomes_an_invoice_once() -> None:
    line = freehand.FreeLine("Montaj", "oră", Decimal("2.5"), Decimal(80))
    with transaction(SYSTEM) as session:
        proforma = freehand.issue_freehand(session, "proforma", make_buyer().partner_id or 0, [line], NOON)
    with transaction(SYSTEM) as session:
        document = freehand.invoice_proforma(session, proforma.id, LATER)
    assert (document.gross, document.refers_to, document.kind) == (242, proforma.id, "invoice")
    with pytest.raises(freehand.InvoicedAlready), transaction(SYSTEM) as session:
        freehand.invoice_proforma(session, proforma.id, LATER)
    assert_invariants()


def test_units_are_written_down_with_their_codes() -> None:
    product = make_product(stock=5, unit="Sac")
    order_id = order(principal_of(make_user(make_partner())), {product.id: 1})
    claim(make_staff(), order_id)
    issue(order_id)
    assert scalar("select unit_code from document_line") == "XBG"


def test_a_product_under_reverse_charge_is_ordered_and_invoiced_without_vat() -> None:
    product = make_product(stock=5, list_price=Decimal(100))
    with transaction(SYSTEM) as session:
        session.get_one(Product, product.id).vat_class = "reverse"
    order_id = order(make_buyer(), {product.id: 1})
    claim(make_staff(), order_id)
    document = issue(order_id)
    assert (document.net, document.vat) == (100, 0)
    assert scalar("select category || ' ' || reason from document_vat") == "AE Taxare inversă"
