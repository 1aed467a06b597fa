"""What the portal itself issues, from order to storno, is kept as an XML that the official rules pass."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.company import change_company
from core.db import transaction
from core.documents.advances import issue_advance
from core.documents.correcting import Corrected, correct
from core.documents.delivery_notes import issue_delivery_note
from core.documents.efactura.keeping import xml_of
from core.documents.freehand import FreeLine, invoice_proforma, issue_freehand
from core.documents.issuing import issue_invoice
from core.documents.models import Document
from core.documents.order_lines import Terms
from core.documents.storno import storno
from core.principal import SYSTEM, Principal
from core.receivables.prepaying import record_order_payment
from tests.core.documents.efactura.steps import found
from tests.core.documents.steps import TODAY, claimed_order, invoice, issue, set_up_company
from tests.core.orders.steps import NOON, claim, order, scalar, ship, ship_part
from tests.factories import make_buyer, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")
Passes = Callable[[Document], bytes]


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company(share_capital=Decimal(200), reg_com="J33/1/2001", phone="0230 111 222", email="a@b.example")


@pytest.fixture
def passes(findings: Callable[[bytes], list[str]]) -> Passes:
    """The XML that was kept when the document was issued, which passes the official rules."""

    def check(document: Document) -> bytes:
        xml = scalar("select content from document_file where document_id = :id and format = 'xml'", id=document.id)
        assert findings(xml) == []
        return bytes(xml)

    return check


def freehand(*lines: FreeLine, buyer: Principal | None = None, terms: Terms | None = None) -> Document:
    with transaction(SYSTEM) as session:
        partner = (buyer or make_buyer()).partner_id or 0
        return issue_freehand(session, "invoice", partner, lines, NOON, terms or Terms())


def free(quantity: str = "1", price: str = "100", vat_class: str = "standard", name: str = "Marfă") -> FreeLine:
    return FreeLine(name, "buc", Decimal(quantity), Decimal(price), vat_class)


def back(document: Document, quantities: dict[int, str] | None = None) -> Document:
    wanted = None if quantities is None else {at: Decimal(value) for at, value in quantities.items()}
    with transaction(SYSTEM) as session:
        return storno(session, document.id, "Marfă întoarsă <deteriorată> & refuzată", NOON, wanted)


def paid_order(prices: tuple[str, ...] = ("100",), money: str = "50") -> int:
    order_id = claimed_order(prices=prices)
    with transaction(SYSTEM) as session:
        record_order_payment(session, order_id, Decimal(money), TODAY, "OP 1", NOON)
    return order_id


def test_the_invoice_of_an_order(passes: Passes) -> None:
    xml = passes(document := invoice(prices=("100", "3.335", "0.0049")))
    assert found(xml, "/*/cbc:ID") == [document.full_number]
    assert found(xml, "//cac:OrderReference/cbc:ID") == [str(document.order_id)]
    assert found(xml, "//cbc:PayableAmount") == [str(document.gross)]


def test_every_vat_class_on_one_invoice(passes: Passes) -> None:
    classes = ("standard", "reduced", "zero", "exempt", "reverse", "deposit")
    xml = passes(freehand(*(free("3", "7.335", vat_class) for vat_class in classes)))
    assert found(xml, "//cac:TaxSubtotal//cbc:ID[.!='VAT']") == ["S", "S", "AE", "E", "Z"]
    assert found(xml, "//cbc:TaxExemptionReasonCode") == ["VATEX-EU-AE"]


def test_a_distributor_that_is_not_registered_for_vat(passes: Passes) -> None:
    set_up_company(vat_payer=False)
    xml = passes(freehand(free(), free(vat_class="zero")))
    assert found(xml, "//cac:PartyTaxScheme") == []


def test_vat_on_payment(passes: Passes) -> None:
    set_up_company(vat_on_payment=True)
    assert found(passes(invoice()), "//cbc:DescriptionCode") == ["432"]


def test_an_invoice_in_euro_and_its_storno(passes: Passes) -> None:
    document = freehand(free("3", "33.3333"), terms=Terms(currency="EUR", exchange_rate=Decimal("5.0923")))
    passes(document)
    xml = passes(back(document, {1: "1"}))
    assert found(xml, "/*/cac:TaxTotal/cbc:TaxAmount/@currencyID") == ["EUR", "RON"]
    passes(back(document))


def test_a_storno_of_all_and_stornos_of_parts(passes: Passes) -> None:
    document = freehand(free("7", "0.3333"), free("3", "1.005", "reduced"))
    for quantities in ({1: "2"}, {1: "3", 2: "1"}, None):
        xml = passes(back(document, quantities))
        assert found(xml, "//cac:InvoiceDocumentReference/cbc:ID") == [document.full_number]
    assert scalar("select sum(net) from document where kind in ('invoice', 'storno')") == 0


def test_parts_whose_roundings_the_last_one_takes(passes: Passes) -> None:
    product = make_product(stock=100, list_price=Decimal("0.0049"))
    order_id = order(make_buyer(), {product.id: 40})
    staff = make_staff()
    claim(staff, order_id)
    for _ in range(3):
        ship_part(staff, order_id, {1: 1})
        with transaction(SYSTEM) as session:
            part = issue_invoice(session, order_id, NOON, shipped_only=True)
        passes(part)
    last = issue(order_id)
    assert last.net != 37 * Decimal("0.0049")
    passes(last)
    passes(back(last, {1: "36"}))
    passes(back(last))


def test_a_correction_is_a_storno_and_a_corrected_invoice(passes: Passes) -> None:
    document = invoice(prices=("100", "50"))
    with transaction(SYSTEM) as session:
        taken, new = correct(
            session, document.id, {1: Corrected("Alt nume", Decimal(1), Decimal("99.5"))}, "Preț greșit", NOON
        )
    passes(taken)
    xml = passes(new)
    assert found(xml, "//cbc:InvoiceTypeCode") == ["384"]
    assert found(xml, "//cac:InvoiceDocumentReference/cbc:ID") == [document.full_number]


def test_an_advance_the_invoice_that_deducts_it_and_its_storno(passes: Passes) -> None:
    order_id = paid_order(("100", "33.335"))
    with transaction(SYSTEM) as session:
        advance = issue_advance(session, order_id, NOON)
    assert "Factură de avans" in found(passes(advance), "//cbc:Note")
    final = issue(order_id)
    xml = passes(final)
    assert found(xml, "//cbc:InvoicedQuantity")[-1] == "-1"
    assert found(xml, "//cac:InvoiceDocumentReference/cbc:ID") == [advance.full_number]
    passes(back(final))


def test_an_advance_of_everything_leaves_an_invoice_of_nothing(passes: Passes) -> None:
    order_id = paid_order(money="121")
    with transaction(SYSTEM) as session:
        advance = issue_advance(session, order_id, NOON)
    passes(advance)
    assert found(passes(issue(order_id)), "//cbc:PayableAmount") == ["0.00"]


def test_what_was_paid_before_is_no_part_of_the_invoice(passes: Passes) -> None:
    document = issue(paid_order(money="121"))
    assert scalar("select open from receivable where document_id = :id", id=document.id) == 0
    assert found(passes(document), "//cbc:PayableAmount") == ["121.00"]


def test_the_invoice_of_a_proforma_and_of_a_delivered_order(passes: Passes) -> None:
    with transaction(SYSTEM) as session:
        proforma = issue_freehand(session, "proforma", make_buyer().partner_id or 0, [free()], NOON)
        document = invoice_proforma(session, proforma.id, NOON)
    assert found(passes(document), "//cac:AdditionalDocumentReference/cbc:ID") == [proforma.full_number]
    order_id, staff = claimed_order(), make_staff()
    ship(staff, order_id)
    with transaction(SYSTEM) as session:
        issue_delivery_note(session, scalar("select max(id) from delivery"), NOON)
    assert found(passes(issue(order_id)), "//cbc:ActualDeliveryDate") == ["2026-11-23"]
    assert scalar("select count(*) from document_file") == 2


@pytest.mark.parametrize(
    "values",
    [
        {"vat_payer": False, "cui": "10000016"},
        {"county": "Municipiul București", "city": "București", "address": "Str. Lungă 1, sect. 5"},
        {"country": "DE", "cui": "DE811907980", "city": "Köln", "county": ""},
        {"name": "Frații & Fiii „Țuțea” <SRL>", "reg_com": ""},
        {"payment_days": 0, "email": "x" * 180 + "@partner.example", "phone": ""},
    ],
)
def test_buyers_of_every_sort(values: dict[str, object], passes: Passes) -> None:
    passes(invoice(make_buyer(**values)))


def test_the_invoice_of_a_proforma_may_be_dated_before_it(passes: Passes) -> None:
    with transaction(SYSTEM) as session:
        proforma = issue_freehand(session, "proforma", make_buyer().partner_id or 0, [free()], NOON)
        document = invoice_proforma(session, proforma.id, NOON, Terms(issued_on=TODAY - timedelta(days=1)))
    assert found(passes(document), "//cbc:IssueDate") == ["2026-11-22"]


def test_an_older_day_has_its_own_rates_and_a_later_storno_keeps_them(passes: Passes) -> None:
    document = freehand(free(), terms=Terms(issued_on=date(2025, 7, 31)))
    assert found(passes(document), "//cac:TaxSubtotal//cbc:Percent") == ["19"]
    assert found(passes(back(document)), "//cac:TaxSubtotal//cbc:Percent") == ["19"]


def test_five_hundred_lines_and_a_long_name(passes: Passes) -> None:
    many = [free(str(n), f"{n}.3333", ("standard", "reduced")[n % 2]) for n in range(1, 500)]
    passes(freehand(*many, free(name="Foarte lung " * 16)))


def test_an_invoice_from_before_gets_its_xml_when_it_is_first_asked_for(passes: Passes) -> None:
    set_up_company(efactura=False)
    document = invoice()
    assert scalar("select count(*) from document_file") == 0
    with transaction(SYSTEM) as session:
        change_company(session, efactura=True)
    with transaction(SYSTEM) as session:
        xml = xml_of(session, document.id)
    assert passes(document) == xml
    assert document.due_on == TODAY + timedelta(days=30)
