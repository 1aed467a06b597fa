from decimal import Decimal

import pytest

from core.documents.models import Document
from core.documents.payment_code import payment_code, payment_text
from core.documents.samples import SELLER, sample, sample_lines


def test_the_code_holds_account_amount_and_number() -> None:
    assert payment_text(sample(lines=sample_lines(2))).split("\n") == [
        "BCD", "002", "1", "SCT", "", "Distribuție Carpați SRL", "RO49AAAA1B31007593840000", "RON2773.68", "", "",
        "Factura FCT 00012",
    ]  # fmt: skip


def test_what_is_owed_in_another_currency_is_paid_in_lei() -> None:
    document = sample(lines=sample_lines(2), currency="EUR", exchange_rate=Decimal("5.0923"))
    assert "\nRON14124.41\n" in payment_text(document)


def test_a_name_cannot_bring_lines_of_its_own() -> None:
    seller = SELLER | {"name": "Carpați\nRO00FALS\nRON1", "iban": "ro49 aaaa 1b31 0075 9384 0000"}
    lines = payment_text(sample(seller=seller)).split("\n")
    assert lines[5:7] == ["Carpați RO00FALS RON1", "RO49AAAA1B31007593840000"]
    assert len(lines) == 11


@pytest.mark.parametrize(
    "document",
    [
        sample("storno", [line._replace(quantity=-line.quantity) for line in sample_lines(2)]),
        sample("receipt"), sample("delivery_note"), sample(seller=SELLER | {"iban": ""}),
        sample(lines=[sample_lines(1)[0]._replace(unit_price=Decimal(0))]),
    ],
)  # fmt: skip
def test_where_nothing_can_be_paid_there_is_no_code(document: Document) -> None:
    assert payment_code(document) == ""
