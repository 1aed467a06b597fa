"""The settings of documents: VAT, e-Factura, cash, colour; below them the logo, and the series with their numbers."""

from typing import Any

import streamlit as st

from core import clock
from core.company import Company
from core.db import transaction
from core.documents.models import KIND_NAMES, KINDS
from core.documents.series import SeriesRow, add_series, close_series, series_of_year, set_first_number
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.rule_fields import read_rule, rule_fields
from pages.ui.text import _, day

ADDING, STARTING = "new-series", "first-number"


def show_document_settings(row: Company, form: str) -> dict[str, Any]:
    """The fields; what was typed, by name of the column."""
    typed: dict[str, Any] = {
        "vat_on_payment": st.toggle(
            _("VAT on collection (TVA la încasare): the invoices say so"), row.vat_on_payment,
            key=f"{form}-vat_on_payment",
        ),
        "efactura": st.toggle(
            _("e-Factura: check invoices before they are issued, and keep their XML"), row.efactura,
            key=f"{form}-efactura",
            help=_("What RO e-Factura would refuse is not issued: you read what is missing, and no number is lost. Off:"
                   " invoices are issued unchecked and without an XML."),
        ),
    }  # fmt: skip
    typed |= rule_fields(form, ("cash_limit",), row)
    typed["cash_limit_blocks"] = st.toggle(
        _("Refuse more cash than that; off: only warn of it"), row.cash_limit_blocks, key=f"{form}-cash_limit_blocks"
    )
    typed["colour"] = st.color_picker(_("Colour of the documents"), row.colour, key=f"{form}-colour")
    return typed


def read_document_settings(typed: dict[str, Any]) -> dict[str, Any]:
    """The values to keep. Raises WrongInput for what cannot be read."""
    return typed | {"cash_limit": read_rule("cash_limit", typed["cash_limit"])}


def show_series(staff: Principal) -> None:
    """Every series with its numbers of this year, and what can be changed of it."""
    st.subheader(_("Series and numbers"), anchor=False)
    year = today().year
    with transaction(staff) as session:
        rows = series_of_year(session, year)
    st.dataframe(
        [
            {
                _("Kind"): _(KIND_NAMES[row.kind]),
                _("Series"): row.prefix,
                _("Site"): row.site,
                _("First number of {year}").format(year=year): row.first_number,
                _("Next number"): row.next_number,
                _("Last date"): day(row.last_issued_on) if row.last_issued_on else "",
                _("State"): _("Closed") if row.closed else _("In use"),
            }
            for row in rows
        ],
        hide_index=True,
        height="content",
        alt=_("Series of documents"),
    )
    left, middle, right = st.columns(3)
    with left.popover(_("New series"), icon=":material/add:", width="stretch"):
        _show_adding(staff, year)
    with middle.popover(_("First number of a year"), icon=":material/looks_one:", width="stretch"):
        _show_starting(staff, rows, year)
    with right.popover(_("Close or open"), icon=":material/lock:", width="stretch"):
        for row in rows:
            label = _("Open {series}") if row.closed else _("Close {series}")
            if st.button(label.format(series=plain(row.prefix)), key=f"close-{row.id}"):
                with refusals():
                    with transaction(staff) as session:
                        close_series(session, row.id, not row.closed, clock.now())
                        end_form(_("The series was changed."), form=ADDING)
                    st.rerun()


def _show_adding(staff: Principal, year: int) -> None:
    form = form_key(ADDING)
    with st.form(form, border=False):
        kind = st.selectbox(_("Kind"), KINDS, format_func=lambda name: _(KIND_NAMES[name]), key=f"{form}-kind")
        prefix = st.text_input(_("Series"), max_chars=20, key=f"{form}-prefix", placeholder="FCT-CJ")
        site = st.text_input(_("Site (optional)"), max_chars=64, key=f"{form}-site", placeholder="Cluj-Napoca")
        first = st.number_input(_("First number"), 1, 999_999_999, 1, key=f"{form}-first")
        if st.form_submit_button(_("Add it"), type="primary"):
            with refusals():
                with transaction(staff) as session:
                    add_series(session, kind, prefix, site, int(first), year, clock.now())
                    end_form(_("The series was added."), form=ADDING)
                st.rerun()


def _show_starting(staff: Principal, rows: list[SeriesRow], year: int) -> None:
    form = form_key(STARTING)
    with st.form(form, border=False):
        named = {row.id: row.prefix for row in rows}
        series = st.selectbox(_("Series"), list(named), format_func=named.__getitem__, key=f"{form}-series")
        wanted = st.selectbox(_("Year"), [year + 1, year], key=f"{form}-year")
        first = st.number_input(_("First number"), 1, 999_999_999, 1, key=f"{form}-number")
        st.caption(_("As the internal decision on numbering says; without one, a year goes on from the one before."))
        if st.form_submit_button(_("Fix it"), type="primary"):
            with refusals():
                with transaction(staff) as session:
                    set_first_number(session, series, wanted, int(first), clock.now())
                    end_form(_("The first number is fixed."), form=STARTING)
                st.rerun()
