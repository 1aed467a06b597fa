"""From an issued document to its XML: CIUS-RO 1.0.1, UBL 2.1 (FISCAL 4), the same bytes for the same document."""

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from core.documents.efactura import parties
from core.documents.efactura.nodes import cut, leaf, lines_of, money, node, one_line, pieces, plain
from core.documents.efactura.places import place_in
from core.documents.models import Document, DocumentLine, DocumentVat
from core.documents.vat import NOT_REGISTERED

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1"
LEI = "RON"
SENT = ("invoice", "storno")
"""Kinds of documents that go to e-Factura."""
INVOICE, CREDIT_NOTE = "380", "381"
TYPE_CODES = (INVOICE, "384", "389", "751", CREDIT_NOTE)
"""Of UNTDID 1001, as far as CIUS-RO takes them."""
CASH_VAT = "432"
"""UNTDID 2005: the VAT is due when the money comes (TVA la încasare)."""
CREDIT_TRANSFER, NOT_SAID = "30", "1"
"""UNCL 4461."""
LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_NOTE, LONGEST_REASON = 100, 200, 300, 100
LONGEST_REFERENCE, LONGEST_PAYMENT_TEXT, MOST_NOTES = 200, 140, 20
EXEMPTIONS = {"AE": "VATEX-EU-AE", "O": "VATEX-EU-O"}
"""VAT category → the code of why there is no VAT."""
_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"


class _Form(NamedTuple):
    """What an invoice and a credit note call differently, and the sign that makes what is credited positive."""

    root: str
    type_name: str
    line: str
    quantity: str
    sign: int


_INVOICE = _Form("Invoice", "cbc:InvoiceTypeCode", "cac:InvoiceLine", "cbc:InvoicedQuantity", 1)
_CREDIT = _Form("CreditNote", "cbc:CreditNoteTypeCode", "cac:CreditNoteLine", "cbc:CreditedQuantity", 1)
_STORNO_AS_CREDIT = _CREDIT._replace(sign=-1)


def build(document: Document) -> bytes:
    """The XML (UTF-8) of an issued invoice or storno, from what stands on the document alone.

    Amounts are in the document's currency; in another one than lei, the VAT stands in lei beside it. A storno has minus
    quantities as an invoice (380), and plus values as a credit note (381). Whether ANAF takes it: `checking.problems`.
    """
    form = _form(document)
    with_vat = all(part.category != NOT_REGISTERED for part in document.vat_totals)
    credits = form.root == "CreditNote"
    content = "".join((
        leaf("cbc:CustomizationID", CUSTOMIZATION),
        leaf("cbc:ID", document.full_number),
        leaf("cbc:IssueDate", f"{document.issued_on:%Y-%m-%d}"),
        "" if credits else leaf("cbc:DueDate", f"{document.due_on:%Y-%m-%d}"),
        leaf(form.type_name, document.type_code or INVOICE),
        *(leaf("cbc:Note", note) for note in _notes(document)),
        leaf("cbc:DocumentCurrencyCode", document.currency),
        leaf("cbc:TaxCurrencyCode", LEI if document.currency != LEI else ""),
        node("cac:InvoicePeriod", leaf("cbc:DescriptionCode", CASH_VAT if document.vat_on_payment else "")),
        _references(document),
        parties.seller(document, with_vat),
        parties.buyer(document, with_vat),
        parties.delivery(document),
        _payment(document, credits),
        _taxes(document, form.sign),
        _totals(document, form.sign),
        *(_line(document, line, form) for line in document.lines),
    ))  # fmt: skip
    spaces = f'xmlns="{_NAMESPACE}{form.root}-2" xmlns:cac="{_NAMESPACE}CommonAggregateComponents-2"'
    spaces += f' xmlns:cbc="{_NAMESPACE}CommonBasicComponents-2"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{form.root} {spaces}>{content}</{form.root}>'.encode()


def _form(document: Document) -> _Form:
    if document.type_code != CREDIT_NOTE:
        return _INVOICE
    return _STORNO_AS_CREDIT if document.kind == "storno" else _CREDIT


def _notes(document: Document) -> list[str]:
    """What is said in words: the note itself, and what has no place of its own in the XML."""
    said = [lines_of(document.note)]
    if document.advance:
        said.append("Factură de avans")
    if document.vat_on_payment:
        said.append("TVA la încasare")
    if document.currency != LEI:
        said.append(f"1 {document.currency} = {plain(document.exchange_rate).replace('.', ',')} lei")
    if document.deliver_to and place_in(document.deliver_to) is None:
        said.append(f"Livrare la: {one_line(document.deliver_to)}")
    return [piece for text in said for piece in pieces(text, LONGEST_NOTE)][:MOST_NOTES]


def _references(document: Document) -> str:
    """The order, by the buyer's own number where it has one; the invoices that this one is about; the proforma."""
    own, order = one_line(document.reference), str(document.order_id or "")
    named = [document.original] if document.original else []
    if document.kind == "invoice":  # an invoice that deducts advances names them
        named += [line.reversed for line in document.lines if line.reversed]
    unique = {one.full_number: one for one in named}.values()
    proformas = [one.full_number for one in unique if one.kind == "proforma"]
    notes = [one.full_number for one in unique if one.kind == "delivery_note"]
    return "".join((
        node("cac:OrderReference", leaf("cbc:ID", cut(own or order, LONGEST_REFERENCE)[0]),
             leaf("cbc:SalesOrderID", order if own else "")),
        *(node("cac:BillingReference", node("cac:InvoiceDocumentReference", leaf("cbc:ID", one.full_number),
                                            leaf("cbc:IssueDate", f"{one.issued_on:%Y-%m-%d}")))
          for one in unique if one.kind in SENT),
        *(node("cac:DespatchDocumentReference", leaf("cbc:ID", number)) for number in notes[:1]),
        *(node("cac:AdditionalDocumentReference", leaf("cbc:ID", number),
               leaf("cbc:DocumentDescription", "Factură proformă")) for number in proformas),
    ))  # fmt: skip


def _payment(document: Document, credits: bool) -> str:
    """By transfer to each account of the seller. The day on which a credit note is due has its place here."""
    seller = document.seller
    accounts = [one_line(seller.get("iban") or "").replace(" ", "").upper()]
    accounts += [account.split(" ")[0].upper() for account in seller.get("more_accounts") or []]
    due = leaf("cbc:PaymentDueDate", f"{document.due_on:%Y-%m-%d}" if credits else "")
    text = leaf("cbc:PaymentID", cut(document.full_number, LONGEST_PAYMENT_TEXT)[0])
    means = [
        node("cac:PaymentMeans", leaf("cbc:PaymentMeansCode", CREDIT_TRANSFER), due, text,
             node("cac:PayeeFinancialAccount", leaf("cbc:ID", account), leaf("cbc:Name", one_line(seller["name"]))))
        for account in accounts if account
    ]  # fmt: skip
    if not means and due:
        means = [node("cac:PaymentMeans", leaf("cbc:PaymentMeansCode", NOT_SAID), due, text)]
    return "".join(means)


def _taxes(document: Document, sign: int) -> str:
    currency = document.currency
    parts = (_tax(part, currency, sign) for part in document.vat_totals)
    found = node("cac:TaxTotal", money("cbc:TaxAmount", sign * document.vat, currency), *parts)
    if currency != LEI:
        found += node("cac:TaxTotal", money("cbc:TaxAmount", sign * document.lei_vat, LEI))
    return found


def _tax(part: DocumentVat, currency: str, sign: int) -> str:
    reason = cut(one_line(part.reason), LONGEST_REASON)[0] if part.category not in ("S", "Z") else ""
    return node(
        "cac:TaxSubtotal",
        money("cbc:TaxableAmount", sign * part.base, currency),
        money("cbc:TaxAmount", sign * part.vat, currency),
        _category("cac:TaxCategory", part.category, part.rate, EXEMPTIONS.get(part.category, ""), reason),
    )


@lru_cache(maxsize=1000)  # lines have few of them
def _category(name: str, category: str, rate: Decimal, code: str = "", reason: str = "") -> str:
    return node(
        name,
        leaf("cbc:ID", category),
        leaf("cbc:Percent", plain(rate) if category != NOT_REGISTERED else ""),
        leaf("cbc:TaxExemptionReasonCode", code),
        leaf("cbc:TaxExemptionReason", reason),
        node("cac:TaxScheme", leaf("cbc:ID", "VAT")),
    )


def _totals(document: Document, sign: int) -> str:
    net, gross, currency = sign * document.net, sign * document.gross, document.currency
    return node(
        "cac:LegalMonetaryTotal",
        money("cbc:LineExtensionAmount", net, currency),
        money("cbc:TaxExclusiveAmount", net, currency),
        money("cbc:TaxInclusiveAmount", gross, currency),
        money("cbc:PayableAmount", gross, currency),
    )


def _line(document: Document, line: DocumentLine, form: _Form) -> str:
    """A name that is longer than e-Factura takes goes on in the description."""
    name, more = cut(one_line(line.name), LONGEST_NAME)
    currency = document.currency
    return node(
        form.line,
        leaf("cbc:ID", str(line.position)),
        leaf(form.quantity, plain(form.sign * line.quantity), unitCode=line.unit_code),
        money("cbc:LineExtensionAmount", form.sign * line.net, currency),
        node(
            "cac:Item",
            leaf("cbc:Description", cut(more, LONGEST_DESCRIPTION)[0]),
            leaf("cbc:Name", name),
            node("cac:SellersItemIdentification", leaf("cbc:ID", one_line(line.sku))),
            _category("cac:ClassifiedTaxCategory", line.vat_category, line.vat_rate),
        ),
        node("cac:Price", leaf("cbc:PriceAmount", plain(line.unit_price), currencyID=currency)),
    )
