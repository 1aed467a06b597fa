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
from pages.ui.settings_form import title
from pages.ui.text import _

BAD_IBAN = N_("“{value}” is not a valid IBAN. Check its letters and digits.")
MOST_ACCOUNTS = 5
TOO_MANY = N_("At most {most} accounts.")


def iban(text: str, _reading: Reading) -> str:
    """An IBAN with a right check number, without blanks."""
    if not stdnum_iban.is_valid(text):
        raise Fault(BAD_IBAN, value=text)
    compact: str = stdnum_iban.compact(text)
    return compact


def account(text: str, reading: Reading) -> str:
    """An IBAN, and the name of its bank after a comma or a blank."""
    number, _comma, bank = text.partition(",")
    if not bank:
        found = next((end for end in range(len(text), 14, -1) if stdnum_iban.is_valid(text[:end])), len(text))
        number, bank = text[:found], text[found:]
    return f"{iban(number, reading)} {' '.join(bank.split())}".strip()


def show_company(row: Company, form: str) -> dict[str, Any]:
    """The fields that stand on documents; what was typed, by name of the column."""
    st.caption(_("This is how your company stands on invoices, proformas, receipts and mails from now on."))
    typed: dict[str, Any] = {}
    left, right = st.columns(2)
    typed["name"] = left.text_input(
        _("Company name"),
        row.name,
        max_chars=200,
        key=f"{form}-name",
        help=_("As in the trade register; partners also read it above the log-in form."),
    )
    typed["cui"] = right.text_input(
        _("CUI"),
        row.cui,
        max_chars=20,
        key=f"{form}-cui",
        help=_("The tax number, with or without RO; its check digit is checked."),
    )
    typed["reg_com"] = left.text_input(
        _("Trade register number"),
        row.reg_com,
        max_chars=40,
        key=f"{form}-reg_com",
        help=_("Such as J08/345/2012, or the new form J2012000345083."),
    )
    typed["share_capital"] = right.text_input(
        _("Share capital, lei"),
        editable(row.share_capital, 2),
        key=f"{form}-share_capital",
        help=_("The law asks for it on the documents of an SRL; 0 leaves it out."),
    )
    typed["vat_payer"] = st.toggle(
        _("Registered for VAT (RO is printed before the CUI)"),
        row.vat_payer,
        key=f"{form}-vat_payer",
        help=_("Off: documents carry no VAT and say that the seller is not registered."),
    )
    return typed | _show_places(row, form) | _show_accounts(row, form)


def _show_places(row: Company, form: str) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    title(_("Addresses and contact"))
    typed["address"] = st.text_input(
        _("Street and number"), row.address, max_chars=150, key=f"{form}-address", help=_("Of the registered office.")
    )
    left, right = st.columns(2)
    typed["city"] = left.text_input(
        _("City"), row.city, max_chars=50, key=f"{form}-city", help=_("In Bucharest the sector as well: SECTOR3.")
    )
    typed["county"] = right.text_input(
        _("County"), row.county, max_chars=50, key=f"{form}-county", help=_("Its name or its code, such as Cluj or CJ.")
    )
    typed["worksite"] = st.text_input(
        _("Place of work, if it is another one"),
        row.worksite,
        max_chars=200,
        key=f"{form}-worksite",
        help=_("Printed as “Punct de lucru” on documents."),
    )
    left, right = st.columns(2)
    typed["phone"] = left.text_input(
        _("Telephone"),
        row.phone,
        max_chars=40,
        key=f"{form}-phone",
        help=_("Partners read it on documents and wherever they are told to call."),
    )
    typed["email"] = right.text_input(
        _("E-mail"), row.email, max_chars=254, key=f"{form}-email", help=_("Answers to the portal's mails go there.")
    )
    return typed


def _show_accounts(row: Company, form: str) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    title(_("Bank accounts"))
    left, right = st.columns(2)
    typed["iban"] = left.text_input(
        "IBAN",
        row.iban,
        max_chars=40,
        key=f"{form}-iban",
        help=_("The account that partners pay to, also in the code for banking apps."),
    )
    typed["bank"] = right.text_input(
        _("Bank"), row.bank, max_chars=100, key=f"{form}-bank", help=_("The name of the bank where this account is.")
    )
    typed["more_accounts"] = st.text_area(
        _("Other accounts, one a line: IBAN, bank"), "\n".join(row.more_accounts), key=f"{form}-more_accounts",
        height=90, help=_("Printed on invoices under the first one, for example the account at the Treasury."),
    )  # fmt: skip
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
    lines = [line for line in typed["more_accounts"].splitlines() if line.strip()]
    if len(lines) > MOST_ACCOUNTS:
        raise WrongInput(field=_("Other accounts"), reason=_(TOO_MANY).format(most=MOST_ACCOUNTS))
    values["more_accounts"] = [read(_("Other accounts"), line, account) for line in lines]
    return values
