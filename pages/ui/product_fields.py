"""The fields of a product's data: shown, and read again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from core.catalog.facts import LARGEST_DESCRIPTION, LARGEST_SKU, LONGEST, Facts
from core.catalog.queries import all_brands, all_category_paths, vat_rates
from core.db import transaction
from core.i18n import N_
from core.imports import fields
from core.principal import Principal
from pages.ui.forms import editable, read
from pages.ui.frame import plain
from pages.ui.text import _, quantity
from pages.ui.vat_classes import NAMES as VAT_NAMES

Reader = Callable[[str, fields.Reading], Any]
NUMBERS: dict[str, tuple[str, Reader, int]] = {
    "list_price": (N_("List price"), fields.price, 2),
    "rrp": (N_("Recommended retail price, lei without VAT"), fields.price, 2),
    "pack": (N_("Quantity in a pack"), fields.pack, 0),
    "least_quantity": (N_("Least quantity of an order line"), fields.positive, 0),
    "multiple": (N_("Only in multiples of"), fields.positive, 0),
    "weight": (N_("Weight of one unit, kg"), fields.stock, 0),
    "max_per_order": (N_("Most in one order"), fields.stock, 0),
    "max_per_period": (N_("Most per partner and period"), fields.stock, 0),
    "low_stock": (N_("Tell me when less is free than"), fields.positive, 0),
}
"""Name of a fact → what it is called, how it is read, and the decimals that it is shown with at least."""
TEXTS: dict[str, tuple[str, Reader]] = {
    "name": (N_("Name"), fields.long_text),
    "brand": (N_("Brand"), fields.long_text),
    "category": (N_("Category"), fields.category),
    "unit": (N_("Unit of measure"), fields.short_text),
    "description": (N_("Description"), fields.paragraphs),
    "replaced_by": (N_("Replaced by (SKU)"), fields.sku),
}
FREE = ("least_quantity", "multiple", "weight", "rrp", "max_per_order", "max_per_period", "low_stock")


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to choose from; VAT rates in percent by class."""

    rates: dict[str, Decimal]
    categories: list[str]
    brands: list[str]


def known(principal: Principal, today: date) -> Known:
    """As it is now."""
    with transaction(principal) as session:
        return Known(vat_rates(session, today), all_category_paths(session), all_brands(session))


def show_fields(form: str, shown: Facts, choices: Known) -> dict[str, Any]:
    """The fields in a form of this key, holding `shown`; what is in them, by name of the fact."""
    return _what(form, shown, choices) | _price(form, shown, choices) | _quantities(form, shown) | _supply(form, shown)


def read_fields(typed: dict[str, Any]) -> dict[str, Any]:
    """The facts that were typed, by name. Raises forms.WrongInput."""
    values = dict(typed)
    for name, (label, reader, _decimals) in NUMBERS.items():
        empty = name in FREE and not typed[name].strip()
        values[name] = None if empty else read(_(label), typed[name], reader)
    for name, (label, reader) in TEXTS.items():
        given = typed[name] or ""
        values[name] = read(_(label), given, reader) if given.strip() else ""
    return values


def _what(form: str, shown: Facts, choices: Known) -> dict[str, Any]:
    typed: dict[str, Any] = {"name": st.text_input(_("Name"), shown.name, max_chars=200, key=f"{form}-name")}
    category, brand, ean = st.columns([2, 1, 1])
    typed["category"] = category.selectbox(
        _("Category"), choices.categories, _place(choices.categories, shown.category), accept_new_options=True,
        placeholder=_("Choose, or type a new one with > between the levels"), key=f"{form}-category",
    )  # fmt: skip
    typed["brand"] = brand.selectbox(
        _("Brand"), choices.brands, _place(choices.brands, shown.brand), accept_new_options=True,
        placeholder=_("Choose, or type a new one"), key=f"{form}-brand",
    )  # fmt: skip
    typed["ean"] = ean.text_input(_("EAN / GTIN"), shown.ean, max_chars=20, key=f"{form}-ean")
    typed["description"] = st.text_area(
        _("Description"), shown.description, max_chars=LARGEST_DESCRIPTION, height=110, key=f"{form}-description"
    )
    words = _("Active: partners see it and can order it")
    return typed | {"active": st.toggle(words, shown.active, key=f"{form}-active")}


def _price(form: str, shown: Facts, choices: Known) -> dict[str, Any]:
    list_price, rrp, vat = st.columns(3)
    label = _("List price, lei per {unit}, without VAT").format(unit=plain(shown.unit))
    typed: dict[str, Any] = {
        "list_price": list_price.text_input(label, _number(shown, "list_price"), key=f"{form}-list_price")
    }
    classes = list(choices.rates)
    typed["rrp"] = rrp.text_input(_(NUMBERS["rrp"][0]), _number(shown, "rrp"), key=f"{form}-rrp")
    typed["vat_class"] = vat.selectbox(
        _("VAT"), classes, classes.index(shown.vat_class), key=f"{form}-vat",
        format_func=lambda key: f"{_(VAT_NAMES[key])}, {quantity(choices.rates[key])} %",
    )  # fmt: skip
    return typed


def _quantities(form: str, shown: Facts) -> dict[str, Any]:
    first = st.columns(4)
    unit = first[0].text_input(_("Unit of measure"), shown.unit, max_chars=LONGEST["unit"], key=f"{form}-unit")
    typed: dict[str, Any] = {"unit": unit}
    explained = {
        "multiple": _("1: whole units only, as for new products that are counted (buc, sac, set). Empty: any.")
    }
    for place, name in zip(first[1:], ("pack", "least_quantity", "multiple"), strict=True):
        typed[name] = place.text_input(
            _(NUMBERS[name][0]), _number(shown, name), help=explained.get(name), key=f"{form}-{name}"
        )
    weight, nc_code, expected, replaced = st.columns(4)
    typed["weight"] = weight.text_input(_(NUMBERS["weight"][0]), _number(shown, "weight"), key=f"{form}-weight")
    explained = _("8 digits of the Combined Nomenclature, for Intrastat.")
    typed["nc_code"] = nc_code.text_input(
        _("NC code"), shown.nc_code, max_chars=12, help=explained, key=f"{form}-nc_code"
    )
    typed["expected_on"] = expected.date_input(
        _("In stock again on"), shown.expected_on, format="DD.MM.YYYY", key=f"{form}-expected_on"
    )
    explained = _("Partners who look at this product are shown the other one.")
    typed["replaced_by"] = replaced.text_input(
        _("Replaced by (SKU)"), shown.replaced_by, max_chars=LARGEST_SKU, help=explained, key=f"{form}-replaced_by"
    )
    return typed


def _supply(form: str, shown: Facts) -> dict[str, Any]:
    words = _("Can be ordered before it is in stock: what is missing waits on backorder and is held when it comes")
    typed: dict[str, Any] = {"backorder": st.toggle(words, shown.backorder, key=f"{form}-backorder")}
    for place, name in zip(st.columns(2), ("max_per_order", "max_per_period"), strict=True):
        label = _("{name}, {unit}").format(name=_(NUMBERS[name][0]), unit=plain(shown.unit))
        typed[name] = place.text_input(
            label, _number(shown, name), placeholder=_("as agreed in general"), key=f"{form}-{name}"
        )
    st.caption(
        _(
            "For short goods. Empty: the partner's own limit counts, or the general one from the settings, where the "
            "length of the period stands too. 0: no limit for this product."
        )
    )
    called, _reader, _decimals = NUMBERS["low_stock"]
    label = _("{name}, {unit}").format(name=_(called), unit=plain(shown.unit))
    typed["low_stock"] = st.text_input(
        label, _number(shown, "low_stock"), placeholder=_("nobody is told"), key=f"{form}-low_stock", width=320
    )
    return typed


def _number(shown: Facts, name: str) -> str:
    value = getattr(shown, name)
    return "" if value is None or value.is_nan() else editable(value, NUMBERS[name][2])


def _place(options: list[str], value: str) -> int | None:
    return options.index(value) if value in options else None
