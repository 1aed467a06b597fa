"""Invented documents that are never issued: to see what a look makes of them, and to measure how long that takes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from core.documents.models import Document, DocumentLine, DocumentVat
from core.documents.units import unit_code
from core.documents.vat import Vat, total, vat_totals
from core.money import round_amount

SELLER = {
    "name": "Distribuție Carpați SRL", "cui": "10000024", "vat_payer": True, "reg_com": "J2012000750528",
    "address": "Strada Depozitelor nr. 14", "city": "Câmpulung Moldovenesc", "county": "Suceava", "country": "RO",
    "phone": "0230 555 014", "email": "facturi@carpati.example", "share_capital": "200000.00",
    "iban": "RO49AAAA1B31007593840000", "bank": "Banca Exemplu SA",
}  # fmt: skip
BUYER = {
    "name": "Electro Ardelia SRL", "cui": "10000016", "vat_payer": True, "reg_com": "J40/372/2002",
    "address": "Bulevardul Uverturii nr. 220, bl. C2, sc. 1", "city": "Sector 6", "county": "București",
    "country": "RO", "phone": "021 555 0177", "email": "", "share_capital": "", "iban": "", "bank": "",
}  # fmt: skip
SERIES = {"invoice": "FCT", "proforma": "PF", "storno": "ST", "receipt": "CH", "delivery_note": "AV"}
STANDARD, REDUCED = Vat("S", Decimal(21)), Vat("S", Decimal(11))
NO_VAT = Vat("O", Decimal(0))

_PRODUCTS = (
    ("CAB-CYYF-3X25", "Cablu CYY-F 3×2,5 mm², negru, colac de 100 m", "rolă", "3", "486.5"),
    ("SIG-C25-1P", "Siguranță automată modulară C25, 1P, 6 kA", "buc", "48", "17.35"),
    ("TEV-CU-22", "Țeavă de cupru moale Ø 22 mm, bară de 5 m", "m", "37.5", "41.9"),
    ("PRZ-SCH-2A", "Priză dublă cu contact de protecție, aparentă, IP20, albă", "buc", "120", "12.4"),
    ("VOP-LAV-15", "Vopsea lavabilă de interior, superlavabilă, mată, 15 l", "găl.", "12", "164.25"),
    ("COR-LED-36", "Corp de iluminat LED 36 W, 4000 K, încastrat, 595 × 595 mm, cu driver inclus", "buc", "24", "98"),
    ("SUR-AF-48X19", "Șurub autoforant cu cap hexagonal și șaibă EPDM 4,8 × 19, zincat", "cutie", "10", "33.125"),
    ("BND-IZ-19", "Bandă izolatoare PVC 19 mm × 20 m", "buc", "250", "3.4875"),
    ("RAD-AL-600", "Radiator din aluminiu 600 mm, element", "buc", "60", "47.8"),
    ("MAN-PRT-10", "Mănuși de protecție, mărimea 10", "per", "36", "6.9"),
)  # fmt: skip


class SampleLine(NamedTuple):
    """A line as it is printed; `net` is computed."""

    sku: str
    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    tax: Vat = STANDARD

    @property
    def net(self) -> Decimal:
        return round_amount(self.quantity * self.unit_price)


def sample_lines(count: int = 10, tax: Vat = STANDARD) -> list[SampleLine]:
    """Goods of a wholesaler, ten of them again and again."""
    chosen = (_PRODUCTS[place % len(_PRODUCTS)] for place in range(count))
    return [SampleLine(sku, name, unit, Decimal(many), Decimal(price), tax) for sku, name, unit, many, price in chosen]


def sample(kind: str = "invoice", lines: Sequence[SampleLine] | None = None, **values: Any) -> Document:
    """A document of a kind, not in any session; `values` replace what it holds, amounts follow from the lines."""
    lines = sample_lines() if lines is None else lines
    parts = vat_totals(lines)
    net, vat = total(parts)
    rate = values.get("exchange_rate", Decimal(1))
    lei_net, lei_vat = (sum((round_amount(value * rate) for value in amounts), Decimal(0)) for amounts in (
        [part.base for part in parts], [part.vat for part in parts]))  # fmt: skip
    made = {
        "kind": kind, "series": SERIES[kind], "number": 12, "order_id": 1048, "issued_on": date(2026, 11, 23),
        "due_on": date(2026, 12, 23), "issued_at": datetime(2026, 11, 23, 10, tzinfo=UTC), "issuer_name": "Ana Țurcanu",
        "currency": "RON", "exchange_rate": rate, "seller": SELLER, "buyer": BUYER, "advance": False, "type_code": "",
        "vat_on_payment": False, "reference": "", "deliver_to": "", "note": "", "net": net, "vat": vat,
        "gross": net + vat, "lei_net": lei_net, "lei_vat": lei_vat, "lei_gross": lei_net + lei_vat,
        "vat_totals": [DocumentVat(category=part.category, rate=part.rate, base=part.base, vat=part.vat,
                                   reason=part.reason) for part in parts],
        "lines": [_line(position, line) for position, line in enumerate(lines, start=1)],
    }  # fmt: skip
    return Document(**made | values)


def _line(position: int, line: SampleLine) -> DocumentLine:
    return DocumentLine(
        position=position, sku=line.sku, name=line.name, unit=line.unit, unit_code=unit_code(line.unit),
        quantity=line.quantity, unit_price=line.unit_price, vat_category=line.tax.category, vat_rate=line.tax.rate,
        net=line.net,
    )  # fmt: skip
