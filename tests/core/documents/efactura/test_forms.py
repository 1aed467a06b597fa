"""Invented documents of every form pass the official rules, and the own ones; what is special stands where it must."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.documents.efactura.building import build
from core.documents.efactura.places import COUNTIES
from core.documents.models import Document
from core.documents.samples import sample, sample_lines
from tests.core.documents.efactura.steps import (
    BUYER,
    DEPOSIT,
    EXEMPT,
    OUTSIDE,
    REDUCED,
    REVERSE,
    SELLER,
    ZERO,
    found,
    line,
    said,
)

Findings = Callable[[bytes], list[str]]
EUR = {"currency": "EUR", "exchange_rate": Decimal("5.0923")}
LONG = "Corp de iluminat încastrat cu driver inclus și difuzor opal " * 6


def minus(count: int = 3) -> list[Any]:
    return [one._replace(quantity=-one.quantity) for one in sample_lines(count)]


def buyer(**values: Any) -> dict[str, Any]:
    return {"buyer": BUYER | values}


def seller(**values: Any) -> dict[str, Any]:
    return {"seller": SELLER | values}


def original(**values: Any) -> Document:
    return sample(lines=sample_lines(1), **values)


CASES: dict[str, Callable[[], Document]] = {
    "ten lines at 21": sample,
    "at 11": lambda: sample(lines=[line(tax=REDUCED)]),
    "at 21 and 11": lambda: sample(lines=[line("3", "33.3333"), line("10", "4.75", REDUCED)]),
    "every category of a payer": lambda: sample(
        lines=[line(), line(tax=REDUCED), line(tax=EXEMPT), line(tax=REVERSE), line(tax=ZERO), line(tax=DEPOSIT)]),
    "discount as a minus line": lambda: sample(lines=[line("5"), line("-1", "37.505", name="Discount comercial")]),
    "all discounted": lambda: sample(lines=[line(), line("-1")]),
    "reverse charge": lambda: sample(lines=[line(tax=REVERSE)]),
    "exempt": lambda: sample(lines=[line(tax=EXEMPT)]),
    "two reasons longer than a hundred characters": lambda: sample(lines=[line(tax=EXEMPT), line(tax=DEPOSIT)]),
    "zero rate": lambda: sample(lines=[line(tax=ZERO)]),
    "a deposit beside goods": lambda: sample(lines=[line(), line("10", "0.5", DEPOSIT)]),
    "seller without VAT": lambda: sample(lines=[line(tax=OUTSIDE)], **seller(vat_payer=False)),
    "seller and buyer without VAT": lambda: sample(
        lines=[line(tax=OUTSIDE)], **seller(vat_payer=False), **buyer(vat_payer=False)),
    "cash VAT": lambda: sample(vat_on_payment=True),
    "buyer without VAT": lambda: sample(**buyer(vat_payer=False)),
    "buyer without a number of the register": lambda: sample(**buyer(reg_com="")),
    "euro": lambda: sample(**EUR),
    "euro, two rates": lambda: sample(lines=[line("3", "33.3333"), line("7", "1.0001", REDUCED)], **EUR),
    "storno": lambda: sample("storno", minus(), original=original(), type_code="380"),
    "storno in euro": lambda: sample("storno", minus(), original=original(**EUR), type_code="380", **EUR),
    "storno of nothing but roundings": lambda: sample(
        "storno", [line("-1", "0.004")], original=original(), type_code="380"),
    "credit note": lambda: sample("storno", minus(), original=original(), type_code="381"),
    "credit note in euro": lambda: sample("storno", minus(), original=original(**EUR), type_code="381", **EUR),
    "credit note without an account": lambda: sample(
        "storno", minus(), original=original(), type_code="381", **seller(iban="")),
    "credit note with plus values": lambda: sample(type_code="381", original=original()),
    "corrected invoice": lambda: sample(type_code="384", original=original()),
    "invoice by the buyer": lambda: sample(type_code="389"),
    "for the books alone": lambda: sample(type_code="751"),
    "advance": lambda: sample(lines=[line(name="Avans pentru comanda 12")], advance=True),
    "of a proforma": lambda: sample(original=sample("proforma", number=7)),
    "of a delivery note": lambda: sample(original=sample("delivery_note", number=9)),
    "order of the buyer": lambda: sample(reference="PO-2026/118 & <urgent>"),
    "without an order": lambda: sample(order_id=None),
    "delivered, to an address": lambda: sample(
        delivered_on=date(2026, 11, 20), deliver_to="Str. Fabricii nr. 7, hala 2, Cluj-Napoca, jud. Cluj"),
    "delivered in Bucharest": lambda: sample(deliver_to="Bd. Timișoara 26, București, Sector 6"),
    "delivered who knows where": lambda: sample(deliver_to="La depozit, ca de obicei"),
    "due at once": lambda: sample(due_on=date(2026, 11, 23)),
    "many accounts": lambda: sample(**seller(more_accounts=["RO97EXMP0000990045170001 Trezoreria Brașov"])),
    "no account": lambda: sample(**seller(iban="")),
    "name of a hundred characters": lambda: sample(lines=[line(name=("Țeavă " * 20)[:100])]),
    "longer names": lambda: sample(lines=[line(name=LONG), line(name="x" * 200), line(name="a" * 100 + " b")]),
    "all as long as may be": lambda: sample(
        **buyer(name="Ț" * 200, address="Strada " * 28, city="Ș" * 50, county="SV"), **seller(address="ș" * 250),
        note="ă " * 150, reference="r" * 500, deliver_to="z " * 400, series="S" * 20),
    "signs that mean something": lambda: sample(
        lines=[line(name="<b>&amp;\"'  ]]> \x00\x0b\x1f\ufffe țesături")], note="<&>\r\nîntâi\x07\n\n apoi\t„așa”",
        **buyer(name="Frații Țugulea & Fiii \"<SRL>\"", address="Str. C&A <2>")),
    "quantities and prices with all their decimals": lambda: sample(
        lines=[line("0.001", "9999.9999"), line("1234567.125", "0.0001", unit="kg"), line("2.5", "3.335", unit="m²")]),
    "a price of nothing": lambda: sample(lines=[line(), line("3", "0")]),
    "large amounts": lambda: sample(lines=[line("9999999", "99999.9999")]),
    "a thousand lines": lambda: sample(lines=sample_lines(1000)),
    "foreign buyer with VAT": lambda: sample(
        lines=[line(tax=EXEMPT)], **buyer(country="DE", cui="DE811907980", county="", city="Köln", reg_com="HRB 1")),
    "foreign buyer, number without its country": lambda: sample(
        **buyer(country="AT", cui="U12345678", county="Tirol", city="Wien")),
    "Greek buyer": lambda: sample(**buyer(country="GR", cui="EL123456789", county="", city="Αθήνα")),
    "buyer from Moldova": lambda: sample(
        **buyer(country="MD", cui="1003600012345", vat_payer=False, county="", city="Chișinău", reg_com="")),
    "a document of an older version": lambda: sample(
        seller={key: value for key, value in SELLER.items() if key not in ("phone", "email", "share_capital", "bank")}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_passes_the_official_rules_and_the_own_ones(case: str, findings: Findings) -> None:
    document = CASES[case]()
    assert said(document) == []
    assert findings(build(document)) == []


@pytest.mark.parametrize("sector", range(1, 7))
def test_a_sector_of_bucharest_passes(sector: int, findings: Findings) -> None:
    document = sample(lines=[line()], **buyer(city="București", address=f"Str. Lungă 1, Sectorul {sector}"))
    assert findings(xml := build(document)) == []
    assert found(xml, "//cac:AccountingCustomerParty//cbc:CityName") == [f"SECTOR{sector}"]


def test_every_county_passes_by_its_name_and_by_its_letters(findings: Findings) -> None:
    for code, name in COUNTIES.items():
        city = "Sector 2" if code == "B" else "Orașul"
        xml = build(sample(lines=[line()], **buyer(county=name, city=city), **seller(county=code, city=city)))
        assert findings(xml) == []
        assert found(xml, "//cac:PostalAddress/cbc:CountrySubentity") == [f"RO-{code}"] * 2


def test_the_official_rules_do_refuse_what_is_wrong(findings: Findings) -> None:
    assert any("BR-RO-110" in said for said in findings(build(sample(**buyer(county="Narnia")))))
    assert any("BR-CL-23" in said for said in findings(build(sample()).replace(b'"H87"', b'"buc"')))


def test_the_same_document_gives_the_same_bytes() -> None:
    assert build(sample()) == build(sample())


def test_a_storno_has_minus_quantities_and_names_its_original() -> None:
    xml = build(CASES["storno"]())
    assert found(xml, "//cbc:InvoicedQuantity")[0] == "-3"
    assert found(xml, "//cbc:PayableAmount")[0].startswith("-")
    assert found(xml, "//cac:BillingReference//cbc:ID | //cac:BillingReference//cbc:IssueDate") == [
        "FCT 00012", "2026-11-23",
    ]  # fmt: skip


def test_a_credit_note_says_the_same_with_plus_values_and_keeps_its_due_date_with_the_payment() -> None:
    xml = build(CASES["credit note"]())
    assert xml.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<CreditNote ')
    assert found(xml, "//cbc:CreditedQuantity")[0] == "3"
    assert not any(value.startswith("-") for value in found(xml, "//*[@currencyID]"))
    assert found(xml, "//cac:PaymentMeans/cbc:PaymentDueDate") == ["2026-12-23"]
    assert found(xml, "//cbc:DueDate") == []


def test_no_amount_is_a_negative_zero() -> None:
    for case in ("all discounted", "storno of nothing but roundings"):
        assert b">-0.00<" not in build(CASES[case]())
    flipped = sample("storno", [line("1"), line("-1")], original=original(), type_code="381")
    assert b"-0.00" not in build(flipped)


def test_vat_of_another_currency_stands_in_lei_beside_it() -> None:
    document = CASES["euro"]()
    xml = build(document)
    assert found(xml, "//cbc:TaxCurrencyCode") == ["RON"]
    assert found(xml, "/*/cac:TaxTotal/cbc:TaxAmount[@currencyID='RON']") == [str(document.lei_vat)]
    assert "1 EUR = 5,0923 lei" in found(xml, "//cbc:Note")


def test_without_vat_there_is_no_vat_number_of_anybody() -> None:
    xml = build(CASES["seller without VAT"]())
    assert found(xml, "//cac:PartyTaxScheme") == []
    assert found(xml, "//cac:PartyLegalEntity/cbc:CompanyID") == ["10000024", "10000016"]
    assert found(xml, "//cac:PartyLegalEntity/cbc:CompanyLegalForm") == [
        "J2012000750528, Capital social: 200000.00 lei"
    ]


def test_a_vat_number_begins_with_its_country_once() -> None:
    numbers = "//cac:AccountingCustomerParty//cac:PartyTaxScheme/cbc:CompanyID"
    for case, number in (
        ("foreign buyer with VAT", "DE811907980"), ("foreign buyer, number without its country", "ATU12345678"),
        ("Greek buyer", "EL123456789"), ("ten lines at 21", "RO10000016"),
    ):  # fmt: skip
        assert found(build(CASES[case]()), numbers) == [number]


def test_names_and_notes_go_on_where_they_are_cut() -> None:
    xml = build(CASES["longer names"]())
    names, more = found(xml, "//cac:Item/cbc:Name"), found(xml, "//cac:Item/cbc:Description")
    assert max(map(len, names)) <= 100
    assert f"{names[0]} {more[0]}" == LONG[: len(names[0]) + 1 + len(more[0])]
    assert (names[1] + more[1], names[2], more[2]) == ("x" * 200, "a" * 100, "b")
    notes = found(build(CASES["all as long as may be"]()), "//cbc:Note")
    assert [len(note) <= 300 for note in notes] == [True] * 4
    assert " ".join(notes[1:]) == "Livrare la: " + " ".join(["z"] * 400)


def test_what_xml_cannot_hold_is_left_out_and_what_means_something_is_escaped() -> None:
    xml = build(CASES["signs that mean something"]())
    assert found(xml, "//cac:Item/cbc:Name") == ["<b>&amp;\"' ]]> țesături"]
    assert found(xml, "//cbc:Note") == ["<&>\nîntâi\napoi „așa”"]


def test_cash_vat_order_delivery_and_proforma_stand_where_the_buyers_program_looks() -> None:
    xml = build(
        sample(
            vat_on_payment=True, reference="PO-7", order_id=31, delivered_on=date(2026, 11, 20), advance=True,
            deliver_to="Str. Fabricii nr. 7, Cluj-Napoca, jud. Cluj", original=sample("proforma", number=7),
        )
    )  # fmt: skip
    assert found(xml, "//cac:InvoicePeriod/cbc:DescriptionCode") == ["432"]
    assert found(xml, "//cbc:Note") == ["Factură de avans", "TVA la încasare"]
    assert found(xml, "//cac:OrderReference/*") == ["PO-7", "31"]
    assert found(xml, "//cac:Delivery//text()") == [
        "2026-11-20", "Str. Fabricii nr. 7", "Cluj-Napoca", "RO-CJ", "RO",
    ]  # fmt: skip
    assert found(xml, "//cac:AdditionalDocumentReference/*") == ["PF 00007", "Factură proformă"]
    assert found(xml, "//cac:BillingReference") == []
