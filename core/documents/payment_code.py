"""The QR code on what is to be paid: account, amount and number, so that nobody has to type them."""

from decimal import Decimal

import segno

from core.documents.models import Document

LONGEST_NAME, LONGEST_TEXT = 70, 140
"""Characters that EPC069-12 gives to the beneficiary's name and to the text for it."""


def payment_text(document: Document) -> str:
    """What the code says; empty where there is nothing to pay or no account to pay it to.

    The lines are those of the European Payments Council's code for transfers (EPC069-12, version 002, UTF-8). That one
    holds euro only, and what is owed here is owed in lei, so the amount says RON. The Romanian banks' own code (RoPay)
    follows the same European standard, but its text is not public and is made by a bank for its own customer. So an app
    that insists on EUR refuses this code and any other scanner shows text that a person can copy from.
    """
    if document.kind not in ("invoice", "proforma") or document.lei_gross <= 0:
        return ""
    seller = document.seller
    iban = "".join(seller["iban"].split()).upper()
    if not iban:
        return ""
    return "\n".join([
        "BCD", "002", "1", "SCT", "",
        _one_line(seller["name"])[:LONGEST_NAME],
        iban,
        f"RON{document.lei_gross.quantize(Decimal('0.01'))}",
        "", "",
        f"{'Proforma' if document.kind == 'proforma' else 'Factura'} {document.full_number}"[:LONGEST_TEXT],
    ])  # fmt: skip


def payment_code(document: Document) -> str:
    """The code as the `data:` address of a picture; empty as `payment_text` is."""
    said = payment_text(document)
    if not said:
        return ""
    code = segno.make_qr(said, error="m", boost_error=False, encoding="utf-8")
    return code.svg_data_uri(border=0, omitsize=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())
