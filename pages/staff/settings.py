"""Settings: the distributor's own data, where order mails go, and how long an order waits to be claimed."""

from typing import Any

import streamlit as st
from stdnum import iban as stdnum_iban

from core.company import Company, change_company, company
from core.db import transaction
from core.i18n import N_
from core.imports import fields
from core.imports.fields import Reading
from core.imports.problems import Fault
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import WrongInput, as_shown, editable, form_key, read, say_and_rerun, show_said, touched
from pages.ui.guard import require
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


def show_orders(row: Company, form: str) -> dict[str, Any]:
    """The fields about orders; what was typed, by name of the column."""
    typed: dict[str, Any] = {}
    explained = _("0 means that orders never lapse. Changing it does not move the deadline of orders already placed.")
    typed["claim_hours"] = st.text_input(
        _("Hours until an unclaimed order lapses"), editable(row.claim_hours), key=f"{form}-claim_hours"
    )
    st.caption(explained)
    typed["order_emails"] = st.text_area(
        _("Who is told of new orders: e-mail addresses, one a line"),
        "\n".join(row.order_emails),
        key=f"{form}-order_emails",
    )
    zones = sorted({"Europe/Bucharest", row.time_zone})
    typed["time_zone"] = st.selectbox(_("Time zone"), zones, zones.index(row.time_zone), key=f"{form}-time_zone")
    return typed


def read_all(typed: dict[str, Any]) -> dict[str, Any]:
    """The values to keep. Raises WrongInput for the first field that cannot be read."""
    values = {name: value.strip() if isinstance(value, str) else value for name, value in typed.items()}
    if not values["name"]:
        raise WrongInput(field=_("Company name"), reason=_("Enter a value."))
    for name, reader in (("cui", fields.cui), ("iban", iban), ("email", fields.email)):
        if values[name]:
            values[name] = read({"cui": _("CUI"), "iban": "IBAN", "email": _("E-mail")}[name], values[name], reader)
    values["share_capital"] = read(_("Share capital"), typed["share_capital"], fields.amount)
    values["claim_hours"] = read(_("Hours until an unclaimed order lapses"), typed["claim_hours"], fields.hours)
    lines = [line.strip() for line in typed["order_emails"].splitlines() if line.strip()]
    values["order_emails"] = list(dict.fromkeys(read(_("Order e-mails"), line, fields.email) for line in lines))
    return values


def main(principal: Principal) -> None:
    show_said()
    st.title(_("Settings"), anchor=False)
    with transaction(principal) as session:
        row = company(session)
    form = form_key("settings")
    shown = as_shown(f"{form}-name", row)
    with st.form(form):
        st.subheader(_("Your company, as it stands on invoices"), anchor=False)
        typed = show_company(shown, form)
        st.subheader(_("Orders"), anchor=False)
        typed |= show_orders(shown, form)
        if not st.form_submit_button(_("Save"), type="primary"):
            return
    with refusals():
        with transaction(principal) as session:
            change_company(session, **touched(read_all(typed), shown, row))
        say_and_rerun(_("The settings were saved. They hold from now on."), form="settings")


main(require("staff", "settings.edit"))
