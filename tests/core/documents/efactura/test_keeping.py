"""Invoices are checked before they are issued and kept as XML with it; nothing is issued of what would be refused."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from core.company import change_company
from core.db import transaction
from core.documents.efactura.building import build
from core.documents.efactura.checking import CannotBeBuilt, NotForEfactura
from core.documents.efactura.keeping import has_xml, xml_of
from core.documents.freehand import FreeLine, issue_freehand
from core.documents.kept import DamagedFile
from core.documents.models import Document
from core.documents.parties import copied
from core.documents.storno import storno
from core.documents.vat import Vat, VatTotal
from core.documents.writing import Draft, Line, write
from core.errors import NotFound
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import TODAY, claimed_order, invoice, issue, set_up_company
from tests.core.orders.steps import NOON, scalar
from tests.factories import make_buyer, make_partner
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")
GOOD = Line("Cablu", "buc", Decimal(1), Decimal(100), Vat("S", Decimal(21)), Decimal(100))


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def issued(*lines: Line, **values: Any) -> Document:
    """A draft is written down as it is, whatever it says."""
    partner = make_partner()
    with transaction(SYSTEM) as session:
        seller = {"name": "Distribuție SRL", "cui": "10000024", "vat_payer": True, "reg_com": "", "phone": "",
                  "email": "", "address": "Str. 1", "city": "Iași", "county": "IS", "country": "RO", "iban": "",
                  "share_capital": ""}  # fmt: skip
        draft = Draft("invoice", partner.id, seller, copied(session.get_one(Partner, partner.id)), lines, **values)
        return write(session, draft, NOON)


def xml(document: Document, who: Principal = SYSTEM) -> bytes:
    with transaction(who) as session:
        return xml_of(session, document.id)


def back(document: Document) -> Document:
    with transaction(SYSTEM) as session:
        return storno(session, document.id, "greșită", NOON)


def unchecked() -> Document:
    """An invoice from a time when the company did without e-Factura."""
    set_up_company(efactura=False)
    document = invoice()
    set_up_company(efactura=True)
    return document


def numbers_taken() -> int:
    return int(scalar("select coalesce(sum(next_number - first_number), 0) from series_year"))


@pytest.mark.parametrize(
    ("company", "partner", "sentence"),
    [
        ({"address": ""}, {}, "Distribuție Carpați SRL: street and number are missing"),
        ({"city": ""}, {}, "Distribuție Carpați SRL: the city is missing"),
        ({"county": "Moldova"}, {}, "“Moldova” is no county of Romania"),
        ({"cui": "10000025"}, {}, "“10000025” is no valid CUI"),
        ({"city": "București", "county": "București"}, {}, "in Bucharest e-Factura wants the sector"),
        ({}, {"address": ""}, "Client SRL: street and number are missing"),
        ({}, {"city": ""}, "Client SRL: the city is missing"),
        ({}, {"county": ""}, "Client SRL: the county is missing"),
        ({}, {"county": "B", "city": "Bucureşti"}, "Client SRL: in Bucharest e-Factura wants the sector"),
        ({}, {"cui": "12345678"}, "Client SRL: “12345678” is no valid CUI"),
        ({}, {"country": "XX"}, "Client SRL: “XX” is no country"),
        ({}, {"city": "C" * 51}, "has 51 characters; e-Factura takes 50"),
    ],
)
def test_nothing_is_issued_and_no_number_taken_while_somebodys_data_are_not_in_order(
    company: dict[str, Any], partner: dict[str, Any], sentence: str
) -> None:
    order_id = claimed_order(make_buyer(**{"name": "Client SRL"} | partner))
    set_up_company(**company)
    with pytest.raises(NotForEfactura) as refused:
        issue(order_id)
    assert sentence in refused.value.text("en")
    assert numbers_taken() == scalar("select count(*) from document") == 0
    assert scalar("select count(*) from document_file") == 0
    assert scalar("select count(*) from event where kind = 'invoice_issued'") == 0
    set_up_company()
    with transaction(SYSTEM) as session:
        session.execute(text(
            "update partner set address = 'Str. 1', city = 'Iași', county = 'IS', country = 'RO', cui = '10000008'"
        ))  # fmt: skip
    assert issue(order_id).number == 1


@pytest.mark.parametrize(
    ("lines", "values", "sentence"),
    [
        ([Line("Cablu", "buc", Decimal(3), Decimal("33.33"), GOOD.tax, Decimal(100))], {},
         "Line 1, Cablu: 3 × 33.33 is 99.99, not 100"),
        ([Line("Cablu", "buc", Decimal(1), Decimal(100), Vat("S", Decimal(19)), Decimal(100))], {},
         "Line 1, Cablu: the VAT rate of 19 % was not valid on 23.11.2026"),
        ([Line("Cablu", "buc", Decimal(1), Decimal(100), Vat("S", Decimal(0)), Decimal(100))], {},
         "Line 1, Cablu: the VAT rate of 0 % was not valid on 23.11.2026"),
        ([GOOD, Line("Taxă", "buc", Decimal(1), Decimal(9), Vat("E", Decimal(0)), Decimal(9))], {},
         "Why there is no VAT is missing (category E)"),
        ([GOOD], {"vat": [VatTotal("S", Decimal(21), "", Decimal(100), Decimal("20.99"))]},
         "VAT of 21 %: of 100 it is 21, not 20.99"),
        ([GOOD], {"currency": "EURO", "exchange_rate": Decimal(5)}, "“EURO” is no currency"),
        ([GOOD], {"type_code": "384"}, "must name the invoice that it is about"),
    ],
)  # fmt: skip
def test_nothing_is_issued_that_does_not_add_up(lines: list[Line], values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotForEfactura) as refused:
        issued(*lines, **values)
    assert sentence in refused.value.text("en")
    assert numbers_taken() == scalar("select count(*) from document") == 0


def test_the_xml_is_kept_with_the_invoice_and_never_changes() -> None:
    document = invoice()
    first = xml(document)
    assert scalar("select content from document_file where format = 'xml'") == first
    with transaction(SYSTEM) as session:
        change_company(session, name="Alt Nume SRL", address="Altă stradă")
        assert build(session.get_one(Document, document.id)) == first
    assert xml(document) == first


def test_only_invoices_and_stornos_go_there() -> None:
    with transaction(SYSTEM) as session:
        lines = [FreeLine("Marfă", "buc", Decimal(1), Decimal(9))]
        proforma = issue_freehand(session, "proforma", make_buyer().partner_id or 0, lines, NOON)
        assert not has_xml(session, proforma)
    assert scalar("select count(*) from document_file") == 0
    with pytest.raises(NotFound):
        xml(proforma)


def test_a_proforma_is_issued_whatever_is_missing() -> None:
    with transaction(SYSTEM) as session:
        change_company(session, address="")
        lines = [FreeLine("Marfă", "buc", Decimal(1), Decimal(9))]
        issue_freehand(session, "proforma", make_buyer(county="").partner_id or 0, lines, NOON)


def test_with_the_setting_off_nothing_is_checked_and_nothing_built() -> None:
    set_up_company(efactura=False, address="")
    document = invoice(make_buyer(county="", cui="1"))
    assert scalar("select count(*) from document_file") == 0
    with transaction(SYSTEM) as session:
        assert not has_xml(session, document)
    with pytest.raises(NotFound):
        xml(document)


def test_what_was_kept_stays_when_the_setting_goes_off() -> None:
    document = invoice()
    first = xml(document)
    set_up_company(efactura=False)
    assert xml(document) == first
    with transaction(SYSTEM) as session:
        assert has_xml(session, document)


def test_two_who_ask_for_the_xml_of_an_older_invoice_at_once_get_the_same_kept_bytes() -> None:
    document = unchecked()
    outcome = at_once([partial(xml, document)] * 4)
    assert len(set(outcome)) == 1
    assert scalar("select content from document_file where format = 'xml'") == outcome[0]


def test_of_an_older_invoice_without_what_is_needed_nothing_is_kept_and_it_is_said_why() -> None:
    set_up_company(efactura=False)
    document = invoice(make_buyer(county="", name="Client SRL"))
    set_up_company(efactura=True)
    with pytest.raises(CannotBeBuilt) as refused:
        xml(document)
    assert "No e-Factura can be made of this document: Client SRL: the county is missing" in str(refused.value)
    assert scalar("select count(*) from document_file") == 0


def test_an_older_invoice_without_an_address_is_taken_back_with_the_one_of_today() -> None:
    set_up_company(efactura=False)
    buyer = make_buyer(county="", name="Client SRL", vat_payer=False)
    document = invoice(buyer)
    set_up_company(efactura=True)
    with pytest.raises(NotForEfactura, match="Client SRL: the county is missing"):
        back(document)
    with transaction(SYSTEM) as session:
        partner = session.get_one(Partner, buyer.partner_id)
        partner.county, partner.vat_payer, partner.name = "Bihor", True, "Client Nou SRL"
    taken = back(document)
    assert (taken.buyer["county"], taken.buyer["name"], taken.buyer["vat_payer"]) == ("Bihor", "Client Nou SRL", False)
    assert xml(taken)


def test_one_whose_parties_are_in_order_is_taken_back_with_them_as_they_were() -> None:
    buyer = make_buyer(name="Client SRL")
    document = invoice(buyer)
    with transaction(SYSTEM) as session:
        session.get_one(Partner, buyer.partner_id).name = "Client Nou SRL"
    assert back(document).buyer == document.buyer


def test_a_partner_reads_its_own_and_nobody_elses() -> None:
    owner = make_buyer()
    document = invoice(owner)
    assert xml(document, owner) == xml(document)
    with pytest.raises(NotFound):
        xml(document, make_buyer())


def test_damaged_bytes_are_not_handed_out() -> None:
    document = invoice()
    with transaction(SYSTEM) as session:
        session.execute(text("alter table document_file disable trigger user"))
        session.execute(text("alter table document_file drop constraint ck_document_file_sha256_is_of_the_content"))
        session.execute(text("update document_file set content = content || 'x'"))
    with pytest.raises(DamagedFile):
        xml(document)


def test_issuers_at_once_keep_an_xml_each_and_the_refused_one_takes_no_number() -> None:
    orders = [claimed_order() for _ in range(5)] + [claimed_order(make_buyer(county=""))]

    def take(order_id: int) -> int | None:
        try:
            return issue(order_id).number
        except NotForEfactura:
            return None

    numbers = at_once([partial(take, order_id) for order_id in orders])
    assert sorted(number for number in numbers if number) == [1, 2, 3, 4, 5]
    assert numbers[-1] is None
    assert scalar("select count(*) from document_file where format = 'xml'") == 5
    assert scalar("select max(issued_on) from document") == TODAY
