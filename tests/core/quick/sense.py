"""Codes that are known without a database: what a text says is a question about words only."""

from decimal import Decimal

from core.quick.deciding import Sense, decide
from core.quick.finding import Hit, Known
from core.quick.lines import read
from core.quick.tokens import key

PRODUCTS = {
    1: "CB-15", 2: "22423", 3: "85123A", 4: "AB 12 C", 5: "M6", 6: "SIG-C16/1P", 7: "X.100-3", 8: "ȘURUB8", 9: "7",
}  # fmt: skip
EANS = {"5941234567899": 1, "40123455": 2}


def known(**more: int) -> Known:
    """The products above by SKU and bar code, and `more` as the partner's own codes."""
    hits = {key(sku): [Hit(product, sku, "sku", False)] for product, sku in PRODUCTS.items()}
    hits |= {ean: [Hit(product, PRODUCTS[product], "ean", False)] for ean, product in EANS.items()}
    hits |= {key(code): [Hit(product, PRODUCTS[product], "own", False)] for code, product in more.items()}
    return Known(hits)


def sense(text: str, **columns: int | str) -> Sense:
    return decide(read(text), known(), **columns)


def asked(text: str, **columns: int | str) -> list[tuple[str, Decimal] | str]:
    """SKU and quantity of each line that is clear, else what it is instead."""
    return [
        (PRODUCTS[wish.options[0].product_id], wish.options[0].quantity.normalize())
        if wish.meaning == "clear"
        else wish.meaning
        for wish in sense(text, **columns).wishes
    ]
