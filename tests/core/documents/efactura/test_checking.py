"""What e-Factura, or the buyer, would refuse is told in a sentence that says where it is and what to do."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.documents.efactura.checking import Known, NotForEfactura, problems
from core.documents.models import Document
from core.documents.samples import sample, sample_lines
from tests.core.documents.efactura.steps import BUYER, EXEMPT, KNOWN, OUTSIDE, SELLER, line, said


def buyer(**values: Any) -> Document:
    return sample(lines=[line()], buyer=BUYER | values)


def seller(**values: Any) -> Document:
    return sample(lines=[line()], seller=SELLER | values)


def spoiled(part: str = "", **values: Any) -> Document:
    """An invoice of one line (100 + 21) whose line ('lines') or VAT ('vat_totals') says something else."""
    document = sample(lines=[line()])
    owner = getattr(document, part)[0] if part else document
    for name, value in values.items():
        setattr(owner, name, value)
    return document


def minus(**values: Any) -> Document:
    return sample("storno", [line("-1")], type_code="380", **values)


SELLERS, PARTNERS = "(Settings, Your company)", "(the partner's page)"
BAD: list[tuple[Document, str]] = [
    (buyer(address=" "), f"Electro Ardelia SRL: street and number are missing. Fill in the address {PARTNERS}."),
    (seller(address=""), f"Distribuție Carpați SRL: street and number are missing. Fill in the address {SELLERS}."),
    (buyer(city="", county="Iași"), f"Electro Ardelia SRL: the city is missing. Fill it in {PARTNERS}."),
    (
        buyer(city="Iași", county=""),
        f"Electro Ardelia SRL: the county is missing. Write its name or its two letters {PARTNERS}.",
    ),
    (
        buyer(city="Iași", county="Moldova"),
        f"Electro Ardelia SRL: “Moldova” is no county of Romania. Write its name or its two letters {PARTNERS}.",
    ),
    (
        buyer(city="București", county="B"),
        "Electro Ardelia SRL: in Bucharest e-Factura wants the sector. Write “Sector 1” to “Sector 6” as the city"
        f" {PARTNERS}.",
    ),
    (buyer(cui="10000017"), f"Electro Ardelia SRL: “10000017” is no valid CUI. Check its digits {PARTNERS}."),
    (buyer(cui="1960505410013"), f"Electro Ardelia SRL: “1960505410013” is no valid CUI. Check its digits {PARTNERS}."),
    (seller(cui="14399841"), f"Distribuție Carpați SRL: “14399841” is no valid CUI. Check its digits {SELLERS}."),
    (
        seller(iban="RO49AAAA1B31007593840001"),
        f"Distribuție Carpați SRL: “RO49AAAA1B31007593840001” is no valid IBAN. Check it {SELLERS}.",
    ),
    (
        seller(more_accounts=["RO12XXXX Trezoreria"]),
        f"Distribuție Carpați SRL: “RO12XXXX” is no valid IBAN. Check it {SELLERS}.",
    ),
    (
        seller(vat_payer=False),
        f"Distribuție Carpați SRL: not registered for VAT, so the lines must be without VAT. Check it {SELLERS}.",
    ),
    (
        buyer(country="GERMANIA"),
        f"Electro Ardelia SRL: “GERMANIA” is no country. Use its two letters, as DE {PARTNERS}.",
    ),
    (buyer(country="DE", cui=""), f"Electro Ardelia SRL: the tax number is missing. Fill it in {PARTNERS}."),
    (
        buyer(city="Câmpulung" * 6, county="AG"),
        f"Electro Ardelia SRL: “{'Câmpulung' * 6}” has 54 characters; e-Factura takes 50. Shorten it {PARTNERS}.",
    ),
    (
        buyer(name="A" * 201),
        f"{'A' * 201}: “{'A' * 201}” has 201 characters; e-Factura takes 200. Shorten it {PARTNERS}.",
    ),
    (spoiled("lines", name="\x07 "), "Line 1: the name is missing. Write what is sold."),
    (
        spoiled("lines", unit_code="buc"),
        "Line 1, Cablu: “buc” is no unit code that e-Factura knows. Choose another unit.",
    ),
    (
        spoiled("lines", unit_price=Decimal("99.99")),
        "Line 1, Cablu: 1 × 99.99 is 99.99, not 100. Correct the line.",
    ),
    (
        sample(lines=[line(tax=OUTSIDE._replace(category="S", rate=Decimal(19)))]),
        "Line 1, Cablu: the VAT rate of 19 % was not valid on 23.11.2026. Issue it with a rate of that day, or cancel"
        " the order and place it anew.",
    ),
    (
        sample(lines=[line(tax=EXEMPT._replace(rate=Decimal(11)))]),
        "Line 1, Cablu: there is no VAT in category E, so the rate is 0 %, not 11 %. Correct the line.",
    ),
    (
        sample(lines=[line(tax=EXEMPT._replace(category="K"))]),
        "Line 1, Cablu: “K” is no VAT category of e-Factura. Choose another VAT class.",
    ),
    (
        sample(lines=[line(tax=EXEMPT._replace(reason=" "))]),
        "Why there is no VAT is missing (category E). Write the reason under Settings, VAT.",
    ),
    (
        sample(lines=[line(), line(tax=OUTSIDE)]),
        "What is outside VAT (category O) cannot stand beside other lines. Issue two invoices.",
    ),
    (spoiled("vat_totals", vat=Decimal("21.01")), "VAT of 21 %: of 100 it is 21, not 21.01. Issue it anew."),
    (spoiled("vat_totals", base=Decimal("99.99")), "VAT of 21 %: the lines come to 100, not 99.99. Issue it anew."),
    (spoiled(vat_totals=[]), "The VAT of category S, 21 %, is missing in the totals. Issue it anew."),
    (spoiled(gross=Decimal("120.99")), "The totals do not add up: 100 + 21 is 121, not 120.99. Issue it anew."),
    (
        sample(lines=[line()], currency="EUR", exchange_rate=Decimal("5.0923"), lei_vat=Decimal("21.00")),
        "The VAT in lei is 106.94, not 21. Check the exchange rate.",
    ),
    (
        sample(lines=[line()], currency="EURO", exchange_rate=Decimal(5)),
        "“EURO” is no currency. Use its three letters, as EUR.",
    ),
    (minus(), "A storno or a corrected invoice must name the invoice that it is about. Begin from it."),
    (
        sample(lines=[line()], type_code="384"),
        "A storno or a corrected invoice must name the invoice that it is about. Begin from it.",
    ),
    (
        minus(original=sample(lines=[line()], issued_on=date(2026, 11, 24))),
        "Its date 23.11.2026 is before that of FCT 00012, which it is about (24.11.2026). Use a later date.",
    ),
    (
        spoiled(due_on=date(2026, 11, 1)),
        "The due date 01.11.2026 is before the day of issue 23.11.2026. Enter a later one.",
    ),
    (spoiled(series="FCT", number=None), "The number FCT has no digit. Use another series."),
    (spoiled(type_code="386"), "“386” is no type of invoice that e-Factura knows. Issue it anew."),
    (sample(lines=[], vat_totals=[]), "There are no lines. Add at least one."),
]  # fmt: skip


@pytest.mark.parametrize(("document", "sentence"), BAD, ids=[sentence[:60] for _, sentence in BAD])
def test_what_is_wrong_is_said(document: Document, sentence: str) -> None:
    assert sentence in said(document)


@pytest.mark.parametrize(("document", "sentence"), BAD, ids=[sentence[:60] for _, sentence in BAD])
def test_and_is_said_in_romanian_too(document: Document, sentence: str) -> None:
    english, romanian = said(document), said(document, language="ro")
    assert len(english) == len(romanian)
    assert not set(english) & set(romanian)
    assert "{" not in "".join(romanian)


def test_a_refusal_says_all_that_is_wrong() -> None:
    refusal = NotForEfactura(problems(buyer(address="", cui="1"), KNOWN))
    assert refusal.text("en") == str(refusal)
    assert "street and number are missing" in str(refusal)
    assert "“1” is no valid CUI" in str(refusal)
    assert "strada și numărul" in refusal.text("ro")


def test_a_storno_keeps_an_older_rate_and_so_do_a_correction_and_goods_after_their_advance() -> None:
    old = line(tax=OUTSIDE._replace(category="S", rate=Decimal(19), reason=""))
    before = sample(lines=[old], issued_on=date(2025, 7, 1))
    assert said(sample("storno", [old._replace(quantity=Decimal(-1))], original=before)) == []
    assert said(sample(lines=[old], type_code="384", original=before)) == []
    deducting = sample(lines=[old, old._replace(quantity=Decimal(-1))])
    deducting.lines[1].reverses_document, deducting.lines[1].reverses_position = 1, 1
    assert said(deducting) == []


def test_a_line_may_be_off_only_by_the_roundings_of_the_parts_that_it_completes() -> None:
    document = spoiled("lines", unit_price=Decimal("100.02"), order_line_id=7)
    assert said(document, Known(KNOWN.rates, parts={1: 2}))[0:1] == []
    assert "Line 1" in said(document, Known(KNOWN.rates, parts={1: 1}))[0]
    document.lines[0].order_line_id = None
    assert "Line 1" in said(document, Known(KNOWN.rates, parts={1: 2}))[0]


def test_the_vat_of_a_storno_may_be_off_only_by_the_roundings_of_the_earlier_ones() -> None:
    document = sample("storno", [line("-1")], original=sample(lines=sample_lines(1)))
    document.vat_totals[0].vat = document.vat = document.lei_vat = Decimal("-21.02")
    document.gross = Decimal("-121.02")
    assert said(document, Known(KNOWN.rates, stornos=2)) == []
    assert "VAT of 21 %" in said(document, Known(KNOWN.rates, stornos=1))[0]
