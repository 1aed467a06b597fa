"""What the tests of e-Factura say again and again."""

from decimal import Decimal
from typing import Any

from lxml import etree

import core.models  # noqa: F401 (relationships name their classes)
from core.documents.efactura.checking import Known, problems
from core.documents.models import Document
from core.documents.samples import BUYER, REDUCED, SELLER, STANDARD, SampleLine
from core.documents.vat import Vat

KNOWN = Known({Decimal(21), Decimal(11)})
EXEMPT = Vat("E", Decimal(0), "Scutit fără drept de deducere, art. 292 Cod fiscal")
DEPOSIT = Vat("E", Decimal(0), "Garanție SGR, în afara sferei de aplicare a TVA")
REVERSE = Vat("AE", Decimal(0), "Taxare inversă")
ZERO = Vat("Z", Decimal(0))
OUTSIDE = Vat("O", Decimal(0), "Furnizor neînregistrat în scopuri de TVA")
SPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}

__all__ = ["BUYER", "REDUCED", "SELLER", "STANDARD"]


def line(
    quantity: str = "1", price: str = "100", tax: Vat = STANDARD, name: str = "Cablu", unit: str = "buc"
) -> SampleLine:
    return SampleLine("SKU-1", name, unit, Decimal(quantity), Decimal(price), tax)


def said(document: Document, known: Known = KNOWN, language: str = "en") -> list[str]:
    """What the own checks say."""
    return [problem.text(language) for problem in problems(document, known)]


def found(xml: bytes, path: str) -> list[Any]:
    """Texts at an XPath of the XML (prefixes cac and cbc)."""
    nodes = etree.fromstring(xml).xpath(path, namespaces=SPACES)
    return [node if isinstance(node, str) else node.text for node in nodes]
