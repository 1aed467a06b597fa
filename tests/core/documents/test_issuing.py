from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from core.db import transaction
from core.documents import issuing, numbering, order_lines, parties
from core.documents.models import Document, DocumentLine, DocumentVat
from core.errors import NotAllowed, NotFound
from core.events import Event
from core.principal import SYSTEM
from tests.core.documents.steps import TODAY, claimed_order, invoice, issue, set_up_company
from tests.core.orders.steps import (
    NOON,
    assert_invariants,
    cancel,
    cancel_part,
    claim,
    count,
    lapse,
    order,
    scalar,
    ship,
    ship_part,
)
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def rows(table: Any, document: Document) -> list[Any]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(table).where(table.document_id == document.id)))


def test_an_invoice_copies_the_order_and_both_parties() -> None:
    set_up_company(share_capital=Decimal("200000.00"), city="Brașov")
    buyer = make_buyer(name="Electro Întâi SRL", cui="RO 10000016", vat_payer=False, payment_days=15)
    document = issue(claimed_order(buyer, ("100", "7.5")), who=make_staff(name="Ioana"))

    assert (document.issued_on, document.due_on) == (TODAY, TODAY + timedelta(days=15))
    assert (document.net, document.vat, document.gross) == (Decimal("107.50"), Decimal("22.58"), Decimal("130.08"))
    assert document.issuer_name == "Ioana"
    assert document.seller["name"] == "Distribuție Carpați SRL"
    assert document.seller["share_capital"] == "200000.00"
    assert (document.buyer["name"], document.buyer["cui"]) == ("Electro Întâi SRL", "10000016")
    assert document.buyer["vat_payer"] is False
    lines = rows(DocumentLine, document)
    assert [(line.position, line.unit_price, line.net) for line in lines] == [
        (1, 100, 100),
        (2, Decimal("7.5"), Decimal("7.50")),
    ]


def test_issuing_is_written_in_the_history_and_put_in_the_outbox() -> None:
    set_up_company()
    document = invoice()
    with transaction(SYSTEM) as session:
        event = session.scalars(select(Event).where(Event.kind == "invoice_issued")).one()
    assert (event.document_id, event.order_id, event.partner_id) == (
        document.id, document.order_id, document.partner_id,
    )  # fmt: skip
    assert scalar("select count(*) from outbox where event_id = :id", id=event.id) == 1


def test_vat_is_computed_once_per_rate_on_the_sum_of_the_lines() -> None:
    # By line: 3 × round(0.03 × 21 %) = 0.03. On the sum: round(0.09 × 21 %) = 0.02.
    set_up_company()
    document = invoice(prices=("0.03", "0.03", "0.03"))
    assert (document.net, document.vat, document.gross) == (Decimal("0.09"), Decimal("0.02"), Decimal("0.11"))


def test_each_rate_has_its_own_total_and_goods_without_vat_their_own_category() -> None:
    set_up_company()
    classes = {"standard": "100", "reduced": "50", "zero": "30"}
    products = [make_product(stock=1, vat_class=kind, list_price=Decimal(price)) for kind, price in classes.items()]
    order_id = order(make_buyer(), {product.id: 1 for product in products})
    claim(make_staff(), order_id)
    document = issue(order_id)
    found = {(row.category, row.rate): (row.base, row.vat) for row in rows(DocumentVat, document)}
    assert found == {
        ("S", Decimal("21.00")): (Decimal("100.00"), Decimal("21.00")),
        ("S", Decimal("11.00")): (Decimal("50.00"), Decimal("5.50")),
        ("Z", Decimal("0.00")): (Decimal("30.00"), Decimal("0.00")),
    }


def test_the_day_of_issue_is_that_of_the_company_not_of_the_server() -> None:
    set_up_company()
    late_evening = datetime.fromisoformat("2026-11-23T22:30:00+00:00")
    assert issue(claimed_order(), late_evening).issued_on == date(2026, 11, 24)


def test_a_shipped_order_can_be_invoiced() -> None:
    set_up_company()
    order_id = claimed_order()
    ship(make_staff(), order_id)
    assert issue(order_id).order_id == order_id


def test_what_was_cancelled_is_neither_on_the_invoice_nor_in_its_amounts() -> None:
    set_up_company()
    products = [make_product(stock=10, list_price=Decimal(price)) for price in ("10", "5", "3.335")]
    order_id = order(make_buyer(), {product.id: 6 for product in products})
    claim(make_staff(), order_id)
    ship_part(make_staff(), order_id, {1: 2})
    cancel_part(make_staff(), order_id, {1: 1, 2: 6, 3: 3})
    document = issue(order_id)
    lines = [(line.position, line.quantity, line.net) for line in rows(DocumentLine, document)]
    assert lines == [(1, 5, Decimal("50.00")), (2, 3, Decimal("10.01"))]
    assert (document.net, document.vat, document.gross) == (Decimal("60.01"), Decimal("12.60"), Decimal("72.61"))
    assert scalar("select array[net, vat, gross] from orders") == [document.net, document.vat, document.gross]
    assert_invariants()


def test_nothing_is_invoiced_while_a_part_is_on_backorder() -> None:
    set_up_company()
    product = make_product(stock=2, backorder=True)
    order_id = order(make_buyer(), {product.id: 5})
    claim(make_staff(), order_id)
    with pytest.raises(issuing.StillAwaited, match="backorder"):
        issue(order_id)
    ship(make_staff(), order_id)
    count(product.id, 1)
    with pytest.raises(issuing.StillAwaited):
        issue(order_id)
    cancel_part(make_staff(), order_id, {1: 2})
    document = issue(order_id)
    assert [(line.quantity, line.net) for line in rows(DocumentLine, document)] == [(3, Decimal("30.00"))]
    ship(make_staff(), order_id)
    assert_invariants()


def test_an_order_that_nobody_claimed_is_refused() -> None:
    set_up_company()
    order_id = order(make_buyer(), {make_product(stock=1).id: 1})
    with pytest.raises(issuing.OrderNotClaimed):
        issue(order_id)


def test_cancelled_and_lapsed_orders_are_refused() -> None:
    set_up_company()
    cancelled, lapsed = claimed_order(), order(make_buyer(), {make_product(stock=1).id: 1})
    cancel(make_staff(), cancelled)
    lapse(NOON + timedelta(hours=25))
    for order_id in (cancelled, lapsed):
        with pytest.raises(order_lines.OrderEnded):
            issue(order_id)


def test_a_second_invoice_is_refused_with_the_number_of_the_first() -> None:
    set_up_company()
    document = invoice()
    with pytest.raises(order_lines.AlreadyInvoiced, match="FCT 00001"):
        issue(document.order_id or 0)


def test_partners_may_not_issue_and_an_unknown_order_is_not_found() -> None:
    set_up_company()
    buyer = make_buyer()
    order_id = claimed_order(buyer)
    with pytest.raises(NotAllowed):
        issue(order_id, who=buyer)
    with pytest.raises(NotFound):
        issue(0)


@pytest.mark.parametrize(
    ("company", "refusal"),
    [
        ({"name": ""}, parties.CompanyIncomplete),
        ({"cui": " "}, parties.CompanyIncomplete),
    ],
)
def test_a_company_that_cannot_stand_on_an_invoice_is_refused(
    company: dict[str, Any], refusal: type[Exception]
) -> None:
    set_up_company(**company)
    with pytest.raises(refusal):
        invoice()


def test_a_partner_without_a_tax_number_is_refused() -> None:
    set_up_company()
    with pytest.raises(parties.PartnerIncomplete, match="Fără CUI SRL"):
        invoice(make_buyer(name="Fără CUI SRL", cui=""))


def test_dates_never_go_backwards_in_a_series() -> None:
    set_up_company()
    invoice()
    order_id = claimed_order()
    with pytest.raises(numbering.DateBeforeLastIssued, match=r"23\.11\.2026"):
        issue(order_id, NOON - timedelta(days=1))
    assert issue(order_id).number == 2


def test_without_a_series_the_refusal_says_so() -> None:
    set_up_company()
    order_id = claimed_order()
    with transaction(SYSTEM) as session:
        session.execute(text("delete from document_series"))
    with pytest.raises(numbering.NoSeries):
        issue(order_id)


def test_sixteen_threads_leave_no_gap_and_no_duplicate() -> None:
    set_up_company()
    buyer = make_buyer()
    orders = [claimed_order(buyer) for _ in range(32)]

    def issue_two(first: int, second: int) -> list[int]:
        return [issue(first).number, issue(second).number]

    outcome = at_once([partial(issue_two, *orders[i : i + 2]) for i in range(0, 32, 2)])
    assert sorted(number for pair in outcome for number in pair) == list(range(1, 33))
    assert_invariants()


def test_an_issuer_that_fails_after_taking_a_number_leaves_none() -> None:
    set_up_company()
    order_id = claimed_order()

    class PowerCut(Exception):
        pass

    def fail_after_issuing() -> None:
        with transaction(SYSTEM) as session:
            assert issuing.issue_invoice(session, order_id, NOON).number == 1
            raise PowerCut

    with pytest.raises(PowerCut):
        fail_after_issuing()
    assert scalar("select count(*) from document") == 0
    assert issue(order_id).number == 1


def test_four_threads_make_one_invoice_of_one_order() -> None:
    set_up_company()
    order_id = claimed_order()
    outcome = at_once([partial(issue, order_id)] * 4)
    refused = [result for result in outcome if isinstance(result, order_lines.AlreadyInvoiced)]
    assert len(refused) == 3
    assert {str(refusal.params["number"]) for refusal in refused} == {"FCT 00001"}
    assert scalar("select count(*) from document") == 1


def test_cancelling_and_invoicing_at_once_never_both_happen() -> None:
    set_up_company()
    staff = make_staff()
    for _ in range(5):
        order_id = claimed_order()
        outcome = at_once([partial(issue, order_id), partial(cancel, staff, order_id)])
        assert sum(isinstance(result, Exception) for result in outcome) == 1


@pytest.mark.parametrize("table", ["document", "document_line", "document_vat"])
@pytest.mark.parametrize("change", ["update {} set partner_id = partner_id", "delete from {}"])
def test_the_database_refuses_to_change_an_issued_document(table: str, change: str) -> None:
    set_up_company()
    invoice()
    with pytest.raises(DatabaseError, match="append-only"), transaction(SYSTEM) as session:
        session.execute(text(change.format(table)))


def test_a_company_that_charges_no_vat_invoices_without_it_and_says_so() -> None:
    set_up_company(vat_payer=False)
    document = invoice()
    assert (document.net, document.vat, document.gross) == (100, 0, 100)
    assert [(part.category, part.rate, part.reason) for part in rows(DocumentVat, document)] == [
        ("O", 0, "Furnizor neînregistrat în scopuri de TVA")
    ]


def test_an_order_that_was_placed_with_vat_is_not_invoiced_without_it() -> None:
    set_up_company()
    order_id = claimed_order()
    set_up_company(vat_payer=False)
    with pytest.raises(order_lines.CompanyNotVatPayer):
        issue(order_id)
