"""What the document tests do again and again, in the words of the product."""

import io
from datetime import date
from decimal import Decimal

import pypdf

from core.company import change_company
from core.db import transaction
from core.documents import issuing, rendering
from core.documents.models import Document
from core.principal import SYSTEM, Principal
from core.receivables import payments
from tests.core.orders.steps import NOON, claim, order
from tests.factories import make_buyer, make_product, make_staff

TODAY = date(2026, 11, 23)


def set_up_company(**values: object) -> None:
    usual = {"name": "Distribuție Carpați SRL", "cui": "10000024", "iban": "RO49AAAA1B31007593840000",
             "address": "Str. Depozitelor 14", "city": "Suceava", "county": "SV"}  # fmt: skip
    with transaction(SYSTEM) as session:
        change_company(session, **usual | values)


def claimed_order(buyer: Principal | None = None, prices: tuple[str, ...] = ("100",)) -> int:
    """An order of one piece of a new product at each net price, already claimed."""
    products = [make_product(stock=10, list_price=Decimal(price), name="Țeavă și mâner întâi ă") for price in prices]
    order_id = order(buyer or make_buyer(), {product.id: 1 for product in products})
    claim(make_staff(), order_id)
    return order_id


def issue(order_id: int, as_of: object = NOON, who: Principal = SYSTEM) -> Document:
    with transaction(who) as session:
        return issuing.issue_invoice(session, order_id, as_of)  # type: ignore[arg-type]


def invoice(buyer: Principal | None = None, prices: tuple[str, ...] = ("100",)) -> Document:
    """The invoice of a new order; 121.00 gross unless prices are given."""
    return issue(claimed_order(buyer, prices))


def pay(document: Document, amount: str, paid_on: date = TODAY, who: Principal = SYSTEM) -> None:
    with transaction(who) as session:
        pays = {document.id: Decimal(amount)}
        payments.record_payment(
            session, document.partner_id, Decimal(amount), paid_on, NOON, pays=pays, reference="OP 1"
        )


def pdf(document: Document, who: Principal = SYSTEM) -> bytes:
    with transaction(who) as session:
        return rendering.pdf_of(session, document.id)


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
