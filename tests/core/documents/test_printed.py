"""What stands on each kind of document, read from the PDF."""

import io
from datetime import date
from decimal import Decimal
from functools import lru_cache

import pypdf
import pytest

from core.documents.look import Look
from core.documents.models import Document
from core.documents.rendering import render_pdf
from core.documents.samples import BUYER, NO_VAT, REDUCED, SELLER, STANDARD, SampleLine, sample, sample_lines
from core.documents.vat import Vat
from tests.core.documents.steps import text_of

ORIGINAL = sample(lines=sample_lines(1))
PROFORMA = sample("proforma", sample_lines(1), number=7)


def test_an_invoice_names_both_parties_the_goods_and_the_vat_of_each_rate() -> None:
    goods = [*sample_lines(2), SampleLine("CARTE-1", "Catalog tipărit", "buc", Decimal(3), Decimal("10.005"), REDUCED)]
    shown(
        sample(lines=goods, delivered_on=date(2026, 11, 20), reference="PO-118", deliver_to="Depozit Chitila"),
        "Factură fiscală", "Seria FCT nr. 00012", "Data emiterii 23.11.2026", "Data scadenței 23.12.2026",
        "Data livrării 20.11.2026", "Comanda nr. 1048", "PO-118", "Distribuție Carpați SRL", "RO10000024",
        "J2012000750528", "Capital social 200.000,00 lei", "Electro Ardelia SRL", "RO10000016", "Depozit Chitila",
        "Siguranță automată modulară C25, 1P, 6 kA SIG-C25-1P buc 48 17,35 832,80 21",
        "Catalog tipărit CARTE-1 buc 3 10,005 30,02 11", "21 % 2.292,30 481,38", "11 % 30,02 3,30",
        "Total 2.322,32 484,68", "Total de plată 2.807,00 lei", "RO49 AAAA 1B31 0075 9384 0000",
        "Întocmit de Ana Țurcanu",
    )  # fmt: skip


def test_the_day_of_delivery_is_left_out_where_it_is_the_day_of_issue() -> None:
    assert "Data livrării" not in printed(sample(delivered_on=date(2026, 11, 23)))


def test_only_who_is_registered_for_vat_has_ro_before_the_number() -> None:
    text = printed(sample(buyer=BUYER | {"vat_payer": False}))
    assert "RO10000024" in text
    assert "RO10000016" not in text
    assert "10000016" in text


def test_a_seller_without_vat_prints_no_vat_but_the_reason() -> None:
    reason = "Furnizor neînregistrat în scopuri de TVA"
    lines = [line._replace(tax=NO_VAT._replace(reason=reason)) for line in sample_lines(2)]
    text = printed(sample(lines=lines, seller=SELLER | {"vat_payer": False}))
    assert reason in text
    assert "Total de plată 2.292,30 lei" in text
    for absent in ("TVA %", "Cotă TVA", "fără TVA", "RO10000024", "RO10000016"):
        assert absent not in text


def test_reverse_charge_and_exemption_are_named_with_their_reasons() -> None:
    reverse, exempt = Vat("AE", Decimal(0), "Taxare inversă (art. 331)"), Vat("E", Decimal(0), "Garanție SGR, fără TVA")
    lines = [line._replace(tax=tax) for line, tax in zip(sample_lines(3), (STANDARD, reverse, exempt), strict=True)]
    shown(sample(lines=lines), "832,80 inversă", "1.571,25 scutit", "Taxare inversă 832,80 0,00",
          "Scutit 1.571,25 0,00", "Taxare inversă (art. 331)", "Scutit: Garanție SGR, fără TVA")  # fmt: skip


@pytest.mark.parametrize(
    ("document", "mark"),
    [
        (sample("proforma"), "Factură proformă: nu este document fiscal"),
        (sample("storno", original=ORIGINAL), "Stornare a facturii FCT 00012 din 23.11.2026"),
        (sample(original=PROFORMA), "Conform facturii proforme PF 00007 din 23.11.2026"),
        (sample(original=ORIGINAL), "Factură corectată, în locul facturii FCT 00012 din 23.11.2026"),
        (sample(vat_on_payment=True), "TVA la încasare"),
        (sample(advance=True), "Factură de avans"),
        (sample("delivery_note", original=ORIGINAL), "Însoțește factura FCT 00012 din 23.11.2026"),
    ],
)
def test_what_a_document_is_or_stands_for_is_marked_on_it_and_on_no_other(document: Document, mark: str) -> None:
    assert mark in printed(document)
    assert mark not in plain_invoice()


def test_a_storno_has_minus_quantities_and_nothing_to_pay() -> None:
    lines = [line._replace(quantity=-line.quantity) for line in sample_lines(2)]
    text = printed(sample("storno", lines, original=ORIGINAL))
    assert "Factură de stornare" in text
    assert "rolă -3 486,50 -1.459,50" in text
    assert "Total -2.773,68 lei" in text
    for absent in ("Total de plată", "scadenței", "Vă rugăm", "în contul"):
        assert absent not in text


def test_an_advance_that_was_paid_is_taken_off_as_a_line() -> None:
    taken = SampleLine("", "Stornare avans, factura FCT 00009 din 12.11.2026", "buc", Decimal(-1), Decimal(1000))
    shown(sample(lines=[*sample_lines(2), taken]), "FCT 00009 din 12.11.2026 buc -1 1.000,00 -1.000,00 21",
          "21 % 1.292,30 271,38")  # fmt: skip


def test_in_another_currency_the_vat_and_the_total_are_in_lei_too() -> None:
    shown(
        sample(lines=sample_lines(2), currency="EUR", exchange_rate=Decimal("5.0923")),
        "fără TVA, EUR", "TVA, lei", "21 % 2.292,30 481,38 2.451,33", "Total 2.292,30 481,38 2.451,33",
        "Total de plată 2.773,68 EUR", "în lei 14.124,41 lei", "Curs: 1 EUR = 5,0923 lei",
    )  # fmt: skip


def test_a_receipt_says_who_paid_what_for_what_in_figures_and_in_words() -> None:
    what = SampleLine(
        "", "Contravaloarea facturii seria FCT nr. 00012 din 23.11.2026", "", Decimal(1), Decimal("4821.37"), NO_VAT
    )
    content = render_pdf(sample("receipt", [what]), Look())
    shown(
        content, "Chitanță", "Seria CH nr. 00012 din 23.11.2026", "Distribuție Carpați SRL", "J2012000750528",
        "Strada Depozitelor nr. 14", "Electro Ardelia SRL", "RO10000016", "J40/372/2002",
        "Bulevardul Uverturii nr. 220",
        "4.821,37 lei", "patru mii opt sute douăzeci și unu de lei și treizeci și șapte de bani",
        "Reprezentând: Contravaloarea facturii seria FCT nr. 00012 din 23.11.2026", "Pagina 1 din 1",
    )  # fmt: skip


def test_a_receipt_for_several_things_says_how_much_each_was() -> None:
    names = ("Contravaloarea facturii seria FCT nr. 00012 din 23.11.2026", "Avans în contul clientului")
    lines = [SampleLine("", names[0], "buc", Decimal(1), Decimal(1000), NO_VAT),
             SampleLine("", names[1], "buc", Decimal(1), Decimal(7), NO_VAT)]  # fmt: skip
    shown(sample("receipt", lines), "1.007,00 lei", f"{names[0]} 1.000,00 lei", f"{names[1]} 7,00 lei")


def test_a_delivery_note_lists_goods_without_prices_and_has_places_to_sign() -> None:
    goods = [line._replace(unit_price=Decimal(0)) for line in sample_lines(3)]
    text = printed(sample("delivery_note", goods, deliver_to="Depozit Chitila", note="Delegat: Ion Pârvu"))
    for expected in (
        "Aviz de însoțire a mărfii",
        "m 37,5",
        "Depozit Chitila",
        "Delegat: Ion Pârvu",
        "Am predat",
        "Am primit",
    ):
        assert expected in text
    for absent in ("Preț", "Valoare", "Total", "TVA", "0,00 "):
        assert absent not in text.replace("200.000,00 lei", "")


def test_a_delivery_note_with_prices_prints_them() -> None:
    shown(sample("delivery_note", sample_lines(2)), "rolă 3 486,50 1.459,50", "Total 2.773,68 lei")


def test_without_a_note_a_delivery_note_leaves_room_to_write_who_drives() -> None:
    shown(sample("delivery_note", sample_lines(1)), "Delegat", "Mijloc de transport")


@pytest.mark.parametrize("kind", ["invoice", "proforma", "storno", "receipt", "delivery_note"])
def test_every_page_of_every_kind_is_numbered_and_none_has_an_empty_name(kind: str) -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(sample(kind, sample_lines(3)), Look())))
    assert len(reader.pages) == 1
    assert "Pagina 1 din 1" in reader.pages[0].extract_text()
    assert "None" not in reader.pages[0].extract_text()


@pytest.mark.parametrize(("lines", "pages"), [(10, (1, 1)), (60, (2, 4)), (250, (8, 12))])
def test_the_head_of_the_table_is_on_every_page(lines: int, pages: tuple[int, int]) -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(sample(lines=sample_lines(lines)), Look())))
    assert pages[0] <= len(reader.pages) <= pages[1]
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert text.count("Produs sau serviciu") == 1
        assert f"Pagina {number} din {len(reader.pages)}" in text


@pytest.mark.parametrize("lines", range(10, 26))
def test_the_totals_never_stand_alone_on_a_page(lines: int) -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(sample(lines=sample_lines(lines)), Look())))
    last = " ".join(reader.pages[-1].extract_text().split())
    assert "Cotă TVA" in last
    assert f" {lines} {sample_lines(lines)[-1].name}" in last


def test_a_long_name_is_wrapped_inside_its_column() -> None:
    name = "Cablu" * 60
    content = render_pdf(sample(lines=[sample_lines(1)[0]._replace(name=name, sku="S" * 60)]), Look())
    right_edges: list[float] = []
    page = pypdf.PdfReader(io.BytesIO(content)).pages[0]
    page.extract_text(visitor_text=lambda text, _, tm, *__: right_edges.append(tm[4]) if "Cablu" in text else None)
    assert name in "".join(page.extract_text().split())
    assert max(right_edges) < float(page.mediabox.width) / 2


@lru_cache(maxsize=1)
def plain_invoice() -> str:
    """Printed once for all that look at what is not on it."""
    return printed(sample())


def shown(of: Document | bytes, *expected: str) -> None:
    """All these texts are on the paper."""
    text = printed(of)
    assert [part for part in expected if part not in text] == []


def printed(of: Document | bytes) -> str:
    """The words of a PDF, one blank between them."""
    return " ".join(text_of(of if isinstance(of, bytes) else render_pdf(of, Look())).split())
