"""A product as the component reads it: figures as whole numbers (see core.orders.keeping), words translated."""

from datetime import date
from decimal import Decimal
from typing import Any

from core.money import round_share
from core.orders.browsing import CatalogRow
from core.orders.keeping import scaled
from core.stock.showing import ShownStock
from pages.ui.text import _, day, price, quantity


def row_data(row: CatalogRow, note: str = "") -> dict[str, Any]:
    """Only what there is to say: a missing key is an empty cell."""
    data = {
        "id": row.product_id,
        "sku": row.sku,
        "name": row.name,
        "brand": row.brand,
        "pack": _thousandths(row.pack),
        "least": _thousandths(row.least),
        "multiple": _thousandths(row.multiple),
        "price": _unit_price(row.unit_price),
        "list": _unit_price(row.list_price),
        "rrp": _unit_price(row.rrp),
        "off": _percent(row.discount),
        "margin": _percent(row.margin),
        "rate": scaled(row.vat_rate, 2),
        "breaks": [[_thousandths(step.from_quantity), _unit_price(step.unit_price)] for step in row.breaks],
        "stock": _stock(row.stock, row.backorder and row.out),
        "expected": _expected(row.expected_on) if row.out else None,
        "wait": row.out and not row.backorder,
        "hint": _hint(row),
        "badges": _badges(row) + ([["note", note, ""]] if note else []),
        "image": row.image_id,
        "favourite": row.favourite,
        "q": _thousandths(row.in_cart),
    }
    return {name: value for name, value in data.items() if value not in (None, "", [], False)}


def _thousandths(value: Decimal | None) -> int | None:
    return None if value is None else scaled(value, 3)


def _unit_price(value: Decimal | None) -> int | None:
    return None if value is None else scaled(value, 4)


def _percent(value: Decimal | None) -> float | None:
    return None if value is None else float(round_share(value))


def _stock(shown: ShownStock, later: bool) -> list[str] | None:
    """The colour of the dot, and the words: never the colour alone."""
    if shown.kind == "nothing":
        return None
    if later:
        return ["later", _("on order")]
    match shown.kind:
        case "quantity":
            amount = shown.quantity or Decimal(0)
            return ["plenty" if amount > 0 else "none", quantity(amount)]
        case "over":
            return ["plenty", f"{quantity(shown.quantity or Decimal(0))}+"]
        case "yellow":
            return ["few", _("few left")]
        case "yes" | "green":
            return ["plenty", _("in stock")]
    return ["none", _("out of stock")]


def _expected(on: date | None) -> str | None:
    return _("expected on {day}").format(day=day(on)) if on else None


def _hint(row: CatalogRow) -> str:
    """How it is sold, under the quantity."""
    hints = [row.unit]
    if row.pack != 1:
        hints.append(_("pack of {quantity}").format(quantity=quantity(row.pack)))
    if row.multiple and row.multiple not in (1, row.pack):
        hints.append(_("in multiples of {quantity}").format(quantity=quantity(row.multiple)))
    if row.least and row.least != row.multiple:
        hints.append(_("at least {quantity}").format(quantity=quantity(row.least)))
    return " · ".join(hints)


def _badges(row: CatalogRow) -> list[list[str]]:
    """Kind, words, and what a pointer that rests on it reads."""
    badges = []
    if row.promotion:
        badges.append(["promotion", _("promotion"), ""])
    if row.is_new:
        badges.append(["new", _("new"), ""])
    if row.bought_on:
        last = _("Bought last on {day}").format(day=day(row.bought_on))
        paid = _("at {price}").format(price=price(row.bought_price)) if row.bought_price is not None else ""
        badges.append(["bought", _("bought"), f"{last} {paid}".strip()])
    return badges
