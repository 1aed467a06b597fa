"""Elements of an XML as text, and values as e-Factura writes them. Everything is escaped; nothing is empty."""

import re
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from core.money import round_amount

_ILLEGAL = re.compile(r"[^\t\n\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""What XML 1.0 has no place for, not even escaped."""


def node(name: str, *children: str) -> str:
    """An element of elements; none where all of them are empty."""
    content = "".join(children)
    return f"<{name}>{content}</{name}>" if content else ""


def leaf(name: str, value: str, **attributes: str) -> str:
    """An element with a text; none where the text is empty."""
    if not value:
        return ""
    known = "".join(f" {key}={quoteattr(said)}" for key, said in attributes.items())
    return f"<{name}{known}>{escape(value)}</{name}>"


def money(name: str, value: Decimal, currency: str) -> str:
    """An amount with two decimals; ANAF refuses `-0.00`."""
    return f'<{name} currencyID="{currency}">{round_amount(value)}</{name}>'


def plain(value: Decimal) -> str:
    """A number without exponent and without zeros at its end."""
    text = f"{value + 0:f}"  # the sum has no negative zero
    return text.rstrip("0").rstrip(".") if "." in text else text


def one_line(text: str) -> str:
    """The text without line breaks and without what XML cannot hold."""
    if text.isprintable() and "  " not in text:  # most are
        return text.strip()
    return " ".join(_ILLEGAL.sub("", " ".join(text.split())).split())


def lines_of(text: str) -> str:
    """The text with its line breaks, without what XML cannot hold."""
    return "\n".join(filter(None, (one_line(line) for line in text.splitlines())))


def cut(text: str, longest: int) -> tuple[str, str]:
    """The first `longest` characters, to the end of a word where that costs less than half of them, and the rest."""
    if len(text) <= longest:
        return text, ""
    at = max(text.rfind(" ", 0, longest + 1), text.rfind("\n", 0, longest + 1))
    at = at if at > longest // 2 else longest
    return text[:at].rstrip(), text[at:].lstrip()


def pieces(text: str, longest: int) -> list[str]:
    """The text in pieces of at most `longest` characters."""
    found = []
    while text:
        piece, text = cut(text, longest)
        found.append(piece)
    return found
