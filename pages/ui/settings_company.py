"""The settings of the company as it stands on documents: fields, and what was typed into them."""

from typing import Any

import streamlit as st
from stdnum import iban as stdnum_iban

from core.company import Company
from core.i18n import N_
from core.imports import fields
from core.imports.fields import Reading
from core.imports.problems import Fault
from pages.ui.forms import WrongInput, editable, read
from pages.ui.text import _

BAD_IBAN = N_("“{value}” is not a valid IBAN. Check its letters and digits.")


def iban(text: str, _reading: Reading) -> str:
    """An IBAN with a right check number, without blanks."""
    if not stdnum_iban.is_valid(text):
        raise Fault(BAD_IBAN, value=text)
    compact: str = stdnum_iban.compact(text)
    return compact


def show_company(row: Company, form: str) -> dict[str, Any]:
    """The fields that stand on documents; what was typed, by name of the column."""
    typed: dict[str, Any] = {}
    left, right = st.columns(2)
    typed["name"] = left.text_input(_("Company name"), row.name, max_chars=200, key=f"{form}-name")
    typed["cui"] = right.text_input(_("CUI"), row.cui, max_chars=20, key=f"{form}-cui")
    typed["reg_com"] = left.text_input(_("Trade register number"), row.reg_com, max_chars=40, key=f"{form}-reg_com")
    typed["share_capital"] = right.text_input(
        _("Share capital, lei"), editable(row.share_capital, 2), key=f"{form}-share_capital"
    )
    typed["vat_payer"] = st.toggle(
        _("Registered for VAT (RO is printed before the CUI)"), row.vat_payer, key=f"{form}-vat_payer"
    )
    typed["address"] = st.text_input(_("Street and number"), row.address, max_chars=150, key=f"{form}-address")
    left, right = st.columns(2)
    typed["city"] = left.text_input(_("City"), row.city, max_chars=50, key=f"{form}-city")
    typed["county"] = right.text_input(_("County"), row.county, max_chars=50, key=f"{form}-county")
    typed["iban"] = left.text_input("IBAN", row.iban, max_chars=40, key=f"{form}-iban")
    typed["bank"] = right.text_input(_("Bank"), row.bank, max_chars=100, key=f"{form}-bank")
    typed["phone"] = left.text_input(_("Telephone"), row.phone, max_chars=40, key=f"{form}-phone")
    typed["email"] = right.text_input(_("E-mail"), row.email, max_chars=254, key=f"{form}-email")
    return typed


def read_company(typed: dict[str, Any]) -> dict[str, Any]:
    """The values to keep. Raises WrongInput for the first field that cannot be read."""
    values = {name: value.strip() if isinstance(value, str) else value for name, value in typed.items()}
    if not values["name"]:
        raise WrongInput(field=_("Company name"), reason=_("Enter a value."))
    for name, reader in (("cui", fields.cui), ("iban", iban), ("email", fields.email)):
        if values[name]:
            values[name] = read({"cui": _("CUI"), "iban": "IBAN", "email": _("E-mail")}[name], values[name], reader)
    values["share_capital"] = read(_("Share capital"), typed["share_capital"], fields.amount)
    return values
