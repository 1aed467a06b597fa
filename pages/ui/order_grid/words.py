"""What the component says, in the user's language. Braces are filled in the browser."""

from pages.ui.text import _, language

LOCALES = {"ro": "ro-RO", "en": "en-US"}


def numbers() -> dict[str, str]:
    """How numbers are written."""
    return {"locale": LOCALES[language()], "lei": "lei" if language() == "ro" else "RON"}


def grid_words(gross: bool) -> dict[str, str]:
    return {
        "table": _("Products with their prices and stock"),
        "column_product": _("Product"),
        "column_price": _("Your price, with VAT") if gross else _("Your price"),
        "column_rrp": _("Recommended"),
        "column_stock": _("In stock"),
        "column_quantity": _("Quantity"),
        "column_total": _("Total"),
        "list_price": _("List price"),
        "from": _("from {quantity}: {price}"),
        "margin": _("margin {share}"),
        "why": _("Why this price"),
        "favourite": _("Favourite"),
        "wait": _("Tell me when it is back"),
        "quantity_of": _("Quantity of {name}, {sku}"),
        "keys": _("↓ or Enter: next row; ↑: back; + and −: by a pack; Esc: as it was; F9: cart; ↓ in search: here"),
        "less": _("Less"),
        "more": _("More"),
        "take": _("Take {quantity}"),
        "pasted": _("Quantities pasted: {count}"),
        "pasted_beyond": _("Quantities pasted: {count}. Beyond the last row: {beyond}."),
        **_corrections(),
    }


def _corrections() -> dict[str, str]:
    return {
        "multiple": _("multiple of {multiple}: {quantity}"),
        "whole": _("whole units only: {quantity}"),
        "least": _("at least {least}"),
        "left": _("only {available} left"),
        "none_left": _("out of stock"),
        "short": _("not enough in stock"),
        "gone": _("no longer sold"),
        "bad": _("cannot be ordered so"),
        "letters": _("“{typed}” is no number"),
        "decimals": _("at most 3 decimals"),
        "large": _("at most 999,999"),
        "sent": _("{quantity} not kept: the cart was sent meanwhile. Type it again if you want more."),
        "old": _("{quantity} not kept: typed too long ago. Type it again if you still want it."),
        "unkept": _("{quantity} not kept. Reload the page."),
        "failed": _("{quantity} not kept; tell us the number {reference}."),
    }


def bar_words() -> dict[str, str]:
    return {
        "count": _("Products in the cart: {count}"),
        "net": _("Net"),
        "vat": _("VAT"),
        "gross": _("Total"),
        "offline": _("No connection. What you type is sent later."),
        "failing": _("Something went wrong on our side. What you typed is sent again."),
        "login": _("Your session has ended. What you typed is kept in this browser for half an hour."),
        "log_in": _("Log in"),
        "other": _("Somebody else is signed in in this browser now. Reload the page."),
        "lost": _("Not kept: {products}"),
    }
