"""The fields of a company and of its terms, in every form that has them, and what was typed into them."""

from dataclasses import fields as fields_of
from decimal import Decimal
from functools import lru_cache
from typing import Any

import streamlit as st
from babel import Locale
from streamlit.delta_generator import DeltaGenerator

from core.imports import fields
from core.partners.data import HOME, LENGTH, LENGTHS, MOST_DAYS, PartnerData, Terms
from pages.ui.forms import editable, read
from pages.ui.frame import plain
from pages.ui.partner_register import cui_box
from pages.ui.text import _, language, quantity

COMPANY = tuple(field.name for field in fields_of(PartnerData))
TERMS = tuple(field.name for field in fields_of(Terms))


def labels() -> dict[str, str]:
    """What the fields are called."""
    return {
        "name": _("Name"), "cui": _("CUI"), "vat_payer": _("Registered for VAT"), "reg_com": _("Trade register number"),
        "address": _("Street and number"), "city": _("City"), "county": _("County"), "country": _("Country"),
        "email": _("E-mail"), "phone": _("Telephone"), "contact_name": _("Contact"), "code": _("Code"),
        "discount": _("Discount off the list price, %"), "payment_days": _("Days to pay"),
    }  # fmt: skip


def text_field(
    place: DeltaGenerator, form: str, name: str, value: str = "", label: str | None = None, **options: Any
) -> str:
    """A text field whose key is `form`, a dash and `name`, so that a callback can fill it."""
    key = f"{form}-{name}"
    st.session_state.setdefault(key, value)
    typed: str = place.text_input(label or labels()[name], max_chars=LENGTHS.get(name, LENGTH), key=key, **options)
    return typed


def company_fields(form: str, data: PartnerData, *, look_up: bool = False) -> dict[str, Any]:
    """The fields of a company; what was typed, by name of the field of PartnerData. `look_up`: see cui_box."""
    left, right = st.columns([2, 3])
    with left:
        typed: dict[str, Any] = {"cui": cui_box(form) if look_up else text_field(st.container(), form, "cui", data.cui)}
    typed["name"] = text_field(right, form, "name", data.name)
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    typed["reg_com"] = text_field(left, form, "reg_com", data.reg_com)
    typed["country"] = _country_box(middle, form, data.country)
    st.session_state.setdefault(f"{form}-vat_payer", data.vat_payer)
    typed["vat_payer"] = right.toggle(labels()["vat_payer"], key=f"{form}-vat_payer")
    for names in (("address", "city", "county"), ("contact_name", "email", "phone")):
        for place, name in zip(st.columns(3), names, strict=True):
            typed[name] = text_field(place, form, name, getattr(data, name))
    return typed


def terms_fields(form: str, terms: Terms) -> dict[str, Any]:
    """The fields of a partner's terms; what was typed, by name of the field of Terms."""
    left, middle, right = st.columns(3)
    hint = {} if terms.code else {"placeholder": _("Empty: made from the CUI")}
    typed: dict[str, Any] = {"code": text_field(left, form, "code", terms.code, **hint)}
    typed["discount"] = text_field(middle, form, "discount", editable(terms.discount))
    key = f"{form}-payment_days"
    st.session_state.setdefault(key, terms.payment_days)
    typed["payment_days"] = right.number_input(labels()["payment_days"], 0, MOST_DAYS, key=key)
    return typed


def read_discount(typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, with the discount as a number. Raises WrongInput."""
    discount: Decimal = read(_("Discount"), typed["discount"], fields.discount)
    return typed | {"discount": discount}


def data_of(values: dict[str, Any]) -> PartnerData:
    """The company among the values of a form."""
    return PartnerData(**{name: values[name] for name in COMPANY if name in values})


def terms_of(values: dict[str, Any]) -> Terms:
    """The terms among the values of a form."""
    return Terms(**{name: values[name] for name in TERMS})


def said(name: str, value: Any) -> str:
    """A field's value as a person reads it: Markdown."""
    if name == "country":
        return plain(_countries(language()).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return quantity(value) if isinstance(value, Decimal) else plain(str(value)) or "–"


def _country_box(place: DeltaGenerator, form: str, value: str) -> str:
    names = _countries(language())
    st.session_state.setdefault(f"{form}-country", value)
    options = [*names] if value in names else [value, *names]
    chosen: str = place.selectbox(
        labels()["country"], options, format_func=lambda code: names.get(code, code), key=f"{form}-country"
    )
    return chosen


@lru_cache(maxsize=2)
def _countries(code: str) -> dict[str, str]:
    """Countries by their two letters, by name in a language, one's own first."""
    names = Locale(code).territories
    known = {
        letters: names[letters] for letters in names if len(letters) == 2 and letters.isalpha() and letters != "ZZ"
    }
    return dict(sorted(known.items(), key=lambda item: (item[0] != HOME, item[1])))
